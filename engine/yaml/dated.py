"""Values that change over time: a YAML document as in force on one day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, TypeGuard

from domain.values import in_force
from engine.yaml.document import Document, KeyPath


def days(data: Any) -> list[date]:
    """Every day from which some value in `data` holds, in order."""
    return sorted({entry["from"] for entries in _dated_lists(data) for entry in entries if _day(entry)})


def resolve(document: Document, day: date) -> Document:
    """The document with every dated list replaced by its value on `day`; lines and problems stay those of the file.

    A rule of a pool one of whose parameters has no value on that day (not begun, or ended by `value: null`) is left
    out. Elsewhere the value is None, and where one is wanted the message says since when there is none.
    """
    made = Document(document.name, found=document.found)
    made.data = _Resolver(document, made, day).walk(document.data, (), ())
    return made


def newest(document: Document) -> Document:
    """The document with the newest value of every dated list, but for targets of rules: they stay lists.

    What has ended counts as it was last: `changes` says that it has.
    """
    made = Document(document.name, found=document.found)
    made.data = _Resolver(document, made, None).walk(document.data, (), ())
    return made


def changes(entry: Any, path: KeyPath = ()) -> str:
    """Since when which value of an entry (raw) holds, but for its target, which says so itself; "" if none is dated."""
    if path == ("target",):
        return ""
    if _is_dated(entry):
        said = (f"{one['from']} 起" + ("终止" if one["value"] is None else f" {one['value']}") for one in entry)
        return f"{'.'.join(map(str, path))}: {', '.join(said)}"
    inner = entry.items() if isinstance(entry, dict) else enumerate(entry) if isinstance(entry, list) else ()
    return "; ".join(filter(None, (changes(value, (*path, key)) for key, value in inner)))


def without_target(data: Any, day: date) -> dict[str, str]:
    """Why rules of a pack (raw) with a dated target have none on `day`, by their ids: ended, or not begun."""
    said: dict[str, str] = {}
    listed = data.get("indicators") if isinstance(data, dict) else None
    for rule in listed if isinstance(listed, list) else ():
        target = rule.get("target") if isinstance(rule, dict) else None
        if not _is_dated(target) or not all(_day(entry) for entry in target) or in_force(target, day) is not None:
            continue
        begun = [entry["from"] for entry in target if entry["from"] <= day]
        first = min(entry["from"] for entry in target)
        said[str(rule.get("id"))] = f"已终止 ({max(begun)} 起)" if begun else f"尚未开始 ({first} 起)"
    return said


def _of_rule(path: KeyPath) -> bool:
    return len(path) == 3 and (path[0], path[2]) == ("indicators", "target")


def _is_dated(value: Any) -> TypeGuard[list[dict[str, Any]]]:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(entry, dict) and set(entry) == {"from", "value"} for entry in value)
    )


def _day(entry: dict[str, Any]) -> bool:
    return isinstance(entry["from"], date)


def _dated_lists(data: Any) -> Iterator[list[dict[str, Any]]]:
    if _is_dated(data):
        yield data
    for inner in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from _dated_lists(inner)


class _Resolver:
    """Walks a document once. `old` is a value's key path in the file, `new` where it stands in the result.

    day: None for the newest values.
    """

    def __init__(self, source: Document, made: Document, day: date | None) -> None:
        self.source = source
        self.made = made
        self.day = day
        self.ended = 0  # dated lists without a value on the day, so far

    def walk(self, value: Any, old: KeyPath, new: KeyPath) -> Any:
        """The value as in force."""
        self.made.lines[new] = self.source.line(old)
        if old in self.source.bad:
            self.made.bad.add(new)
        if _is_dated(value) and not (self.day is None and _of_rule(old)):
            return self._dated(value, old, new)
        if isinstance(value, dict):
            return {key: self.walk(inner, (*old, key), (*new, key)) for key, inner in value.items()}
        if isinstance(value, list):
            return self._list(value, old, new)
        return value

    def _list(self, value: list[Any], old: KeyPath, new: KeyPath) -> list[Any]:
        rules = len(old) == 3 and old[0] == "pools" and old[2] == "rules"
        kept: list[Any] = []
        for index, inner in enumerate(value):
            before = self.ended
            made = self.walk(inner, (*old, index), (*new, len(kept)))
            if not (rules and self.ended > before):
                kept.append(made)
        return kept

    def _dated(self, value: list[dict[str, Any]], old: KeyPath, new: KeyPath) -> Any:
        usable = True
        seen: set[date] = set()
        for index, entry in enumerate(value):
            if not _day(entry):
                self.source.add((*old, index, "from"), "FIELD-VALUE", "须为日期", "写成 from: 2026-01-01, 不加引号")
                usable = False
            elif entry["from"] in seen:
                self.source.add((*old, index, "from"), "DUPLICATE-ID", f"{entry['from']} 写了两次", "删去一个")
            else:
                seen.add(entry["from"])
        if not usable:
            self.made.bad.add(new)
            return None
        last = self.day
        if last is None:
            last = max((entry["from"] for entry in value if entry["value"] is not None), default=date.max)
        if in_force(value, last) is None:
            self.ended += 1
            self.made.lacking[new] = f"{self.day or '任何一日'} 没有生效的取值, 补上当日适用的一项"
            return None
        index = max(
            (index for index, entry in enumerate(value) if entry["from"] <= last),
            key=lambda index: value[index]["from"],
        )
        return self.walk(value[index]["value"], (*old, index, "value"), new)
