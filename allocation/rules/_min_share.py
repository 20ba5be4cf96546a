"""What the rules share that keep a share of the distributed sum for a group of members."""

from collections.abc import Sequence
from fractions import Fraction

from allocation.terms import Member, Row, share_row
from domain.facts import Strict
from domain.values import Share


class Params(Strict):
    """share: of the sum distributed, not of the pool."""

    share: Share


def share_rows(group: str, params: Params, index: int, members: Sequence[Member]) -> list[Row]:
    """Σ over the group − share·Σ over all ≥ 0."""
    return [share_row(index, "", [member.belongs(group) for member in members], params.share)]


def concerns(_params: Params, _member: Member) -> bool:
    """It needs no field of anybody."""
    return False


def loosened(params: Params) -> tuple[Params, str]:
    """A share lower by 0.01."""
    return params.model_copy(update={"share": params.share - Fraction(1, 100)}), "0.01"
