"""CSV files as rows of texts: in which encoding they are, what stands between their columns, quotes strictly paired.

An encoding is never guessed into: UTF-8 and UTF-16 prove themselves; GB18030, in which nearly any bytes are some text,
is taken only where what comes out is what people write.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator

from engine.read.refusal import Refusal

_AGAIN = "从原系统重新导出为 UTF-8 的 CSV 或 .xlsx, 不要打开乱码的文件再保存"
_STRANGE = re.compile("[\ufffd\ue000-\uf8ff\U000f0000-\U0010ffff\x00-\x08\x0e-\x1f\x7f-\x9f]|锟斤拷")
_ALIEN = re.compile("[\u0370-\u052f\u3040-\u312f\u2500-\u259f]")  # Greek, Cyrillic, kana, 注音, box drawing
_PLAIN = re.compile("[\x00-\x7f]+")
_MANY = 5  # one character of so many that GB2312 does not know: rare names have some, another encoding has many
_SEARCHED = 8
_SEPARATORS = {",": "逗号", "\t": "制表符", ";": "分号", "|": "竖线"}
_READ = ",\t"  # of those that are told apart; where ; separates, a comma may stand in numbers


def _other(message: str) -> Refusal:
    return Refusal("FILE-ENCODING", message, _AGAIN)


def strange(text: str) -> str:
    """The first thing in a text that no one wrote: a replacement or private-use or control character ("" if none)."""
    match = _STRANGE.search(text)
    return match[0] if match else ""


def plain(text: str) -> str:
    """A text as one line, with a question mark for every such character."""
    return _STRANGE.sub("?", " ".join(text.split()))


def csv_rows(raw: bytes) -> list[list[str]]:
    """The rows of a CSV file, columns separated by commas or tabs.

    Raises Refusal.
    """
    text = _text(raw)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True))
    except csv.Error as error:
        raise Refusal("FILE-UNREADABLE", f"不是完整的 CSV ({error})", "核对引号是否成对, 重新导出") from None


def _separator(text: str) -> str:
    """What stands between the columns of the first rows; a comma where nothing tells."""
    lines = [line for line in text.splitlines()[: _SEARCHED * 2] if line.strip()][:_SEARCHED]
    counts = {one: sum(_cells(line, one) for line in lines) for one in _SEPARATORS}
    best = max(counts, key=lambda one: counts[one])  # the first of equals
    if best not in _READ:
        said = f"列之间是{_SEPARATORS[best]}, 不是逗号"
        raise Refusal("FILE-SEPARATOR", said, "从原系统导出用逗号分隔的 CSV, 或 .xlsx")
    return best


def _cells(line: str, separator: str) -> int:
    """How many cells of a line hold something, if that stands between them; a line that is one cell has none."""
    try:
        filled = sum(bool(cell.strip()) for row in csv.reader([line], delimiter=separator) for cell in row)
    except csv.Error:
        return 0
    return filled if filled > 1 else 0


def _text(raw: bytes) -> str:
    if raw.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise _other("文字编码是 UTF-32")
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _whole(raw, "utf-16", "UTF-16")
    if b"\0" in raw:
        raise _other("含有 0 字节: 不是文本, 或是没有标记的 UTF-16")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if _nearly_utf8(raw):
            line = raw[: error.start].count(b"\n") + 1
            raise _other(f"文字编码是 UTF-8, 但第 {line} 行有坏的字节") from None
    text = _whole(raw, "gb18030", "UTF-8 或 GB18030")
    if told := _not_chinese(text):
        raise _other(f"文字编码不是 UTF-8, 按 GB18030 读出的是乱码 ({told})")
    return text


def _whole(raw: bytes, coding: str, name: str) -> str:
    try:
        return raw.decode(coding)
    except UnicodeDecodeError:
        raise _other(f"文字编码不是 {name}" if coding != "utf-16" else "UTF-16 文本不完整") from None


def _nearly_utf8(raw: bytes) -> bool:
    """Whether most of what is not ASCII is UTF-8: cut off, or put together from files of two encodings."""
    other = sum(byte > 0x7F for byte in raw)
    read = sum(len(one.encode()) for one in raw.decode("utf-8", "ignore") if one > "\x7f")
    return read * 2 > other


def _not_chinese(text: str) -> str:
    """What shows that bytes were not written in GB18030 ("" if nothing does)."""
    found = strange(text) or next(iter(_ALIEN.findall(text)), "")
    if found:
        return f"如 {found!a}" if strange(text) else f"如 {found}"
    written = _PLAIN.sub("", text)
    rare = list(_rare(written))
    return f"如 {rare[0]}" if len(rare) * _MANY > len(written) else ""


def _rare(text: str) -> Iterator[str]:
    """The characters that GB2312 does not know."""
    for one in text:
        try:
            one.encode("gb2312")
        except UnicodeEncodeError:
            yield one
