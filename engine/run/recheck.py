"""Every rule of an allocation checked again on the whole-fen amounts: integers and fractions, no solver.

Written from the contract alone and sharing nothing with the optimizer, so that a fault there cannot hide here: how a
rule is checked is handed in, from the rule's own file, which knows nothing of the optimizer either. Soft rules bind
nobody and are not looked at. Where the answer warns FEN-GRID, a group rule may miss its mark by what rounding each
member by less than a fen can do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from domain.paid import Check, Finding, Paid, Payee


class Rule(Protocol):
    """A rule as stated."""

    @property
    def use(self) -> str:
        """Its name."""

    @property
    def params(self) -> Any:
        """Its validated parameters."""

    @property
    def priority(self) -> int | None:
        """None: hard."""


class Problem(Protocol):
    """A problem as stated: the pool in fen."""

    @property
    def pool(self) -> int:
        """Fen."""

    @property
    def members(self) -> Sequence[Payee]:
        """All of them."""

    @property
    def rules(self) -> Sequence[Rule]:
        """Hard and soft ones."""


@dataclass(frozen=True)
class Books:
    """What is said to be paid: fen by member, their sum, what is left of the pool; grid: FEN-GRID was warned of."""

    amounts: Mapping[str, int]
    distributed: int
    undistributed: int
    grid: bool


def recheck(problem: Problem, books: Books, checks: Mapping[str, Check]) -> list[Finding]:
    """What is wrong with an optimal answer; empty if nothing is.

    checks: how each rule of the problem is checked, by its `use`.
    Source: contracts (allocation) "The rules", "Whole fen, one answer".
    """
    members = {member.code: member for member in problem.members}
    if members.keys() != books.amounts.keys():
        return [Finding("", "members")]
    wrong = [*_money(problem, books), *_merit_zero(problem, books, checks)]
    for rule in problem.rules:
        if rule.priority is None:
            wrong += checks[rule.use].find(rule.params, Paid(members, books.amounts, books.grid, rule.use))
    return wrong


def _money(problem: Problem, books: Books) -> Iterator[Finding]:
    for code, fen in books.amounts.items():
        if fen < 0:
            yield Finding("", "negative", code, fen)
    paid, left = sum(books.amounts.values()), books.undistributed
    if left < 0:
        yield Finding("", "left", got=left)
    if paid + left != problem.pool:
        yield Finding("", "pool", got=paid, most=problem.pool, other=left)
    if books.distributed != paid:
        yield Finding("", "distributed", got=paid, other=books.distributed)


def _merit_zero(problem: Problem, books: Books, checks: Mapping[str, Check]) -> Iterator[Finding]:
    """A member of merit 0 gets no more than its own highest hard floor."""
    for member in problem.members:
        if member.merit:
            continue
        floors = [0]
        for rule in problem.rules:
            owed = checks[rule.use].owed
            if owed is not None and rule.priority is None and rule.use not in member.exempt:
                floors.append(owed(rule.params, member))
        if books.amounts[member.code] > max(floors):
            yield Finding("", "merit", member.code, books.amounts[member.code])
