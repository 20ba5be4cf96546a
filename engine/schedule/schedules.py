"""Schedules: what people ask to be done at its time.

What was due under a schedule as it stood is made a job before it is changed or deleted; what it says then counts from
that instant on.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from domain.facts import Strict
from domain.problems import InputProblems, Problem, Problems
from domain.values import PeriodKind
from engine.schedule.rules import RULE, CatchUp, Rule, WorkingDayRule, next_instants, warnings
from engine.schedule.ticking import COUNTRY, bring
from engine.storage.audit import Record
from engine.storage.desk import Desk
from engine.storage.tables.work import Schedule
from engine.workflow.calendar import SHANGHAI
from engine.workflow.days import calendar_of
from engine.workflow.jobs import ProblemView
from engine.workflow.refusals import NotAllowed, NotThere, Stale

What: TypeAlias = Literal["open", "remind", "evaluate", "anchor", "backup"]
OF_PLANS = frozenset({"open", "remind", "evaluate"})
MAY = {"anchor": {"appraiser", "system_admin"}, "backup": {"appraiser", "system_admin"}}
"""Who may schedule what; what is not named here, the appraiser."""

_AT_ONCE = ConfigDict(defer_build=False)
"""A body of a route is built with the route: deferred, FastAPI's document of it fails."""


class NewSchedule(Strict):
    """A schedule to be made.

    plan, region: of open, remind and evaluate. period: which kind of period a rule of cron is about (that of a working
    day says it: `after`); a quarter where nothing is said. catch_up: what of that which was missed is done.
    """

    model_config = _AT_ONCE

    what: What
    plan: str = ""
    region: str = Field(default=COUNTRY, pattern="^[0-9]{6}$")
    rule: Rule
    period: PeriodKind | None = None
    enabled: bool = True
    catch_up: CatchUp = "latest"


class ScheduleChange(Strict):
    """What of a schedule is changed; what is left out stays."""

    model_config = _AT_ONCE

    rule: Rule | None = None
    period: PeriodKind | None = None
    enabled: bool | None = None
    catch_up: CatchUp | None = None


class ScheduleView(BaseModel):
    """A schedule as answers carry it. next: the next five instants (none while it is not enabled)."""

    model_config = ConfigDict(frozen=True)

    id: int
    what: What
    plan: str
    region: str
    rule: Rule
    period: PeriodKind | None
    enabled: bool
    catch_up: CatchUp
    version: int
    next: tuple[datetime, ...]
    warnings: tuple[ProblemView, ...]


def add_schedule(desk: Desk, new: NewSchedule) -> ScheduleView:
    """Make a schedule; it counts from now on. Raises InputProblems, NotAllowed."""
    _check(new)
    _check_may(desk, new.what, new.region)
    row = desk.add(
        Schedule(
            what=new.what,
            plan=new.plan,
            region=new.region,
            unit=new.region,
            rule=new.rule.model_dump(),
            period=_period(new.what, new.rule, new.period, "quarter"),
            enabled=new.enabled,
            catch_up=new.catch_up,
            seen=desk.now,
            by=desk.actor.user,
        )
    )
    _audit(desk, row, "schedule.add")
    return _view(desk, row)


def change_schedule(desk: Desk, number: int, change: ScheduleChange, version: int | None = None) -> ScheduleView:
    """Change a schedule. Raises NotThere, NotAllowed, Stale (version: the one that was seen), InputProblems."""
    row = _found(desk, number, version)
    rule = change.rule or RULE.validate_python(row.rule)
    period = _period(row.what, rule, change.period, row.period)
    _bring(desk, row)
    row.rule, row.period = rule.model_dump(), period
    row.enabled = row.enabled if change.enabled is None else change.enabled
    row.catch_up = change.catch_up or row.catch_up
    row.version += 1
    _audit(desk, row, "schedule.change")
    desk.session.flush()
    return _view(desk, row)


