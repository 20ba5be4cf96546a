"""Around every request: a number, the headers of security, one line in the log, a measure, and the last catch.

A line of the log holds the route's template, never a path, a query, a name or an address.
"""

from __future__ import annotations

import secrets
import sys
import time
import traceback
from typing import Any, TextIO

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.metrics import Metrics
from api.http.problems import unexpected, wrong

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
# With no-referrer a form's POST would say `Origin: null`, which cannot be told from another site's.
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def logger(out: TextIO | None = None) -> Any:
    """Lines of JSON; of its own, so that no library changes it."""
    return structlog.wrap_logger(
        structlog.WriteLogger(out or sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
    )


class Surround:
    """An ASGI middleware, outermost."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, log: Any) -> None:
        self.app, self.metrics, self.log = app, metrics, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        number, began, status = secrets.token_hex(8), time.perf_counter(), 0
        scope.setdefault("state", {})["number"] = number

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _protect(MutableHeaders(scope=message), number, https=scope["scheme"] == "https")
            await send(message)

        try:
            if "\0" in scope["path"] or b"%00" in scope["query_string"]:
                nothing = wrong(422, "NUL", "地址里有空字符", "去掉它", where="?")
                await nothing.told().response()(scope, receive, sending)
            else:
                await self.app(scope, receive, sending)
        except Exception as error:  # noqa: BLE001  (the last catch: no stack trace leaves the program)
            # Not `exception`: that writes what was said, which may hold somebody's data.
            self.log.critical("unexpected", id=number, kind=type(error).__name__, trace=_trace(error))
            if not status:
                await unexpected(number).response()(scope, receive, sending)
        finally:
            seconds = time.perf_counter() - began
            route = _template(scope)
            self.metrics.answered(route, _method(scope), status, seconds)
            told = {"id": number, "route": route, "method": _method(scope), "status": status}
            self.log.info("answered", **told, ms=round(seconds * 1000, 1))


def _protect(headers: MutableHeaders, number: str, *, https: bool) -> None:
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("Cache-Control", "no-store")
    headers["X-Request-Id"] = number
    if https:
        headers["Strict-Transport-Security"] = "max-age=31536000"


def _template(scope: Scope) -> str:
    return str(getattr(scope.get("route"), "path", "(none)"))


def _method(scope: Scope) -> str:
    known = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    return scope["method"] if scope["method"] in known else "(other)"


def _trace(error: BaseException) -> list[str]:
    """Where it happened, innermost last; not what was said, for that may hold somebody's data."""
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
