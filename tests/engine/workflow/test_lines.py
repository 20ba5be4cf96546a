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


def changed(delta, kind="pool", line="", **more):
    return {**LINE, "kind": kind, "line": line, "delta": delta, **more}


def test_a_correction_pays_what_it_changes_signed_and_nothing_of_the_whole():
    deltas = [changed(-3_00), changed(3_00, unit_code="H2"), changed(0, unit_code="H3")]
    found = lines(allocations=[{**LINE, "amount": 100_00}], deltas=deltas)
    assert found == {("A1", "surplus", "H1"): -3_00, ("A1", "surplus", "H2"): 3_00}


def test_of_a_correction_r_balances_and_an_overspend_pay_nothing():
    """r is the member's own money; what a balance was and is, and who bears an overspend, moves none of the pool's."""
    beside = [changed(9_00, "permits", "r", pool=""), changed(8_00, "deposit", "opening"),
              changed(7_00, "deposit", "closing"), changed(6_00, "deposit", "forfeited"),
              changed(5_00, "overspend", "share", pool="")]  # fmt: skip
    assert lines(deltas=[changed(3_00), *beside]) == {("A1", "surplus", "H1"): 3_00}


def test_of_a_correction_of_a_settled_pool_the_top_up_is_paid():
    """Prepaid 60.00. H1: due 100.00 → 110.00, so 40.00 → 50.00. H2: due 50.00 → 55.00, of which 10.00 and now 5.00 are
    to be taken back: nothing was paid, nothing is. H3: due 70.00 → 50.00, paid 10.00 too much."""
    settled = [{**LINE, "unit_code": unit, "line": "top_up", "amount": fen}
               for unit, fen in (("H1", 50_00), ("H2", 0), ("H3", 0))]  # fmt: skip
    deltas = [changed(10_00), changed(5_00, unit_code="H2"), changed(-20_00, unit_code="H3"),
              changed(10_00, "settlement", "top_up"), changed(0, "settlement", "top_up", unit_code="H2"),
              changed(-10_00, "settlement", "top_up", unit_code="H3"),
              changed(-5_00, "settlement", "claw_back", unit_code="H2"),
              changed(10_00, "settlement", "claw_back", unit_code="H3")]  # fmt: skip
    assert lines(deltas=deltas, settlements=settled) == {
        ("A1", "surplus", "H1"): 10_00,
        ("A1", "surplus", "H3"): -10_00,
    }
    gone = [changed(-50_00), changed(-60_00, "settlement", "prepaid", of="advance")]  # it shares in the pool no more
    assert lines(deltas=gone) == {}


def test_of_a_correction_what_is_held_back_more_is_paid_less():
    """10.00 more, of which a tenth is held; 2.00 more of a deposit are given back."""
    deltas = [changed(10_00), changed(1_00, "deposit", "held"), changed(2_00, "deposit", "released", pool="reward")]
    assert lines(deltas=deltas) == {("A1", "surplus", "H1"): 9_00, ("A1", "deposit/reward", "H1"): 2_00}
