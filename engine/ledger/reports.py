"""What units report themselves: days of completion beside the figures.

A measured value decides by itself; a report adds its day and evidence. Where no figure measures an entry (a day, yes or
no, nothing at all) the report decides. A day after the day of the ledger does not count yet, and that is said. What is
done again and again is judged by its intervals (`engine.ledger.rounds`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd

from engine.ledger.lines import Progress, UnitLine
from engine.ledger.rounds import Cycle

WHOLE = "全区域"
"""The name of the plan's region where no unit of the workbook is it."""


def reports(
    completions: pd.DataFrame | None, names: Mapping[str, str], as_of: date, cycles: Mapping[str, Cycle]
) -> dict[str, list[UnitLine]]:
    """What was reported of every entry ("pack:id"), a line per unit in the order of the table.

    completions: as `Facts.completions`; names: of the units by code; cycles: of the entries with stated intervals.
    """
    if completions is None:
        return {}
    told: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in completions.to_dict("records"):
        told.setdefault((str(row["entry"]), str(row["unit_code"])), []).append({str(key): row[key] for key in row})
    found: dict[str, list[UnitLine]] = {}
    for (entry, code), rows in told.items():
        found.setdefault(entry, []).append(_line(code, names.get(code, WHOLE), rows, as_of, cycles.get(entry)))
    return found


def _line(code: str, name: str, rows: Sequence[Mapping[str, Any]], as_of: date, cycle: Cycle | None) -> UnitLine:
    """One unit. Of several days (something done again and again) the latest that has come."""
    days = [row["completed_on"] for row in rows if isinstance(row["completed_on"], date)]
    come, later = [day for day in days if day <= as_of], tuple(sorted(day for day in days if day > as_of))
    rounds = cycle.judge(come, as_of) if cycle else None
    line = UnitLine(code, name, "open", rounds=rounds, later=later)
    if come:
        last = max(come)
        row = next(row for row in rows if row["completed_on"] == last)
        said = [f"{last} 完成" + (f" (共 {len(come)} 次)" if len(come) > 1 else ""), row["progress"], row["note"]]
        shown = tuple(dict.fromkeys(str(one["evidence"]) for one in rows if one["completed_on"] in come))
        progress: Progress = "open" if rounds and rounds.missed else "done"
        documents = tuple(text for text in shown if text)
        return replace(line, progress=progress, value=_joined(said), done_on=last, documents=documents)
    if later:
        return replace(line, value=f"未完成 (填报 {later[0]})")
    row = rows[-1]
    return replace(line, value=_joined([row["progress"] or "未完成", row["note"]]), documents=_texts(row))


def _joined(said: Sequence[str]) -> str:
    return "; ".join(text for text in said if text)


def _texts(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (str(row["evidence"]),) if row["evidence"] else ()


def merged(
    units: Sequence[UnitLine], told: Sequence[UnitLine], whole: Collection[str], *, measured: bool
) -> list[UnitLine]:
    """The units of an entry with what they report.

    measured: whether figures say how far a unit is; then a report never makes it done. whole: codes of the plan's
    region where its report stands for those of whom nothing is known.
    """
    by_code = {line.unit_code: line for line in told}
    kept = []
    others = {line.unit_code for line in units}
    spoken = any(line.unit_code in whole for line in told)
    for unit in units:
        line = by_code.get(unit.unit_code)
        if line is not None:
            kept.append(_both(unit, line, measured=measured))
        elif unit.progress != "missing" or not spoken:
            kept.append(unit)
    return [*kept, *(line for line in told if line.unit_code not in others)]


def _both(unit: UnitLine, line: UnitLine, *, measured: bool) -> UnitLine:
    documents = tuple(dict.fromkeys([*unit.documents, *line.documents]))
    later = tuple(sorted({*unit.later, *line.later}))
    unknown = unit.progress in {"missing", "not_applicable"}
    if unknown or (not measured and (unit.progress != "done" or line.rounds is not None)):
        return replace(line, documents=documents, later=later)
    day = unit.done_on or (line.done_on if unit.progress == "done" else None)
    value = unit.value if line.progress == "open" else _joined([unit.value, line.value])
    value = unit.value if unit.done_on else value
    return replace(unit, value=value, done_on=day, documents=documents, later=later)
