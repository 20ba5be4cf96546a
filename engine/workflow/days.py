"""The calendar of the installation: what was imported, over what the program knows."""

from __future__ import annotations

from pathlib import Path

from engine.read.workdays import read_workdays
from engine.storage.audit import Record
from engine.storage.desk import Desk
from engine.storage.tables.work import Workday
from engine.workflow.calendar import Calendar


def calendar_of(desk: Desk) -> Calendar:
    """Working days as they are known here."""
    return Calendar({row.day: row.kind == "working" for row in desk.rows(Workday)})


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
