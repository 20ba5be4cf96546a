"""No member gets more than a multiple of last time (x ≤ ratio · previous)."""

from collections.abc import Iterator, Sequence

from allocation.rules._previous import PREVIOUS
from allocation.terms import Member, Words, fen_of
from domain.facts import Strict
from domain.key import Key, Keys
from domain.money import floor_fen
from domain.paid import Finding, Paid
from domain.values import Ratio

WORDS = Words("较上期增幅上限", held="较上期封顶", aim="较上期增幅上限")
KIND = "cap"
FIELDS = (PREVIOUS,)
ORDER = 30
STAFF_ONLY = False
KEYS: Keys = {
    "Params": Key(WORDS.title, "不超过上次的若干倍"),
    "ratio": Key("上期金额的倍数", "1.10 是比上期最多多一成", "1.10"),
}


class Params(Strict):
    """ratio: of the amount of the last period."""

    ratio: Ratio


def bounds(params: Params, members: Sequence[Member]) -> list[int]:
    """The cap in fen, rounded down."""
    n, d = params.ratio.as_integer_ratio()
    return [n * fen // d for fen in fen_of(members, "previous")]


def check(params: Params, paid: Paid) -> Iterator[Finding]:
    """Every member against its own cap."""
    return paid.above(lambda member: floor_fen(params.ratio * member.fields["previous"]))