def remove_schedule(desk: Desk, number: int, version: int | None = None) -> None:
    """Delete a schedule. Raises NotThere, NotAllowed, Stale."""
    row = _found(desk, number, version)
    _bring(desk, row)
    _audit(desk, row, "schedule.remove")
    desk.remove(Schedule, Schedule.id == number)


def schedule_view(desk: Desk, number: int) -> ScheduleView:
    """A schedule. Raises NotThere."""
    row = desk.get(Schedule, number)
    if row is None:
        raise NotThere("没有这个定时")
    return _view(desk, row)


def schedule_views(desk: Desk, after: int = 0, limit: int = 100) -> tuple[ScheduleView, ...]:
    """Schedules by number, those behind `after`."""
    return tuple(_view(desk, row) for row in desk.rows(Schedule, Schedule.id > after, limit=limit))  # type: ignore[operator]


def _check(new: NewSchedule) -> None:
    problems = Problems()
    if new.what in OF_PLANS:
        if not new.plan:
            problems.add("plan", "SCHEDULE-PLAN", "没有写方案", "写明方案编号")
        if new.region == COUNTRY:
            problems.add("region", "SCHEDULE-REGION", "没有写地区", "写明六位行政区划代码")
    elif new.plan:
        problems.add("plan", "SCHEDULE-PLAN", "锚定和备份与方案无关", "去掉方案")
    problems.raise_if_any()


def _period(what: str, rule: Rule, said: PeriodKind | None, usual: str) -> str:
    """The kind of period: what the rule says, else what was said, else the usual. Raises InputProblems."""
    if what not in OF_PLANS:
        return ""
    if not isinstance(rule, WorkingDayRule):
        return said or usual
    if said not in (None, rule.after):
        problem = f"与规则的 after ({rule.after}) 不同"
        raise InputProblems([Problem("period", "SCHEDULE-PERIOD", problem, "按工作日的规则不写 period")])
    return rule.after


def _check_may(desk: Desk, what: str, region: str) -> None:
    covers = what not in OF_PLANS  # what is of the country is anybody's who leads a place; a batch wants its region
    if desk.actor.via not in {"command", "worker"} and not desk.actor.may(
        MAY.get(what, {"appraiser"}), region, region, covers=covers
    ):
        raise NotAllowed("ROLE", "定时由考核主管设置")


def _found(desk: Desk, number: int, version: int | None) -> Schedule:
    row = desk.get(Schedule, number, lock=True)
    if row is None:
        raise NotThere("没有这个定时")
    _check_may(desk, row.what, row.region)
    if version is not None and version != row.version:
        raise Stale(row.version)
    return row


def _bring(desk: Desk, row: Schedule) -> None:
    """What was due up to now is done, as it was asked for; from now on it counts anew."""
    if row.enabled:
        bring(desk, row, calendar_of(desk))
    row.seen = max(row.seen, desk.now)


def _audit(desk: Desk, row: Schedule, action: str) -> None:
    said = row.model_dump(include={"what", "plan", "rule", "period", "enabled", "catch_up"})
    desk.audit(Record(action, f"schedule/{row.id}", region=row.region, unit=row.unit, detail=said))


def _view(desk: Desk, row: Schedule) -> ScheduleView:
    rule = RULE.validate_python(row.rule)
    calendar = calendar_of(desk)
    after = max(row.seen, desk.now)
    guessed: tuple[Problem, ...] = warnings(rule, after, calendar) if row.enabled else ()
    return ScheduleView.model_validate(
        {
            **row.model_dump(include={"id", "what", "plan", "region", "enabled", "catch_up", "version"}),
            "rule": rule,
            "period": row.period or None,
            "next": [at.astimezone(SHANGHAI) for at in next_instants(rule, after, calendar)] if row.enabled else (),
            "warnings": [
                ProblemView(where=one.where, code=one.code, message=one.message, remedy=one.remedy) for one in guessed
            ],
        }
    )
