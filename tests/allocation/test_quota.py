"""The quota ledger: hand-worked cases, what auditors see, and what must hold for every input."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation.context import amounts
from allocation.quota import TABLE, Ledger, open_ledger
from domain.money import format_yuan, parse_yuan
from domain.period import Period
from domain.plan import Quota
from domain.problems import InputProblems

from .money import Json, cases, catalogue, context, direct, money_rows, pool, said


def ledger_of(case: Json) -> Ledger:
    return open_ledger(Quota.model_validate(case["quota"]), context(case))


def shown(fen: int | None) -> str | None:
    return None if fen is None else format_yuan(fen)


@pytest.mark.parametrize("case", [case for case in cases("quota") if "left" in case.values[0]])
def test_case(case: Json) -> None:
    ledger = ledger_of(case)
    seen = [ledger]
    for step in case["takes"]:
        amounts = {unit: parse_yuan(amount) for unit, amount in step["amounts"].items()}
        seen.append(seen[-1].take(pool(step["pool"]), amounts))
    units = list(case["members"])
    assert [{unit: shown(now.headroom(unit)) for unit in units} for now in seen] == case["left"]
    assert [shown(now.alliance_headroom()) for now in seen] == case.get("alliance", [None] * len(seen))
    assert case.get("exempt", ledger.exempt) == ledger.exempt
    assert [shown(ledger.headroom(unit)) for unit in units] == [case["left"][0][unit] for unit in units]


@pytest.mark.parametrize("case", [case for case in cases("quota") if "left" not in case.values[0]])
def test_refused(case: Json) -> None:
    ledger = ledger_of(case)  # nothing is raised before a headroom is asked for
    with pytest.raises(InputProblems) as refused:
        _ = ledger.headrooms(case["members"]) if "refused" in case else ledger.alliance_headroom()
    assert said(refused.value) == case.get("refused", case.get("refused_alliance"))


def test_a_gap_of_one_member_does_not_hide_another() -> None:
    case = next(entry.values[0] for entry in cases("quota") if "without approval" in entry.values[0]["name"])
    ledger = ledger_of(case)
    assert ledger.headroom("V01") is None
    with pytest.raises(InputProblems, match=r"T01 T01院: 缺少金额 总量内已发与已承诺 \(quota_paid\)"):
        ledger.headroom("T01")


def test_an_approval_written_twice_must_say_the_same() -> None:
    """One document, 1000000 for the year and 4 × 200000 by quarter; another document of Q2 is no part."""
    rows = [["T01", "quota_approved", "200000.00", "人社批〔2026〕2号", f"2026Q{number}"] for number in (1, 2, 3, 4)]
    year = ["T01", "quota_approved", "1000000.00", "人社批〔2026〕2号", "2026"]
    other = ["T01", "quota_approved", "9000000.00", "人社批〔2026〕3号", "2026Q2"]
    with pytest.raises(InputProblems) as refused:
        amounts(money_rows({"period": "2026", "money": [year, other, *rows]}), catalogue().items, Period.parse("2026"))
    assert [(one.where, one.code) for one in refused.value.problems] == [
        (f"in.xlsx 金额表!D{row}", "PERIOD-OVERLAP") for row in (4, 5, 6, 7)
    ]


def test_what_an_auditor_sees() -> None:
    case = next(entry.values[0] for entry in cases("quota") if "corridor" in entry.values[0]["name"])
    ledger = ledger_of(case).take(pool({"purpose": "staff_reward"}), {"T01": 12_000_000})
    table = ledger.table()
    assert tuple(table.columns) == TABLE
    assert table.set_index("unit_code").loc["T01"].tolist() == [
        "T01院", "核分〔2026〕1号", 100_000_005, 110_000_005, 90_000_000, 12_000_000, 8_000_005, "",
    ]  # fmt: skip
    clinic = table.set_index("unit_code").loc["V01"]
    assert (clinic["name"], clinic["exempt"]) == ("V01院", "民办机构, 无绩效工资总量")
    assert clinic[["approved", "left"]].isna().all()  # no quota is not a quota of 0
    story = ledger.trace("T01")
    assert story.cites == ("二(六)", "核分〔2026〕1号", "人社批〔2026〕20号")
    assert story.numbers["上限"] == "1100000.05"
    assert story.result == "80000.05"
    assert story.cells == ("in.xlsx 金额表!D5", "in.xlsx 金额表!D8")


def test_an_approval_that_no_clause_speaks_of() -> None:
    case = next(entry.values[0] for entry in cases("quota") if "corridor" in entry.values[0]["name"])
    quota = {key: value for key, value in case["quota"].items() if key != "cite"}
    assert ledger_of(case | {"quota": quota}).trace("T01").cites == ("核分〔2026〕1号", "人社批〔2026〕20号")
    clause = {"clause": "二(六)"}
    both = Quota.model_validate(quota | {"cite": clause, "source": clause})
    assert both.clauses == ("二(六)",)


AMOUNT = st.integers(0, 10**12)


@given(AMOUNT, AMOUNT, st.lists(AMOUNT, max_size=4), st.sampled_from(["yes", "no", "separate"]))
def test_nothing_of_an_approval_is_lost(approved: int, paid: int, takes: list[int], in_total: str) -> None:
    """approved = paid + taken + left, whatever the order; pools outside the total change nothing."""
    quota = Quota.model_validate({"scope": "member", "cite": {"clause": "一"}, "source": "local"})
    money = {("T01", "quota_approved"): approved, ("T01", "quota_paid"): paid}
    start = open_ledger(quota, direct("2026Q3", {"T01": ("township", "public")}, money))
    ledger = start
    entry = pool({"purpose": "staff_reward", "in_total": in_total})
    for fen in takes:
        ledger = ledger.take(entry, {"T01": fen})
    used = sum(takes) if in_total == "yes" else 0
    assert ledger.headroom("T01") == approved - paid - used
    assert start.headroom("T01") == approved - paid
