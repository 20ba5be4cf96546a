"""YAML as Liangyun reads it: UTF-8, plain data, every value with its line.

A YAML 1.2 subset: text, whole numbers, true/false, null, dates (2026-01-01), lists and mappings. Refused, each at its
line: duplicate keys, anchors, aliases, merge keys, tags, a second document, and decimals without quotes (binary floats
would change them). Keys are always text. ruamel.yaml only splits the text into events; the data are built here. Its C
scanner, twelve times as fast, takes what it is known to split as the Python one does (docs/decisions/yaml.md); that one
takes the rest, and says what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from domain.problems import InputProblems, Problem

KeyPath = tuple[str | int, ...]
Decimals = Literal["refuse", "text"]

_DEPTH = 40
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_NUMBER = re.compile(
    r"[-+]?(\.[0-9]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|nan)|0[ox][0-9a-f]+", re.I
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_APART = re.compile("[\t\x85\u2028\u2029\ufeff]")  # the two scanners take these differently
_BLOCK = re.compile(r"^.*[:-] [|>]-?\n +[^\s#]", re.MULTILINE)  # and any block text that does not begin like this
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_SYNTAX = (
    ("'\\t'", "缩进用了制表符", "改用空格"),
    ("mapping values are not allowed", "此处不能再有冒号", "检查缩进; 含冒号的文字加引号"),
    ("quoted scalar", "引号没有配对", "补上后一个引号"),
    ("flow sequence", "方括号 [ ] 没有配对或缺少逗号", "补上"),
    ("flow mapping", "花括号 { } 没有配对或缺少逗号", "补上"),
    ("could not find expected ':'", "键后面缺少冒号", "写成 键: 值, 冒号后空一格"),
    ("cannot start any token", "文字以特殊符号开头", "整段文字加引号"),
    ("block mapping", "缩进不齐", "同一层的键左对齐"),
    ("block collection", "缩进不齐", "同一层的 - 左对齐"),
)


@dataclass
class Document:
    """One YAML file: `data`, the line of every key path, and the problems found so far.

    name: the file as messages show it; lines: key path → line, from 1; (): the file itself.
    """

    name: str
    data: Any = None
    lines: dict[KeyPath, int] = field(default_factory=dict)
    found: list[tuple[int, Problem]] = field(default_factory=list)
    bad: set[KeyPath] = field(default_factory=set)
    lacking: dict[KeyPath, str] = field(default_factory=dict)  # what to say where a value is wanted and none is

    def line(self, path: KeyPath) -> int:
        """The line of a key path, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def where(self, path: KeyPath) -> str:
        """`file:line` of a key path."""
        return f"{self.name}:{self.line(path)}"

    def at(self, path: KeyPath) -> str:
        """`file:line` without folders: the same wherever the file lies."""
        return f"{Path(self.name).name}:{self.line(path)}"

    def add(self, path: KeyPath, code: str, message: str, remedy: str = "", *, line: int | None = None) -> None:
        """Note a problem at a key path (once); once refused, no more but of a line."""
        if line is None and self.spoiled(path):
            return
        number = self.line(path) if line is None else line
        said = f"{say_path(path)}: {message}" if path else message
        entry = (number, Problem(f"{self.name}:{number}", code, said, remedy))
        if entry not in self.found:
            self.found.append(entry)

    def copy(self) -> Document:
        """The same document, to be changed at will."""
        return Document(
            self.name, _copy(self.data), dict(self.lines), list(self.found), set(self.bad), dict(self.lacking)
        )

    def spoiled(self, path: KeyPath) -> bool:
        """Whether the reader already refused this value or one around it."""
        return any(path[:length] in self.bad for length in range(1, len(path) + 1))

    def problems(self) -> list[Problem]:
        """All problems, in the order of the file."""
        return [problem for _, problem in sorted(self.found, key=lambda entry: entry[0])]

    def raise_if_any(self) -> None:
        """Raise InputProblems if anything was noted."""
        if self.found:
            raise InputProblems(self.problems())


def say_path(path: Iterable[str | int]) -> str:
    """A key path as text: pools[0].merit.use."""
    said = ""
    for key in path:
        said += f"[{key}]" if isinstance(key, int) else f".{key}" if said else key
    return said


