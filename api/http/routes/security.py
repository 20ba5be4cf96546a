"""`/api/v1/me/totp`, `/me/sessions`: a person's own second factor, and its sessions elsewhere.

A factor is set in two acts: `POST /me/totp` gives a secret, of which nothing is kept; `PUT /me/totp` sends it back with
a code that the phone made of it. Both ends of a factor want the password: a session that was left open sets none.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from api.http.answering import Signed
from api.http.bodies import Body, example
from api.http.who import Caller, address_of, secret_of
from engine.workflow import sign_in
from engine.workflow.desks import said_plainly

_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105  (of an example)
_Password = Annotated[str, Field(min_length=1, max_length=1000)]
router = APIRouter(prefix="/api/v1", route_class=Signed, tags=["session"])


class Fresh(BaseModel):
    """A secret for the phone's program, and the address that its picture holds; nothing of it is kept yet."""

    secret: str
    address: str


class Factor(Body):
    """The password, the secret as it was given, and a code that the phone made of it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"password": "……", "secret": _SECRET, "code": "123456"}]},
    )

    password: _Password
    secret: Annotated[str, Field(max_length=64)]
    code: Annotated[str, Field(max_length=20)]


class Password(Body):
    """The password as it is now."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"password": "……"}]})

    password: _Password


class Ended(BaseModel):
    """How many sessions ended."""

    sessions: int


_FRESH = {
    "secret": _SECRET,
    "address": f"otpauth://totp/liangyun:zhang?secret={_SECRET}&issuer=liangyun",
}


@router.post("/me/totp", summary="新的动态口令密钥", responses={200: example(_FRESH)})
def fresh(caller: Caller) -> Fresh:
    """A secret for the phone; it is asked for once it is sent back with a code. Not with a token."""
    caller.need_person()
    secret, address = sign_in.fresh_totp(caller.actor.login)
    return Fresh(secret=secret, address=address)


@router.put("/me/totp", status_code=204, summary="启用动态口令")
def confirm(request: Request, caller: Caller, factor: Factor) -> None:
    """From now on a sign-in asks for a code, each used once; a secret from before ends. Not with a token."""
    _prove(request, caller, factor.password)
    with caller.desk(writes=True) as desk:
        sign_in.set_totp(desk, caller.actor.login, factor.secret.strip(), factor.code.strip())


@router.post("/me/totp:end", status_code=204, summary="停用动态口令")
def end(request: Request, caller: Caller, password: Password) -> None:
    """A sign-in asks for no code any more. Who lost the phone asks the security administrator. Not with a token."""
    _prove(request, caller, password.password)
    with caller.desk(writes=True) as desk:
        sign_in.end_totp(desk, caller.actor.login)


@router.delete("/me/sessions", summary="结束其他会话", responses={200: example({"sessions": 2})})
def elsewhere(request: Request, caller: Caller) -> Ended:
    """All sessions of the login end at once but the one that asks. Not with a token."""
    caller.need_person()
    with caller.desk(writes=True) as desk:
        return Ended(sessions=sign_in.end_sessions(desk, caller.actor.login, besides=secret_of(request)[1]))


def _prove(request: Request, caller: Caller, password: str) -> None:
    caller.need_person()
    with said_plainly():
        sign_in.prove(caller.store, caller.actor, password, address=address_of(request))
