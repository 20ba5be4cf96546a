"""The task ledger (任务台账): everything that a plan's packs ask for, and how far it is on a day.

Milestones, duties, numeric rules, trends, and what a text names for assessment without a target: that is listed by its
id with the scorecards that look at it, and called neither done nor not, so that nothing of a document is lost.

Done is what the facts show: a day of completion that has come, a list carried out in full, a rule that is met. Where an
item of the plan names the rule, the units of its scorecard are asked; elsewhere the alliances, districts or members
that report it; what units report of an entry themselves (`engine.ledger.reports`) stands beside. A line is done when
every unit is; units it does not apply to are left out. Where nothing was reported that is said, and it is not called
done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Any

from domain.facts import Catalogue, Facts
from domain.money import format_exact
from domain.pack import Measurable, Pack, PackDuty, PackEntry, PackIndicator, PackMilestone, PackNamed, PackTrend
from domain.period import Period
from domain.plan import Item, Plan, Scope, Scorecard
from domain.region import Level
from engine.ledger.extent import extent
from engine.ledger.lines import Extent, Kind, Ledger, Line, Progress, State, UnitLine
from engine.ledger.reports import merged, reports
from engine.ledger.rounds import Rounds, cycles, together
from engine.policy.background import unchecked
from engine.policy.find import looking
from engine.policy.readings import unread
from engine.policy.words import (
    ARROWS,
    RECOMMENDED,
    UNCHECKED,
    UNSTATED,
    every_text,
    number_text,
    target_text,
)
from engine.run.scoring import card_units
from indicators.evaluate import Wanted, evaluate, known
from indicators.measures import Measures
from indicators.registry import Params

SOON = 30
"""Days before a deadline from which a line counts as due."""
ASKED = "对象: "
"""Before whom an entry asks, where it names nobody who answers for it."""
_SCOPES: tuple[Scope, ...] = ("alliance", "district", "member")
_WIDTH: tuple[Scope, ...] = ("member", "alliance", "district")
_LEVELS: tuple[Level, ...] = ("province", "city", "county")
_KINDS: Mapping[Kind, type[PackEntry]] = {
    "duty": PackDuty,
    "milestone": PackMilestone,
    "trend": PackTrend,
    "named": PackNamed,
}
_SAID = frozenset({"completed_on", "reported"})  # indicators of duties that say done or not, and measure nothing


@dataclass(frozen=True)
class _Ask:
    """One evaluation for an entry. item: of the plan, None where the entry's own indicator is taken."""

    key: str
    scope: Scope
    indicator: str
    params: Params
    card: Scorecard | None = None
    item: Item | None = None


@dataclass
class _Around:
    plan: Plan
    facts: Facts
    period: Period
    as_of: date
    measures: Measures
    notes: Mapping[str, str]
    names: Mapping[str, str]
    asks: dict[str, list[_Ask]] = field(default_factory=dict)


