"""The statement of the two permits of one alliance, once the pools of all alliances are through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from allocation.permits import Statement, held_statement, permits_statement
from domain.plan import Permits
from domain.step import RunWarning
from engine.run.alliance import AllianceRun
from engine.run.pool_warnings import held_up
from engine.run.so_far import Members, allotted, drawn


def state(
    permits: Permits, run: AllianceRun, so_far: Members, home: Mapping[str, str], *, drawing: bool
) -> tuple[Statement, list[RunWarning]]:
    """The statement of the members that an alliance speaks for, and what it warns of.

    so_far: of the alliance's members, by the pools of all alliances; home: the alliance that speaks for each member;
    drawing: whether a pool pays out of R. Raises InputProblems as `allocation.permits.permits_statement`.
    """
    alliance, members = run.context.alliance_code, run.context.members
    spoken_for = members["unit_code"].map(home).eq(alliance)
    context = replace(run.context, members=members[spoken_for].reset_index(drop=True))
    income = allotted(so_far)
    if run.contradiction is not None:
        statement = held_statement(permits, context, income)
        return statement, [held_up(alliance, unit, sum(income[unit].values())) for unit in statement.reward]
    taken = {unit: one.taken for unit, one in so_far.items()}
    book = None if run.book is None else run.book.closed(taken)
    return permits_statement(permits, context, book, income, drawn(so_far) if drawing else None), []
