"""The statement of the two permits (两个允许): of the income a member was allotted, how much it may pay to staff.

    I = medical service income + a           (the plan says whether drugs and consumables are in, on both sides)
    e = min(rate·I, limit − opening balance), at least 0; booked as cost. The limit is a share of the year's medical
        income: in a year's run of I, in a shorter period of `annual_medical_income` (the approved, else last, figure)
    b = I − cost − e                         b ≤ 0: nothing is extracted, r = 0, the member keeps a
    R = b − welfare − development
    r = min(min(a, floor(ρ·R) − paid out of R by staff pools under `income_cap`) − r of shorter periods, quota headroom)
    kept = a − r

rate·I, welfare and development are rounded half-up, the limit and ρ·R down. Fiscal, public-health, research and capital
money is on neither side. Where an approval binds the whole alliance and the members' r exceed what it leaves, they
are cut in proportion (largest remainder). Source: the plan's `permits.cite` (两个允许), domain/B_money B.3.

The statement comes after all pools of the period: r uses the headroom and the R that are then left.

    statement = permits_statement(plan.permits, context, book, allotted={"T01": {("A01", "surplus"): 5_000_000}})
    statement.steps     of every line, by unit in the order of the steps (place: unit and line; result: fen)
    statement.reward    r by unit; statement.kept: a − r
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Any

from allocation.context import Amount, Context
from allocation.earlier import NOTHING, PAID, STATED, Earlier
from allocation.permit_lines import (
    ANNUAL,
    COST,
    COST_DRUGS,
    INCOME,
    INCOME_DRUGS,
    OPENING,
    RATED,
    Line,
    phrase,
    steps,
)
from allocation.permit_sheet import Sheet
from allocation.quota import QuotaBook
from domain.money import exact, floor_fen, half_up_fen, largest_remainder
from domain.plan import Permits
from domain.problems import Problems
from domain.step import Numbers, Phrase, Place, Step
from domain.values import in_force

Source = tuple[str, str]
"""A pool of an alliance: (alliance code, pool id)."""
Parts = Mapping[str, Mapping[Source, int]]
"""What pools gave each unit: fen by unit, then by pool."""
Rates = Mapping[str, Fraction]
"""The rates of the permits in force in a period, by the line that rests on them (`permit_lines.RATED`)."""


@dataclass(frozen=True)
class Statement:
    """The statement of one alliance: the steps of every line, by unit and in order; r and kept by unit.

    overdrawn: fen by which shorter periods paid more than the year allows, by unit.
    """

    steps: tuple[Step, ...]
    reward: Mapping[str, int]
    kept: Mapping[str, int]
    overdrawn: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class RewardBase:
    """R of members before a staff-reward pool: fen by unit, and what it was reckoned from.

    place: of the steps, without unit and line.
    """

    permits: Permits
    rates: Rates
    place: Place
    sheets: Mapping[str, Sheet]

    @property
    def paid(self) -> dict[str, int]:
        """What shorter periods paid out of R before, by unit."""
        return {unit: sheet.lines[PAID].fen for unit, sheet in self.sheets.items() if PAID in sheet.lines}

    @property
    def fen(self) -> dict[str, int]:
        """R by unit, may be ≤ 0."""
        return {unit: sheet.lines["reward_base"].fen for unit, sheet in self.sheets.items()}

    def steps(self, unit: str) -> tuple[Step, ...]:
        """The story of a member's R, line by line."""
        place = replace(self.place, unit=unit)
        return steps(self.permits, "reward", place, self.sheets[unit].lines, self.rates)

    def cells(self, unit: str) -> tuple[str, ...]:
        """The cells that a member's R came from."""
        return tuple(dict.fromkeys(cell for line in self.sheets[unit].lines.values() for cell in line.cells))


