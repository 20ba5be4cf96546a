"""What a run would refuse or die of because of the plan alone is told by the check of the plan, with its remedy."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from domain.facts import Facts
from domain.period import Period
from domain.problems import InputProblems, Refused
from engine.folder.execute import _around
from engine.policy.configs import Configs, load_configs
from engine.policy.load import check_plan_file, load
from engine.read import read
from engine.run.run import run
from engine.yaml.document import Document

SMALL = Path(__file__).parents[1] / "small"
EXAMPLES = Path(__file__).parents[3] / "examples"
QUARTER = Period.parse("2026Q3")
Json = dict[str, Any]


def changed(plan: Path, data: Json) -> Configs:
    """The shipped configuration, and `data` in place of what stands in the plan's file."""
    configs = load_configs()
    configs._documents[plan] = Document(str(plan), data)
    return configs


def told(change: Callable[[Json], object]) -> list[tuple[str, str]]:
    """(key path, code) of what the check of the small plan says after a change, where a remedy is told too."""
    plan = SMALL / "plan.yaml"
    data = load_configs().document(plan).data
    change(data)
    try:
        check_plan_file(changed(plan, data), plan, QUARTER.end)
    except InputProblems as error:
        return [
            (problem.message.partition(": ")[0], problem.code)
            for problem in error.problems
            if problem.remedy or problem.code == "FIELD-VALUE"  # which says itself what may stand there
        ]
    return []


def item(data: Json) -> Json:
    return data["scorecards"][0]["dimensions"][0]["items"][0]  # type: ignore[no-any-return]


def rule(use: str, **params: Any) -> Callable[[Json], object]:
    return lambda data: data["pools"][0]["rules"].append({"use": use, "params": params, "source": "local"})


def curve(use: str, **params: Any) -> Callable[[Json], object]:
    return lambda data: item(data).update(curve={"use": use, "params": params})


def pool(**fields: Any) -> Callable[[Json], object]:
    return lambda data: data["pools"][0].update(fields)


def merit(**params: Any) -> Callable[[Json], object]:
    return lambda data: data["pools"][0]["merit"]["params"].update(params)


def graded(**params: Any) -> Callable[[Json], object]:
    given = {"scorecard": "members", "prorate": False, **params}
    return lambda data: data["pools"][0]["merit"].update(use="grade_times", params=given)


def local(**fields: Any) -> Callable[[Json], object]:
    return lambda data: data["local_indicators"][0].update(fields)


ITEM, POOL = "scorecards[0].dimensions[0].items[0]", "pools[0]"
NOTHING_TO_PAY_BY: list[tuple[Callable[[Json], object], str, str]] = [
    (curve("efficacy", satisfactory="1", unacceptable="0.9"), f"{ITEM}.curve.params", "CURVE-UNBOUNDED"),
    (curve("milestone", by=date(2026, 9, 1)), f"{ITEM}.curve.use", "CURVE-DAYS"),
    (curve("checklist", items=["charter"]), f"{ITEM}.curve.params", "CURVE-LINES"),
    (curve("deduction", lines=[{"count": "up_referrals", "points": "1"}]), f"{ITEM}.curve.params", "CURVE-LINES"),
    (lambda data: item(data).update(indicator="surplus_rate"), f"{ITEM}.indicator", "INDICATOR-SCOPE"),
    (merit(scorecard="alliances"), f"{POOL}.merit.params.scorecard", "SCORE-WHOSE"),
    (merit(quantity={"heads_on_post": "0"}), f"{POOL}.merit.params", "MERIT-ALL-ZERO"),
    (merit(tier_factor={"township": "0", "lead": "0.00"}), f"{POOL}.merit.params", "MERIT-ALL-ZERO"),
    (
        graded(bands=[{"min": "0", "factor": "0"}, {"min": "60", "factor": "0"}]),
        f"{POOL}.merit.params",
        "MERIT-ALL-ZERO",
    ),
    (graded(bands=[{"min": "0", "factor": "1"}], quantity={"visits": "0"}), f"{POOL}.merit.params", "MERIT-ALL-ZERO"),
    (rule("pay_gap", low="town", high="all", ratio="1"), f"{POOL}.rules[2].params.low", "EMPTY-GROUP"),
    (rule("tier_shares", shares={"grassroots": "0.9"}), f"{POOL}.rules[2].params.shares.grassroots", "RESERVED-TIER"),
    (rule("tier_shares", shares={"lead": "0.6", "county": "0.6"}), f"{POOL}.rules[2].params", "RULE-IMPOSSIBLE"),
    (pool(tiers=["lead"]), f"{POOL}.rules[0].params.share", "EMPTY-GROUP"),
    (pool(tiers=["alliance", "township"]), f"{POOL}.tiers", "NO-MEMBERS"),
    (pool(params={"spread": {"shares": ["0.5", "0.5"]}}), f"{POOL}.params.spread", "PERIOD-SHARES"),
    (
        pool(exempt=[{"rule": "grassroots_min_share", "reason": "无", "tiers": ["township"]}]),
        f"{POOL}.exempt[0].rule",
        "EXEMPT-RULE",
    ),
    (local(per="0"), "local_indicators[0].per", "FIELD-VALUE"),
    (local(numerator=[]), "local_indicators[0].numerator", "FIELD-MISSING"),
    (lambda data: data.update(checks={"jump": "-1"}), "checks.jump", "FIELD-VALUE"),
]


