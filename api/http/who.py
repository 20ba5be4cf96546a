"""Who calls: `Authorization: Bearer`, or the session's cookie, which an unsafe method takes only from this site."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.http.problems import Wrong, wrong
from engine.workflow.desks import Visit, visit_of

COOKIE = "liangyun_session"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def not_signed_in(message: str = "没有登录, 或者登录已经过期") -> Wrong:
    """401, the same for whatever did not fit."""
    return wrong(401, "NOT-SIGNED-IN", message, "带上令牌或重新登录", WWW_Authenticate="Bearer")


def secret_of(request: Request) -> tuple[str, str]:
    """What the request shows: ("bearer" or "cookie", the secret). Raises Wrong 401 where it shows nothing."""
    given = request.headers.get("authorization")
    if given is not None:
        scheme, _, secret = given.partition(" ")
        if scheme.lower() != "bearer" or not secret.strip():
            raise not_signed_in("Authorization 须为 Bearer 令牌")
        return "bearer", secret.strip()
    cookie = request.cookies.get(COOKIE, "")
    if not cookie:
        raise not_signed_in()
    return "cookie", cookie


async def come_in(request: Request, *, touch: bool) -> Visit:
    """The caller, also in `request.state.visit`. Raises Wrong: 401, and 403 CSRF.

    touch: this is a person's act, from which a session's 15 minutes begin anew.
    """
    kind, secret = secret_of(request)
    visit = await run_in_threadpool(visit_of, request.app.state.store, secret, touch=touch)
    if visit is None:
        raise not_signed_in()
    request.state.visit = visit
    if kind == "cookie" and request.method not in SAFE:
        check_same_site(request)
    return visit


def check_same_site(request: Request) -> None:
    """Raises Wrong 403 for what another site's page sent: over plain http browsers tell only their Origin."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        same = site == "same-origin"
    else:
        same = origin is not None and origin.partition("://")[2] == request.headers.get("host")
    if not same:
        raise wrong(403, "CSRF", "请求不是从本站页面发出的", "从本站页面操作; 程序调用用令牌")


def address_of(request: Request) -> str:
    """Where the request comes from, as the server says (behind a proxy: as the proxy says)."""
    return request.client.host if request.client else ""


def give_cookie(request: Request, response: Response, secret: str) -> None:
    """Give a session to a browser."""
    secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, secret, httponly=True, samesite="lax", secure=secure, path="/")


def take_cookie(response: Response) -> None:
    """Take it away."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")


def _visit(request: Request) -> Visit:
    visit = request.state.visit
    if not isinstance(visit, Visit):
        raise not_signed_in()
    return visit


Caller = Annotated[Visit, Depends(_visit)]
"""The caller of a signed route."""