def make_ledger(
    plan: Plan,
    packs: Mapping[str, Pack],
    facts: Facts,
    catalogue: Catalogue,
    as_of: date,
    period: Period,
    *,
    within: int = SOON,
    warnings: Sequence[str] = (),
) -> Ledger:
    """The ledger of a plan on a day.

    period: whose figures tell how far things are; within: days before a deadline from which a line is due.
    Raises InputProblems for facts that cannot be read together (as `indicators.evaluate`).
    """
    entries = {f"{pack.id}:{entry.id}": entry for pack in packs.values() for entry in pack.entries()}
    names = dict(zip(facts.institutions["unit_code"], facts.institutions["name"], strict=True))
    told = reports(facts.completions, names, as_of, cycles(packs))
    places = facts.institutions[facts.institutions["region"] == plan.region]
    whole = {"", *places.loc[places["tier"] == "district", "unit_code"]}
    named = {rule for entry in entries.values() if isinstance(entry, PackMilestone) for rule in entry.rules}
    shown = {
        reference: entry
        for reference, entry in entries.items()
        if isinstance(entry, PackDuty | PackMilestone | Measurable) or reference in told
    }
    computed = shown | {ref: entry for ref, entry in entries.items() if entry.id in named}
    asks = {reference: _asks(reference, entry, plan) for reference, entry in computed.items()}
    wanted = [Wanted(ask.key, ask.indicator, ask.params, ask.scope) for each in asks.values() for ask in each]
    measures = evaluate(facts, catalogue, period, wanted, plan.local_indicators)
    rows = facts.facts[facts.facts["note"].astype(str) != ""]
    notes = dict(zip(rows["source"], rows["note"], strict=True))
    around = _Around(plan, facts, period, as_of, measures, notes, names, asks)
    units = {}
    for ref, entry in computed.items():
        # Whom a scorecard asks has to answer himself.
        region = () if any(ask.card for ask in asks[ref]) else whole
        own = _units(ref, entry, around)
        units[ref] = merged(own, told.get(ref, []), region, measured=_measured(entry, asks[ref]))
    lines = []
    for pack in packs.values():
        for entry in pack.entries():
            reference = f"{pack.id}:{entry.id}"
            if reference in shown:
                line = _line(pack, entry, units, as_of, within)
                lines.append(replace(line, notes=(*line.notes, *_looked_at(plan, reference, entry))))
    lines.sort(key=lambda line: (line.deadline is None, line.deadline or date.max))
    signed = tuple(signature.title for signature in plan.signatures)
    return Ledger(plan.id, plan.title, as_of, str(period), tuple(lines), tuple(warnings), signed)


def _looked_at(plan: Plan, reference: str, entry: PackEntry) -> list[str]:
    """Which items of the plan's scorecards look at a trend or a named item."""
    if not isinstance(entry, PackTrend | PackNamed):
        return []
    items = [f"{card.title} {item.id}" for card, item in looking(reference, entry, plan)]
    return [f"计分: {', '.join(items)}" if items else "方案没有评分项用到"]


# ── what is asked ─────────────────────────────────────────────────────────────────────────────────────────


def _asks(reference: str, entry: PackEntry, plan: Plan) -> list[_Ask]:
    """The evaluations that show how far an entry is: the plan's items, else its own indicator in every scope it has.

    Of items in cards of several scopes the widest holds: a district's target is not each member's. Of cards for areas
    of several levels the lowest: a city made of its districts is no further one (of a day of completion it is).
    """
    if unread(entry) or isinstance(entry, PackNamed):
        return []
    available = known(plan.local_indicators)
    found = [
        _Ask(f"{reference}/{card.id}/{item.id}", card.scope, item.indicator, item.given, card, item)
        for card in plan.scorecards
        for part in card.dimensions
        for item in part.items
        if reference in (item.rule, *item.also)
    ]
    if found:
        widest = max(_WIDTH.index(ask.scope) for ask in found)
        return _lowest([ask for ask in found if _WIDTH.index(ask.scope) == widest])
    if not isinstance(entry, Measurable) or entry.indicator is None:
        return []
    scopes = [scope for scope in _SCOPES if scope in available[entry.indicator].scopes]
    return [_Ask(f"{reference}/{scope}", scope, entry.indicator, entry.given) for scope in scopes]


def _lowest(asks: list[_Ask]) -> list[_Ask]:
    depths = [
        max(map(_LEVELS.index, ask.card.levels), default=None) if ask.card and ask.indicator != "completed_on" else None
        for ask in asks
    ]
    lowest = max((depth for depth in depths if depth is not None), default=None)
    return [ask for ask, depth in zip(asks, depths, strict=True) if depth in {None, lowest}]


def _units(reference: str, entry: PackEntry, around: _Around) -> list[UnitLine]:
    """How far each unit is. Of an entry that no item names, the first scope that has a figure."""
    found: list[UnitLine] = []
    for ask in around.asks[reference]:
        table = around.measures.table
        rows = table[table["key"] == ask.key]
        if ask.card is not None:
            rows = rows[rows["unit_code"].isin(_asked_units(ask, around))]
        lines = [_unit_line(entry, ask, row, around) for row in rows.to_dict("records")]
        if ask.card is not None:
            found += [line for line in lines if line.unit_code not in {one.unit_code for one in found}]
        elif any(line.progress in {"done", "open"} for line in lines):
            return lines
        elif not found and any(line.progress == "missing" for line in lines):
            found = lines
    return found


