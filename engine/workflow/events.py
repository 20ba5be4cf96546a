"""What happened, as other systems hear of it: numbered in the order of the commits, ids only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from domain.region import stem
from engine.storage.desk import Desk
from engine.storage.query import among, begins, either, over
from engine.storage.tables.work import Event


class EventView(BaseModel):
    """An event. subject: noun/id; payload: more ids and states, no amount and no name."""

    model_config = ConfigDict(frozen=True)

    seq: int
    kind: str
    subject: str
    payload: dict[str, Any]
    at: datetime


def listed(desk: Desk, after: int, limit: int) -> list[EventView]:
    """The events of the caller's places behind a number: of its units, and what concerns a region whole."""
    scope, mine = desk.actor.scope, []
    if not scope.everywhere:
        areas = [begins(Event.region, stem(area)) for area in sorted(scope.regions)]
        mine = [either(Event.unit == Event.region, among(Event.unit, scope.units), *areas)]
    rows = desk.rows(Event, over(Event.seq, after), *mine, order=Event.seq, limit=limit)
    return [EventView(seq=row.seq, kind=row.kind, subject=row.subject, payload=row.payload, at=row.at) for row in rows]
