"""From YAML data to a model, and every objection of pydantic as a Chinese problem at file:line."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from domain.key import Key, example_text
from domain.keys import key_of
from domain.objections import objection
from engine.yaml.document import Document, KeyPath

Model = TypeVar("Model", bound=BaseModel)

_NAMES = 16  # at most so many names in one message
_NEAREST = 5  # so many of those that are alike


def validate(model: type[Model], document: Document, data: Any, base: KeyPath = ()) -> Model | None:
    """`data`, which stands at `base` in the document, as `model`.

    What is wrong is noted in the document, and None returned; values the reader already refused are not repeated.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        _Reporter(model, document, data, base).note(error)
        return None


def closest(
    name: str,
    known: Mapping[str, Any] | list[str] | set[str],
    titles: Mapping[str, str] = MappingProxyType({}),
    *,
    listed_by: str = "",
) -> str:
    """What to do about an unknown name: the nearest known one and all of them; of many the five nearest.

    titles: what they are called in Chinese, by which they are looked for too. listed_by: the command that lists all.
    """
    if not known:
        return "此处没有可用的名称"
    names = sorted(known)
    near = _near(name, names, titles)
    first = f"是否为 {_said(near[:1], titles)}; " if near else ""
    if len(names) <= _NAMES:
        return f"{first}可用: {_said(names, titles)}"
    if not near and not listed_by:
        return f"可用: {_said(names[:_NAMES], titles)} 等 {len(names)} 个"
    others = f"相近的还有 {_said(near[1:], titles)}; " if near[1:] else ""
    return f"{first}{others}全部 {len(names)} 个" + (f"见 {listed_by}" if listed_by else "")


def _near(name: str, names: list[str], titles: Mapping[str, str]) -> list[str]:
    """The names most like one that is not there, by code or by title."""
    by_title = {titles[code]: code for code in names if titles.get(code)}
    found = difflib.get_close_matches(name, names, n=_NEAREST)
    found += [by_title[title] for title in by_title if name in title]
    found += [by_title[title] for title in difflib.get_close_matches(name, list(by_title), n=_NEAREST)]
    return list(dict.fromkeys(found))[:_NEAREST]


