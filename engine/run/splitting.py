"""One pool split among its members: the problem put to the optimizer, its answer checked again, and what moves on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Any

from allocation.answer import Answer
from allocation.context import Amount, PoolContext
from allocation.earlier import NOTHING, PAID, Earlier, draws, spared
from allocation.merit import Merits, merit
from allocation.permits import RewardBase, reward_base
from allocation.problem import Built, build
from allocation.quota import QuotaBook
from allocation.rules import checks
from allocation.settlement import Prepaid
from allocation.solve import solve
from allocation.statement import Problem as Stated
from domain.money import format_yuan
from domain.plan import Permits
from domain.problems import InputProblems, Problem, Problems
from engine.run.memo import Noted
from engine.run.observed import Observed
from engine.run.recheck import Books, recheck
from engine.run.result import Allocation
from engine.run.so_far import Members, allotted, drawn_totals, with_drawn, with_income, with_settled
from engine.run.words import say_finding


@dataclass(frozen=True)
class Before:
    """What stands before a pool: the two permits of the plan, the quota book, what members had so far.

    earlier: what shorter periods of the year may have paid out of R.
    """

    permits: Permits | None
    book: QuotaBook | None
    members: Members
    earlier: Earlier = NOTHING

    def drawn(self, base: RewardBase) -> dict[str, int]:
        """What was paid out of R before, in this period and in shorter ones of the year, by unit."""
        found = drawn_totals(self.members)
        return {unit: found.get(unit, 0) + base.paid.get(unit, 0) for unit in {*found, *base.paid}}

    def base(self, here: PoolContext) -> RewardBase | None:
        """R of the members where the pool caps by it: with the income of the pools before, without this one."""
        if self.permits is None or not draws(here.pool):
            return None
        return reward_base(self.permits, here, allotted(self.members), here.pool.id, self.earlier)

    def settling(self, here: PoolContext, prepaid: Prepaid, home: Mapping[str, str]) -> Before:
        """Before a settlement: what was prepaid of it in the quota and out of R is there again, once.

        prepaid: also of members at home elsewhere, of whom the first alliance that settles the pool gives it back;
        home: the alliance that sets it off, by unit. Raises InputProblems (PREPAID-NOT-PAID) where more was prepaid
        than was paid to date, for what was never counted cannot be given back.
        """
        members, book, pool, problems = self.members, self.book, here.pool, Problems()
        prepaid = {unit: paid for unit, paid in prepaid.items() if pool.id not in members[unit].settled}
        if book is not None and pool.inside_total:
            lines = book.lines
            _counted(here, prepaid, {unit: lines[unit].paid.fen for unit in lines}, "quota_paid", problems)
            book = book.settling({unit: sum(one.fen for one in paid.values()) for unit, paid in prepaid.items()})
        every: dict[str, dict[str, Amount]] = {unit: {} for unit in prepaid}
        for one in self.earlier.pools if draws(pool) else ():
            back = {unit: paid[one.id] for unit, paid in prepaid.items() if one.id in paid}
            back = {unit: amount for unit, amount in back.items() if not spared(one, here, unit)}
            for unit, amount in back.items():
                members = with_drawn(members, (home.get(unit, here.alliance_code), one.id), {unit: -amount.fen})
                every[unit][one.id] = amount
        drawn = {unit: found.fen for unit in prepaid if (found := here.find(unit, PAID)) is not None}
        _counted(here, every, drawn, PAID, problems)
        problems.raise_if_any()
        return replace(self, book=book, members=with_settled(members, pool.id) if prepaid else members)

    def with_nothing(self, here: PoolContext) -> Before:
        """The same after a pool that holds nothing."""
        return replace(self, book=None if self.book is None else self.book.take(here.pool, {}))

    def after(self, split: Split) -> Before:
        """The same after a pool."""
        pool, source = split.here.pool, (split.here.alliance_code, split.here.pool.id)
        members, book = self.members, self.book
        if pool.purpose == "income":
            members = with_income(members, source, split.answer.paid)
        elif book is not None:
            book = book.take(pool, split.answer.paid)
        if draws(pool):
            bound = [member.code for member in split.problem.members if "reward_base" in member.fields]
            members = with_drawn(members, source, {unit: split.answer.paid[unit] for unit in bound})
        return replace(self, book=book, members=members)


def _counted(here: PoolContext, prepaid: Prepaid, paid: Mapping[str, int], item: str, problems: Problems) -> None:
    """Note members that were prepaid more than an item of what was paid to date says. paid: fen by unit."""
    for unit, amounts in prepaid.items():
        whole = sum(one.fen for one in amounts.values())
        if unit in paid and paid[unit] < whole:
            cells = [cell for one in amounts.values() for cell in one.cells]
            more, less = format_yuan(whole), format_yuan(paid[unit])
            said = f"{here.where(unit)} 已预付 {more} 元, 多于{here.title(item)} {less} 元: 预付的没有计入"
            where = cells[0] if cells else here.where(unit)
            problems.add(where, "PREPAID-NOT-PAID", said, "核对两处, 把预付计入累计数")


@dataclass(frozen=True)
class Split:
    """How one pool is split; of a contradiction nothing is. base: R of the members, where the pool caps by it."""

    here: PoolContext
    merits: Merits
    base: RewardBase | None
    problem: Stated
    answer: Answer

    @property
    def contradictory(self) -> bool:
        """Whether the hard rules cannot hold together."""
        return bool(self.answer.conflict)

    @property
    def allocation(self) -> Allocation:
        """The problem put and the answer given, as they are kept."""
        return Allocation(self.here.alliance_code, self.here.pool.id, self.here.pool.title, self.problem, self.answer)


def split(observed: Observed[PoolContext], amount: int, before: Before, *, solver: str, relief: bool) -> Split:
    """A pool split among its members.

    amount: fen in it, above 0; solver: of `allocation.solve`; relief: whether to say what loosening a rule would move.
    Raises InputProblems with what is missing; ArithmeticError where a rule does not hold after all.
    """
    here, pool = observed.given, observed.given.pool
    merits = observed.of(("merit", pool.id), (), partial(merit, observed.context))
    base = None
    if before.permits is not None and draws(pool):
        income = allotted(before.members)
        reckoned = partial(reward_base, before.permits, observed.context, income, pool.id, before.earlier)
        base = observed.of(("base", pool.id), (before.permits, income, before.earlier), reckoned)
    fen, drawn = (None, None) if base is None else (base.fen, before.drawn(base))
    given, book = (amount, merits.values, base, drawn), before.book
    if pool.inside_total or book is None:
        put = partial(build, observed.context, amount, merits.values, book=book, base=fen, drawn=drawn)
        built = observed.of(("problem", pool.id), (*given, book), put)
    else:  # whatever was taken of the quota before, such a pool takes nothing of it
        noted: Any = Noted(book)
        put = partial(build, observed.context, amount, merits.values, book=noted, base=fen, drawn=drawn)
        built = observed.of(("problem", pool.id), given, put, noted)
    solved = partial(_answered, built, f"{here.alliance_code} {pool.id}", solver=solver, relief=relief)
    answer = observed.of(("answer", pool.id), (built, solver, relief), solved)
    return Split(here, merits, base, built.problem, answer)


def _answered(built: Built, where: str, *, solver: str, relief: bool) -> Answer:
    """The optimizer's answer, checked again unless its rules contradict each other."""
    answer = solve(built.problem, solver=solver, relief=relief and not built.dues_held)
    if answer.conflict:
        return answer
    books = Books(answer.paid, answer.distributed, answer.undistributed, answer.off_grid)
    wrong = recheck(built.problem, books, checks())
    if wrong:
        raise ArithmeticError(f"{where}: {'; '.join(map(say_finding, wrong))}")
    return _own_because(built.problem, answer) if built.dues_held else answer


def _own_because(problem: Stated, answer: Answer) -> Answer:
    """The answer with the caps that hold members below their dues as what keeps money back, not the total they make.

    Soft rules keep nothing back.
    """
    hard = {rule.use for rule in problem.rules if rule.priority is None} - {"total_cap"}
    held = {use for entry in answer.amounts for use in entry.held_by} & hard
    return replace(answer, undistributed_because=tuple(sorted(held)) or answer.undistributed_because)


def missing(here: PoolContext, before: Before) -> list[Problem]:
    """What the steps of a pool lack, each looked at without the others, so that one gap hides no other.

    Stand-ins: merits of 1, no R. Nothing of it is kept.
    """
    units = here.members["unit_code"]
    ones, nothing = dict.fromkeys(units, Fraction(1)), dict.fromkeys(units, 0)
    base = nothing if before.permits is not None and draws(here.pool) else None
    steps: tuple[Callable[[], object], ...] = (
        lambda: merit(here),
        lambda: before.base(here),
        lambda: build(here, 1, ones, book=before.book, base=base, drawn=drawn_totals(before.members)),
    )
    found: list[Problem] = []
    for step in steps:
        try:
            step()
        except InputProblems as error:
            found += error.problems
    return found
