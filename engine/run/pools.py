"""From scores to fen: every pool of every alliance formed and split, in the plan's order on one headroom."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from allocation.context import Context, amounts, empty, values
from allocation.pools import pools, score_of
from domain.facts import Catalogue, Facts
from domain.institution import Tier
from domain.period import Period
from domain.plan import Plan, Pool
from domain.problems import InputProblems, Problem
from domain.region import stem
from domain.selection import home, memberships, needed_months
from engine.run.alliance import AllianceRun
from engine.run.carried import Carried, Paid

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
    settling = any(pools()[pool.use].settles(pool.given) for pool in running(plan, period))
    return ["overspend"] * sharing_overspend(plan, period) + ["settlements"] * settling


def pay(
    plan: Plan,
    facts: Facts,
    catalogue: Catalogue,
    period: Period,
    *,
    scores: Mapping[tuple[str, str], Fraction],
    stories: bool,
    report: Report,
) -> Paid:
    """Form and split the pools of every alliance.

    scores: totals by (scorecard, unit), exact; stories: whether to make traces and to say what loosening a rule would
    move. An alliance whose hard rules contradict each other is paid nothing; the others are. Raises InputProblems
    with what is missing in any alliance.
    """
    paid = Paid()
    if not running(plan, period) and not sharing_overspend(plan, period):
        return paid
    people = memberships(facts, period)
    year = Period(period.year, "year", 1)
    owed, owed_year = (needed_months(facts.memberships, one) for one in (period, year))
    titles = {code: metric.title for code, metric in catalogue.metrics.items()}
    region = Context(
        period=period,
        alliance_code="",
        members=people.drop(columns="alliance_code"),
        money=amounts(facts.money, catalogue.items, period, owed),
        year_money=amounts(facts.money, catalogue.items, year, owed_year),
        facts=values(facts.facts, catalogue.metrics, period, owed),
        scores=scores,
        titles=titles | {code: item.title for code, item in catalogue.items.items()},
        blanks=empty(facts.blanks),
    )
    problems: dict[Problem, None] = {}
    forms = dict(zip(facts.institutions["unit_code"], facts.institutions["form"], strict=True))
    alliances = [
        alliance
        for alliance in sorted(people["alliance_code"].unique())
        if running(plan, period, forms.get(alliance)) or sharing_overspend(plan, period, forms.get(alliance))
    ]
    groups = people.groupby("alliance_code").groups
    districts = districts_of(facts, alliances)
    sharing = [alliance for alliance in alliances if running(plan, period, forms.get(alliance))]
    carried = Carried(home(facts.memberships, period, sharing))
    runs: list[AllianceRun] = []
    for done, alliance in enumerate(alliances):
        report("分配资金", done, len(alliances))
        members = region.members.loc[groups[alliance]].reset_index(drop=True)
        try:
            context = replace(region, alliance_code=alliance, members=members, district=districts.get(alliance, ""))
            pools = running(plan, period, forms.get(alliance))
            one = AllianceRun(plan, context, carried, pools, stories=stories)
            one.overspends = sharing_overspend(plan, period, forms.get(alliance))
            runs.append(one)
            one.pay()
        except InputProblems as error:
            problems |= dict.fromkeys(error.problems)
    for one in runs:  # a member that changed alliance is stated once all its pools are through
        try:
            one.state()
            paid.add(one.paid)
        except InputProblems as error:
            problems |= dict.fromkeys(error.problems)
    if problems:
        raise InputProblems(problems)
    report("分配资金", len(alliances), len(alliances))
    return paid


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
