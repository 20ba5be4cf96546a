"""Events sent to a webhook: one POST each, no redirect followed; what was taken is noted after each."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from domain.problems import Problem
from engine.storage.desk import Desk, Store
from engine.storage.tables.work import Job
from engine.workflow import webhooks
from engine.workflow.doing import Commit, Report
from engine.workflow.settings import read_settings

PAUSES = (10, 60, 300, 900, 3600, 7200, 14_400, 28_800, 28_800)
"""A day, all together; then the webhook is not enabled any more."""
SECONDS = 10
"""How long the other side may take."""


class NotTaken(Exception):
    """The other side did not take an event (another status than 2xx, a redirect too)."""


def work(store: Store, job: Job, report: Report) -> Commit:
    """Send what waits, in order, until one is not taken. Raises NotTaken, OSError, InputProblems (WEBHOOK-HOST)."""
    number = int(dict(job.args or {})["webhook"])
    url, waiting = webhooks.deliveries(store, number)
    if waiting:
        webhooks.check_url(url, read_settings().webhook_hosts)
    for done, one in enumerate(waiting, start=1):
        post(url, one.headers, one.body)
        webhooks.sent(store, number, one.seq)
        report(done, len(waiting))

    def commit(_: Desk) -> Mapping[str, Any]:
        return {"sent": len(waiting)}

    return commit


def ended(desk: Desk, job: Job, problems: Sequence[Problem]) -> None:  # noqa: ARG001  (every kind is given the same)
    """It failed for good: nothing is sent there until somebody looks."""
    webhooks.given_up(desk, int(dict(job.args or {})["webhook"]))


def post(url: str, headers: Mapping[str, str], body: bytes) -> None:
    """One POST, by no proxy. Raises NotTaken, OSError."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if parts.scheme == "https":
        secure = ssl.create_default_context()
        sending: http.client.HTTPConnection = http.client.HTTPSConnection(host, port, timeout=SECONDS, context=secure)
    else:
        sending = http.client.HTTPConnection(host, port, timeout=SECONDS)
    try:
        sending.request("POST", target, body=body, headers=dict(headers))
        status = sending.getresponse().status
    except http.client.HTTPException as error:
        raise NotTaken(type(error).__name__) from error
    finally:
        sending.close()
    if not 200 <= status < 300:
        raise NotTaken(str(status))
