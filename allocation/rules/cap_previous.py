"""No member gets more than a multiple of last time (x ≤ ratio · previous)."""

from collections.abc import Iterator

from allocation.rules._previous import PREVIOUS
from allocation.terms import Member, Words
from domain.facts import Strict
from domain.money import floor_fen
from domain.paid import Finding, Paid
from domain.values import Ratio

WORDS = Words("较上期增幅上限", held="较上期封顶", aim="较上期增幅上限")
KIND = "cap"
FIELDS = (PREVIOUS,)
ORDER = 30
STAFF_ONLY = False


class Params(Strict):
    """ratio: of the amount of the last period."""

    ratio: Ratio


def bound(params: Params, member: Member) -> int:
    """The cap in fen, rounded down."""
    return params.ratio.numerator * member.fen("previous") // params.ratio.denominator


def check(params: Params, paid: Paid) -> Iterator[Finding]:
    """Every member against its own cap."""
    return paid.above(lambda member: floor_fen(params.ratio * member.fields["previous"]))
