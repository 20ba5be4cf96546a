"""How far an entry is as a whole, from how far its units are; a milestone from its rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from domain.pack import Pack, PackEntry, PackIndicator, PackMilestone, PackNamed
from engine.ledger.lines import UNREAD, Extent, UnitLine
from engine.policy.readings import unread
from engine.policy.words import NO_TARGET


def extent(
    pack: Pack, entry: PackEntry, units: Mapping[str, list[UnitLine]]
) -> tuple[Extent, list[UnitLine], list[str]]:
    """How far an entry is as a whole, its own units, and what must be said about it."""
    own = units.get(f"{pack.id}:{entry.id}", [])
    if isinstance(entry, PackMilestone):
        return _reached(pack, entry, own, units)
    if entry.id in pack.without_target:
        return "not_applicable", own, [pack.without_target[entry.id]]
    if isinstance(entry, PackIndicator) and entry.target is None and _together(own) in {"missing", "not_applicable"}:
        return "not_applicable", own, [NO_TARGET]
    if unread(entry) and not own:
        return "unread", [], [f"有几种读法 ({', '.join(sorted(entry.readings))}), 方案没有选"]
    if isinstance(entry, PackNamed) and not own:
        return "not_applicable", own, []
    found = _together(own)
    return "encouraged" if found == "open" and getattr(entry, "recommended", False) else found, own, []


def _reached(
    pack: Pack, entry: PackMilestone, own: list[UnitLine], units: Mapping[str, list[UnitLine]]
) -> tuple[Extent, list[UnitLine], list[str]]:
    """A milestone is reached when all its rules are; one without rules, when it is reported."""
    if not entry.rules:
        return _together(own), own, [] if own else ["没有可核对的规则, 由主管部门认定后填报"]
    then = {reference: [unit.until(entry.deadline) for unit in each] for reference, each in units.items()}
    parts = {one.id: extent(pack, one, then)[0] for one in pack.entries() if one.id in entry.rules}
    states: tuple[Extent, ...] = ("done", "open", "unread", "partly", "missing")
    rules = {state: [rule for rule in entry.rules if parts[rule] == state] for state in states}
    words: dict[Extent, str] = {"open": "未完成", "unread": UNREAD, "partly": "部分未填报", "missing": "未填报"}
    said = [f"{word}: {', '.join(rules[state])}" for state, word in words.items() if rules[state]]
    if not said:
        return "done" if rules["done"] else "not_applicable", own, [f"依据: {', '.join(entry.rules)}"]
    if rules["open"]:
        return "open", own, said
    if rules["unread"]:
        return "unread", own, said
    return ("partly" if rules["done"] or rules["partly"] else _together(own)), own, said


def _together(units: Sequence[UnitLine]) -> Extent:
    """How far several units are as one; where nobody is known to lag and some did not report: partly."""
    kinds = {unit.progress for unit in units} - {"not_applicable"}
    if not kinds:
        return "not_applicable" if units else "missing"
    if "open" in kinds or "missing" not in kinds:
        return "open" if "open" in kinds else "done"
    return "partly" if "done" in kinds else "missing"