def permits_statement(
    permits: Permits,
    context: Context,
    book: QuotaBook | None,
    allotted: Parts,
    drawn: Parts | None = None,
    earlier: Earlier = NOTHING,
) -> Statement:
    """The statement for every member in the permits' scope (ownership and tiers).

    allotted: income the pools of this period gave each unit (absent: 0), of a settlement the year's; drawn: what
    the period's staff pools under `income_cap` paid out of R, None where the plan has none; earlier: what shorter
    periods may have paid. Raises InputProblems:
    MONEY-MISSING, QUOTA-NO-DOCUMENT, QUOTA-PLAN, PERMITS-RANGE.
    """
    problems = Problems()
    rates = _rates(permits, context.period.end, problems)
    units = _scope(permits, context)
    filled = {unit: _read(permits, context, unit, problems) for unit in units}
    before = {unit: _before(earlier, context, unit, problems) for unit in units}
    if book is not None:
        problems.extend(gap for unit in units for gap in book.gaps.get(unit, ()))
        problems.extend(book.gaps.get(context.alliance_code, ()))
    elif units:
        where = context.where(context.alliance_code)
        problems.add(where, "QUOTA-PLAN", "方案没有 quota, 不知道绩效工资总量", "在方案中写 quota")
    problems.raise_if_any()

    sheets: dict[str, Sheet] = {}
    for unit in units:
        sheet = Sheet(unit, _balance(permits, filled[unit], rates, _allotted(allotted.get(unit, {}))))
        sheet = _within_reward(sheet, rates, None if drawn is None else drawn.get(unit, {}), before[unit].get(PAID))
        if STATED in before[unit]:
            sheet = replace(sheet, lines={**sheet.lines, "r_before": _paid(before[unit][STATED])})
        sheets[unit] = sheet if book is None else _within_quota(sheet, book)
    if book is not None:
        sheets = _within_alliance(sheets, book)
    return _stated(permits, {unit: sheet.closed(permits) for unit, sheet in sheets.items()}, rates)


def held_statement(permits: Permits, context: Context, allotted: Parts) -> Statement:
    """Where no r can be told because rules contradict each other: a is kept for now, r is 0 with the reason.

    Only of members in scope that another alliance's pools allotted income.
    """
    why = contradiction(context.alliance_code)
    sheets = {
        unit: Sheet(unit, {"a": _allotted(allotted[unit])}, why=(why,)).closed(permits)
        for unit in _scope(permits, context)
        if sum(allotted.get(unit, {}).values())
    }
    return _stated(permits, sheets, {})


def contradiction(alliance: str) -> Phrase:
    """Why a statement is held."""
    return phrase("contradiction", alliance=alliance)


def _stated(permits: Permits, sheets: Mapping[str, Sheet], rates: Rates) -> Statement:
    told = [steps(permits, "permits", Place(unit=unit), sheet.lines, rates) for unit, sheet in sheets.items()]
    return Statement(
        tuple(step for each in told for step in each),
        {unit: sheet.lines["r"].fen for unit, sheet in sheets.items()},
        {unit: sheet.lines["kept"].fen for unit, sheet in sheets.items()},
        {unit: sheet.overdrawn for unit, sheet in sheets.items() if sheet.overdrawn},
    )


def reward_base(
    permits: Permits,
    context: Context,
    allotted: Parts | None = None,
    pool: str = "",
    earlier: Earlier = NOTHING,
) -> RewardBase:
    """R of every member in scope before a staff-reward pool: what `income_cap` measures against, fen, may be ≤ 0.

    allotted: income of the pools before, as for `permits_statement`; the pool itself (its id names the stories) is
    not in it; earlier: what shorter periods may have paid out of R. A member with b ≤ 0 has R = b. Raises
    InputProblems: MONEY-MISSING, PERMITS-RANGE.
    """
    problems = Problems()
    rates = _rates(permits, context.period.end, problems)
    units = _scope(permits, context)
    filled = {unit: _read(permits, context, unit, problems) for unit in units}
    before = {unit: _before(replace(earlier, stated=False), context, unit, problems) for unit in units}
    problems.raise_if_any()
    sheets = {}
    for unit in units:
        income = _allotted((allotted or {}).get(unit, {}), when="a_before")
        lines = _balance(permits, filled[unit], rates, income)
        lines |= {item: _paid(amount) for item, amount in before[unit].items()}
        sheets[unit] = Sheet(unit, lines)
    return RewardBase(permits, rates, Place(context.alliance_code, pool), sheets)


