"""第二个允许: pay comes mainly out of what the member's own income leaves (x ≤ share · max(0, reward_base))."""

from allocation.terms import Member
from domain.facts import Strict
from domain.values import Exact, Share

CHINESE = "可用于人员奖励的收支结余"
KIND = "cap"
NEEDS = ("reward_base",)
STAFF_ONLY = True


class Params(Strict):
    """share: what 主要 means here; there is no default."""

    share: Share


def bound(params: Params, member: Member) -> int:
    """The share of the reward base in fen, rounded down; a base below 0 counts as 0."""
    share: Exact = params.share
    return share.numerator * max(0, member.reward_base or 0) // share.denominator