def _said(names: list[str], titles: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {titles[name]}" if titles.get(name) else name for name in names)


def real_path(loc: tuple[str | int, ...], data: Any, *, missing: bool) -> tuple[KeyPath, KeyPath | None]:
    """The key path of an objection, and that of the union it is a branch of.

    Pydantic's `loc` also names the branches of unions; those steps do not exist in the data.
    """
    path: list[str | int] = []
    union: KeyPath | None = None
    for index, key in enumerate(loc):
        if _holds(data, key):
            data = data[key]
            path.append(key)
        elif missing and index == len(loc) - 1:
            path.append(key)
        elif union is None:
            union = tuple(path)
    return tuple(path), union


def _holds(data: Any, key: str | int) -> bool:
    if isinstance(data, Mapping):
        return key in data
    return isinstance(data, list | tuple) and isinstance(key, int) and key < len(data)


def _at(data: Any, path: KeyPath) -> Any:
    for key in path:
        data = data[key]
    return data


def _wrong_shape(detail: Mapping[str, Any], value: Any) -> bool:
    """Whether the branch wants a list where something else is written, and so was not meant."""
    return detail["type"] in {"list_type", "none_required"} and not isinstance(value, list)


@dataclass(frozen=True)
class _Reporter:
    """Notes objections to `data`, which stands at `base` in the document."""

    model: type[BaseModel]
    document: Document
    data: Any
    base: KeyPath

    def note(self, error: ValidationError) -> None:
        """Note all of them."""
        branches: dict[KeyPath, list[tuple[KeyPath, Mapping[str, Any]]]] = {}
        for detail in error.errors(include_url=False):
            real, union = real_path(detail["loc"], self.data, missing=detail["type"] == "missing")
            if union is None:
                self.say(real, detail)
            else:
                branches.setdefault(union, []).append((real, detail))
        for union, found in branches.items():
            self.say_union(union, found)

    def say_union(self, union: KeyPath, found: list[tuple[KeyPath, Mapping[str, Any]]]) -> None:
        """Of a union, only the branch the writer meant: what is wrong inside a mapping or list, else at its top."""
        inside = [(real, detail) for real, detail in found if len(real) > len(union)]
        if inside:
            for real, detail in inside:
                self.say(real, detail)
            return
        value = _at(self.data, union)
        said = [self.objected(real, detail) for real, detail in found if not _wrong_shape(detail, value)]
        self.value((*self.base, *union), " 或 ".join(dict.fromkeys(said)) or "取值的种类不对")

    def say(self, real: KeyPath, detail: Mapping[str, Any]) -> None:
        """Note one."""
        path = (*self.base, *real)
        if self.document.spoiled(path):
            return
        if detail["type"] == "missing":
            self.document.add(path[:-1], "FIELD-MISSING", f"缺少 {path[-1]}", _wanted(self.model, real))
        elif detail["type"] == "extra_forbidden":
            key = str(path[-1])
            prose = not key.isascii() and detail["input"] is None
            remedy = "若是前一项文字的下半句, 整句加引号" if prose else _fields(key, self.model, real[:-1])
            self.document.add(path, "FIELD-UNKNOWN", "没有这个字段", remedy)
        else:
            self.value(path, self.objected(real, detail))

    def objected(self, real: KeyPath, detail: Mapping[str, Any]) -> str:
        """What an objection says, with the Chinese names of what may be written."""
        key = next((one for one in reversed(real) if isinstance(one, str)), "")
        at = real[: real.index(key)] if key else ()
        words = _words(self.model, at, key)
        return objection(detail, words.values if words else MappingProxyType({}))

    def value(self, path: KeyPath, said: str) -> None:
        """Note a value that does not fit."""
        if not self.document.spoiled(path):
            self.document.add(path, "FIELD-VALUE", self.document.lacking.get(path, said))


def _wanted(model: type[BaseModel], path: KeyPath) -> str:
    """What to do about a key that is missing: what it is, and how it is written."""
    words = _words(model, path[:-1], str(path[-1]))
    if words is None or words.example is None:
        return "补上" if words is None else f"补上 {words.title}"
    return f"补上 {words.title}, 如 {path[-1]}: {example_text(words.example)}"


def _fields(key: str, model: type[BaseModel], path: KeyPath) -> str:
    """What to do about a key that there is none of."""
    names = fields_at(model, path)
    titles = {name: words.title for name in names if (words := _words(model, path, name)) is not None}
    return closest(key, names, titles, listed_by="liangyun plan reference" if titles else "")


def _words(model: type[BaseModel], path: KeyPath, name: str) -> Key | None:
    """The words of a key of what stands at a key path."""
    found = (key_of(inner, name) for inner in models_at(model, path) if name in _names(inner))
    return next((words for words in found if words is not None), None)


def fields_at(model: type[BaseModel], path: KeyPath) -> list[str]:
    """The field names a model allows at a key path; nothing where the schema leaves them open."""
    return [name for one in models_at(model, path) for name in _names(one)]


def models_at(model: type[BaseModel], path: KeyPath) -> list[type[BaseModel]]:
    """The models that may stand at a key path of a model."""
    current = [model]
    for key in path:
        if not isinstance(key, int):
            current = [inner for one in current for inner in _models_of_field(one, key)]
    return current


def _names(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items() if not field.exclude]


def _models_of_field(model: type[BaseModel], key: str) -> list[type[BaseModel]]:
    field = next((field for name, field in model.model_fields.items() if (field.alias or name) == key), None)
    return [] if field is None else _models(field.annotation)


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in getattr(annotation, "__args__", ()) for model in _models(inner)]
