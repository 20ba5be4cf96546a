"""What rules speak about: members and what is known of each, their groups, and rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import compress
from operator import mul
from typing import Literal, NamedTuple, cast

from domain.institution import TIER_TITLES, Tier

GROUPS = ("grassroots", "signing_grassroots", "all")
"""Group names besides the tiers' own."""
GROUP_TITLES: Mapping[str, str] = {
    "grassroots": "基层医疗卫生机构",
    "signing_grassroots": "签约的基层医疗卫生机构",
    "all": "全部参与者",
    **{tier.value: title for tier, title in TIER_TITLES.items() if tier not in (Tier.ALLIANCE, Tier.DISTRICT)},
}
"""What groups are called in Chinese, the tiers among them."""


@dataclass(frozen=True, slots=True)
class Field:
    """A number that a rule needs of a member, and where a run finds it.

    kind: money in fen or an exact number; signed: whether it may be below 0. Where it comes from is said by one of item
    (catalogue money item; of_pool: the row whose document is the pool), metric (catalogue fact) and source (what the
    quota leaves to the member, or its 收支结余 R). title: its name where an amount is explained, "" if it is not told.
    """

    name: str
    kind: Literal["money", "number"]
    title: str = ""
    item: str = ""
    metric: str = ""
    source: Literal["", "quota", "reward_base"] = ""
    of_pool: bool = False
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """A rule in Chinese: its title, what is said of a member that it holds, and what it is for (as a soft rule)."""

    title: str
    held: str
    aim: str


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a problem. fields: by `Field` name, money in fen, numbers as Fractions; exempt: rule → reason."""

    code: str
    tier: str
    grassroots: bool
    signing: bool
    merit: Fraction
    name: str = ""
    fields: Mapping[str, int | Fraction] = field(default_factory=dict)
    exempt: Mapping[str, str] = field(default_factory=dict)

    def fen(self, name: str) -> int:
        """A money field in fen. Raises KeyError if it was not given."""
        return int(self.fields[name])

    def belongs(self, group: str) -> bool:
        """Whether it is in a group: a tier's name, grassroots, signing_grassroots or all."""
        return belonging((self,), group)[0]


def fen_of(members: Sequence[Member], name: str) -> list[int]:
    """A money field of each in fen. Raises KeyError if it was not given."""
    return cast("list[int]", [member.fields[name] for member in members])


def belonging(members: Sequence[Member], group: str) -> list[bool]:
    """Who of the members is in a group."""
    if group == "grassroots":
        return [member.grassroots for member in members]
    if group == "signing_grassroots":
        return [member.grassroots and member.signing for member in members]
    return [True] * len(members) if group == "all" else [member.tier == group for member in members]


class Row(NamedTuple):
    """A side of a group rule: Σ coefs[i]·x_i + const ≥ 0 in whole numbers; its shortfall in fen is −value/scale.

    rule: index in the problem; inside: members of the group it protects (upper: that it holds down). group: the name of
    that group, where rows are put in order by it. holds: whom it holds when tight: those outside the group, those
    inside (upper bounds), those outside with less per merit than some inside (pay gaps), or nobody (a cap on all).
    """

    rule: int
    coefs: tuple[int, ...]
    const: int
    scale: int
    inside: frozenset[int]
    group: str = ""
    holds: Literal["outside", "inside", "lower_outside", "nobody"] = "outside"

    def value(self, amounts: Sequence[int], unit: int = 1) -> int:
        """Its value at `amounts` in 1/unit of what it counts in, times `scale`·unit: ≥ 0 where it holds."""
        value: int = sum(map(mul, self.coefs, amounts), self.const * unit)
        return value


def share_row(index: int, group: str, inside: Sequence[bool], share: Fraction, *, upper: bool = False) -> Row:
    """Σ over the group ≥ share · Σ over all (upper: ≤), in whole coefficients."""
    p, q = share.numerator, share.denominator
    within, without = (p - q, p) if upper else (q - p, -p)
    coefs = tuple([within if here else without for here in inside])
    members = frozenset(compress(range(len(inside)), inside))
    return Row(index, coefs, 0, q, members, group, "inside" if upper else "outside")
