"""One alliance on its way through the plan's pools: each formed, split and settled; and its overspend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import pandas as pd

from allocation.context import Context, PoolContext
from allocation.earlier import Earlier
from allocation.overspend import Statement, overspend_statement
from allocation.pools import Formed, claws_back, form
from allocation.pools import pools as pools_of
from allocation.quota import QuotaBook, open_book
from allocation.settlement import Prepaid, carried, prepaid, prepaid_away, settle
from domain.plan import Plan, Pool
from domain.problems import InputProblems, Problem
from domain.step import Step
from engine.run.memo import Memo
from engine.run.observed import Observed
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

    @property
    def shares(self) -> tuple[object, ...]:
        """What its members share by and get, where it is split."""
        return (self.split.merits, self.split.answer) if self.split else ()


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


@dataclass(frozen=True)
class Way:
    """How alliances go through a run: the plan, what was made before.

    home: by pool that owes members their own amounts or sets off what they were prepaid, the alliance where each
    member's are reckoned; stories: whether to tell how amounts came about; solver: who proposes how pools are split
    (`allocation.solve`); overspends: the members whose part of it is another alliance's, None where the overspend is
    not settled; earlier: what shorter periods of the year may have paid out of R.
    """

    plan: Plan
    memo: Memo
    home: Mapping[str, Mapping[str, str]]
    stories: bool
    solver: str
    overspends: frozenset[str] | None
    earlier: Earlier


def run_alliance(way: Way, context: Context, pools: Sequence[Pool], so_far: Members) -> AllianceRun:
    """Take an alliance through its pools, in the plan's order on one headroom.

    so_far: of members that came from another alliance. Where the hard rules of one pool contradict each other, none is
    paid, but all are formed and looked at for gaps.
    """
    plan, alliance = way.plan, Observed(way.memo, context)
    brought = {unit: so_far.get(unit, SoFar()) for unit in context.members["unit_code"].tolist()}
    before, runs, problems = _opened(way, alliance, brought), list[PoolRun](), dict[Problem, None]()
    contradiction = False
    withheld: Mapping[str, int] = {}
    for pool in pools:
        here = Observed(way.memo, replace(_at_home(way, context, pool), withheld=withheld).for_pool(pool))
        made = None
        told: tuple[Step, ...] = ()
        settled: tuple[Step, ...] = ()
        try:
            formed = here.of(("form", pool.id), (), partial(form, here.context))
            withheld = {**withheld, pool.id: formed.withheld}
            settles, claws = formed.settles, claws_back(pool)
            left = here.of(("carried", pool.id), (claws,), partial(carried, here.context, claws)) if claws else {}
            paid = here.of(("prepaid", pool.id), (settles,), partial(prepaid, here.context, settles)) if settles else {}
            again = {**paid, **_away(here, settles)}
            home = way.home.get(pool.id, {})
            if again and not formed.amount and not contradiction:  # all of it goes back: quota and R are there again
                before = before.settling(here.given, again, home).with_nothing(here.given)
            if formed.amount and not contradiction:
                begun = before.settling(here.given, again, home)
                made = split(here, formed.amount, begun, solver=way.solver, relief=way.stories)
                contradiction = made.contradictory
                if not contradiction:
                    told = story(made, begun) if way.stories else ()
                    before = begun.after(made)
            if (settles or claws) and not contradiction:
                due = made.answer.paid if made else {}
                lines = partial(settle, here.context, due, paid, left)
                settled = here.of(("settle", pool.id), (pool, due, paid, left), lines)
            runs.append(PoolRun(here.given, formed, made, settled, told))
        except InputProblems as error:
            problems |= dict.fromkeys([*error.problems, *missing(here.given, before)])
    overspend = None
    if plan.overspend and way.overspends is not None:
        shares = Observed(way.memo, replace(context, away=way.overspends))
        stated = partial(overspend_statement, plan.overspend, shares.context)
        try:
            overspend = shares.of(("overspend",), (plan.overspend,), stated)
        except InputProblems as error:
            problems |= dict.fromkeys(error.problems)
    members = before.members if before.book is None else _taken(before.members, before.book)
    if contradiction and not problems:
        members = brought
    return AllianceRun(context, tuple(runs), overspend, members, before.book, tuple(problems))


def _opened(way: Way, alliance: Observed[Context], brought: Members) -> Before:
    """What stands before the first pool."""
    quota = way.plan.quota
    if quota is None:
        return Before(way.plan.permits, None, brought, way.earlier)
    taken = {unit: one.taken for unit, one in brought.items()}
    returned = {unit: one.returned for unit, one in brought.items()}
    opened = partial(open_book, quota, alliance.context, brought=taken, returned=returned)
    return Before(way.plan.permits, alliance.of(("quota",), (quota, taken, returned), opened), brought, way.earlier)


def _away(here: Observed[PoolContext], settles: tuple[str, ...]) -> Prepaid:
    """What a settlement's members that are at home elsewhere were prepaid of it."""
    if not settles or not here.given.away:
        return {}
    pool = here.given.pool.id
    return here.of(("prepaid away", pool), (settles,), partial(prepaid_away, here.context, settles))


def _taken(members: Members, book: QuotaBook) -> dict[str, SoFar]:
    """What members had so far, with what the alliance's pools took of their headroom."""
    return with_taken(members, book.taken, {unit: fen for unit, fen in book.returned.items() if unit in book.away})


def _at_home(way: Way, context: Context, pool: Pool) -> Context:
    """The alliance as a pool sees it.

    One that owes each member its own amount sees those that it pays; one that sets off prepayments knows whose are
    another alliance's.
    """
    homes = way.home.get(pool.id)
    if homes is None:
        return context
    members, alliance = context.members, context.alliance_code
    kept = [homes.get(unit) == alliance for unit in members["unit_code"]]
    if not pools_of()[pool.use].own:
        away = frozenset(unit for unit, own in zip(members["unit_code"], kept, strict=True) if not own)
        return replace(context, away=away)
    if all(kept):
        return context
    at_home = partial(_rows, members, kept)
    return replace(context, members=way.memo.of(("at_home", alliance, pool.id), (members, kept), at_home))


def _rows(members: pd.DataFrame, kept: list[bool]) -> pd.DataFrame:
    return members[kept].reset_index(drop=True)
