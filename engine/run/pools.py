"""From scores to fen: every pool of every alliance formed and split, in the plan's order on one headroom."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from allocation.context import Context
from allocation.earlier import Earlier, draws, earlier_in
from allocation.pools import claws_back, score_of, settles
from allocation.pools import pools as formers
from allocation.quota import PERSON_MONTHS
from domain.facts import Facts
from domain.institution import Tier
from domain.period import Period
from domain.plan import Plan, Pool
from domain.problems import InputProblems
from domain.region import stem
from engine.run.alliance import AllianceRun, Way, run_alliance
from engine.run.deposits import deposits_of
from engine.run.distribution import Distribution
from engine.run.homes import homes_of
from engine.run.indexed import Indexed
from engine.run.memo import Memo
from engine.run.so_far import Members, SoFar, drawn_totals
from engine.run.stating import state

Report = Callable[[str, int, int], None]


def running(plan: Plan, period: Period, form: str | None = None) -> list[Pool]:
    """The pools of the plan that run in this kind of period, in the plan's order; only those of an alliance's form."""
    pools = [pool for pool in plan.pools if period.kind in pool.periods]
    return pools if form is None else [pool for pool in pools if not pool.forms or form in pool.forms]


def sharing_overspend(plan: Plan, period: Period, form: str | None = None) -> bool:
    """Whether the plan settles overspends in this kind of period (of alliances of this form)."""
    rules = plan.overspend
    if rules is None or period.kind not in rules.periods:
        return False
    return form is None or not rules.forms or form in rules.forms


def by_district(plan: Plan) -> bool:
    """Whether money of an alliance hangs on the score of its district."""
    return any(one is not None and one.whose == "district" for one in map(score_of, plan.pools))


def extra_tables(plan: Plan, period: Period) -> list[str]:
    """The tables beside the usual ones that a run of this plan and kind of period has."""
    settling = any(settles(pool) or claws_back(pool) for pool in running(plan, period))
    sharing, held = sharing_overspend(plan, period), depositing(plan, period)
    return ["overspend"] * sharing + ["settlements"] * settling + ["deposits"] * held


def depositing(plan: Plan, period: Period) -> bool:
    """Whether a deposit is held from pools of this kind of period, or settled in it."""
    rules = plan.deposit
    if rules is None:
        return False
    return period.kind in rules.release.periods or any(pool.id in rules.pools for pool in running(plan, period))


def paying_in(plan: Plan, period: Period) -> bool:
    """Whether money hangs on anything of this kind of period."""
    return bool(running(plan, period)) or sharing_overspend(plan, period) or depositing(plan, period)


def distribute(
    plan: Plan,
    indexed: Indexed,
    *,
    memo: Memo,
    scores: Mapping[tuple[str, str], Fraction],
    stories: bool,
    report: Report,
    solver: str = "auto",
) -> list[Distribution]:
    """Form and split the pools of every alliance, by alliance code.

    scores: totals by (scorecard, unit), exact; stories: whether to tell how amounts came about and what loosening a
    rule would move; solver: of `allocation.solve`. An alliance whose hard rules contradict each other is paid nothing;
    the others are. Raises InputProblems with what is missing in any alliance.
    """
    period, forms = indexed.period, indexed.forms
    if not paying_in(plan, period):
        return []
    pools = {alliance: running(plan, period, forms.get(alliance)) for alliance in indexed.members}
    overspending = {alliance for alliance in pools if sharing_overspend(plan, period, forms.get(alliance))}
    held = depositing(plan, period)
    pools = {alliance: given for alliance, given in pools.items() if given or alliance in overspending or held}
    if not pools:
        return []
    homes = homes_of(plan, indexed, memo, pools, overspending)
    earlier = earlier_in(plan, period)
    so_far: dict[str, SoFar] = {}
    runs: list[AllianceRun] = []
    for done, context in enumerate(_contexts(plan, indexed, memo, scores, pools, homes.any)):
        report("分配资金", done, len(pools))
        alliance = context.alliance_code
        settles = alliance in overspending
        away = frozenset(unit for unit, home in homes.overspend.items() if home != alliance)
        over = away if settles else None
        way = Way(plan, memo, homes.of_pool, stories=stories, solver=solver, overspends=over, earlier=earlier)
        run = run_alliance(way, context, pools[alliance], so_far)
        so_far |= run.members
        runs.append(run)
    problems = dict.fromkeys([*homes.problems, *(problem for run in runs for problem in run.problems)])
    found: list[Distribution] = []
    drawn = any(drawn_totals(so_far).values())
    for run in runs:  # a member that changed alliance is stated once all its pools are through
        given = pools[run.context.alliance_code]
        try:
            drawing = drawn or any(map(draws, given))
            stated = _stated(plan, memo, run, given, so_far, homes.any, earlier=earlier, drawing=drawing)
            found.append(replace(stated, deposits=deposits_of(plan, run, runs, forms) if held else ()))
        except InputProblems as error:
            problems |= dict.fromkeys(error.problems)
    if problems:
        raise InputProblems(problems)
    report("分配资金", len(pools), len(pools))
    return found


def _contexts(
    plan: Plan,
    indexed: Indexed,
    memo: Memo,
    scores: Mapping[tuple[str, str], Fraction],
    running: Mapping[str, Sequence[Pool]],
    home: Mapping[str, str],
) -> Iterator[Context]:
    """What each alliance brings to its pools. running: by alliance; home: the alliance that speaks for each member."""
    institutions, alliances = indexed.facts.institutions, list(running)
    to_date = any(formers()[pool.use].to_date(pool.given) for given in running.values() for pool in given)
    region = Context(
        period=indexed.period,
        alliance_code="",
        members=indexed.people,
        money=indexed.money,
        year_money=indexed.year_money,
        money_to_date=indexed.money_to_date if to_date else {},
        year_facts=indexed.year_values(PERSON_MONTHS) if plan.quota and plan.quota.application else {},
        facts=indexed.values,
        scores=scores,
        titles=indexed.titles,
        blanks=indexed.blanks,
    )
    districts = memo.of(("districts",), (institutions, alliances), lambda: districts_of(indexed.facts, alliances))
    for alliance in alliances:
        members, district = indexed.members[alliance], districts.get(alliance, "")
        away = frozenset(unit for unit in members["unit_code"] if home.get(unit, alliance) != alliance)
        yield replace(region, alliance_code=alliance, members=members, district=district, away=away)


def _stated(
    plan: Plan,
    memo: Memo,
    run: AllianceRun,
    pools: Sequence[Pool],
    so_far: Members,
    homes: Mapping[str, str],
    *,
    earlier: Earlier,
    drawing: bool,
) -> Distribution:
    """With the statement of the two permits, where the plan has it in this kind of period and pools run."""
    if plan.permits is None or run.context.period.kind not in plan.permits.periods:
        return Distribution(run)
    own = {unit: so_far[unit] for unit in run.context.members["unit_code"]}
    here = (own[unit] for unit in own if homes.get(unit) == run.context.alliance_code)
    if not pools and not any(one.allotted or one.drawn for one in here):
        return Distribution(run)
    statement, warnings = state(plan.permits, memo, run, own, homes, earlier=earlier, drawing=drawing)
    return Distribution(run, statement, held_up=tuple(warnings))


def districts_of(facts: Facts, alliances: Sequence[str]) -> dict[str, str]:
    """The smallest district that each alliance lies in, by code; alliances in none are left out."""
    units = facts.institutions
    districts = units[units["tier"].astype(str) == Tier.DISTRICT.value].sort_values("unit_code", ascending=False)
    by_stem = {stem(area): code for area, code in zip(districts["region"], districts["unit_code"], strict=True)}
    places = dict(zip(units["unit_code"], units["region"], strict=True))
    found = {}
    for alliance in alliances:
        place = stem(places.get(alliance, ""))
        around = [
            by_stem[place[:length]] for length in (6, 4, 2, 0) if length <= len(place) and place[:length] in by_stem
        ]
        if alliance in places and around:
            found[alliance] = around[0]
    return found
