"""What happened, as other systems hear of it: numbered in the order of the commits, ids only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from engine.storage.desk import Desk
from engine.storage.query import over
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
    """The events of the caller's places behind a number."""
    rows = desk.rows(Event, over(Event.seq, after), order=Event.seq, limit=limit)
    return [EventView(seq=row.seq, kind=row.kind, subject=row.subject, payload=row.payload, at=row.at) for row in rows]
