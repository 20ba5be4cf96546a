"""The sheet 任务完成 of the template: a line for every duty and milestone of the packs that no figure shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from domain.facts import Facts
from domain.pack import Pack, PackDuty, PackMilestone
from domain.plan import Plan
from engine.template.layout import DATES, UNITS, Field, Sheets

_REMARK = (
    "由责任单位填报, 供任务台账使用。全区域一并填报的不填单位, 各单位分别填报的每个单位一行 (可增行); "
    "没有完成的不填完成日期, 可在完成情况写进度 (如 3/5); 没有进展的行留空。"
)


def reported_entries(plan: Plan, packs: Mapping[str, Pack]) -> list[str]:
    """The entries ("pack:id") of which only a report can tell: duties without an indicator, milestones without rules.

    What an item of a scorecard carries out is told by its figure.
    """
    items = [item for card in plan.scorecards for part in card.dimensions for item in part.items]
    told = {reference for item in items for reference in (item.rule, *item.also)}
    found = [
        (f"{pack.id}:{entry.id}", entry)
        for pack in packs.values()
        for entry in pack.entries()
        if (isinstance(entry, PackDuty) and entry.indicator is None)
        or (isinstance(entry, PackMilestone) and not entry.rules)
    ]
    return [reference for reference, _ in found if reference not in told]


def write_completions(sheets: Sheets, packs: Mapping[str, Pack], facts: Facts | None) -> None:
    """The sheet, if there is anything to report: the blank lines, and what `facts` holds in their place."""
    wanted = reported_entries(sheets.plan, packs)
    given = _given(facts)
    if not wanted and not given:
        return
    fields = [
        Field("条目", 14),
        Field("事项", 34),
        Field("责任单位", 32),
        Field("期限", 12, "date"),
        Field("单位代码", 14, check=UNITS),
        Field("单位名称", 24),
        Field("完成日期", 12, "date", DATES),
        Field("完成情况", 16),
        Field("佐证", 30),
        Field("备注", 22),
    ]
    entries = {f"{pack.id}:{entry.id}": entry for pack in packs.values() for entry in pack.entries()}
    times = Counter(entry.id for entry in entries.values())
    names = {} if facts is None else dict(zip(facts.institutions["unit_code"], facts.institutions["name"], strict=True))
    rows: list[list[Any]] = []
    for reference in dict.fromkeys([*wanted, *given]):
        entry = entries.get(reference)
        name = entry.id if entry is not None and times[entry.id] == 1 else reference
        head = [
            name,
            entry.title if entry else "",
            (entry.owner or "") if entry else "",
            getattr(entry, "deadline", None),
        ]
        for row in given.get(reference, [{}]):
            unit = row.get("unit_code") or None
            said = [row.get(field) or None for field in ("completed_on", "progress", "evidence", "note")]
            rows.append([*head, unit, names.get(unit), *said])
    sheets.add("任务完成", _REMARK, fields, rows)


def _given(facts: Facts | None) -> dict[str, list[dict[Any, Any]]]:
    """What was reported already, by entry."""
    found: dict[str, list[dict[Any, Any]]] = {}
    if facts is not None and facts.completions is not None:
        for row in facts.completions.to_dict("records"):
            found.setdefault(str(row["entry"]), []).append(row)
    return found
