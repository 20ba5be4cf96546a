"""The statement of the two permits: hand-worked cases, its stories, and what must hold for every input."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation.earlier import Earlier
from allocation.permit_lines import LINES
from allocation.permits import Statement, permits_statement, reward_base
from allocation.quota import open_book
from domain.money import format_yuan, parse_yuan
from domain.plan import Permits, Quota
from domain.problems import InputProblems
from domain.step import Step

from .money import Json, cases, context, direct, pool, said, told


def state(case: Json) -> Statement:
    found = context(case)
    book = open_book(Quota.model_validate(case["quota"]), found) if case["quota"] else None
    if book and "taken" in case:
        taken = {unit: parse_yuan(amount) for unit, amount in case["taken"].items()}
        book = book.take(pool({"purpose": "staff_reward"}), taken)
    allotted = {unit: {("A01", "surplus"): parse_yuan(amount)} for unit, amount in case["allotted"].items()}
    drawn = (
        {unit: {("A01", "P"): parse_yuan(yuan)} for unit, yuan in case["drawn"].items()} if "drawn" in case else None
    )
    given = case.get("earlier", {})
    pools = tuple(pool({"purpose": "staff_reward", **one}) for one in given.get("pools", []))
    earlier = Earlier(pools, stated=given.get("stated", False))
    return permits_statement(Permits.model_validate(case["permits"]), found, book, allotted, drawn, earlier)


@pytest.mark.parametrize("case", cases("permits"))
def test_case(case: Json) -> None:
    if "refused" in case:
        with pytest.raises(InputProblems) as refused:
            state(case)
        assert said(refused.value) == case["refused"]
        return
    made = state(case)
    seen: dict[str, dict[str, str]] = {}
    for step in made.steps:
        assert told(step)
        seen.setdefault(step.place.unit, {})[step.place.line] = format_yuan(step.fen)
    assert list(seen) == list(case["expect"])
    for unit, lines in case["expect"].items():
        assert {line: seen[unit].get(line) for line in lines} == lines
        assert not set(seen[unit]) & set(case.get("absent", []))
        assert format_yuan(made.reward[unit]) == seen[unit]["r"]
        assert format_yuan(made.kept[unit]) == seen[unit]["kept"]
    assert {unit: format_yuan(fen) for unit, fen in made.overdrawn.items()} == case.get("overdrawn", {})


def by_line(made: Statement) -> dict[str, Step]:
    """The steps of a statement of one member."""
    return {step.place.line: step for step in made.steps}


def case_named(words: str) -> Json:
    return next(dict(entry.values[0]) for entry in cases("permits") if words in entry.values[0]["name"])


def test_every_line_has_its_story() -> None:
    made = state(case_named("partly full"))
    assert [step.key for step in made.steps] == [f"permits/T01/{step.place.line}" for step in made.steps]
    story = by_line(made)
    assert told(story["r"])["formula"] == "min(a, ρ·R, 总量空间), 不小于 0"
    assert story["r"].numbers == {"a": 20_000_000, "main_floor": 10_656_000, "quota_headroom": 15_000_000}
    assert story["risk_fund_balance"].cells == ("in.xlsx 金额表!D4",)
    assert story["welfare"].cites == ("三(四)17", "local")
    assert told(story["welfare"])["cites"] == ["三(四)17", "本地规定"]
    assert story["quota_headroom"].cites == ("三(四)17", "人社批〔2026〕2号")
    assert told(story["a"])["numbers"] == {"surplus (A01/surplus)": "200000.00"}


def test_a_source_of_the_numbers_is_cited_beside_the_clause() -> None:
    case = case_named("partly full")
    source = {"clause": "第五条", "document": "tj-finance-2026"}
    made = state({**case, "permits": case["permits"] | {"source": source}, "quota": case["quota"] | {"source": source}})
    story = by_line(made)
    assert story["welfare"].cites == ("三(四)17", "tj-finance-2026 第五条")
    assert story["quota_headroom"].cites == ("三(四)17", "tj-finance-2026 第五条", "人社批〔2026〕2号")


def test_why_there_is_no_headroom_or_no_reward() -> None:
    story = {step.key: told(step) for step in state(case_named("private clinic")).steps}
    assert story["permits/T02/r"]["notes"] == ["适用范围: 区镇两级", "集体机构, 未核定绩效工资总量"]
    story = {step.key: told(step) for step in state(case_named("loss-making")).steps}
    assert story["permits/T01/welfare"]["notes"] == ["收支结余不大于 0, 不提取, 不发放"]
    story = {step.key: told(step) for step in state(case_named("in proportion")).steps}
    assert story["permits/T01/r"]["formula"] == "min(a, ρ·R, 总量空间, 医联体总量内可发), 不小于 0"
    assert story["permits/T01/quota_alliance"]["cites"] == ["三(四)17", "人社批〔2026〕20号"]


def test_what_statements_of_the_quarters_paid_comes_off_before_the_headroom() -> None:
    story = by_line(state(case_named("used in the headroom already")))["r"]
    assert told(story)["formula"] == "min(min(a, ρ·R) − 本年此前已付 r, 总量空间), 不小于 0"
    numbers = {"a": 20_000_000, "main_floor": 10_656_000, "r_before": 5_000_000, "quota_headroom": 2_000_000}
    assert story.numbers == numbers


def test_the_opening_balance_is_asked_for_by_name() -> None:
    with pytest.raises(
        InputProblems, match=r"T01 T01院: 缺少金额 医疗风险基金期初余额 \(risk_fund_balance\), 期间 2026"
    ):
        state(case_named("opening balance missing"))


def test_reward_base_leaves_the_pool_itself_out() -> None:
    """Without a: I = 1000000, the fund is full, b = 100000, R = 60000. With 200000 from another pool R = 177600."""
    case = case_named("partly full")
    permits, found = Permits.model_validate(case["permits"]), context(case)
    assert reward_base(permits, found).fen == {"T01": 6_000_000}
    assert reward_base(permits, found, {"T01": {("A01", "surplus"): 20_000_000}}).fen == {"T01": 17_760_000}


def test_reward_base_has_the_story_of_every_line() -> None:
    case = case_named("partly full")
    base = reward_base(
        Permits.model_validate(case["permits"]), context(case), {"T01": {("A01", "surplus"): 20_000_000}}, "P"
    )
    story = {step.key: step for step in base.steps("T01")}
    assert story["reward/A01/P/T01/reward_base"].fen == 17_760_000
    assert told(story["reward/A01/P/T01/a"])["formula"] == "此前各收入池分配额合计"
    lines = [step.place.line for step in base.steps("T01")]
    assert lines == [line for line in LINES if line in lines]
    assert set(base.cells("T01")) == {"in.xlsx 金额表!D2", "in.xlsx 金额表!D3", "in.xlsx 金额表!D4"}


def test_reward_base_of_a_loss_is_negative_and_gaps_are_refused() -> None:
    case = case_named("loss-making")
    permits = Permits.model_validate(case["permits"])
    assert reward_base(permits, context(case)).fen == {"T01": -30_000_000}
    with pytest.raises(InputProblems) as refused:
        reward_base(permits, context({**case, "money": case["money"][:2]}))
    assert said(refused.value) == ["MONEY-MISSING T01"]


PERCENT = st.integers(0, 50)
AMOUNT = st.integers(0, 10**12)
FIGURES = st.fixed_dictionaries(
    {"a": AMOUNT, "income": AMOUNT, "cost": AMOUNT, "opening": AMOUNT, "approved": AMOUNT, "paid": AMOUNT}
)
RATES = st.tuples(st.integers(0, 30), st.integers(0, 30), PERCENT, PERCENT, st.integers(51, 100))


def of(figures: dict[str, int], rates: tuple[int, ...], *, alliance: int | None = None, units: int = 1) -> Statement:
    risk, limit, welfare, development, main = rates
    permits = Permits.model_validate(
        {
            "drugs_included": False,
            "risk_fund_rate": f"0.{risk:03d}",
            "risk_fund_limit": f"0.{limit:03d}",
            "welfare_share": f"0.{welfare:02d}",
            "development_share": f"0.{development:02d}",
            "main_share": f"{main / 100:.2f}",
            "cite": {"clause": "一"},
            "source": "local",
            "scope": "全部",
            "ownership": ["public"],
            "periods": ["year"],
        }
    )
    money = {("A01", "quota_approved"): alliance or 0}
    members: dict[str, Any] = {}
    for number in range(units):
        unit = f"T{number}"
        members[unit] = ("township", "public")
        money |= {
            (unit, "medical_service_income"): figures["income"],
            (unit, "medical_cost"): figures["cost"],
            (unit, "risk_fund_balance"): figures["opening"],
            (unit, "quota_approved"): figures["approved"],
            (unit, "quota_paid"): figures["paid"],
        }
    quota: dict[str, Any] = {"scope": "member", "cite": {"clause": "一"}, "source": "local"}
    if alliance is not None:
        quota |= {"scope": "alliance", "grassroots_over": "0"}
    found = direct("2026", members, money)
    book = open_book(Quota.model_validate(quota), found)
    return permits_statement(
        permits, found, book, {unit: {("A01", "surplus"): figures["a"] + n} for n, unit in enumerate(members)}
    )


@given(FIGURES, RATES)
def test_r_fits_both_permits(figures: dict[str, int], rates: tuple[int, ...]) -> None:
    made = of(figures, rates)
    line = {code: step.fen for code, step in by_line(made).items()}
    r, kept = made.reward["T0"], made.kept["T0"]
    assert figures["a"] == r + kept
    assert 0 <= r <= figures["a"]
    assert r <= max(0, figures["approved"] - figures["paid"])
    assert 100 * r <= max(0, rates[4] * line["reward_base"])
    assert line["balance"] == line["income"] - line["cost"] - line["risk_fund"]
    assert line["balance"] == line["welfare"] + line["development"] + line["reward_base"]
    assert min(line["welfare"], line["development"], line["risk_fund"]) >= 0
    if line["balance"] <= 0:
        assert (r, line["welfare"], line["development"]) == (0, 0, 0)
    if line["risk_fund"]:
        assert figures["opening"] + line["risk_fund"] <= line["risk_fund_limit"]


@given(FIGURES, RATES, st.sampled_from(["approved", "paid", "cost", "a"]), st.integers(0, 10**11))
def test_more_room_never_lowers_r(figures: dict[str, int], rates: tuple[int, ...], what: str, more: int) -> None:
    """More approval or income never lowers r, more paid or cost never raises it, but for the fen the funds round to."""
    before, after = of(figures, rates).reward["T0"], of({**figures, what: figures[what] + more}, rates).reward["T0"]
    low, high = (before, after) if what in ("approved", "a") else (after, before)
    assert low <= high + (2 if what in ("cost", "a") else 0)


@given(FIGURES, RATES, AMOUNT)
def test_the_alliance_never_pays_more_than_its_approval(
    figures: dict[str, int], rates: tuple[int, ...], alliance: int
) -> None:
    alone, made = of(figures, rates, units=3), of(figures, rates, alliance=alliance, units=3)
    left = max(0, alliance - 3 * figures["paid"])
    total = sum(alone.reward.values())
    assert sum(made.reward.values()) == min(left, total)
    assert all(0 <= made.reward[unit] <= alone.reward[unit] for unit in made.reward)
