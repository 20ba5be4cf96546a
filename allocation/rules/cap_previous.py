"""No member gets more than a multiple of last time (x ≤ ratio · previous)."""

from allocation.terms import Member
from domain.facts import Strict
from domain.values import Ratio

CHINESE = "较上期增幅上限"
KIND = "cap"
NEEDS = ("previous",)
STAFF_ONLY = False


class Params(Strict):
    """ratio: of the amount of the last period."""

    ratio: Ratio


def bound(params: Params, member: Member) -> int:
    """The cap in fen, rounded down."""
    return params.ratio.numerator * (member.previous or 0) // params.ratio.denominator