def _measured(entry: PackEntry, asks: Sequence[_Ask]) -> bool:
    """Whether a figure measures how far an entry is; a day, or yes or no, only says it."""
    if isinstance(entry, PackIndicator):
        return entry.unit != "是否"
    if isinstance(entry, PackTrend):
        return True
    return any(ask.indicator not in _SAID for ask in asks)


def _asked_units(ask: _Ask, around: _Around) -> set[str]:
    """The units a scorecard's item is for."""
    if ask.card is None or ask.item is None:
        return set()
    units = card_units(around.facts, around.period, ask.card)
    for tiers in (ask.card.tiers, ask.item.tiers):
        units = units[units["tier"].astype(str).isin([tier.value for tier in tiers])] if tiers else units
    for forms in (ask.card.forms, ask.item.forms):
        units = units[units["form"].isin([form.value for form in forms])] if forms else units
    return set(units["unit_code"])


def _unit_line(entry: PackEntry, ask: _Ask, row: Mapping[Any, Any], around: _Around) -> UnitLine:
    code = str(row["unit_code"])
    documents = tuple(dict.fromkeys(around.notes[cell] for cell in row["cells"] if cell in around.notes))
    name = around.names.get(code, code)
    if row["status"] != "ok":
        return UnitLine(code, name, "missing" if row["status"] == "missing" else "not_applicable", documents=documents)
    value: Fraction = row["value"]
    if ask.indicator == "completed_on":
        day = _day(value)
        done = day is not None and day <= around.as_of
        if day is None or done:
            return UnitLine(code, name, "done" if done else "open", f"{day} 完成" if done else "未完成", day, documents)
        return UnitLine(code, name, "open", f"未完成 (填报 {day})", None, documents, later=(day,))
    if isinstance(entry, PackTrend):
        return _trend(entry, _least(ask), UnitLine(code, name, "missing", documents=documents), value, row["previous"])
    said = _value_text(entry, ask, value)
    if isinstance(entry, PackIndicator) and entry.target is None and _band(ask) is None:
        return UnitLine(code, name, "not_applicable", said, None, documents)
    met = _met(entry, ask, value)
    return UnitLine(code, name, "done" if met else "open", said, None, documents)


def _trend(
    entry: PackTrend, least: Fraction | None, line: UnitLine, value: Fraction, before: Fraction | None
) -> UnitLine:
    """A direction is kept to where the figure has moved that way since a year ago; without one nothing is known.

    least: the plan's smallest change. Where the text asks for one without a figure, nothing can be said without it.
    """
    if before is None:
        return line
    change = value - before if entry.direction == "up" else before - value
    met = change > 0 and change >= (least or 0 if entry.needs else 0)
    known = least is not None or not entry.needs
    progress: Progress = ("done" if met else "open") if known else "not_applicable"
    return replace(line, progress=progress, value=f"{format_exact(before, 4)} → {format_exact(value, 4)}")


def _least(ask: _Ask) -> Fraction | None:
    """The smallest change that counts, where the plan states one."""
    given = ask.item.curve.given if ask.item else None
    stated: Fraction | None = given.min_change if given and "min_change" in given.model_fields_set else None
    return stated