def _scope(permits: Permits, context: Context) -> list[str]:
    members = context.members
    meant = members["ownership"].isin([str(kind) for kind in permits.ownership])
    if permits.tiers:
        meant &= members["tier"].isin([str(tier) for tier in permits.tiers])
    return sorted(members.loc[meant, "unit_code"])


def _rates(permits: Permits, day: date, problems: Problems) -> Rates:
    given = (
        permits.risk_fund_rate,
        permits.risk_fund_limit,
        permits.welfare_share,
        permits.development_share,
        permits.main_share,
    )
    rates = {line: _rate(rate, day) for line, rate in zip(RATED, given, strict=True)}
    *shares, main = rates.values()
    if not Fraction(1, 2) < main <= 1:
        problems.add(
            "permits.main_share", "PERMITS-RANGE", "主要用于人员奖励的比例须大于 0.5、不大于 1", "按当地文件改"
        )
    if min(shares) < 0 or max(shares) > 1 or rates["welfare"] + rates["development"] > 1:
        problems.add("permits", "PERMITS-RANGE", "提取比例须在 0 到 1 之间, 福利与发展合计不超过 1", "按当地文件改")
    return rates


def _rate(given: Any, day: date) -> Fraction:
    """A rate, or of a dated list the one in force on `day`; before the first there is none, so nothing may pass."""
    if not isinstance(given, list):
        return exact(given)
    found = in_force([{"from": entry.since, "value": entry.value} for entry in given], day)
    return Fraction(-1) if found is None else exact(found)


