"""What holds of payslips whatever the lines are."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.problems import InputProblems, Problems
from engine.pay.result import Slips
from engine.pay.tax.cumulative import check_cumulative
from engine.pay.tax.withhold import tax
from tests.engine.pay.slipping import MONTH, checked, slipped, table
from tests.engine.pay.test_tax import listed

UNITS, POOLS, PERSONS = ("U01", "U02"), ("performance", "signing", "r"), ("A", "B", "C")
POSTS = [
    (f"{person}{unit[-1]}{kind[0]}", person, unit, kind)
    for person in PERSONS
    for unit in UNITS
    for kind in ("wages", "labour")
]
LINES = st.lists(
    st.tuples(
        st.sampled_from(POSTS),
        st.sampled_from(UNITS),
        st.sampled_from(POOLS),
        st.sampled_from(["due", "deferred", "released", "forfeited"]),
        st.integers(0, 30_000_00),
        st.sampled_from(["", "", "1", "2"]),
    ),
    max_size=14,
)
FIGURES = st.lists(
    st.tuples(st.sampled_from(PERSONS), st.sampled_from(UNITS), st.integers(0, 400_000_00)),
    max_size=5,
    unique_by=lambda row: row[:2],
)


def world(drawn: list[tuple[Any, ...]], figures: list[tuple[str, str, int]], off: int) -> dict[str, Any]:
    """A case: later pay is less, and so are some lines of cases."""
    rows = []
    for post, charged, pool, component, fen, case in drawn:
        number, person, unit, _ = post
        signed = -(fen // 20) if component == "deferred" else -fen if case == "2" else fen
        rows.append(
            {"post_no": number, "person_code": person, "unit_code": charged, "charged_unit": charged, "case": case,
             "paid_through": unit, "pool": pool, "component": component, "amount": signed, "document": f"文{charged}"}
        )  # fmt: skip
    kinds = {number: {"paid_through": unit, "tax_kind": kind} for number, _, unit, kind in POSTS}
    return {
        "lines": rows,
        "posts": {row["post_no"]: kinds[row["post_no"]] for row in rows},
        "figures": [
            {"person_code": person, "payer": unit, "income": income, "withheld_before": income // 3}
            for person, unit, income in figures
        ],
        "deductions": [{"person_code": "A", "payer": "U01", "amount": off}] if off else [],
    }


def made_of(case: dict[str, Any]) -> Slips | None:
    """The slips, None where more is deducted than there is."""
    try:
        return slipped(case)
    except InputProblems as refused:
        if {one.code for one in refused.problems} == {"PAY-NET-NEGATIVE"} and case["deductions"]:
            return None
        raise


@settings(max_examples=40)
@given(LINES, FIGURES, st.integers(0, 2_000_00))
def test_the_books_balance(drawn: list[tuple[Any, ...]], figures: list[tuple[str, str, int]], off: int) -> None:
    case = world(drawn, figures, off)
    made = made_of(case)
    if made is None:
        return
    assert set(checked(case, made)["difference"]) <= {0}
    slips = made.payslips
    assert (slips["payable"] == slips[["gross", "deferred", "released", "up", "down"]].sum(axis=1)).all()
    assert (slips["up"] >= 0).all()
    assert (slips["down"] <= 0).all()
    for row in slips.to_dict("records"):
        assert (row["status"] == "no_payment") == (row["payable"] <= 0)
        if row["status"] == "ok":
            assert row["net"] == row["payable"] - row["tax"] - row["other"] >= 0
        else:
            assert (row["tax"], row["net"]) == ((0, 0) if row["status"] == "no_payment" else (None, None))
    assert not slips.duplicated(["payer", "person_code", "kind"]).any()
    assert (made.batches["amount"] > 0).all()
    of_batch = defaultdict(set)
    for row in made.batches.to_dict("records"):
        of_batch[row["batch_no"]].add((row["pool"], row["document"], row["payer"], row["kind"]))
    assert all(len(sources) == 1 for sources in of_batch.values())
    assert len({next(iter(sources)) for sources in of_batch.values()}) == len(of_batch)
    assert not made.batches.duplicated(["batch_no", "person_code"]).any()


@settings(max_examples=20)
@given(LINES, FIGURES, st.randoms(use_true_random=False))
def test_the_order_of_lines_says_nothing(drawn: list[tuple[Any, ...]], figures: list[Any], shuffle: Any) -> None:
    case = world(drawn, figures, 0)
    rows = list(case["lines"])
    shuffle.shuffle(rows)
    one, other = slipped(case), slipped({**case, "lines": rows})
    for name in ("payslips", "tax", "current_account", "batches"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))


@settings(max_examples=30)
@given(st.integers(0, 300_000_00), st.integers(0, 40_000_00), st.integers(1, 40_000_00))
def test_a_second_payment_of_the_month_goes_on_from_the_first(income: int, first: int, second: int) -> None:
    """Figures up to now with the first payment in them: what both withhold is what one payment would."""

    figured = {"payer": "U", "person_code": "A", "month": MONTH, "income": income, "employed_from": date(2020, 1, 1)}
    due = int(tax(listed([figured]))["cumulative_tax"].iloc[0])

    def tax_of(amount: int, before: int, month: int) -> int:
        figures = {"person_code": "A", "income": before, "withheld_before": due, "withheld_month": month}
        problems = Problems()
        check_cumulative(table("tax_cumulative", [figures]), MONTH, problems)
        assert not problems.found
        made = slipped({"lines": [{"post_no": "P", "person_code": "A", "amount": amount}], "figures": [figures]})
        return int(made.payslips["tax"].iloc[0])

    withheld = tax_of(first, income, 0)
    assert withheld + tax_of(second, income + first, withheld) == tax_of(first + second, income, 0)
