"""The calendar of the installation: what was imported, over what the program knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from domain.plan import Plan
from domain.workflow import KEY_TITLES, TERM_TITLES, Term
from engine.read.workdays import read_workdays
from engine.storage.audit import Record
from engine.storage.desk import Desk
from engine.storage.query import between
from engine.storage.tables.work import Workday
from engine.workflow.calendar import SHANGHAI, Calendar, CalendarUnknown, day_end, shanghai_day
from engine.workflow.refusals import Guard, Unmet


class WorkdayView(BaseModel):
    """A day of the imported table."""

    model_config = ConfigDict(frozen=True)

    day: date
    working: bool
    source: str


def calendar_of(desk: Desk) -> Calendar:
    """Working days as they are known here."""
    return Calendar({row.day: row.kind == "working" for row in desk.rows(Workday)})


def term_end(desk: Desk, plan: Plan, term: Term, act: datetime, *, days: int | None = None) -> datetime:
    """When a term of the plan ends that begins with an act. days: as said elsewhere than under `deadlines`.

    Raises Unmet: PLAN-UNSAID, CALENDAR-UNKNOWN.
    """
    days = plan.deadlines.days(term) if days is None else days
    if days is None:
        raise Unmet([Guard("PLAN-UNSAID", f"方案没有写{KEY_TITLES[f'deadlines.{term}']} (deadlines.{term})")])
    try:
        return calendar_of(desk).term_end(act, days)
    except CalendarUnknown as unknown:
        raise Unmet([Guard(unknown.problem.code, unknown.problem.message, remedy=unknown.problem.remedy)]) from unknown


def term_until(
    desk: Desk, plan: Plan, term: Term, act: datetime, until: datetime | None, reason: str, *, days: int | None = None
) -> datetime:
    """The same where an end may be given: not before the term is over.

    Where no calendar knows a year of it, the end is given with a reason, and is not before as many days as the term has
    working days. Raises Unmet: PLAN-UNSAID, CALENDAR-UNKNOWN, UNTIL.
    """
    try:
        end = term_end(desk, plan, term, act, days=days)
    except Unmet as missing:
        days = plan.deadlines.days(term) if days is None else days
        if days is None:
            raise
        if until is None or not reason.strip():
            raise Unmet(_or_given(one, term) for one in missing.guards) from missing
        end = day_end(shanghai_day(act) + timedelta(days=days))
    if until is not None and until < end:
        said = f"写的截止时间早于{TERM_TITLES[term]}的期限, 期限到 {end.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        raise Unmet([Guard("UNTIL", said, (("until", end.isoformat()),))])
    return until or end


def _or_given(guard: Guard, term: Term) -> Guard:
    said = f"{guard.message}: 导入工作日表, 或写明截止时间 (until) 和理由"
    return replace(guard, message=said, more=(("term", TERM_TITLES[term]),), remedy="")


def import_workdays(desk: Desk, path: Path) -> int:
    """Take in a table of working days and days off; each day as the newest table says. Raises InputProblems."""
    read = read_workdays(path)
    for one in read:
        row = desk.get(Workday, one.day) or Workday(day=one.day, kind="")
        row.kind, row.source = "working" if one.working else "rest", one.source
        desk.add(row)
    days = sorted(one.day.isoformat() for one in read)
    desk.audit(Record("workdays.import", "workdays", detail={"days": len(days), "from": days[0], "to": days[-1]}))
    return len(read)


def listed(desk: Desk, year: int) -> list[WorkdayView]:
    """The days of a year that were imported, in order."""
    rows = desk.rows(Workday, between(Workday.day, date(year, 1, 1), date(year, 12, 31)))
    return [WorkdayView(day=row.day, working=row.kind == "working", source=row.source) for row in rows]
