"""No member falls below a share of last time (x ≥ ratio · previous)."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from allocation.rules._previous import PREVIOUS
from allocation.terms import Member, Words, fen_of
from domain.facts import Strict
from domain.key import Key, Keys
from domain.money import ceil_fen
from domain.paid import Finding, Paid, Payee
from domain.values import Ratio

WORDS = Words("较上期保底", held="较上期保底", aim="较上期保底")
KIND = "floor"
FIELDS = (PREVIOUS,)
ORDER = 40
STAFF_ONLY = False
KEYS: Keys = {
    "Params": Key(WORDS.title, "不少于上次的若干成"),
    "ratio": Key("上期金额的比例", "0.75 是不低于上期的七成五", "0.75"),
}


class Params(Strict):
    """ratio: of the amount of the last period."""

    ratio: Ratio


def bounds(params: Params, members: Sequence[Member]) -> list[int]:
    """The floor in fen, rounded up."""
    n, d = params.ratio.as_integer_ratio()
    return [-(-n * fen // d) for fen in fen_of(members, "previous")]


def loosened(params: Params) -> tuple[Params, Fraction]:
    """A ratio lower by 0.01."""
    less = Fraction(1, 100)
    return params.model_copy(update={"ratio": params.ratio - less}), less


def owed(params: Params, member: Payee) -> int:
    """A member's own floor, for the checks."""
    return ceil_fen(params.ratio * member.fields["previous"])


def check(params: Params, paid: Paid) -> Iterator[Finding]:
    """Every member against its own floor."""
    return paid.below(lambda member: owed(params, member))
