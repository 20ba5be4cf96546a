"""Income tax of a list of payments: the published examples, the edges, what is refused, and what always holds."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import ruamel.yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.money import format_exact, format_yuan, parse_yuan
from domain.problems import InputProblems
from engine.pay.tax.payments import MONEY, PAYMENTS
from engine.pay.tax.withhold import tax

SPEC = ruamel.yaml.YAML(typ="safe").load(Path(__file__).parents[2] / "spec" / "pay" / "tax.yaml")
USUAL: dict[str, Any] = {
    "payer": "U01", "person_code": "P01", "month": "2026-01", "seq": 1, "kind": "wages", "basic": "standard",
    "employed_from": date(2020, 1, 1), "employed_to": None, "elect": "", "note": "",
}  # fmt: skip


def listed(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """A list of payments, amounts fen or yuan as text, each cell with its place."""
    made = [USUAL | dict.fromkeys(MONEY, 0) | row for row in rows]
    for row in made:
        row |= {name: parse_yuan(row[name]) for name in MONEY if isinstance(row[name], str)}
    frame = pd.DataFrame(made, columns=[*PAYMENTS], dtype=object)
    places = {f"{name}_at": [f"list!{name}{at}" for at in range(len(made))] for name in PAYMENTS}
    return frame.assign(**places).astype(object)


def rows_of(case: dict[str, Any]) -> list[dict[str, Any]]:
    if "months" not in case:
        return case["rows"]
    usual = {name: value for name, value in case["months"].items() if name != "count"}
    return [usual | {"month": f"2026-{month:02d}"} for month in range(1, case["months"]["count"] + 1)]


@pytest.mark.parametrize("case", SPEC["cases"], ids=lambda case: case["name"])
def test_what_is_withheld(case: dict[str, Any]) -> None:
    lines = tax(listed(rows_of(case)))
    assert list(map(format_yuan, lines["tax"])) == case["expect"]
    if "total" in case:
        assert format_yuan(lines["tax"].sum()) == case["total"]
    for at, wanted in case.get("lines", {}).items():
        line = lines.iloc[at]
        said = {name: format_exact(line[name]) if name == "rate" else format_yuan(line[name]) for name in wanted}
        assert said == wanted
    assert set(lines["status"]) == {"ok"}


@pytest.mark.parametrize("case", SPEC["wrong"], ids=lambda case: case["name"])
def test_what_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(InputProblems) as refused:
        tax(listed(case["rows"]))
    found = {(problem.where, problem.code) for problem in refused.value.problems}
    assert found == {(f"list!{column}{row}", code) for row, column, code in case["problems"]}
    assert all(problem.remedy for problem in refused.value.problems)


def test_an_empty_list_has_no_line() -> None:
    assert tax(listed([])).empty


def test_amounts_beyond_all_measure() -> None:
    with pytest.raises(InputProblems) as refused:
        tax(listed([{"income": 10**16}]))
    assert [problem.code for problem in refused.value.problems] == ["MONEY"]


def test_the_columns_are_exact() -> None:
    lines = tax(listed([{"income": "30000.00"}]))
    assert all(lines[name].dtype == np.int64 for name in lines if lines[name].dtype != object)
    assert lines["rate"].iloc[0].denominator == 1


# A year of one person and payer: wages of any month, in one to three payments, now and then less than nothing.
PARTS = st.lists(
    st.tuples(
        st.integers(1, 12), st.integers(-2_000_000, 60_000_00), st.integers(0, 5_000_00), st.integers(0, 4_000_00)
    ),
    min_size=1,
    max_size=16,
)  # fmt: skip


def year_of(parts: list[tuple[int, int, int, int]]) -> list[dict[str, Any]]:
    return [
        {"month": f"2026-{month:02d}", "seq": seq, "income": income, "special": special, "relief": relief // 40}
        for seq, (month, income, special, relief) in enumerate(parts)
    ]


def one_by_one(parts: list[tuple[int, int, int, int]]) -> dict[int, int]:
    """What each month withholds, by the words of the rule, month after month in whole numbers."""
    ends = [36_000_00, 144_000_00, 300_000_00, 420_000_00, 660_000_00, 960_000_00, 10**15]
    table = list(zip(ends, [3, 10, 20, 25, 30, 35, 45], [0, 2520, 16920, 31920, 52920, 85920, 181920], strict=True))
    taken: dict[int, int] = {}
    for month in sorted({part[0] for part in parts}):
        past = [part for part in parts if part[0] <= month]
        taxable = sum(income - special for _, income, special, _ in past) - 5_000_00 * month
        _, rate, quick = next(step for step in table if taxable <= step[0])
        due = max(0, (taxable * rate - quick * 100_00 + 50) // 100) if taxable > 0 else 0
        relief = sum(part[3] // 40 for part in past)
        taken[month] = max(0, due - relief - sum(taken.values()))
    return taken


@settings(max_examples=60)
@given(PARTS)
def test_each_month_is_what_the_rule_says(parts: list[tuple[int, int, int, int]]) -> None:
    lines = tax(listed(year_of(parts)))
    by_month = lines.groupby(lines["month"].str[5:].astype(int))["tax"].sum().to_dict()
    assert by_month == one_by_one(parts)


@settings(max_examples=60)
@given(PARTS)
def test_what_is_not_carried_is_the_tax_of_the_year(parts: list[tuple[int, int, int, int]]) -> None:
    lines = tax(listed([*year_of(parts), {"month": "2026-12", "seq": 99}]))
    last = lines.iloc[-1]
    relief = sum(part[3] // 40 for part in parts)
    assert lines["tax"].sum() == last["cumulative_tax"] - relief - last["carried"]
    if last["carried"] == 0:
        at_once = tax(listed([{"month": "2026-12", "income": sum(p[1] - p[2] for p in parts), "relief": relief}]))
        assert lines["tax"].sum() == at_once["tax"].sum()


@settings(max_examples=60)
@given(PARTS, st.randoms(use_true_random=False))
def test_the_order_of_rows_says_nothing(parts: list[tuple[int, int, int, int]], shuffle: Any) -> None:
    rows = [
        row | {"person_code": person, "payer": payer}
        for person, payer in (("甲", "U02"), ("乙", "U02"), ("甲", "U01"))
        for row in year_of(parts)
    ]
    rows += [{"kind": "labour", "seq": 50 + at, "month": "2026-05", "basic": "", "income": 3_000_00} for at in range(3)]
    shuffled = list(rows)
    shuffle.shuffle(shuffled)
    pd.testing.assert_frame_equal(tax(listed(rows)), tax(listed(shuffled)))


@settings(max_examples=60)
@given(PARTS, st.integers(-10_000_00, 50_000_00))
def test_a_payment_in_two_is_taxed_alike(parts: list[tuple[int, int, int, int]], part: int) -> None:
    whole = year_of(parts)
    halves = [whole[0] | {"income": part, "seq": 90}, whole[0] | {"income": whole[0]["income"] - part}, *whole[1:]]
    halves[0] |= {"special": 0, "relief": 0}

    def by_month(rows: list[dict[str, Any]]) -> dict[str, int]:
        return tax(listed(rows)).groupby("month")["tax"].sum().to_dict()

    assert by_month(whole) == by_month(halves)
