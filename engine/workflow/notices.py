"""What a person is told beside the work that waits for it: a row for each, found again by whoever it is for."""

from __future__ import annotations

from collections.abc import Collection

from engine.storage.desk import Desk
from engine.storage.tables.people import Notice
from engine.workflow.places import WHOLE


def tell(desk: Desk, users: Collection[int], kind: str, subject: str) -> None:
    """Tell these users; kind: what happened, subject: to what. No name, no amount, no secret."""
    with desk.beyond():
        for user in sorted(users):
            desk.add(Notice(region=WHOLE, unit=WHOLE, user=user, kind=kind, subject=subject, payload={}, at=desk.now))
