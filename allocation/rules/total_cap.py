"""One quota approved for the whole alliance: all together get at most `amount`."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field

from allocation.terms import Member, Row, Words
from domain.facts import Strict
from domain.key import Key, Keys
from domain.paid import Finding, Paid
from domain.values import Yuan

WORDS = Words("医联体总量上限", held="到医联体总量上限为止", aim="医联体总量上限")
KIND = "group"
FIELDS = ()
ORDER = 50
STAFF_ONLY = False
ONLY_LOWERS = True
KEYS: Keys = {
    "Params": Key(WORDS.title, "对整个医联体核定一个总量时, 合计不超过它"),
    "amount": Key("上限", "医联体合计最多多少元", "5000000.00"),
}


class Params(Strict):
    """amount: in yuan, held as fen."""

    amount: Annotated[Yuan, Field(ge=0)]


def rows(params: Params, index: int, members: Sequence[Member]) -> list[Row]:
    """Amount − Σx ≥ 0."""
    return [Row(index, (-1,) * len(members), params.amount, 1, frozenset(), holds="nobody")]


def loosened(params: Params) -> tuple[Params, int]:
    """An amount higher by 1%, rounded down to the fen."""
    more = params.amount // 100
    return params.model_copy(update={"amount": params.amount + more}), more


def check(params: Params, paid: Paid) -> Iterator[Finding]:
    """All that is paid against the amount."""
    if paid.total > params.amount:
        yield Finding(paid.rule, "total", got=paid.total, most=params.amount)
