"""A desk: one transaction with its actor, scope and clock, its audit records and events. No write exists outside one.

    with open_desk(store, actor) as desk:
        row = desk.add(Batch(...))
        desk.audit(Record("batch.open", f"batch/{row.id}", region=row.region, unit=row.unit))

What was recorded is written as the last statement, under the locked head of the chain; then it commits. An exception
leaves nothing. A refusal is recorded by a desk of its own (`refused`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import Engine, delete, func, update
from sqlmodel import Session, select

from engine.storage import audit
from engine.storage.audit import Record
from engine.storage.connect import WRITE, busy_is_told, taken_is_told
from engine.storage.files import Files
from engine.storage.keys import Keys
from engine.storage.scope import EVERYWHERE, NOWHERE, Scope, scope_of, set_scope
from engine.storage.tables.base import Scoped, Table
from engine.storage.tables.work import Event

T = TypeVar("T", bound=Table)


def now() -> datetime:
    """The clock of the machine."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Store:
    """What an installation keeps. origin: its random name; clock: of the machine, but in tests."""

    home: Path
    engine: Engine
    files: Files
    keys: Keys
    origin: str
    clock: Callable[[], datetime] = now


@dataclass(frozen=True)
class Held:
    """A role that somebody holds for a place. unit: as it was granted (empty: everywhere)."""

    role: str
    unit: str
    scope: Scope


@dataclass(frozen=True)
class Actor:
    """Who acts. user: None for the program itself; person: the natural person behind the login.

    via: http, console, command, worker or paper; signed_in: by password, not by a token.
    """

    login: str
    via: str
    user: int | None = None
    person: str = ""
    name: str = ""
    held: tuple[Held, ...] = ()
    scope: Scope = NOWHERE
    signed_in: bool = False

    @property
    def roles(self) -> frozenset[str]:
        """Its roles, wherever."""
        return frozenset(one.role for one in self.held)

    def may(self, roles: frozenset[str] | set[str], region: str, unit: str, *, covers: bool = False) -> bool:
        """Whether it holds one of these roles for this place."""
        return any(one.role in roles and one.scope.sees(region, unit, covers=covers) for one in self.held)


def program(via: str, login: str = "system") -> Actor:
    """The program itself, which sees everything: a command of the machine's operator, a worker."""
    return Actor(login=login, via=via, scope=EVERYWHERE)


@dataclass
class Desk:
    """What commands and queries are given. now: one instant for everything in it."""

    store: Store
    session: Session
    actor: Actor
    now: datetime
    _records: list[Record] = field(default_factory=list)
    _events: list[tuple[str, str, str, str, dict[str, Any]]] = field(default_factory=list)

    def get(self, table: type[T], key: Any, *, lock: bool = False) -> T | None:
        """The row of a primary key; None where it is not there, or not the caller's. lock: nobody else's meanwhile."""
        row = self.session.get(table, key, with_for_update=lock or None)
        if isinstance(row, Scoped) and not scope_of(self.session).sees(row.region, row.unit, covers=row.covered):
            return None  # the session has it from `beyond`
        return row

    def rows(
        self,
        table: type[T],
        *where: Any,
        order: Any = None,
        limit: int | None = None,
    ) -> list[T]:
        """The rows for which all of this holds, by primary key unless `order` (a column or several) says otherwise."""
        found = select(table).where(*where).order_by(*self._order(table, order))
        return list(self.session.exec(found if limit is None else found.limit(limit)))

    def first(self, table: type[T], *where: Any, order: Any = None) -> T | None:
        """The first of these rows; None if there is none."""
        return next(iter(self.rows(table, *where, order=order, limit=1)), None)

    def values(self, columns: Sequence[Any], *where: Any, order: Any = None, limit: int | None = None) -> list[Any]:
        """These columns of the rows, as tuples: a fifth of what whole rows cost. Columns are of one table or joined."""
        found = select(*columns).where(*where)
        if order is not None:
            found = found.order_by(*(order if isinstance(order, tuple) else (order,)))
        return [tuple(row) for row in self.session.execute(found if limit is None else found.limit(limit))]

    def count(self, table: type[T], *where: Any) -> int:
        """How many rows there are."""
        return int(self.session.execute(select(func.count()).select_from(table).where(*where)).scalar_one())

    def add(self, row: T) -> T:
        """A new row, with the number that the database gave it. Raises Taken where there is one like it already."""
        with taken_is_told():
            self.session.add(row)
            self.session.flush()
        return row

    def change(self, table: type[T], *where: Any, **values: Any) -> int:
        """Change rows at once; how many there were (of the caller's places)."""
        with taken_is_told():
            self.session.flush()
            changed = update(table).where(*where).values(**values)
            return int(cast("Any", self.session.execute(changed)).rowcount)

    def remove(self, table: type[T], *where: Any) -> int:
        """Delete rows; how many there were (of the caller's places)."""
        self.session.flush()
        return int(cast("Any", self.session.execute(delete(table).where(*where))).rowcount)

    @staticmethod
    def _order(table: type[T], order: Any) -> tuple[Any, ...]:
        if order is None:
            return tuple(cast("Any", table).__table__.primary_key.columns)
        return order if isinstance(order, tuple) else (order,)

    def audit(self, record: Record) -> None:
        """To be recorded when this commits."""
        self._records.append(record)

    def event(
        self, kind: str, subject: str, *, region: str, unit: str, payload: Mapping[str, Any] | None = None
    ) -> None:
        """To be told when this commits: ids only, no amount and no name."""
        self._events.append((kind, subject, region, unit, dict(payload or {})))

    @contextmanager
    def beyond(self) -> Iterator[None]:
        """Look and write beyond the caller's places, for what the program itself must know (guards, sign-in)."""
        scope = scope_of(self.session)
        writes = bool(self.session.info["writes"])
        self.session.flush()
        set_scope(self.session, EVERYWHERE, writes=writes)
        try:
            yield
            self.session.flush()
        finally:
            set_scope(self.session, scope, writes=writes)

    def close(self) -> None:
        """Write what was recorded, as the last thing of the transaction."""
        self.session.flush()
        if not self._records and not self._events:
            return
        set_scope(self.session, EVERYWHERE, writes=True)
        last = audit.head(self.session)
        for kind, subject, region, unit, payload in self._events:
            last.event += 1
            row = Event(
                seq=last.event, kind=kind, subject=subject, region=region, unit=unit, payload=payload, at=self.now
            )
            self.session.add(row)
        audit.append(self.session, last, self._records, actor=self.actor.login, via=self.actor.via, now=self.now)
        self.session.flush()


@contextmanager
def open_desk(store: Store, actor: Actor, *, writes: bool = True) -> Iterator[Desk]:
    """One transaction. Raises Busy where the database did not let it through, Taken where a key was taken."""
    with busy_is_told():
        engine = store.engine.execution_options(**{WRITE: writes})
        with Session(engine, expire_on_commit=False) as session:
            set_scope(session, actor.scope, writes=writes)
            desk = Desk(store, session, actor, store.clock())
            yield desk
            if writes:
                with taken_is_told():
                    desk.close()
                    session.commit()


def refused(store: Store, actor: Actor, record: Record) -> None:
    """Record what was not allowed, in a transaction of its own: the one that was refused left nothing."""
    with open_desk(store, actor) as desk:
        desk.audit(record)
