"""The tables of a run folder (contracts: run): a result's frames as texts, amounts in yuan, exact decimals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd

from allocation.overspend import UNDECIDED
from domain.money import exact_text, format_yuan
from domain.step import Basis, Place, Step
from domain.step import Kind as StepKind
from engine.run.result import FRAMES, Formation, Kind, Result
from engine.run.say import Speaker

TABLES: dict[str, tuple[str, ...]] = {
    "indicators": (
        "period",
        "scope",
        "unit_code",
        "unit_name",
        "indicator",
        "numerator",
        "denominator",
        "value",
        "previous",
        "status",
    ),
    "scores": (
        "period",
        "scope",
        "unit_code",
        "unit_name",
        "dimension",
        "indicator",
        "value",
        "target",
        "full_marks",
        "score",
        "rule",
        "cite",
    ),
    "totals": ("period", "scope", "unit_code", "unit_name", "scorecard", "score", "grade", "rank"),
    "pools": ("period", "alliance_code", "pool", "amount", "distributed", "undistributed", "formula"),
    "permits": ("period", "unit_code", "line", "amount", "formula", "cite"),
    "allocations": ("period", "alliance_code", "pool", "unit_code", "unit_name", "tier", "merit", "amount", "held_by"),
    "quota": (
        "document",
        "scope",
        "unit_code",
        "pool",
        "approved",
        "used_before",
        "used_now",
        "left",
        "moved_in",
        "moved_out",
        "exempt",
    ),
    "overspend": ("period", "alliance_code", "unit_code", "unit_name", "line", "amount", "formula", "cite", "decision"),
    "deposits": ("unit_code", "pool", "opening", "held", "released", "forfeited", "closing"),
    "settlements": ("period", "alliance_code", "pool", "unit_code", "unit_name", "line", "amount"),
    "checks": ("n", "cell", "unit_code", "what", "value", "expected", "rule", "severity", "answer"),
    "deltas": ("alliance_code", "pool", "unit_code", "old", "new", "delta", "funding"),
}
WORDED = {
    "scores": frozenset({"cite"}),
    "pools": frozenset({"formula"}),
    "permits": frozenset({"formula", "cite"}),
    "quota": frozenset({"exempt"}),
    "overspend": frozenset({"formula", "cite", "decision"}),
    "checks": frozenset({"what", "expected"}),
}
"""The columns of words: what they say may be said otherwise by another version."""
_TEXT: dict[Kind, Callable[[Any], str]] = {
    "code": str,
    "text": str,
    "fen": format_yuan,
    "exact": exact_text,
    "count": lambda count: "" if count is None else str(count),
    "codes": ";".join,
}


def texts(result: Result) -> dict[str, pd.DataFrame]:
    """Every table of the run folder, in the order of TABLES: its columns, every cell the text that the CSV carries."""
    say = _Said(result)
    return {name: _table(result, name, say) for name in TABLES if name in result.frames}


def numbers(result: Result) -> dict[str, pd.DataFrame]:
    """The tables of `texts` without their columns of words, which are not made."""
    return {name: _table(result, name) for name in TABLES if name in result.frames}


class _Said:
    """The columns of words: how pools were formed, and what lines of statements say and rest on."""

    def __init__(self, result: Result) -> None:
        self.speaker = Speaker(result.labels)
        stated = (one for one in result.steps if one.kind in {"permits", "overspend"})
        self.lines = {(one.kind, one.place): one for one in stated}
        self.formations = {(one.alliance_code, one.pool): one for one in result.formations}

    def columns(self, name: str, frame: pd.DataFrame) -> dict[str, list[str]]:
        """The columns of words of one table."""
        if name == "pools":
            keys = zip(frame["alliance_code"], frame["pool"], strict=True)
            return {"formula": [self._formed(self.formations[key]) for key in keys]}
        if name == "scores":
            return {"cite": list(map(self._cites, frame["cite"]))}
        if name == "permits":
            return self._statement([("permits", Place(unit=unit, line=line)) for _, unit, line in _lines(frame)])
        if name == "overspend":
            columns = self._statement(
                [("overspend", Place(alliance, unit=unit, line=line)) for alliance, unit, line in _lines(frame)]
            )
            undecided = self.speaker.phrase(UNDECIDED)
            return columns | {"decision": [decision or undecided for decision in frame["decision"]]}
        if name == "checks":
            return {column: list(map(self.speaker.value, frame[column])) for column in ("what", "expected")}
        return {}

    def _statement(self, keys: list[tuple[StepKind, Place]]) -> dict[str, list[str]]:
        steps = [self.lines[key] for key in keys]
        return {"formula": list(map(self._formula, steps)), "cite": [self._cites(step.cites) for step in steps]}

    def _formed(self, one: Formation) -> str:
        said = [f"{self._formula(step)} = {self.speaker.result(step)}" for step in one.steps]
        return "; ".join([*said, *map(self.speaker.phrase, one.notes)])

    def _formula(self, step: Step) -> str:
        return f"{self.speaker.title(step)} = {self.speaker.formula(step)}"

    def _cites(self, cites: tuple[Basis, ...]) -> str:
        return "; ".join(dict.fromkeys(map(self.speaker.cite, cites)))


def _lines(frame: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
    """Alliance, unit and line of every row of a statement."""
    return zip(frame["alliance_code"], frame["unit_code"], frame["line"], strict=True)


def _table(result: Result, name: str, say: _Said | None = None) -> pd.DataFrame:
    given, without = result.frames[name], frozenset() if say else WORDED.get(name, frozenset())
    columns: dict[str, list[str]] = {
        column: [_TEXT[kind](cell) for cell in given[column]] for column, kind in FRAMES[name].items() if kind in _TEXT
    }
    columns |= say.columns(name, given) if say else {}
    columns["period"] = [str(result.period)] * len(given)
    if name == "scores":
        columns["indicator"] = columns["item"]
    if name == "checks":
        columns["n"] = [str(at) for at in range(1, len(given) + 1)]
    if name == "deltas":
        columns["pool"] = columns["code"]
    if name == "settlements":
        columns["line"] = ["/".join(filter(None, parts)) for parts in zip(columns["line"], columns["of"], strict=True)]
    if "unit_name" in TABLES[name]:
        columns["unit_name"] = _names(result.labels.names, columns)
    return pd.DataFrame({column: columns[column] for column in TABLES[name] if column not in without}, dtype=str)


def _names(names: Mapping[str, str], columns: Mapping[str, list[str]]) -> list[str]:
    """Names of the units; a line of a whole alliance has none."""
    around = columns.get("alliance_code", [""] * len(columns["unit_code"]))
    return [
        "" if unit == alliance else names.get(unit, "")
        for unit, alliance in zip(columns["unit_code"], around, strict=True)
    ]
