"""The tables of a run folder (contracts: run): a result's frames as texts, amounts in yuan, exact decimals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from domain.money import exact_text, format_yuan
from engine.run.result import FRAMES, Kind, Result

TABLES: dict[str, tuple[str, ...]] = {
    "indicators": ("period", "scope", "unit_code", "unit_name", "indicator", "numerator", "denominator", "value",
                   "previous", "status"),
    "scores": ("period", "scope", "unit_code", "unit_name", "dimension", "indicator", "value", "target",
               "full_marks", "score", "rule", "cite"),
    "totals": ("period", "scope", "unit_code", "unit_name", "scorecard", "score", "grade", "rank"),
    "pools": ("period", "alliance_code", "pool", "amount", "distributed", "undistributed", "formula"),
    "permits": ("period", "unit_code", "line", "amount", "formula", "cite"),
    "allocations": ("period", "alliance_code", "pool", "unit_code", "unit_name", "tier", "merit", "amount",
                    "held_by"),
    "overspend": ("period", "alliance_code", "unit_code", "unit_name", "line", "amount", "formula", "cite", "decision"),
    "settlements": ("period", "alliance_code", "pool", "unit_code", "unit_name", "line", "amount"),
}  # fmt: skip
WORDED = {
    "scores": frozenset({"cite"}),
    "pools": frozenset({"formula"}),
    "permits": frozenset({"formula", "cite"}),
    "overspend": frozenset({"formula", "cite", "decision"}),
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
    return {name: _table(result, name) for name in TABLES if name in result.frames}


def _table(result: Result, name: str) -> pd.DataFrame:
    given = result.frames[name]
    columns: dict[str, list[str]] = {
        column: [_TEXT[kind](cell) for cell in given[column]] for column, kind in FRAMES[name].items()
    }
    columns["period"] = [str(result.period)] * len(given)
    if name == "scores":
        columns["indicator"] = columns["item"]
    if name == "settlements":
        columns["line"] = ["/".join(filter(None, parts)) for parts in zip(columns["line"], columns["of"], strict=True)]
    if "unit_name" in TABLES[name]:
        columns["unit_name"] = _names(result.labels.names, columns)
    return pd.DataFrame({column: columns[column] for column in TABLES[name]}, dtype=str)


def _names(names: Mapping[str, str], columns: Mapping[str, list[str]]) -> list[str]:
    """Names of the units; a line of a whole alliance has none."""
    around = columns.get("alliance_code", [""] * len(columns["unit_code"]))
    return [
        "" if unit == alliance else names.get(unit, "")
        for unit, alliance in zip(columns["unit_code"], around, strict=True)
    ]
