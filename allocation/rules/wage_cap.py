"""第一个允许: nobody's pay passes what its approved wage total leaves (x ≤ wage_headroom)."""

from collections.abc import Iterator, Sequence

from allocation.terms import Field, Member, Words, fen_of
from domain.facts import Strict
from domain.key import Key, Keys
from domain.paid import Finding, Paid

_TITLE = "绩效工资总量余额"
WORDS = Words(_TITLE, held="到绩效工资总量余额为止（第一个允许）", aim=_TITLE)
KIND = "cap"
FIELDS = (Field("wage_headroom", kind="money", title=_TITLE, source="quota", signed=True),)
ORDER = 10
STAFF_ONLY = True
KEYS: Keys = {
    "Params": Key(WORDS.title, "第一个允许: 不超过总量余量"),
}


class Params(Strict):
    """No parameters: the bound is the member's own headroom."""


def bounds(_params: Params, members: Sequence[Member]) -> list[int]:
    """The headroom in fen; below 0 counts as 0."""
    return [fen if fen > 0 else 0 for fen in fen_of(members, "wage_headroom")]


def check(_params: Params, paid: Paid) -> Iterator[Finding]:
    """Every member against its own headroom."""
    return paid.above(lambda member: max(0, int(member.fields["wage_headroom"])))
