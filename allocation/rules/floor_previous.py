"""No member falls below a share of last time (x ≥ ratio · previous)."""

from fractions import Fraction

from allocation.terms import Member
from domain.facts import Strict
from domain.values import Ratio

CHINESE = "较上期保底"
KIND = "floor"
NEEDS = ("previous",)
STAFF_ONLY = False


class Params(Strict):
    """ratio: of the amount of the last period."""

    ratio: Ratio


def bound(params: Params, member: Member) -> int:
    """The floor in fen, rounded up."""
    return -(-params.ratio.numerator * (member.previous or 0) // params.ratio.denominator)


def loosened(params: Params) -> tuple[Params, str]:
    """A ratio lower by 0.01."""
    return params.model_copy(update={"ratio": params.ratio - Fraction(1, 100)}), "0.01"
