"""Webhooks: events sent to other systems, signed, only to hosts that the operator lists; redirects are not followed.

A webhook gets the events of its region behind the one it was last sent, one POST each, in their order, by jobs that are
tried again with growing pauses. Whoever is sent an event twice (a worker died after the answer) knows it by its
`webhook-id`. The body holds ids alone. The signature is that of standardwebhooks.com: HMAC-SHA256 over
`id.timestamp.body`, under each of at most two secrets, so that one can be changed without a gap.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict

from domain.problems import Problems
from domain.region import stem
from engine.storage.audit import Record
from engine.storage.desk import Desk, Store, open_desk, program
from engine.storage.query import begins, newest, over, true, under
from engine.storage.tables.work import Event, Webhook
from engine.workflow import jobs
from engine.workflow.refusals import NotThere
from engine.workflow.roles import require

JOB = "webhook"
AT_ONCE = 50
"""Events that one job sends at most."""
KEPT = timedelta(days=30)
"""What is older is not sent any more: whoever was away longer reads `GET /api/v1/events`."""
_MARK = "whsec_"
_ABOUT = "webhook"


class WebhookView(BaseModel):
    """A webhook. kinds: of events, or what they begin with up to a dot (none: all); sent: the last event's number."""

    model_config = ConfigDict(frozen=True)

    id: int
    region: str
    url: str
    kinds: list[str]
    enabled: bool
    secrets: int
    sent: int
    at: datetime


@dataclass(frozen=True)
class Delivery:
    """One request as it is sent."""

    seq: int
    headers: dict[str, str]
    body: bytes


def add(desk: Desk, url: str, kinds: Collection[str], region: str, hosts: Collection[str]) -> tuple[WebhookView, str]:
    """A webhook for what happens from now on, and its secret, told this once.

    Raises NotAllowed, InputProblems (WEBHOOK-URL, WEBHOOK-HOST).
    """
    require(desk.actor, "webhook.change", region, region)
    check_url(url, hosts)
    secret = _fresh()
    last = desk.first(Event, order=newest(Event.seq))
    row = desk.add(
        Webhook(
            region=region, unit=region, url=url, kinds=sorted(set(kinds)), secrets=[_locked(desk.store, secret)],
            sent=last.seq if last else 0, by=desk.actor.user, at=desk.now,
        )
    )  # fmt: skip
    _audit(desk, row, "webhook.add")
    return _view(row), secret


def rotate(desk: Desk, number: int) -> tuple[WebhookView, str]:
    """A new secret, told this once; the one before goes on signing beside it until the next change."""
    row = _found(desk, number)
    secret = _fresh()
    row.secrets = [_locked(desk.store, secret), *row.secrets][:2]
    row.enabled = True
    desk.add(row)
    _audit(desk, row, "webhook.rotate")
    return _view(row), secret


def remove(desk: Desk, number: int) -> None:
    """Nothing is sent there any more. Raises NotThere."""
    row = _found(desk, number)
    _audit(desk, row, "webhook.remove")
    desk.remove(Webhook, Webhook.id == number)


def listed(desk: Desk, *, after: int, limit: int) -> list[WebhookView]:
    """The webhooks of the caller's regions, by number."""
    return [_view(row) for row in desk.rows(Webhook, over(Webhook.id, after), limit=limit)]


def check_url(url: str, hosts: Collection[str]) -> None:
    """Raises InputProblems where nothing may be sent. hosts: `host` or `host:port`, as the operator lists them."""
    problems, parts = Problems(), urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in {"https", "http"} or not parts.hostname or port == -1 or parts.username is not None:
        problems.add("$.url", "WEBHOOK-URL", "须为 https://主机/路径", "不带用户名和密码")
    elif parts.fragment or not url.isascii() or any(letter <= " " for letter in url):
        problems.add("$.url", "WEBHOOK-URL", "地址里有不能发送的字符", "改正")
    elif not {parts.hostname, f"{parts.hostname}:{port}"} & {host.lower() for host in hosts}:
        said = f"不能发往 {parts.hostname}"
        problems.add("$.url", "WEBHOOK-HOST", said, "请系统管理员写进 LIANGYUN_WEBHOOK_HOSTS")
    problems.raise_if_any()


