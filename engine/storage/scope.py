"""Whose rows a session sees, in one place.

Every select, update and delete of a scoped table gets the caller's units as a criterion; what is inserted is checked
before the flush; a session without scope fails. `text()`, core selects and bulk inserts go past this: they stand only
in this wing (a test looks). What lies outside is not there: answers say 404.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, event, false, or_
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria
from sqlalchemy.orm.interfaces import ORMOption
from sqlmodel import Session, col

from domain.region import contains, stem
from engine.storage.schema import scoped_tables
from engine.storage.tables.base import Scoped

_SCOPE, _OPTIONS, _WRITES = "scope", "scope_options", "writes"


class OutOfScope(Exception):
    """A row of a place was written that the caller has no grant for."""


@dataclass(frozen=True)
class Scope:
    """Places: everywhere, whole regions, and single units. homes: the regions in which any of the units lie."""

    everywhere: bool = False
    regions: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()
    homes: frozenset[str] = frozenset()

    def sees(self, region: str, unit: str, *, covers: bool = False) -> bool:
        """Whether a row of this place is there; covers: of a table whose rows concern all units of their region."""
        if self.everywhere or unit in self.units or any(contains(area, region) for area in self.regions):
            return True
        return covers and any(contains(region, home) for home in (*self.homes, *self.regions))

    def criterion(self, table: type[Scoped]) -> ColumnElement[bool] | None:
        """The same as SQL; None where everything is there."""
        if self.everywhere:
            return None
        wanted: list[ColumnElement[bool]] = [col(table.region).startswith(stem(area)) for area in sorted(self.regions)]
        if self.units:
            wanted.append(col(table.unit).in_(sorted(self.units)))
        around = _around((*self.homes, *self.regions)) if table.covers else ()
        if around:
            here = col(table.region).in_(sorted(around))
            wanted.append(here if table.apart is None else and_(here, _column(table, table.apart[0]) != table.apart[1]))
        return or_(*wanted) if wanted else false()


def _column(table: type[Scoped], name: str) -> Any:
    return col(getattr(table, name))


EVERYWHERE = Scope(everywhere=True)
NOWHERE = Scope()


def _around(homes: Iterable[str]) -> frozenset[str]:
    """The areas that these lie in: 330103 → 330103, 330100, 330000, 000000 (the country)."""
    return frozenset(home[:digits].ljust(6, "0") for home in homes for digits in (0, 2, 4, 6))


def set_scope(session: Session, scope: Scope, *, writes: bool) -> None:
    """Give a session its caller's places; from here on nothing else is there."""
    session.info[_SCOPE], session.info[_WRITES] = scope, writes
    session.info[_OPTIONS] = _options(scope)


def scope_of(session: Session) -> Scope:
    """The places of a session. Raises OutOfScope where it was given none."""
    scope = session.info.get(_SCOPE)
    if not isinstance(scope, Scope):
        raise OutOfScope("a session without scope")
    return scope


def _options(scope: Scope) -> tuple[ORMOption, ...]:
    options: list[ORMOption] = []
    for table in scoped_tables():
        criterion = scope.criterion(table)
        if criterion is not None:
            options.append(with_loader_criteria(table, criterion, include_aliases=True))
    return tuple(options)


@event.listens_for(Session, "do_orm_execute")
def _narrow(state: ORMExecuteState) -> None:
    scope_of(state.session)  # type: ignore[arg-type]  # the sessions of this program are SQLModel's
    if (state.is_update or state.is_delete) and not state.session.info[_WRITES]:
        raise OutOfScope("a desk for reading writes nothing")
    if (state.is_select or state.is_update or state.is_delete) and not state.is_column_load:
        state.statement = state.statement.options(*state.session.info[_OPTIONS])


@event.listens_for(Session, "before_flush")
def _check(session: Session, *_: object) -> None:
    scope = scope_of(session)
    changed = [*session.new, *session.dirty, *session.deleted]
    if changed and not session.info[_WRITES]:
        raise OutOfScope("a desk for reading writes nothing")
    for row in changed:
        if isinstance(row, Scoped) and not scope.sees(row.region, row.unit, covers=row.covered):
            raise OutOfScope(f"{type(row).__name__} of {row.region}/{row.unit}")
