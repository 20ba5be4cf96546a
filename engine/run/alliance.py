"""One alliance on its way through the plan's pools: each formed, split and settled; and its overspend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from allocation.context import Context, PoolContext
from allocation.overspend import Statement, overspend_statement
from allocation.pools import Formed, form
from allocation.quota import QuotaBook, open_book
from allocation.settlement import settle
from domain.plan import Plan, Pool
from domain.problems import InputProblems, Problem
from domain.step import Step
from engine.run.so_far import Members, SoFar, with_taken
from engine.run.splitting import Before, Split, missing, split
from engine.run.telling import story


@dataclass(frozen=True)
class PoolRun:
    """One pool of one alliance: formed, split where it holds anything, settled where it clears prepayments.

    story: how every amount came about, where stories are asked for.
    """

    here: PoolContext
    formed: Formed
    split: Split | None = None
    settled: tuple[Step, ...] = ()
    story: tuple[Step, ...] = ()


@dataclass(frozen=True)
class AllianceRun:
    """What one alliance's pools gave.

    members: what its members had of the period so far, with these pools, unless its rules contradict each other, for
    then nothing is paid; book: the quota after its last pool. problems: what is missing.
    """

    context: Context
    pools: tuple[PoolRun, ...]
    overspend: Statement | None
    members: Members
    book: QuotaBook | None
    problems: tuple[Problem, ...] = ()

    @property
    def contradiction(self) -> Split | None:
        """The pool whose hard rules cannot hold together, if any."""
        return next((one.split for one in self.pools if one.split and one.split.contradictory), None)


def run_alliance(
    plan: Plan,
    context: Context,
    pools: Sequence[Pool],
    so_far: Members,
    home: Mapping[str, str],
    *,
    overspends: bool,
    stories: bool,
) -> AllianceRun:
    """Take an alliance through its pools, in the plan's order on one headroom.

    so_far: of members that came from another alliance; home: the alliance that speaks for each member; overspends:
    whether its overspend is settled; stories: whether to tell how amounts came about. Where the hard rules of one pool
    contradict each other, none is paid, but all are formed and looked at for gaps.
    """
    units = context.members["unit_code"].tolist()
    brought = {unit: so_far.get(unit, SoFar()) for unit in units}
    book = None
    if plan.quota:
        away = [unit for unit in units if home.get(unit) != context.alliance_code]
        book = open_book(plan.quota, context, away=away, brought={unit: one.taken for unit, one in brought.items()})
    before, runs, problems = Before(plan.permits, book, brought), list[PoolRun](), dict[Problem, None]()
    contradiction = False
    for pool in pools:
        here, made = context.for_pool(pool), None
        told: tuple[Step, ...] = ()
        settled: tuple[Step, ...] = ()
        try:
            formed = form(here)
            if formed.amount and not contradiction:
                made = split(here, formed.amount, before, relief=stories)
                contradiction = made.contradictory
            if made is not None and not contradiction:
                told = story(made, before) if stories else ()
                before = before.after(made)
            if formed.settles and not contradiction:
                settled = settle(here, made.answer.paid if made else {}, formed.settles)
            runs.append(PoolRun(here, formed, made, settled, told))
        except InputProblems as error:
            problems |= dict.fromkeys([*error.problems, *missing(here, before)])
    overspend = None
    try:
        overspend = overspend_statement(plan.overspend, context) if plan.overspend and overspends else None
    except InputProblems as error:
        problems |= dict.fromkeys(error.problems)
    members = before.members if before.book is None else with_taken(before.members, before.book.taken)
    if contradiction and not problems:
        members = brought
    return AllianceRun(context, tuple(runs), overspend, members, before.book, tuple(problems))