def read_yaml(path: Path, *, name: str | None = None, decimals: Decimals = "refuse") -> Document:
    """Read one file; its top must be a mapping.

    name: how messages call the file (default: the path as given). decimals: an unquoted decimal is a problem
    ("refuse") or its exact text ("text"). Problems in values are collected in the document, for the caller to report
    together with his own. Raises InputProblems where nothing can be read: no file, not UTF-8, not YAML.
    """
    label = name or str(path)
    return read_bytes(file_bytes(path, label), name=label, decimals=decimals)


def file_bytes(path: Path, name: str) -> bytes:
    """The content of a file that messages call `name`. Raises InputProblems where there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise InputProblems([Problem(name, "NO-FILE", "文件不存在", "核对路径")]) from error
    except IsADirectoryError as error:
        raise InputProblems([Problem(name, "NOT-A-FILE", "这是文件夹, 不是文件", "核对路径")]) from error


def read_bytes(raw: bytes, *, name: str, decimals: Decimals = "refuse") -> Document:
    """`read_yaml` of a file's content."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        problem = Problem(f"{name}:{line}", "NOT-UTF8", "文件不是 UTF-8 编码", "用编辑器另存为 UTF-8")
        raise InputProblems([problem]) from error
    return read_text(text, name=name, decimals=decimals)


def read_text(text: str, *, name: str, decimals: Decimals = "refuse") -> Document:
    """`read_yaml` of a text."""
    control = _CONTROL.search(text)
    if control:
        line = text.count("\n", 0, control.start()) + 1
        _stop(name, line, f"有控制字符 U+{ord(control[0]):04X}", "删去")
    builder = _Builder(Document(name), decimals)
    try:
        builder.build(_scanned(text) or YAML(typ="safe", pure=True).parse(text))
    except MarkedYAMLError as error:
        opened = error.context_mark if "scalar" in str(error.context) or "flow" in str(error.context) else None
        mark = opened or error.problem_mark or error.context_mark
        said = f"{error.problem} {error.context}"
        message, remedy = next(
            ((message, remedy) for word, message, remedy in _SYNTAX if word in said),
            ("不是正确的 YAML", "检查缩进、冒号后的空格和引号"),
        )
        _stop(name, mark.line + 1 if mark else 1, message, remedy)
    document = builder.document
    if not isinstance(document.data, dict):
        _stop(name, 1, "内容为空或不是“键: 值”", "最外层写成 键: 值")
    return document


def _scanned(text: str) -> Iterator[Any] | None:
    """The events of a text by the C scanner; None where the other one might see it differently."""
    if _APART.search(text):
        return None
    try:
        events = list(YAML(typ="safe").parse(text))
    except YAMLError:
        return None
    blocks = 0
    for event in events:
        if getattr(event, "anchor", None) is not None or getattr(event, "tag", None) is not None:
            return None
        blocks += getattr(event, "style", None) in {"|", ">"}
    return iter(events) if blocks == len(_BLOCK.findall(text)) else None


def _stop(name: str, line: int, message: str, remedy: str) -> NoReturn:
    raise InputProblems([Problem(f"{name}:{line}", "YAML-SYNTAX", message, remedy)])


def _copy(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _copy(value) for key, value in data.items()}
    return [_copy(value) for value in data] if isinstance(data, list) else data


@dataclass
class _Open:
    """A list or mapping whose end has not come; key: of a mapping, the key whose value comes next."""

    value: dict[str, Any] | list[Any]
    path: KeyPath
    key: str | None = None