def ask(store: Store) -> int:
    """Ask for a job for each webhook that has something to be sent; how many. Raises Busy."""
    with open_desk(store, program("worker"), writes=False) as desk:
        waiting = [row for row in desk.rows(Webhook, true(Webhook.enabled)) if _events(desk, row, limit=1)]
    for row in waiting:
        with open_desk(store, program("worker")) as desk:
            key = f"webhook:{row.id}:{row.sent}"
            args = {"webhook": row.id, "after": row.sent}
            jobs.request(desk, key, JOB, args, title="发送事件", region=row.region, unit=row.unit)
    return len(waiting)


def deliveries(store: Store, number: int) -> tuple[str, list[Delivery]]:
    """Where to, and what is to be sent now, in order; nothing where the webhook is gone or not enabled."""
    with open_desk(store, program("worker"), writes=False) as desk:
        row = desk.get(Webhook, number)
        if row is None or not row.enabled:
            return "", []
        found = _events(desk, row, limit=AT_ONCE)
        keys = [store.keys.decrypt_text(one, _ABOUT) for one in row.secrets]
        return row.url, [_delivery(store, row, event, keys) for event in found]


def sent(store: Store, number: int, seq: int) -> None:
    """Note that everything up to an event was taken. Raises Busy."""
    with open_desk(store, program("worker")) as desk:
        desk.change(Webhook, Webhook.id == number, under(Webhook.sent, seq), sent=seq)


def given_up(desk: Desk, number: int) -> None:
    """Nothing is sent there until somebody looks: it failed for a day."""
    row = desk.get(Webhook, number)
    if row is not None:
        row.enabled = False
        desk.add(row)
        _audit(desk, row, "webhook.disabled")


def signature(secret: str, number: str, timestamp: int, body: bytes) -> str:
    """What `webhook-signature` says for one secret."""
    key = base64.b64decode(secret.removeprefix(_MARK))
    said = f"{number}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, said, sha256)).decode()


def _delivery(store: Store, row: Webhook, event: Event, keys: list[str]) -> Delivery:
    told = {
        "seq": event.seq,
        "kind": event.kind,
        "subject": event.subject,
        "payload": event.payload,
        "at": event.at.astimezone(UTC).isoformat(),
    }
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    number, timestamp = f"{store.origin}-{row.id}-{event.seq}", int(store.clock().timestamp())
    headers = {
        "content-type": "application/json",
        "webhook-id": number,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(key, number, timestamp, body) for key in keys),
    }
    return Delivery(event.seq, headers, body)


def _events(desk: Desk, row: Webhook, *, limit: int) -> list[Event]:
    where = [over(Event.seq, row.sent), begins(Event.region, stem(row.region)), over(Event.at, desk.now - KEPT)]
    kinds = tuple(row.kinds or ())
    found: list[Event] = []
    after = row.sent
    while len(found) < limit:
        page = desk.rows(Event, *where, over(Event.seq, after), order=Event.seq, limit=AT_ONCE)
        found += [one for one in page if not kinds or _is_of(one.kind, kinds)]
        if len(page) < AT_ONCE:
            break
        after = page[-1].seq
    return found[:limit]


def _is_of(kind: str, kinds: tuple[str, ...]) -> bool:
    return any(kind == one or kind.startswith(f"{one}.") for one in kinds)


def _found(desk: Desk, number: int) -> Webhook:
    row = desk.get(Webhook, number, lock=True)
    if row is None:
        raise NotThere("没有这个推送")
    require(desk.actor, "webhook.change", row.region, row.region)
    return row


def _view(row: Webhook) -> WebhookView:
    said = row.model_dump(include={"id", "region", "url", "kinds", "enabled", "sent", "at"})
    return WebhookView(**said, secrets=len(row.secrets))


def _audit(desk: Desk, row: Webhook, action: str) -> None:
    detail = {"host": urlsplit(row.url).hostname or "", "kinds": list(row.kinds or ())}
    desk.audit(Record(action, f"webhook/{row.id}", region=row.region, unit=row.unit, detail=detail))


def _fresh() -> str:
    return _MARK + base64.b64encode(secrets.token_bytes(32)).decode()


def _locked(store: Store, secret: str) -> str:
    return store.keys.encrypt_text(secret, _ABOUT)
