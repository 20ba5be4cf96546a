"""How a job changes hands: what a desk's plain methods cannot say.

The clock of jobs is the database's on PostgreSQL, where workers are of several machines whose own clocks differ, and
the host's on SQLite. It writes `at`, `due` and `lease`, and nothing else is compared with them.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, and_, case, func, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from engine.storage.connect import is_sqlite
from engine.storage.desk import Desk
from engine.storage.scope import OutOfScope, scope_of
from engine.storage.tables.work import Job

FAR = 10
"""A lease that lies this many leases ahead was written before the host's clock was set back: it is over."""


def job_now(desk: Desk) -> datetime:
    """The clock of jobs, now: not of the beginning of the transaction."""
    if is_sqlite(desk.store.engine):
        return desk.store.clock()
    now: datetime = desk.session.execute(select(func.clock_timestamp())).scalar_one()
    return now.astimezone(UTC)


def put_once(desk: Desk, row: Job) -> bool:
    """Insert a job unless its key is there already; whether it was. Raises OutOfScope."""
    if not scope_of(desk.session).sees(row.region, row.unit, covers=Job.covers):
        raise OutOfScope(f"Job of {row.region}/{row.unit}")
    insert: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[desk.store.engine.dialect.name]
    table = cast("Any", Job).__table__
    put = insert(table).values(**row.model_dump(exclude={"id"})).on_conflict_do_nothing(index_elements=["key"])
    return desk.session.execute(put.returning(table.c.id)).first() is not None


def is_waiting(desk: Desk, seconds: float, kinds: Collection[str]) -> bool:
    """Whether there is a job to take, without taking it: a look that keeps nobody from writing."""
    found = select(Job.id).where(_free(job_now(desk), seconds, kinds)).limit(1)
    return desk.session.execute(found).first() is not None


def take(desk: Desk, owner: str, seconds: float, kinds: Collection[str]) -> Job | None:
    """The oldest job of these kinds that is due and nobody's, now the owner's for so many seconds; None if none is.

    Its attempt is one more than any before. One whose owner let the lease lapse counts as one more failure.
    """
    now = job_now(desk)
    pick = select(Job.id).where(_free(now, seconds, kinds)).order_by(col(Job.due), col(Job.id)).limit(1)
    if not is_sqlite(desk.store.engine):
        pick = pick.with_for_update(skip_locked=True)
    taken = (
        update(Job)
        .where(col(Job.id) == pick.scalar_subquery())
        .values(
            state="running",
            owner=owner,
            attempt=col(Job.attempt) + 1,
            failures=case((col(Job.state) == "running", col(Job.failures) + 1), else_=col(Job.failures)),
            lease=now + timedelta(seconds=seconds),
        )
        .returning(col(Job.id))
        .execution_options(synchronize_session=False)
    )
    found = desk.session.execute(taken).first()
    return None if found is None else desk.get(Job, found[0])


def _free(now: datetime, seconds: float, kinds: Collection[str]) -> ColumnElement[bool]:
    """What may be taken: queued and due (what was due at once is, wherever the clock went), or of a lapsed lease."""
    due, lease = col(Job.due), col(Job.lease)
    queued = and_(col(Job.state) == "queued", or_(due <= now, due <= col(Job.at)))
    lapsed = or_(lease < now, lease > now + timedelta(seconds=seconds * FAR))
    return and_(col(Job.kind).in_(sorted(kinds)), or_(queued, and_(col(Job.state) == "running", lapsed)))
