"""`/api/v1/users`, `/grants`: logins and what they are granted, by the administrators; nothing of the business."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from api.http.answering import Signed
from api.http.bodies import Body, Id, example
from api.http.lists import Page, Part
from api.http.who import Caller
from domain.problems import InputProblems
from engine.workflow import passwords, people, sign_in
from engine.workflow.people import GrantView, UserView, Wanted
from engine.workflow.refusals import NotThere
from engine.workflow.sign_in import TokenView

_GRANT = {
    "id": 5,
    "login": "li",
    "role": "reviewer",
    "unit": "330103",
    "since": "2026-10-08",
    "until": None,
    "pending": False,
}
_USER: dict[str, Any] = {
    "login": "li",
    "name": "李四",
    "person": "li",
    "mail": "",
    "disabled": False,
    "locked": False,
    "must_change": True,
    "totp": False,
    "grants": [_GRANT],
}
_TOKEN = {
    "name": "9f86d081884c7d65",
    "login": "his",
    "at": "2026-10-08T01:00:00Z",
    "expires": "2027-10-08T01:00:00Z",
    "revoked": False,
}
_Login = Annotated[str, Path(max_length=64, description="登录名")]
router = APIRouter(prefix="/api/v1", route_class=Signed, tags=["users"])


class GrantGiven(Body):
    """A role for a unit, or a region's code (left out: everywhere), between dates."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"role": "reviewer", "unit": "330103"}]})

    role: Annotated[str, Field(max_length=40)]
    unit: Annotated[str, Field(max_length=64)] = ""
    since: date | None = None
    until: date | None = None

    def wanted(self) -> Wanted:
        """It, as the workflow has it."""
        return Wanted(role=self.role, unit=self.unit, since=self.since, until=self.until)


class NewUser(Body):
    """A login of one natural person."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"login": "li", "name": "李四", "grants": [{"role": "reviewer"}]}]}
    )

    login: Annotated[str, Field(max_length=64)]
    name: Annotated[str, Field(max_length=100)]
    person: Annotated[str, Field(max_length=100)] = ""
    mail: Annotated[str, Field(max_length=200)] = ""
    grants: Annotated[list[GrantGiven], Field(max_length=100, default_factory=list)]


class NewUserView(UserView):
    """The user; password: a one-time password, told this once."""

    password: str


class OneTime(BaseModel):
    """A one-time password, told this once."""

    password: str


class Totp(Body):
    """totp: the second factor is taken off too (a lost phone)."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"totp": False}]})

    totp: bool = False


class Days(Body):
    """For how many days."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"days": 365}]})

    days: Annotated[int, Field(ge=1, le=sign_in.MOST_DAYS)]


class Last(Body):
    """The last day of a grant."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"until": "2026-12-31"}]})

    until: date


class Secret(BaseModel):
    """A token, told this once."""

    token: str


@router.get("/users", summary="用户", responses={200: example({"items": [_USER], "next": None})})
def listed(caller: Caller, part: Part) -> Page[UserView]:
    """All users, by login."""
    caller.need("user.read")
    after = part.text() or ""
    with caller.desk() as desk:
        found = [one for one in people.users(desk) if one.login > after]
    return part.page(found[: part.limit + 1], lambda one: one.login)


@router.post("/users", status_code=201, summary="建用户", responses={201: example({**_USER, "password": "abcd-…"})})
def create(caller: Caller, new: NewUser) -> NewUserView:
    """With a one-time password; reviewer, approver and payer wait for the security administrator's word."""
    caller.need("user.create")
    password, wanted = passwords.one_time(), [one.wanted() for one in new.grants]
    with caller.desk(writes=True) as desk, desk.beyond():
        made = people.create_user(
            desk, login=new.login, name=new.name, password=password, grants=wanted, person=new.person, mail=new.mail
        )
    return NewUserView(**made.model_dump(), password=password)


