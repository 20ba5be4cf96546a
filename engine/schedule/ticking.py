"""What is due becomes jobs, whoever looks and however often.

A job's key names what is done, where, for which plan and period; only a batch is opened once a period, everything else
once an instant. It never names the schedule, so that one that was changed, deleted or made anew brings nothing again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from domain.period import Period
from engine.schedule.rules import RULE, CatchUp, Due, catch_up, due_periods
from engine.storage.desk import Desk, Store, open_desk
from engine.storage.tables.work import Job, Schedule
from engine.workflow import jobs
from engine.workflow.calendar import Calendar, shanghai_day
from engine.workflow.days import calendar_of

COUNTRY = "000000"
KINDS = {
    "open": "due-open",
    "remind": "due-remind",
    "evaluate": "due-evaluate",
    "anchor": "anchor",
    "backup": "backup",
}
"""Which kind of job a schedule's `what` becomes."""
TITLES = {"open": "建立批次", "remind": "催办", "evaluate": "评价", "anchor": "审计锚定", "backup": "备份"}
DAILY = {"anchor": TITLES["anchor"], "sweep": "清理无主文件和到期的应答"}
"""Kinds of jobs that are due once a day without anybody's schedule, by their titles."""
LAGGING = timedelta(days=1)
"""How far `seen` may lie behind where nothing was due: it need not be written at every look."""


def tick(store: Store) -> int:
    """Make jobs of what is due now; how many were due. Raises Busy."""
    with open_desk(store, jobs.WORKER, writes=False) as desk:
        calendar = calendar_of(desk)
        due = [row.id for row in desk.rows(Schedule, Schedule.enabled) if _is_due(row, desk.now, calendar)]
        today = [kind for kind in DAILY if not desk.count(Job, Job.key == _daily_key(kind, desk.now))]
    made = 0
    for number in due:
        with open_desk(store, jobs.WORKER) as desk:
            row = desk.get(Schedule, number, lock=True)
            if row is not None and row.enabled:
                made += bring(desk, row, calendar)
    for kind in today:
        with open_desk(store, jobs.WORKER) as desk:
            key, title = _daily_key(kind, desk.now), DAILY[kind]
            jobs.request(desk, key, kind, {}, title=title, region=COUNTRY, unit=COUNTRY)
    return made


def bring(desk: Desk, row: Schedule, calendar: Calendar) -> int:
    """Make jobs of what is due of a schedule up to now, and note that it was looked at; how many were due."""
    found = catch_up(_due(row, desk.now, calendar), cast("CatchUp", row.catch_up), desk.now)
    for due in found:
        _ask(desk, row, due)
    row.seen = max(row.seen, desk.now)
    desk.session.flush()
    return len(found)


def _ask(desk: Desk, row: Schedule, due: Due) -> None:
    about = [row.what, row.region, *([row.plan, due.period] if row.plan else ())]
    instant = f"{due.instant:%Y%m%dT%H%MZ}"
    if row.what != "open":
        about.append(instant)
    args = {"plan": row.plan, "region": row.region, "period": due.period, "instant": due.instant.isoformat()}
    said = f"{Period.parse(due.period).title} {TITLES[row.what]}" if due.period else TITLES[row.what]
    jobs.request(desk, ":".join(("due", *about)), KINDS[row.what], args, title=said, region=row.region, unit=row.unit)


def _is_due(row: Schedule, now: datetime, calendar: Calendar) -> bool:
    return now - row.seen > LAGGING or bool(_due(row, now, calendar))


def _due(row: Schedule, now: datetime, calendar: Calendar) -> list[Due]:
    kind: Any = row.period or None
    return due_periods(RULE.validate_python(row.rule), kind, row.seen, now, calendar)


def _daily_key(kind: str, now: datetime) -> str:
    return f"{kind}:{shanghai_day(now)}"