class _Builder:
    """Builds data from events, without recursion."""

    def __init__(self, document: Document, decimals: Decimals) -> None:
        self.document = document
        self.decimals = decimals
        self.stack: list[_Open] = []
        self.documents = 0

    def build(self, events: Iterator[Any]) -> None:
        """Take every event."""
        for event in events:
            kind = type(event).__name__
            line = event.start_mark.line + 1
            if kind == "DocumentStartEvent":
                self.documents += 1
                if self.documents > 1:
                    _stop(self.document.name, line, "一个文件里有第二个文档 (---)", "一个文件只写一个")
            elif kind == "ScalarEvent":
                self._scalar(event, line)
            elif kind in {"MappingStartEvent", "SequenceStartEvent"}:
                self._start({} if kind == "MappingStartEvent" else [], event, line)
            elif kind in {"MappingEndEvent", "SequenceEndEvent"}:
                self.stack.pop()
            elif kind == "AliasEvent":
                path = self._place(None, line)
                self._refuse(path, line, "YAML-ANCHOR", f"不支持引用 *{event.anchor}", "把内容写在这里")

    def _scalar(self, event: Any, line: int) -> None:
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            self._key(top, event, line)
            return
        path = self._path()
        plain = not event.style and event.tag is None
        value = self._plain(event.value, path, line) if plain else event.value
        self._marks(event, path, line)
        self._place(value, line)

    def _key(self, top: _Open, event: Any, line: int) -> None:
        key: str = event.value
        path = (*top.path, key)
        self._marks(event, path, line)
        if key == "<<" and not event.style:
            self._refuse(path, line, "YAML-ANCHOR", "不支持合并键 <<", "把内容写开")
        elif isinstance(top.value, dict) and key in top.value:
            first = self.document.line(path)
            self._refuse(path, line, "YAML-DUPLICATE-KEY", f"与第 {first} 行重复", "删去其中一个")
        self.document.lines.setdefault(path, line)
        top.key = key

    def _start(self, value: dict[str, Any] | list[Any], event: Any, line: int) -> None:
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            _stop(self.document.name, line, "键不是文字", "键写成一个词")
        if len(self.stack) >= _DEPTH:
            _stop(self.document.name, line, f"嵌套超过 {_DEPTH} 层", "减少嵌套")
        path = self._path()
        self._marks(event, path, line)
        self._place(value, line)
        self.stack.append(_Open(value, path))

    def _path(self) -> KeyPath:
        """Where the next value goes."""
        if not self.stack:
            return ()
        top = self.stack[-1]
        return (*top.path, len(top.value)) if isinstance(top.value, list) else (*top.path, str(top.key))

    def _place(self, value: Any, line: int) -> KeyPath:
        path = self._path()
        self.document.lines.setdefault(path, line)
        if not self.stack:
            self.document.data = value
            return path
        top = self.stack[-1]
        if isinstance(top.value, list):
            top.value.append(value)
        else:
            top.value.setdefault(str(top.key), value)
            top.key = None
        return path

    def _marks(self, event: Any, path: KeyPath, line: int) -> None:
        if event.anchor is not None:
            self._refuse(path, line, "YAML-ANCHOR", f"不支持锚点 &{event.anchor}", "删去, 把内容写开")
        if event.tag is not None:
            self._refuse(path, line, "YAML-TAG", "不支持类型标记 !", "删去, 文字加引号")

    def _refuse(self, path: KeyPath, line: int, code: str, message: str, remedy: str) -> None:
        self.document.add(path, code, message, remedy, line=line)
        self.document.bad.add(path)

    def _plain(self, text: str, path: KeyPath, line: int) -> Any:
        """The value of an unquoted scalar."""
        word = text.lower() if text in {text.lower(), text.upper(), text.capitalize()} else text
        if word in _WORDS:
            return _WORDS[word]
        if _INTEGER.fullmatch(text):
            return int(text) if len(text) <= 18 else text
        if _DATE.fullmatch(text):
            return self._date(text, path, line)
        if _NUMBER.fullmatch(text):
            if self.decimals == "text" and re.fullmatch(r"[-+]?[0-9]+\.[0-9]+", text):
                return text
            said = "小数须加引号" if "." in text else "以 0 开头或带其他写法的数字须加引号"
            self._refuse(path, line, "YAML-NUMBER", said, f'写成 "{text}"')
        return text

    def _date(self, text: str, path: KeyPath, line: int) -> Any:
        try:
            return date.fromisoformat(text)
        except ValueError:
            self._refuse(path, line, "YAML-DATE", f"{text} 不是日期", "写成 2026-01-01, 文字加引号")
            return text
