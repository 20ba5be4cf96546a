"""One quota approved for the whole alliance: all together get at most `amount`."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from allocation.terms import Member, Row
from domain.facts import Strict
from domain.money import format_yuan
from domain.values import Yuan

CHINESE = "医联体总量上限"
KIND = "group"
NEEDS = ()
STAFF_ONLY = False


class Params(Strict):
    """amount: in yuan."""

    amount: Annotated[Yuan, Field(ge=0)]


def groups(_params: Params) -> list[tuple[str, str]]:
    """It concerns all."""
    return []


def rows(params: Params, index: int, members: Sequence[Member]) -> list[Row]:
    """Amount − Σx ≥ 0."""
    return [Row(index, "", (-1,) * len(members), params.amount, 1, frozenset())]


def concerns(_params: Params, _member: Member) -> bool:
    """It needs no field of anybody."""
    return False


def loosened(params: Params) -> tuple[Params, str]:
    """An amount higher by 1%, rounded down to the fen."""
    more = params.amount // 100
    return params.model_copy(update={"amount": params.amount + more}), format_yuan(more)
