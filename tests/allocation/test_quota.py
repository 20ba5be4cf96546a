"""The quota book: hand-worked cases, what auditors see, and what must hold for every input."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation.context import amounts
from allocation.quota import QuotaBook, open_book
from domain.money import format_yuan, parse_yuan
from domain.period import Period
from domain.plan import Quota
from domain.problems import InputProblems
from domain.step import Place

from .money import Json, cases, catalogue, context, direct, money_rows, pool, said, told


def book_of(case: Json) -> QuotaBook:
    return open_book(Quota.model_validate(case["quota"]), context(case))


def shown(fen: int | None) -> str | None:
    return None if fen is None else format_yuan(fen)


@pytest.mark.parametrize("case", [case for case in cases("quota") if "left" in case.values[0]])
def test_case(case: Json) -> None:
    book = book_of(case)
    seen = [book]
    for step in case["takes"]:
        amounts = {unit: parse_yuan(amount) for unit, amount in step["amounts"].items()}
        seen.append(seen[-1].take(pool(step["pool"]), amounts))
    units = list(case["members"])
    assert [{unit: shown(now.headroom(unit)) for unit in units} for now in seen] == case["left"]
    assert [shown(now.alliance_headroom()) for now in seen] == case.get("alliance", [None] * len(seen))
    assert case.get("exempt", book.exempt) == book.exempt
    assert [shown(book.headroom(unit)) for unit in units] == [case["left"][0][unit] for unit in units]
    for unit, note in case.get("applied", {}).items():
        assert told(book.step(unit, Place("A01", "P", unit=unit)))["notes"] == [note]


@pytest.mark.parametrize("case", [case for case in cases("quota") if "left" not in case.values[0]])
def test_refused(case: Json) -> None:
    book = book_of(case)  # nothing is raised before a headroom is asked for
    with pytest.raises(InputProblems) as refused:
        _ = book.headrooms(case["members"]) if "refused" in case else book.alliance_headroom()
    assert said(refused.value) == case.get("refused", case.get("refused_alliance"))


def test_a_gap_of_one_member_does_not_hide_another() -> None:
    case = next(entry.values[0] for entry in cases("quota") if "without approval" in entry.values[0]["name"])
    book = book_of(case)
    assert book.headroom("V01") is None
    with pytest.raises(InputProblems, match=r"T01 T01院: 缺少金额 总量内已发与已承诺 \(quota_paid\)"):
        book.headroom("T01")


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


def test_the_story_of_a_headroom() -> None:
    case = next(entry.values[0] for entry in cases("quota") if "corridor" in entry.values[0]["name"])
    book = book_of(case).take(pool({"purpose": "staff_reward"}), {"T01": 12_000_000})
    line = book.lines["T01"]
    assert (line.approved.document, line.approved.fen, line.ceiling) == ("核分〔2026〕1号", 100_000_005, 110_000_005)
    assert book.exempt["V01"] == "民办机构, 无绩效工资总量"  # no quota is not a quota of 0
    story = book.step("T01", Place(unit="T01"))
    assert story.cites == ("二(六)", "核分〔2026〕1号", "人社批〔2026〕20号")
    assert story.numbers == {
        "approved": 100_000_005,
        "over": Fraction(1, 10),
        "ceiling": 110_000_005,
        "paid": 90_000_000,
        "taken": 12_000_000,
    }
    assert story.fen == 8_000_005
    assert told(story)["formula"] == "核定总量 × (1 + 可超比例) (向下取整到分) − 已发及已承诺 − 前序池占用"
    assert story.cells == ("in.xlsx 金额表!D5", "in.xlsx 金额表!D8")


def test_a_member_that_another_alliance_speaks_for_brings_no_payments() -> None:
    """9500000 − 6000000 − 400000 = 3100000: T01's 900000 to date are charged where it is at home.

    The 1000 that another alliance's pools took of its headroom count for it alone, the 120000 of a pool here for both.
    """
    case = next(entry.values[0] for entry in cases("quota") if "corridor" in entry.values[0]["name"])
    quota = Quota.model_validate(case["quota"])
    book = open_book(quota, replace(context(case), away=frozenset({"T01"})), brought={"T01": 1_000_00})
    assert shown(book.alliance_headroom()) == "3100000.00"
    assert shown(book.headroom("T01")) == "199000.05"  # 200000.05 of the case − 1000
    after = book.take(pool({"purpose": "staff_reward"}), {"T01": 120_000_00})
    assert (shown(after.alliance_headroom()), shown(after.headroom("T01"))) == ("2980000.00", "79000.05")


def test_an_approval_that_no_clause_speaks_of() -> None:
    case = next(entry.values[0] for entry in cases("quota") if "corridor" in entry.values[0]["name"])
    quota = {key: value for key, value in case["quota"].items() if key != "cite"}
    assert book_of(case | {"quota": quota}).step("T01", Place(unit="T01")).cites == (
        "核分〔2026〕1号",
        "人社批〔2026〕20号",
    )
    clause = {"clause": "二(六)"}
    both = Quota.model_validate(quota | {"cite": clause, "source": clause})
    assert both.clauses == ("二(六)",)


AMOUNT = st.integers(0, 10**12)


@given(AMOUNT, AMOUNT, st.lists(AMOUNT, max_size=4), st.sampled_from(["yes", "no", "separate"]))
def test_nothing_of_an_approval_is_lost(approved: int, paid: int, takes: list[int], in_total: str) -> None:
    """approved = paid + taken + left, whatever the order; pools outside the total change nothing."""
    quota = Quota.model_validate({"scope": "member", "cite": {"clause": "一"}, "source": "local"})
    money = {("T01", "quota_approved"): approved, ("T01", "quota_paid"): paid}
    start = open_book(quota, direct("2026Q3", {"T01": ("township", "public")}, money))
    book = start
    entry = pool({"purpose": "staff_reward", "in_total": in_total})
    for fen in takes:
        book = book.take(entry, {"T01": fen})
    used = sum(takes) if in_total == "yes" else 0
    assert book.headroom("T01") == approved - paid - used
    assert start.headroom("T01") == approved - paid
