"""A person's own slips and story: whoever holds `self` for a unit sees the codes that are its own, from 公示 on."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from engine.storage.desk import Desk
from engine.storage.query import among, newest
from engine.storage.tables.period import Batch
from engine.workflow import pay_folders
from engine.workflow.batch import AMOUNTS_SHOWN
from engine.workflow.cases import Case

_SELF = frozenset({"self"})


class OwnSlip(BaseModel):
    """What one pay batch pays the caller: its payslips and lines as the tables have them, and how that came about."""

    model_config = ConfigDict(frozen=True)

    batch: int
    plan: str
    period: str
    month: str
    unit: str
    state: str
    payslips: list[dict[str, str]]
    lines: list[dict[str, str]]
    stories: list[str]


def mine(desk: Desk) -> list[OwnSlip]:
    """The caller's own slips, newest first; its person is the person code of the rosters."""
    actor, found = desk.actor, list[OwnSlip]()
    if not actor.person:
        return found
    for batch in desk.rows(Batch, Batch.kind == "pay", among(Batch.state, AMOUNTS_SHOWN), order=newest(Batch.id)):
        if not actor.may(_SELF, batch.region, batch.unit):
            continue
        own = _own(desk, batch)
        if own is not None:
            found.append(own)
    return found


def _own(desk: Desk, batch: Batch) -> OwnSlip | None:
    case = Case(desk, batch)
    if case.paid is None:
        return None
    slips, lines = (
        [row for row in pay_folders.rows(desk, case.paid, name) if row["person_code"] == desk.actor.person]
        for name in ("payslips", "lines")
    )
    if not slips and not lines:
        return None
    posts = dict.fromkeys(line["post_no"] for line in lines)
    return OwnSlip(
        batch=batch.id or 0,
        plan=case.period_row.plan,
        period=case.period_row.code,
        month=slips[0]["month"] if slips else "",
        unit=batch.unit,
        state=batch.state,
        payslips=slips,
        lines=lines,
        stories=[str(pay_folders.story(desk, batch, post)["text"]) for post in posts],
    )
