"""Each named tier gets its share of what is distributed, give or take a tolerance."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from pydantic import Field

from allocation.terms import Member, Row, share_row
from domain.facts import Strict
from domain.values import Share

CHINESE = "各级占比"
KIND = "group"
NEEDS = ()
STAFF_ONLY = False


class Params(Strict):
    """shares: tier → share of the sum distributed; tolerance: on either side."""

    shares: Mapping[str, Share] = Field(min_length=1)
    tolerance: Share = Fraction(0)


def groups(params: Params) -> list[tuple[str, str]]:
    """The tiers it names."""
    return [(f"shares.{tier}", tier) for tier in sorted(params.shares)]


def impossible(params: Params) -> list[str]:
    """Why nobody could be paid: the tiers' shares together are more than there is."""
    least = sum((max(Fraction(0), share - params.tolerance) for share in params.shares.values()), Fraction(0))
    return ["各级占比 (减去容差) 合计大于 1"] if least > 1 else []


def rows(params: Params, index: int, members: Sequence[Member]) -> list[Row]:
    """Per tier, in order of name: Σ − (share − tolerance)·D ≥ 0, then (share + tolerance)·D − Σ ≥ 0."""
    made = []
    for tier, share in sorted(params.shares.items()):
        inside = [member.tier == tier for member in members]
        made.append(share_row(index, f"{tier} lower", inside, share - params.tolerance))
        made.append(share_row(index, f"{tier} upper", inside, share + params.tolerance, upper=True))
    return made


def concerns(_params: Params, _member: Member) -> bool:
    """It needs no field of anybody."""
    return False


def loosened(params: Params) -> tuple[Params, str]:
    """A tolerance wider by 0.01."""
    return params.model_copy(update={"tolerance": params.tolerance + Fraction(1, 100)}), "0.01"
