"""The grassroots members that sign family-doctor contracts together get at least a share of what is distributed."""

from collections.abc import Sequence
from fractions import Fraction

from allocation.terms import Member, Row, share_row
from domain.facts import Strict
from domain.policy import Share

CHINESE = "签约基层占比下限"
KIND = "group"
NEEDS = ()
STAFF_ONLY = False
GROUP = "signing_grassroots"


class Params(Strict):
    """share: of the sum distributed, not of the pool."""

    share: Share


def groups(_params: Params) -> list[tuple[str, str]]:
    """The group it protects."""
    return [("share", GROUP)]


def rows(params: Params, index: int, members: Sequence[Member]) -> list[Row]:
    """Σ over the group − share·Σ over all ≥ 0."""
    return [share_row(index, "", [member.belongs(GROUP) for member in members], params.share)]


def concerns(_params: Params, _member: Member) -> bool:
    """It needs no field of anybody."""
    return False


def loosened(params: Params) -> tuple[Params, str]:
    """A share lower by 0.01."""
    return params.model_copy(update={"share": params.share - Fraction(1, 100)}), "0.01"
