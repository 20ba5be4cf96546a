"""No member gets more than so much per head."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Annotated

from pydantic import Field as Limit

from allocation.terms import Field, Member, Words
from domain.facts import Strict
from domain.key import Key, Keys
from domain.money import floor_fen
from domain.paid import Finding, Paid
from domain.values import Yuan

WORDS = Words("人均上限", held="到人均上限为止", aim="人均上限")
KIND = "cap"
FIELDS = (Field("staff", kind="number", metric="heads_on_post"),)
ORDER = 45
STAFF_ONLY = False
KEYS: Keys = {
    "Params": Key(WORDS.title, "每家不超过人数 × 每人的数"),
    "each": Key("每人", "元", "20.00"),
}


class Params(Strict):
    """each: yuan per head."""

    each: Annotated[Yuan, Limit(ge=0)]


def bounds(params: Params, members: Sequence[Member]) -> list[int]:
    """The cap in fen, rounded down."""
    return [floor_fen(params.each * Fraction(member.fields["staff"])) for member in members]


def check(params: Params, paid: Paid) -> Iterator[Finding]:
    """Every member against its own cap."""
    return paid.above(lambda member: int(params.each * member.fields["staff"]))
