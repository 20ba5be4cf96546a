"""What a plan may say and hardly means: tables by score that pay more for less, and factors far above 1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Any

from domain.money import exact, format_exact
from domain.problems import Problem
from engine.yaml.document import Document, KeyPath

MOST = 2
"""A factor above this is told: a place may mean it, but 9.5 is more often 0.95."""


def odd(document: Document) -> list[Problem]:
    """Notes on the pools of a plan's file, at file:line: nothing is refused for them."""
    return [Problem(document.where(path), *said) for path, said in _walk(document.data.get("pools"), ("pools",))]


def _walk(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, tuple[str, str, str]]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _walk(inner, (*path, key))
    elif isinstance(value, list):
        if value and all(isinstance(row, Mapping) and _number(row.get("min")) is not None for row in value):
            yield from _table(value, path)
        for index, inner in enumerate(value):
            yield from _walk(inner, (*path, index))


def _table(rows: list[Mapping[str, Any]], path: KeyPath) -> Iterator[tuple[KeyPath, tuple[str, str, str]]]:
    """A table that gives something from a score (`min`) on."""
    order = sorted(range(len(rows)), key=lambda at: _number(rows[at]["min"]) or Fraction(0))
    for key in dict.fromkeys(key for row in rows for key in row if key != "min"):
        given = [(at, number) for at in order if (number := _number(rows[at].get(key))) is not None]
        for (low, less), (high, more) in pairwise(given):
            if more < less:
                said = (
                    f"得分 {rows[high]['min']} 起的 {key} {format_exact(more)} 小于"
                    f"得分 {rows[low]['min']} 起的 {format_exact(less)}: 得分高的反而少"
                )
                yield (*path, high, key), ("TABLE-FALLS", said, "核对; 确实如此的不用改")
        for at, number in given:
            if number > MOST:
                said = f"{key} {format_exact(number)} 大于 {MOST}"
                yield (*path, at, key), ("FACTOR-HIGH", said, "核对小数点; 确实如此的不用改")


def _number(value: Any) -> Fraction | None:
    """An exact number as plans write it; None of anything else, as of a missing one."""
    try:
        return exact(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
    except ValueError:
        return None
