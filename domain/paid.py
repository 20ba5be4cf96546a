"""What members of one allocation got, for checks in whole numbers that share nothing with the optimizer.

A rule's file holds such a check beside what the optimizer takes from it; whoever looks again at an allocation is handed
the checks and asks them with a `Paid`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, Protocol

Measure = Literal["member", "group", "total", "per_head", "merit", "negative", "left", "pool", "distributed", "members"]
"""What a finding is about: one member, a group's sum, all that is paid, the income per head of two groups, a member
without merit or below nothing, what is left over, the books of the pool (two ways), or who is in the answer at all."""


class Payee(Protocol):
    """A member as stated: flags of its groups, fields in fen or exact numbers, the rules that pass over it."""

    @property
    def code(self) -> str:
        """Its code."""

    @property
    def tier(self) -> str:
        """Its tier."""

    @property
    def grassroots(self) -> bool:
        """Whether it counts as grassroots."""

    @property
    def signing(self) -> bool:
        """Whether it signs family-doctor contracts."""

    @property
    def merit(self) -> Fraction:
        """What it is paid by."""

    @property
    def fields(self) -> Mapping[str, int | Fraction]:
        """What rules need to know of it: fen or exact numbers by name."""

    @property
    def exempt(self) -> Collection[str]:
        """The rules that pass over it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with an allocation, in fen.

    rule: the `use` of the rule broken, "" for the books; who, against: a member's code or groups; got: what it is;
    least, most: what it should be (None: no such bound); other: of two sums compared, the second.
    """

    rule: str
    measure: Measure
    who: str = ""
    got: int = 0
    least: int | None = None
    most: int | None = None
    against: str = ""
    other: int = 0


@dataclass(frozen=True)
class Paid:
    """The members by code, what each gets in fen, and whether fen could not be placed within the group rules (grid).

    rule: the `use` of the rule that looks; the members it passes over are in no group for it.
    """

    members: Mapping[str, Payee]
    amounts: Mapping[str, int]
    grid: bool
    rule: str = ""

    @property
    def total(self) -> int:
        """All that is paid."""
        return sum(self.amounts.values())

    @property
    def bound(self) -> list[Payee]:
        """The members that the rule does not pass over."""
        return [member for member in self.members.values() if self.rule not in member.exempt]

    def group(self, name: str) -> list[Payee]:
        """The members of a group (contract: a tier, grassroots, signing_grassroots or all) that are not passed over."""
        if name == "all":
            return self.bound
        if name == "grassroots":
            return [member for member in self.bound if member.grassroots]
        if name == "signing_grassroots":
            return [member for member in self.bound if member.grassroots and member.signing]
        return [member for member in self.bound if member.tier == name]

    def sum(self, members: Collection[Payee]) -> int:
        """What these members get."""
        return sum(self.amounts[member.code] for member in members)

    def slack(self, members: Collection[Payee]) -> int:
        """By how many fen rounding the members and the total may move their sum against a share of the total."""
        return len(members) + 1 if self.grid else 0

    def above(self, limit: Callable[[Payee], int]) -> Iterator[Finding]:
        """Members that get more than their own limit."""
        for member in self.bound:
            most, got = limit(member), self.amounts[member.code]
            if got > most:
                yield Finding(self.rule, "member", member.code, got, most=most)

    def below(self, limit: Callable[[Payee], int]) -> Iterator[Finding]:
        """Members that get less than what is theirs at least."""
        for member in self.bound:
            least, got = limit(member), self.amounts[member.code]
            if got < least:
                yield Finding(self.rule, "member", member.code, got, least=least)


@dataclass(frozen=True, slots=True)
class Check:
    """How one rule is looked at again: what it finds, given its parameters; owed: of a floor, a member's own in fen."""

    find: Callable[[Any, Paid], Iterator[Finding]]
    owed: Callable[[Any, Payee], int] | None = None
