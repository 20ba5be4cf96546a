"""Records of the audit as they are read: all by the audit administrator, those of its units by an auditor.

An auditor sees no person: logins are masked, and what a detail says of people is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from domain.region import stem
from engine.storage.desk import Actor, Desk
from engine.storage.query import among, begins, either, over, under
from engine.storage.scope import Scope
from engine.storage.tables.proof import Audit, AuditDetail

MASKED = "***"
_OF_PEOPLE = frozenset({"name", "person", "login", "mail", "address", "signer", "by"})


class AuditView(BaseModel):
    """One record; detail null: its retention is over."""

    model_config = ConfigDict(frozen=True)

    seq: int
    at: datetime
    actor: str
    via: str
    action: str
    subject: str
    outcome: str
    region: str
    unit: str
    hash: str
    detail: dict[str, Any] | None


def listed(
    desk: Desk,
    *,
    after: int,
    limit: int,
    since: datetime | None = None,
    until: datetime | None = None,
    **having: str,
) -> list[AuditView]:
    """Records in their order, behind a number. having: actor, action, subject, outcome ("" any)."""
    whole = "audit_admin" in desk.actor.roles
    where: list[Any] = [over(Audit.seq, after)]
    where += [getattr(Audit, name) == value for name, value in having.items() if value]
    where += [over(Audit.at, since)] if since else []
    where += [under(Audit.at, until)] if until else []
    if not whole:
        places = [one for held in _scopes(desk.actor) for one in _of(held)]
        if not places and not any(scope.everywhere for scope in _scopes(desk.actor)):
            return []
        where += [either(*places)] if places else []
    rows = desk.rows(Audit, *where, order=Audit.seq, limit=limit)
    details = _details(desk, [row.detail_sha for row in rows])
    return [_view(row, details.get(row.detail_sha), masked=not whole) for row in rows]


def _scopes(actor: Actor) -> list[Scope]:
    return [held.scope for held in actor.held if held.role == "auditor"]


def _of(scope: Scope) -> Iterator[Any]:
    if scope.units:
        yield among(Audit.unit, scope.units)
    yield from (begins(Audit.region, stem(region)) for region in sorted(scope.regions))


def _details(desk: Desk, shas: Sequence[str]) -> dict[str, Any]:
    return {row.sha: row.detail for row in desk.rows(AuditDetail, among(AuditDetail.sha, set(shas)))}


def _view(row: Audit, detail: Any, *, masked: bool) -> AuditView:
    said = {name: getattr(row, name) for name in AuditView.model_fields if name != "detail"}
    if masked:
        said["actor"] = MASKED
        detail = {name: value for name, value in (detail or {}).items() if name not in _OF_PEOPLE} or None
        if said["subject"].startswith("user/"):
            said["subject"] = f"user/{MASKED}"
    return AuditView(**said, detail=detail)