@router.post("/users/{login}:disable", summary="停用", responses={200: example({**_USER, "disabled": True})})
def disable(caller: Caller, login: _Login) -> UserView:
    """Sessions and tokens end at once."""
    caller.need("user.disable")
    with caller.desk(writes=True) as desk, _there():
        return people.disable(desk, login)


@router.post("/users/{login}:enable", summary="启用", responses={200: example(_USER)})
def enable(caller: Caller, login: _Login) -> UserView:
    """The login may come in again."""
    caller.need("user.disable")
    with caller.desk(writes=True) as desk, _there():
        return people.enable(desk, login)


@router.post("/users/{login}:reset", summary="重置密码", responses={200: example({"password": "abcd-…"})})
def reset(caller: Caller, login: _Login, totp: Totp) -> OneTime:
    """A one-time password; the person and the security administrators are told."""
    caller.need("user.reset")
    with caller.desk(writes=True) as desk, _there():
        return OneTime(password=people.reset(desk, login, totp=totp.totp))


@router.post("/users/{login}/grants", status_code=201, summary="授权", responses={201: example(_GRANT)})
def give(caller: Caller, login: _Login, grant: GrantGiven) -> GrantView:
    """One more role; administrators hold no other."""
    caller.need("grant.give")
    with caller.desk(writes=True) as desk, desk.beyond(), _there():
        people.find(desk, login)
        return people.give(desk, login, grant.wanted())


@router.get(
    "/grants", summary="待确认的授权", responses={200: example({"items": [{**_GRANT, "pending": True}], "next": None})}
)
def pending(caller: Caller, part: Part) -> Page[GrantView]:
    """Grants that wait for the security administrator's word."""
    caller.need("user.read")
    with caller.desk() as desk:
        return part.whole(people.pending(desk))


@router.post("/grants/{grant}:confirm", summary="确认授权", responses={200: example(_GRANT)})
def confirm(caller: Caller, grant: Id) -> GrantView:
    """By another than who holds or gave it."""
    caller.need("grant.confirm")
    with caller.desk(writes=True) as desk:
        return people.confirm(desk, grant)


@router.patch("/grants/{grant}", summary="授权的最后一天", responses={200: example(_GRANT), 409: {}})
def end(caller: Caller, grant: Id, last: Last) -> GrantView:
    """One that is pending and not wanted ends before it began."""
    caller.need("grant.give")
    with caller.desk(writes=True) as desk:
        return people.end_grant(desk, grant, last.until)


@router.get("/users/{login}/tokens", summary="令牌", responses={200: example({"items": [_TOKEN], "next": None})})
def tokens(caller: Caller, login: _Login, part: Part) -> Page[TokenView]:
    """The tokens of a login, also those that are over; never their secrets."""
    caller.need("user.read")
    with caller.desk() as desk, _there():
        return part.whole(sign_in.tokens(desk, login))


@router.post("/users/{login}/tokens", status_code=201, summary="发令牌", responses={201: example({"token": "lyt_…"})})
def token(caller: Caller, login: _Login, days: Days) -> Secret:
    """A token never reviews, approves, releases, pays, withdraws or reveals."""
    caller.need("token.make")
    with caller.desk(writes=True) as desk, _there():
        return Secret(token=sign_in.make_token(desk, login, days.days))


@router.delete("/users/{login}/tokens/{name}", status_code=204, summary="收回令牌")
def revoke(caller: Caller, login: _Login, name: Annotated[str, Path(max_length=64)]) -> None:
    """It ends at once. name: the first digits of its hash."""
    caller.need("token.make")
    with caller.desk(writes=True) as desk, _there():
        sign_in.revoke_token(desk, login, name)


@contextmanager
def _there() -> Iterator[None]:
    """A login or token of the path that nobody knows is not there."""
    try:
        yield
    except InputProblems as error:
        if error.problems[0].code in {"LOGIN-UNKNOWN", "TOKEN-UNKNOWN"}:
            raise NotThere from error
        raise