def _sides(permits: Permits) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The items of income and of cost."""
    drugs = permits.drugs_included
    return (*INCOME, *(INCOME_DRUGS if drugs else ())), (*COST, *(COST_DRUGS if drugs else ()))


def _read(permits: Permits, context: Context, unit: str, problems: Problems) -> dict[str, Amount]:
    items = [*INCOME, *COST, OPENING]
    if permits.drugs_included:
        items += [*INCOME_DRUGS, *COST_DRUGS]
    filled = {item: context.need(problems, unit, item) for item in items}
    if context.period.kind != "year":
        filled[ANNUAL] = context.need(problems, unit, ANNUAL, annual=True)
    return filled


def _before(earlier: Earlier, context: Context, unit: str, problems: Problems) -> dict[str, Amount]:
    """What shorter periods of the year paid a member, as far as the plan may have paid it any."""
    items = [PAID] * earlier.asked(unit, context) + [STATED] * earlier.stated
    return {item: context.need(problems, unit, item) for item in items}


def _paid(amount: Amount) -> Line:
    return Line(amount.fen, cells=amount.cells)


def _allotted(parts: Mapping[Source, int], *, when: str = "a") -> Line:
    """a: in the statement of all pools of the period, before a pool of those that stand before it (`a_before`)."""
    return Line(sum(parts.values()), when if parts else f"{when}_none", _from(parts))


def _from(parts: Mapping[Source, int]) -> Numbers:
    return {("from", pool, alliance): fen for (alliance, pool), fen in parts.items()}


def _balance(permits: Permits, filled: Mapping[str, Amount], rates: Rates, allotted: Line) -> dict[str, Line]:
    """The lines from a to R. Nothing is taken out of a balance that is not above 0."""
    incomes, costs = _sides(permits)

    def line(item: str) -> Line:
        return Line(filled[item].fen, cells=filled[item].cells)

    lines = {"a": allotted, **{item: line(item) for item in (*incomes, *costs)}}
    income, cost = sum(filled[item].fen for item in incomes) + allotted.fen, sum(filled[item].fen for item in costs)
    lines["income"] = Line(income, fields={"incomes": tuple(phrase(f"item_{item}") for item in incomes)})
    lines["cost"] = Line(cost, fields={"costs": tuple(phrase(f"item_{item}") for item in costs)})
    by_rate = half_up_fen(income * rates["risk_fund_by_rate"])
    lines["risk_fund_by_rate"] = Line(by_rate)
    year, words = income, "risk_fund_limit"
    if ANNUAL in filled:  # the limit is a share of the year's income, not of the period's
        year, words = filled[ANNUAL].fen, "risk_fund_limit_annual"
        lines[ANNUAL] = line(ANNUAL)
    limit = floor_fen(year * rates["risk_fund_limit"])
    fund = max(0, min(by_rate, limit - filled[OPENING].fen))
    lines |= {"risk_fund_limit": Line(limit, words), OPENING: line(OPENING), "risk_fund": Line(fund)}
    left = income - cost - fund
    base, notes = max(0, left), () if left > 0 else (phrase("no_balance"),)
    welfare = half_up_fen(base * rates["welfare"])
    development = min(half_up_fen(base * rates["development"]), base - welfare)
    return lines | {
        "balance": Line(left),
        "welfare": Line(welfare, notes=notes),
        "development": Line(development, notes=notes),
        "reward_base": Line(left - welfare - development, notes=notes),
    }


def _within_reward(sheet: Sheet, rates: Rates, drawn: Mapping[Source, int] | None, before: Amount | None) -> Sheet:
    """With ρ·R, less what pools paid out of R: those of the period (None if none does), those of shorter ones."""
    floor = Line(max(0, floor_fen(sheet.lines["reward_base"].fen * rates["main_floor"])))
    sheet = replace(sheet, limits=("a",))
    if drawn is None and before is None:
        return sheet.limited("main_floor", floor)
    taken: dict[str, Line] = {}
    if drawn is not None:
        taken["drawn"] = Line(sum(drawn.values()), "drawn" if drawn else "drawn_none", _from(drawn))
    if before is not None:
        taken[PAID] = _paid(before)
    words = "main_left" if before is None else "main_left_year" if drawn is not None else "main_left_before"
    sheet = replace(sheet, lines={**sheet.lines, "main_floor": floor, **taken})
    left = floor.fen - sum(line.fen for line in taken.values())
    return sheet.limited("main_left", Line(max(0, left), words))


def _within_quota(sheet: Sheet, book: QuotaBook) -> Sheet:
    """With the headroom of the quota, or why there is none."""
    headroom = book.headroom(sheet.unit)
    if headroom is None:
        return replace(sheet, why=(phrase("no_quota", reason=book.exempt[sheet.unit]),))
    story = book.step(sheet.unit, Place(unit=sheet.unit))
    words = "quota_headroom_over" if "over" in story.numbers else "quota_headroom"
    line = Line(headroom, words, dict(story.numbers), cites=story.cites, cells=story.cells)
    return sheet.held("quota_headroom", line)


def _within_alliance(sheets: Mapping[str, Sheet], book: QuotaBook) -> dict[str, Sheet]:
    """Keep the sum of r within the alliance's approval; members without a quota are not in that sum."""
    left = book.alliance_headroom()
    if left is None:
        return dict(sheets)
    bound = {unit: sheet.reward for unit, sheet in sheets.items() if unit not in book.exempt}
    total = sum(bound.values())
    if total <= max(0, left):
        return dict(sheets)
    cut = largest_remainder(max(0, left), bound)
    cites = (book.alliance.cite,) if book.alliance else ()
    found = dict(sheets)
    for unit, fen in cut.items():
        numbers: Numbers = {"r_alone": bound[unit], "alliance_left": left, "r_total": total}
        found[unit] = sheets[unit].held("quota_alliance", Line(fen, numbers=numbers, cites=cites))
    return found
