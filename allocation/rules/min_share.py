"""A group together gets at least a share of what is distributed.

`grassroots_min_share` and `signing_min_share` are this rule with its group named beforehand.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Literal

from allocation.rules import Alias
from allocation.terms import GROUP_TITLES, Member, Row, Words, belonging, share_row
from domain.facts import Strict
from domain.key import Key, Keys
from domain.money import ceil_fen
from domain.paid import Finding, Paid
from domain.values import Share

WORDS = Words("占比下限", held="让给占比有下限的单位", aim="占比下限")
KIND = "group"
FIELDS = ()
ORDER = 60
STAFF_ONLY = False
KEYS: Keys = {
    "Signing": Key("签约基层占比下限", "开展签约服务的基层成员合计不少于规定比例"),
    "Grassroots": Key("基层占比下限", "基层成员合计不少于所分配总额的规定比例"),
    "Params": Key(WORDS.title, "写明的一组成员合计不少于所分配总额的规定比例"),
    "share": Key("占比", "占实际分配额的份额, 不是占资金池", "0.60"),
    "Params.group": Key("哪一组", "机构层级, 或一组", "township", GROUP_TITLES),
    "Grassroots.group": Key("哪一组", "", "grassroots", GROUP_TITLES),
    "Signing.group": Key("哪一组", "", "signing_grassroots", GROUP_TITLES),
}


class Params(Strict):
    """share: of the sum distributed, not of the pool; group: whose."""

    share: Share
    group: str


class Grassroots(Params):
    """share: of the sum distributed, not of the pool."""

    group: Literal["grassroots"] = "grassroots"


class Signing(Params):
    """share: of the sum distributed, not of the pool."""

    group: Literal["signing_grassroots"] = "signing_grassroots"


ALIASES = {
    "grassroots_min_share": Alias(Grassroots, Words("基层占比下限", held="让给基层：基层占比下限", aim="基层占比下限")),
    "signing_min_share": Alias(
        Signing, Words("签约基层占比下限", held="让给签约基层：签约基层占比下限", aim="签约基层占比下限")
    ),
}


def groups(params: Params) -> list[tuple[str, str]]:
    """The group it protects; where an alias names it, what is at fault is its share."""
    return [("group" if type(params) is Params else "share", params.group)]


def rows(params: Params, index: int, members: Sequence[Member]) -> list[Row]:
    """Σ over the group − share·Σ over all ≥ 0."""
    return [share_row(index, params.group, belonging(members, params.group), params.share)]


def loosened(params: Params) -> tuple[Params, Fraction]:
    """A share lower by 0.01."""
    less = Fraction(1, 100)
    return params.model_copy(update={"share": params.share - less}), less


def check(params: Params, paid: Paid) -> Iterator[Finding]:
    """The group's sum against its share of all that is paid."""
    group = paid.group(params.group)
    least = params.share * paid.total
    if paid.sum(group) + paid.slack(group) < least:
        yield Finding(paid.rule, "group", got=paid.sum(group), least=ceil_fen(least))
