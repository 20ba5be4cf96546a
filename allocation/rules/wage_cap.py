"""第一个允许: nobody's pay passes what its approved wage total leaves (x ≤ wage_headroom)."""

from allocation.terms import Member
from domain.facts import Strict

CHINESE = "绩效工资总量余额"
KIND = "cap"
NEEDS = ("wage_headroom",)
STAFF_ONLY = True


class Params(Strict):
    """No parameters: the bound is the member's own headroom."""


def bound(_params: Params, member: Member) -> int:
    """The headroom in fen; below 0 counts as 0."""
    return max(0, member.wage_headroom or 0)
