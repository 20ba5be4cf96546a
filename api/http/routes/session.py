"""`/api/v1/session`: signing in with a password, and out; a person's own password."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.http.answering import Open, Signed, too_many
from api.http.bodies import Body
from api.http.who import Caller, address_of, check_same_site, give_cookie, secret_of, take_cookie
from engine.workflow import sign_in
from engine.workflow.desks import leave, said_plainly, visit_of
from engine.workflow.sign_in import Opened

_SECRET = Annotated[str, Field(min_length=1, max_length=1000)]


class Login(Body):
    """Who signs in. totp: the code of the second factor, where there is one; new_password: where a change is due."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"login": "zhang", "password": "……", "totp": "123456"}]},
    )

    login: Annotated[str, Field(min_length=1, max_length=64)]
    password: _SECRET
    totp: Annotated[str, Field(max_length=20)] = ""
    new_password: Annotated[str, Field(max_length=1000)] = ""


class NewPassword(Body):
    """The password now, and the one from now on."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"password": "……", "new_password": "……"}]})

    password: _SECRET
    new_password: _SECRET


class Session(Body):
    """A new session. secret: for `Authorization: Bearer`, and as a cookie; must_change: the password, first of all."""

    login: str
    must_change: bool
    expires: datetime
    secret: str


_ANSWER: dict[str, Any] = {
    "model": Session,
    "content": {
        "application/json": {
            "example": {
                "login": "zhang",
                "must_change": False,
                "expires": "2026-10-08T21:00:00+08:00",
                "secret": "lys_…",
            }
        }
    },
}


class BeforeChange(Signed):
    """Open to who must change the password first."""

    before_change = True
    stores = False


opening = APIRouter(prefix="/api/v1", route_class=Open, tags=["session"])
router = APIRouter(prefix="/api/v1", route_class=BeforeChange, tags=["session"])


@opening.post(
    "/session",
    status_code=201,
    summary="登录",
    response_model=Session,
    responses={201: _ANSWER, 401: {}, 403: {}, 429: {}},
)
def begin(request: Request, login: Login) -> Response:
    """A session for 12 hours at most; it ends after 15 minutes without a request. 5 failures lock for 30 minutes."""
    strangers = request.app.state.strangers
    if strangers.must_wait(address_of(request)):
        return too_many(strangers.seconds()).response()
    if "sec-fetch-site" in request.headers or "origin" in request.headers:
        check_same_site(request)
    store, address = request.app.state.store, address_of(request)
    with said_plainly():
        opened = sign_in.sign_in(store, login.login, login.password, login.totp, via="http", address=address)
        if login.new_password and (visit := visit_of(store, opened.secret)):
            opened = sign_in.change_password(store, visit.actor, login.password, login.new_password, address=address)
    return _opened(request, opened, 201)


@router.delete("/session", status_code=204, summary="退出", response_class=Response)
def end(request: Request, caller: Caller) -> Response:
    """The session ends at once; a token is not ended by this."""
    if not caller.caller.token:
        leave(caller, secret_of(request)[1])
    response = Response(status_code=204)
    take_cookie(response)
    return response


@router.put("/me/password", summary="改密码", response_model=Session, responses={200: _ANSWER})
def change(request: Request, caller: Caller, password: NewPassword) -> Response:
    """All sessions of the login end; the one that is answered begins. Not with a token (403 SIGN-IN-NEEDED)."""
    caller.need_person()
    with said_plainly():
        opened = sign_in.change_password(
            caller.store, caller.actor, password.password, password.new_password, address=address_of(request)
        )
    return _opened(request, opened, 200)


def _opened(request: Request, opened: Opened, status: int) -> Response:
    said = Session(login=opened.login, must_change=opened.must_change, expires=opened.expires, secret=opened.secret)
    response = JSONResponse(said.model_dump(mode="json"), status)
    give_cookie(request, response, opened.secret)
    return response
