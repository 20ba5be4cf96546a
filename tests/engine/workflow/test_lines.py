"""What is to be paid, from a run's tables: nothing twice, nothing of what is held back. Amounts in fen."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd

from engine.workflow import runs

LINE = {"alliance_code": "A1", "pool": "surplus", "unit_code": "H1"}


def lines(**tables):
    return runs.lines_of(SimpleNamespace(frames={name: pd.DataFrame(rows) for name, rows in tables.items()}))


def test_of_a_settled_pool_only_what_was_not_prepaid():
    """100.00 in all, 60.00 prepaid: 40.00 now; of one that got too much nothing is paid and nothing netted."""
    whole = [{**LINE, "amount": 100_00}, {**LINE, "unit_code": "H2", "amount": 30_00}]
    settled = [{**LINE, "line": "prepaid", "amount": 60_00}, {**LINE, "line": "top_up", "amount": 40_00},
               {**LINE, "unit_code": "H2", "line": "prepaid", "amount": 50_00},
               {**LINE, "unit_code": "H2", "line": "top_up", "amount": 0}]  # fmt: skip
    assert lines(allocations=whole, settlements=settled) == {("A1", "surplus", "H1"): 40_00}


def test_what_is_held_back_as_deposit_is_paid_when_it_is_given_back():
    """100.00 less a deposit of 10.00; 7.00 of a year before come back on a line of their own."""
    deposits = [{**LINE, "held": 10_00, "released": 0}, {**LINE, "pool": "reward", "held": 0, "released": 7_00}]
    assert lines(allocations=[{**LINE, "amount": 100_00}], deposits=deposits) == {
        ("A1", "surplus", "H1"): 90_00,
        ("A1", "deposit/reward", "H1"): 7_00,
    }


def test_a_correction_pays_what_it_changes_signed_and_nothing_of_the_whole():
    deltas = [{**LINE, "delta": -3_00}, {**LINE, "unit_code": "H2", "delta": 3_00},
              {**LINE, "unit_code": "H3", "delta": 0}]  # fmt: skip
    found = lines(allocations=[{**LINE, "amount": 100_00}], deltas=deltas)
    assert found == {("A1", "surplus", "H1"): -3_00, ("A1", "surplus", "H2"): 3_00}