def _day(value: Fraction) -> date | None:
    """A day written 20171130; None for 0 and for a number that is no day."""
    whole = int(value)
    try:
        return date(whole // 10000, whole // 100 % 100, whole % 100) if whole else None
    except ValueError:
        return None


def _met(entry: PackEntry, ask: _Ask, value: Fraction) -> bool:
    """Whether a value is what a rule demands; without a target, whether everything of a list is done."""
    if not isinstance(entry, PackIndicator):
        return value >= 1
    band, target = _band(ask), entry.target
    if entry.op == "approx":
        return band is not None and band[0] <= value <= band[1]
    if not isinstance(target, Fraction):
        return False
    if entry.op == "between":
        return target <= value and (entry.upper is None or value <= entry.upper)
    return {">=": value >= target, "<=": value <= target, "=": value == target}[entry.op]


def _band(ask: _Ask) -> tuple[Fraction, Fraction] | None:
    """What the plan takes 左右 to be."""
    band: tuple[Fraction, Fraction] | None = getattr(ask.item.curve.given, "band", None) if ask.item else None
    return band


def _value_text(entry: PackEntry, ask: _Ask, value: Fraction) -> str:
    if not isinstance(entry, PackIndicator):
        return (
            number_text(format_exact(value, 4), "%") if ask.indicator == "checklist_rate" else "是" if value else "否"
        )
    if entry.unit == "是否":
        return "是" if value else "否"
    places = 4 if entry.unit in {"%", "百分点"} else 2
    return number_text(format_exact(value, places), entry.unit)


# ── lines ─────────────────────────────────────────────────────────────────────────────────────────────────


def _line(pack: Pack, entry: PackEntry, units: Mapping[str, list[UnitLine]], as_of: date, within: int) -> Line:
    progress, own, notes = extent(pack, entry, units)
    rounds = together([unit.rounds for unit in own if unit.rounds is not None])
    deadline = rounds.asked.due if rounds else getattr(entry, "deadline", None)
    days = (deadline - as_of).days if deadline else None
    state = _state(progress, rounds, days, within)
    marks = [RECOMMENDED] if getattr(entry, "recommended", False) else []
    marks += [UNCHECKED] if unchecked(entry) else []
    marks += [f"读法 {next(iter(entry.readings))}"] if len(entry.readings) == 1 else []
    marks += [] if getattr(entry, "deadline_stated", True) else [UNSTATED]
    notes = [*notes, *filter(None, [rounds.missed_text if rounds else "", *_later(own)])]
    every = every_text(entry)
    return Line(
        pack=pack.id,
        id=entry.id,
        kind=next((kind for kind, model in _KINDS.items() if isinstance(entry, model)), "rule"),
        title=entry.title,
        cite=f"{entry.cite.document or pack.id} {entry.cite.clause}",
        owner=_owner(pack, entry),
        begins=rounds.asked.start if rounds else pack.effective_from or pack.announced,
        deadline=deadline,
        demand=_demand(pack, entry) or every,
        evidence=getattr(entry, "evidence", ""),
        state="not_applicable" if progress == "encouraged" else state,
        days=days,
        units=tuple(own),
        notes=(*marks, *notes),
        reported=progress not in {"missing", "partly"},
        partly=progress == "partly",
        repeats=bool(every),
        rounds=rounds,
        encouraged=progress == "encouraged",
    )


def _state(progress: Extent, rounds: Rounds | None, days: int | None, within: int) -> State:
    if progress == "unread":
        return "unread"
    if progress == "done" and (rounds is None or rounds.now):
        return "done"
    if progress in {"not_applicable", "encouraged"}:
        return "not_applicable"
    if days is None or days > within:
        return "not_due"
    return "overdue" if days < 0 else "due"


def _later(units: Sequence[UnitLine]) -> list[str]:
    """Whose days of completion come after the day of the ledger."""
    several = len(units) > 1
    return [f"{one.unit_name}: {one.later_text}" if several else one.later_text for one in units if one.later]


def _owner(pack: Pack, entry: PackEntry) -> str:
    """Who answers for an entry, else whom it asks; for a milestone that names nobody, those of its rules."""
    if entry.owner:
        return entry.owner
    owners, asked = _named(pack, entry)
    if owners:
        return "、".join(dict.fromkeys(name for owner in owners for name in owner.split("、") if name))
    return ASKED + "、".join(dict.fromkeys(asked)) if asked else ""


def _named(pack: Pack, entry: PackEntry) -> tuple[list[str], list[str]]:
    """The owners that an entry or the rules of a milestone name, and whom those without an owner ask."""
    if entry.owner:
        return [entry.owner], []
    if not isinstance(entry, PackMilestone):
        subject = getattr(entry, "subject", None)
        return [], [subject] if subject else []
    each = [_named(pack, one) for one in pack.entries() if one.id in entry.rules]
    return [one for owners, _ in each for one in owners], [one for _, asked in each for one in asked]


def _demand(pack: Pack, entry: PackEntry) -> str:
    if isinstance(entry, PackTrend):
        return ARROWS[entry.direction]
    if isinstance(entry, PackIndicator) and entry.id not in pack.without_target:
        return target_text(entry)
    return ""