@pytest.mark.parametrize(("change", "where", "code"), NOTHING_TO_PAY_BY)
def test_told_before_there_are_data(change: Callable[[Json], object], where: str, code: str) -> None:
    assert (where, code) in told(change)


def test_the_plan_as_it_is() -> None:
    assert told(lambda _data: None) == []


def test_a_factor_of_0_leaves_the_other_tiers() -> None:
    """Which tiers share is known where the pool says so."""
    wrong = (f"{POOL}.merit.params", "MERIT-ALL-ZERO")
    factors = merit(tier_factor={"township": "0", "lead": "1"})
    assert wrong not in told(factors)
    assert wrong in told(lambda data: (factors(data), pool(tiers=["township"])(data)))


def test_a_tier_without_a_factor() -> None:
    """Which tiers share is known where the pool says so."""
    wrong = (f"{POOL}.merit.params", "TIER-FACTOR")
    factors = merit(tier_factor={"township": "1"})
    assert wrong not in told(factors)
    assert wrong in told(lambda data: (factors(data), pool(tiers=["township", "community"])(data)))


# ── changes at random ─────────────────────────────────────────────────────────────────────────────────────

RUNS = {
    "pilot-counties": ("pilot-counties/2019.xlsx", "2019"),
    "demo-county": ("county/2026Q3.xlsx", "2026Q3"),
    "demo-hz-xiacheng": ("hz-xiacheng-2018/2020.xlsx", "2020"),
    "demo-beijing": ("beijing-2021/2022.xlsx", "2022"),
    "demo-jilin": ("jilin-city-2017/2018.xlsx", "2018"),
    "demo-liaoning": ("liaoning-2017/2017.xlsx", "2017"),
}
PAYING = ("pools", "scorecards", "permits", "quota", "overspend", "local_indicators", "checks")
VALUES = [
    None,
    [],
    {},
    True,
    0,
    -1,
    2,
    "",
    "0",
    "-1",
    "1",
    "0.5",
    "1.5",
    "100",
    "1e3",
    "0.00",
    "x",
    "all",
    "grassroots",
    "lead",
    "members",
    "quarter",
    "year",
    "heads_on_post",
    "fund_spend",
    ["x"],
    {"x": "1"},
    [{"from": date(2000, 1, 1), "value": "0.5"}],
    [{"from": date(2099, 1, 1), "value": "0.5"}],
]


@cache
def filled(plan: str) -> tuple[Path, Json, Period, Facts]:
    """A shipped plan, its example's period, and the facts of one alliance of it."""
    book, text = RUNS[plan]
    configs, period = load_configs(), Period.parse(text)
    loaded = load(configs, plan, period.end)
    facts = read(EXAMPLES / book, configs.catalogue, loaded.plan, period, loaded.packs)
    if len(facts.memberships):
        facts = _around(facts, min(facts.memberships["alliance_code"]), districts=False)
    return configs.plans[plan], configs.document(configs.plans[plan]).data, period, facts


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        if key not in {"source", "cite", "note", "title"}:
            yield from places(each, (*path, key))


@st.composite
def spoiled(draw: st.DrawFn) -> tuple[str, Json]:
    """A shipped plan with one or two places of what pays dropped, changed, or exchanged for another of that name."""
    name = draw(st.sampled_from(sorted(RUNS)))
    data = copy.deepcopy(filled(name)[1])
    for _ in range(draw(st.integers(1, 2))):
        section = draw(st.sampled_from([one for one in PAYING if one in data]))
        *around, last = draw(st.sampled_from([*places({section: data[section]})]))
        inner: Any = data
        for key in around:
            inner = inner[key]
        how = draw(st.sampled_from(["drop", "change", "swap"]))
        like = [path for path in places(data) if path[-1] == last and path != (*around, last)]
        if how == "drop":
            del inner[last]
        elif how == "swap" and like:
            other: Any = data
            for key in draw(st.sampled_from(like)):
                other = other[key]
            inner[last] = copy.deepcopy(other)
        else:
            inner[last] = draw(st.sampled_from(VALUES))
    return name, data


@settings(
    max_examples=15, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(spoiled())
def test_a_plan_that_passes_its_check_runs(changes: tuple[str, Json]) -> None:
    """It gives a result, contradictions, a refusal, or problems of the data; never another exception."""
    name, data = changes
    path, _, period, facts = filled(name)
    configs = changed(path, data)
    try:
        check_plan_file(configs, path, period.end)
        loaded = load(configs, path, period.end)
        run(loaded.plan, loaded.packs, facts, configs.catalogue, period, batch=True, region=facts)
    except (InputProblems, Refused):
        pass
