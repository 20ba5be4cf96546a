"""What a rule that holds a member did to it: kept it at the bound, or was passed by so much, and for what.

`held_by` names a soft cap whose member is at it or above, and a soft group rule that is tight or short (contract
"The answer"); here it is told which. A soft rule gives way to what comes before it in the order of the contract: the
hard rules, all of the pool that they let be paid, soft rules of an earlier priority or of the same one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from allocation.answer import MemberAmount, SoftMiss
from allocation.statement import Problem, Rule

SOFT_KEEP = "soft_keep"


@dataclass(frozen=True, slots=True)
class Held:
    """One rule that holds a member, a cap or another one.

    beyond: fen; of a soft cap what the member gets above it, of another soft rule what that misses in all; 0 where it
    is kept. priority: 0 of a hard rule. before: the rules, hard ones first, that a passed one gave way to, among them
    SOFT_KEEP where the problem has it.
    """

    use: str
    cap: bool
    priority: int = 0
    beyond: int = 0
    before: tuple[str, ...] = ()


def holding(
    problem: Problem, amounts: Sequence[MemberAmount], missed: Sequence[SoftMiss]
) -> dict[str, tuple[Held, ...]]:
    """By member code what holds it, in the order of `held_by`. amounts: of all members; missed: by every soft rule."""
    place = {member.code: i for i, member in enumerate(problem.members)}
    return {one.code: tuple(_held(problem, place[one.code], one, missed)) for one in amounts}


def _held(problem: Problem, i: int, one: MemberAmount, missed: Sequence[SoftMiss]) -> Iterator[Held]:
    for use in one.held_by:
        ranks = [k for k, rule in enumerate(problem.ranked) if rule.use == use]
        for k in ranks:
            rule = problem.ranked[k]
            beyond = _beyond(problem, k, i, one.fen, missed) if rule.priority or len(ranks) > 1 else 0
            if beyond is not None:
                before = _before(problem, rule) if beyond else ()
                yield Held(use, rule.kind == "cap", rule.priority or 0, beyond, before)


def _beyond(problem: Problem, k: int, i: int, fen: int, missed: Sequence[SoftMiss]) -> int | None:
    """By how much rule k is passed by member i, or missed; None where it does not hold the member."""
    rule = problem.ranked[k]
    if rule.kind != "cap":
        return sum(miss.fen for miss in missed if (miss.use, miss.priority) == (rule.use, rule.priority))
    bound = problem.bounds[k][i]
    return None if bound is None or fen < bound else fen - bound


def _before(problem: Problem, rule: Rule) -> tuple[str, ...]:
    others = sorted((one.priority or 0, one.use) for one in problem.ranked if one is not rule)
    found = dict.fromkeys(use for priority, use in others if priority <= (rule.priority or 0))
    return (*found, *([SOFT_KEEP] if problem.soft_keep else []))
