"""How every route answers: exceptions become problems, bodies are bounded, callers known, refusals recorded.

`Open` needs no sign-in; `Signed` does, and honours `Idempotency-Key` on a POST. Every route is one of the two.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Coroutine
from hashlib import sha256
from typing import Any

from fastapi.params import Form
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.http.bodies import look_through
from api.http.problems import Told, told, wrong
from api.http.settings import HttpSettings
from api.http.who import address_of, come_in
from domain.problems import LiangyunError
from engine.workflow.desks import Visit
from engine.workflow.idempotency import Kept, first_answer, forget, keep_answer
from engine.workflow.refusals import NotAllowed

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
_RECORDED = frozenset({403, 404, 409})
"""Refusals of a signed-in caller that stand in the audit."""
_NOT_KEPT = frozenset({401, 403, 429, 503})
"""Answers after which nothing was done: the same key may be used again."""
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_KEPT_HEADERS = ("content-type", "location", "etag")


class Open(APIRoute):
    """A route without sign-in."""

    cut = False
    """Whether a body that is too long is cut for the route to refuse, instead of refused here."""

    def get_route_handler(self) -> Handler:
        """FastAPI's handler, with what every route shares around it."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await self.answer(await self._bounded(request), inner)
            except Exception as error:
                said = told(error)
                if said is None:
                    raise
                return (await _noted(request, said, self.path)).response()

        return handle

    async def answer(self, request: Request, inner: Handler) -> Response:
        """The answer. Raises what `told` knows."""
        return await inner(request)

    def most(self, request: Request) -> int:
        """How many bytes a body may have."""
        settings: HttpSettings = request.app.state.settings
        form = request.headers.get("content-type", "").startswith("multipart/form-data")
        return settings.upload_bytes if form else settings.json_bytes

    def accepts(self) -> frozenset[str]:
        """The kinds of content that the route takes; none: it takes no body."""
        if self.body_field is not None:
            form = isinstance(self.body_field.field_info, Form)
            return frozenset({"multipart/form-data" if form else "application/json"})
        body = (self.openapi_extra or {}).get("requestBody", {})
        return frozenset(body.get("content", {}))

    async def _bounded(self, request: Request) -> Request:
        """The request with its body read."""
        if request.method in {"GET", "HEAD"}:
            return request
        most, body = self.most(request), bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > most:
                if self.cut:
                    break
                raise wrong(413, "TOO-LARGE", f"内容超过 {most:,} 字节", "分成几次", where="$", Connection="close")
        accepted = self.accepts()
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if body and accepted and kind not in accepted:
            said = f"不接受 {kind or '没有写明种类的内容'}"
            raise wrong(415, "CONTENT-TYPE", said, f"用 {' 或 '.join(sorted(accepted))}", where="Content-Type")
        if b"\\u" in body and kind == "application/json" and not self.cut:
            _check_escapes(bytes(body))
        sent = [{"type": "http.request", "body": bytes(body), "more_body": False}]

        async def replay() -> Any:
            return sent.pop() if sent else await request.receive()

        return Request(request.scope, replay)


class Signed(Open):
    """A route for those who are signed in."""

    stores = True
    """Whether an answer under an `Idempotency-Key` is kept; else it is made again, which gives the same."""
    touches = True
    """Whether a session lives on by it: not by what a page asks of itself."""
    before_change = False
    """Whether it is open to who must change the password first."""

    async def answer(self, request: Request, inner: Handler) -> Response:
        """The answer, once for its key."""
        visit = await come_in(request, touch=self.touches)
        if visit.caller.must_change and not self.before_change:
            raise NotAllowed("PASSWORD-CHANGE", "先改密码: PUT /api/v1/me/password")
        key = request.headers.get("idempotency-key")
        if request.method != "POST" or key is None:
            return await inner(request)
        if not _KEY.fullmatch(key):
            said = "须为 1 到 200 个可见的 ASCII 字符"
            raise wrong(422, "IDEMPOTENCY-KEY", said, where="Idempotency-Key")
        asked = await _asked(request)
        first = await run_in_threadpool(first_answer, visit, key, asked)
        if first is not None and first.body is not None:
            return Response(first.body, first.status, {**first.headers, "Idempotency-Replayed": "true"})
        return await self._once(visit, key, lambda: inner(request))

    async def _once(self, visit: Visit, key: str, answer: Callable[[], Awaitable[Response]]) -> Response:
        try:
            given = await answer()
        except Exception as error:
            said = told(error)
            if said is None or said.status in _NOT_KEPT:
                await run_in_threadpool(forget, visit, key)
            else:
                await run_in_threadpool(keep_answer, visit, key, _kept(said.response(), stores=True))
            raise
        await run_in_threadpool(keep_answer, visit, key, _kept(given, stores=self.stores))
        return given


def _check_escapes(body: bytes) -> None:
    """JSON can name by an escape what no text may hold. Raises Wrong 422."""
    try:
        look_through(json.loads(body))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        return  # whoever reads it says so
    except ValueError as error:
        raise wrong(422, "NOT-TEXT", str(error), where="$") from error


def _kept(given: Response, *, stores: bool) -> Kept:
    headers = {name: given.headers[name] for name in _KEPT_HEADERS if name in given.headers}
    return Kept(given.status_code, headers, bytes(given.body) if stores else None)


async def _asked(request: Request) -> str:
    """The hash of what is asked; a form's boundary, which differs every time, is left out."""
    body = await request.body()
    kind = request.headers.get("content-type", "")
    boundary = re.search(r'boundary="?([^";]+)', kind)
    if boundary:
        body, kind = body.replace(boundary[1].encode(), b""), "form"
    what = (request.method, request.url.path, request.url.query, kind)
    return sha256("\n".join(what).encode() + b"\n" + body).hexdigest()


async def _noted(request: Request, said: Told, route: str) -> Told:
    """A refusal, recorded: of a stranger counted, of a caller in the audit."""
    visit = getattr(request.state, "visit", None)
    if said.status == 401:
        request.app.state.metrics.strangers.inc()
        strangers = request.app.state.strangers
        if strangers.refused(address_of(request)):
            return too_many(strangers.seconds())
    if visit is not None and said.status in _RECORDED and said.code != "UNDER-WAY":
        detail = {"status": said.status, "code": said.code}
        subject = request.url.path.removeprefix("/api/v1/")[:200]
        try:
            await run_in_threadpool(visit.refused, f"{request.method} {route}", subject, detail)
        except LiangyunError as error:  # a refusal without its record is not answered
            return told(error) or said
    return said


def too_many(seconds: int) -> Told:
    """429 until the next minute."""
    return wrong(429, "TOO-MANY", "被拒绝的次数过多", "稍后再试", Retry_After=str(seconds)).told()
