"""The statement of the two permits of one alliance, once the pools of all alliances are through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from allocation.earlier import Earlier
from allocation.permits import Statement, held_statement, permits_statement
from domain.plan import Permits
from domain.step import RunWarning
from engine.run.alliance import AllianceRun
from engine.run.memo import Memo
from engine.run.observed import Observed
from engine.run.pool_warnings import held_up, overdrawn
from engine.run.so_far import Members, allotted, drawn


def state(
    permits: Permits,
    memo: Memo,
    run: AllianceRun,
    so_far: Members,
    home: Mapping[str, str],
    *,
    earlier: Earlier,
    drawing: bool,
) -> tuple[Statement, list[RunWarning]]:
    """The statement of the members that an alliance speaks for, and what it warns of.

    so_far: of the alliance's members, by the pools of all alliances; home: the alliance that speaks for each member;
    earlier: what shorter periods may have paid out of R; drawing: whether a pool pays out of R. Raises InputProblems
    as `allocation.permits.permits_statement`.
    """
    alliance, members = run.context.alliance_code, run.context.members
    homes = [home.get(unit) for unit in members["unit_code"]]
    kept = [one == alliance for one in homes]
    spoken_for = memo.of(("spoken_for", alliance), (members, kept), lambda: members[kept].reset_index(drop=True))
    here = Observed(memo, replace(run.context, members=spoken_for))
    income, contradictory = allotted(so_far), run.contradiction is not None
    taken, returned = (
        {unit: one.taken for unit, one in so_far.items()},
        {unit: one.returned for unit, one in so_far.items()},
    )
    book = None if run.book is None else run.book.closed(taken, returned)
    paid = drawn(so_far) if drawing else None

    def stated() -> Statement:
        if contradictory:
            return held_statement(permits, here.context, income)
        return permits_statement(permits, here.context, book, income, paid, earlier)

    statement = here.of(("statement",), (permits, contradictory, book, income, paid, earlier), stated)
    held = statement.reward if contradictory else ()
    return statement, [
        *(held_up(alliance, unit, sum(income[unit].values())) for unit in held),
        *(overdrawn(alliance, unit, fen) for unit, fen in sorted(statement.overdrawn.items())),
    ]
