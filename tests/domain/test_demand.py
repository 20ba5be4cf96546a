"""What a rule asks of a curve: what the curve takes over, and which curves reward something else."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from domain.demand import Target, misfit, supplied

FIELDS = ("target", "floor", "band", "tolerance")
TWO = Fraction(2)


@pytest.mark.parametrize(
    ("target", "given", "made"),
    [
        (Target(TWO, ">="), {}, {"target": TWO}),
        (Target(TWO, "<="), {"floor": "4"}, {"floor": "4", "target": TWO}),
        (Target(TWO, "between", upper=Fraction(3)), {"tolerance": "1"}, {"tolerance": "1", "band": (TWO, Fraction(3))}),
        (Target(TWO, "="), {}, {"band": (TWO, TWO)}),
        (Target(TWO, "="), {"floor": "1"}, {"floor": "1", "target": TWO}),
        (Target(TWO, "approx"), {}, {"target": TWO}),
        (Target(TWO, ">="), {"band": ["1", "2"]}, {"band": ["1", "2"]}),
        (Target(TWO, "between", upper=Fraction(3)), {"target": "5"}, {"target": "5"}),
        (Target(None, ""), {}, {}),
        (None, {"target": "1"}, {"target": "1"}),
    ],
)
def test_what_a_curve_takes_over(target: Target | None, given: dict[str, Any], made: dict[str, Any]) -> None:
    assert supplied(target, FIELDS, given) == made


def test_a_deadline_is_taken_over_where_there_is_none() -> None:
    day = date(2026, 6, 30)
    assert supplied(Target(None, "", deadline=day), ("by",), {}) == {"by": day}
    assert supplied(Target(None, "", deadline=day), ("by",), {"by": "2026-01-01"}) == {"by": "2026-01-01"}
    assert supplied(Target(TWO, ">=", deadline=day), ("steps",), {"steps": []}) == {"steps": []}


@pytest.mark.parametrize(
    ("op", "fits"),
    [
        (">=", {"up", "inside", "all", None}),
        ("<=", {"down", "inside", None}),
        ("=", {"inside", "all", None}),
        ("approx", {"inside", None}),
        ("between", {"inside", None}),
    ],
)
def test_what_fits_a_comparison(op: str, fits: set[Any]) -> None:
    target = Target(TWO, op, upper=Fraction(3))
    assert {lean for lean in ("up", "down", "inside", "all", None) if misfit(target, lean) is None} == fits


def test_a_misfit_in_words() -> None:
    wrong = misfit(Target(TWO, "<="), "up")
    assert wrong == (
        "规则要求不大于 2, 曲线却是越大分越高",
        "写大于目标值的 floor (零分值), 或 form: ratio, 或 band (区间)",
    )
    between = misfit(Target(TWO, "between", upper=Fraction(3)), "up")
    assert between is not None
    assert between[0] == "规则要求在 2 至 3 之间, 曲线却是越大分越高"
