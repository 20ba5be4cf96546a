"""Users and what they are granted. A user is a login of one natural person; a grant is a role, a unit and dates.

No account exists before the operator of the machine makes the first. Three administrators stand apart: they hold no
business role, and their grants give no place, so that no business data is there for them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from pydantic import BaseModel, ConfigDict

from domain.problems import InputProblems, Problem, Problems, Refused
from engine.storage.audit import Record
from engine.storage.desk import Actor, Desk, Held
from engine.storage.query import among, false, lasting, true
from engine.storage.scope import NOWHERE, Scope
from engine.storage.tables.people import Grant, SignIn, Token, User
from engine.workflow import passwords
from engine.workflow.calendar import shanghai_day
from engine.workflow.notices import tell
from engine.workflow.places import is_known, scope_of, together
from engine.workflow.roles import ADMINISTRATORS, CONFIRMED, ROLES, apart

AUDIT_TERM = timedelta(days=365)
"""How long an auditor sees where no end is written."""
_LOGIN = re.compile(r"[\w.@+-]{1,64}")


class View(BaseModel):
    """What is told of a row."""

    model_config = ConfigDict(frozen=True)


class GrantView(View):
    """A grant; pending: it gives nothing until the security administrator confirms it."""

    id: int
    login: str
    role: str
    unit: str
    since: date
    until: date | None
    pending: bool


class UserView(View):
    """A user with its grants."""

    login: str
    name: str
    person: str
    mail: str
    disabled: bool
    locked: bool
    must_change: bool
    totp: bool
    grants: tuple[GrantView, ...]


class Wanted(View):
    """A grant that is asked for; unit empty: everywhere."""

    role: str
    unit: str = ""
    since: date | None = None
    until: date | None = None

    @classmethod
    def parse(cls, text: str) -> Wanted:
        """`ROLE` or `ROLE@UNIT`."""
        role, _, unit = text.partition("@")
        return cls(role=role.strip(), unit=unit.strip())


def create_user(
    desk: Desk, *, login: str, name: str, password: str, grants: Sequence[Wanted], person: str = "", mail: str = ""
) -> UserView:
    """A new user, who changes the password at the first sign-in. Raises InputProblems, Refused (PERSON-TAKEN …).

    person: the natural person (default: the login); one enabled user each, so that no two hands are one person's.
    """
    problems = Problems()
    if not _LOGIN.fullmatch(login):
        problems.add("--login", "LOGIN", f"登录名 {login!r} 不对", "1–64 个字母、数字或 . @ + - _")
    if not name.strip():
        problems.add("--name", "NAME", "没有写姓名", "写上")
    _check_grants(desk, grants, problems)
    if desk.first(User, User.login == login):
        problems.add("--login", "LOGIN-TAKEN", f"已有登录名 {login}", "换一个")
    problems.raise_if_any()
    passwords.check(password, login, "--password-file")
    _check_person(desk, person or login)
    user = desk.add(
        User(
            login=login,
            name=name.strip(),
            person=person or login,
            hash=passwords.hashed(password),
            earlier=[],
            mail=mail,
            at=desk.now,
        )
    )
    desk.audit(Record("user.create", f"user/{login}", detail={"name": user.name, "person": user.person}))
    for wanted in grants:
        _give(desk, user, wanted)
    return view(desk, user)


def give(desk: Desk, login: str, wanted: Wanted) -> GrantView:
    """One more grant. Raises InputProblems, Refused."""
    user, problems = find(desk, login), Problems()
    _check_grants(desk, [wanted], problems, {row.role for row in _lasting(desk, user)})
    problems.raise_if_any()
    return _grant_view(_give(desk, user, wanted), login)


def confirm(desk: Desk, grant: int) -> GrantView:
    """The security administrator's word on a pending grant, which gives its role from now on. Raises Refused."""
    row = desk.get(Grant, grant, lock=True)
    if row is None or not row.pending:
        raise Refused("没有这条待确认的授权 (GRANT-NOT-PENDING)")
    if desk.actor.user is not None and desk.actor.user in (row.user, row.by):
        raise Refused("授权不能由本人或提出的人确认, 请另一位安全管理员确认 (GRANT-OWN)")
    row.pending = False
    login = _login(desk, row.user)
    desk.audit(Record("grant.confirm", f"user/{login}", detail=_said(row)))
    return _grant_view(row, login)


def end_grant(desk: Desk, grant: int, last: date) -> GrantView:
    """A grant's last day; a pending one that is not wanted ends before it began. Raises Refused."""
    row = desk.get(Grant, grant, lock=True)
    if row is None:
        raise Refused("没有这条授权 (GRANT-NONE)")
    row.until = last
    login = _login(desk, row.user)
    desk.audit(Record("grant.end", f"user/{login}", detail=_said(row)))
    return _grant_view(row, login)


def disable(desk: Desk, login: str) -> UserView:
    """Nobody comes in by this login any more: sessions and tokens end at once."""
    user = find(desk, login)
    user.disabled = True
    desk.remove(SignIn, SignIn.user == user.id)
    desk.change(Token, Token.user == user.id, revoked=True)
    desk.audit(Record("user.disable", f"user/{login}"))
    return view(desk, user)


def enable(desk: Desk, login: str) -> UserView:
    """The login may come in again. Raises Refused where another one is the same person's by now."""
    user = find(desk, login)
    if user.disabled:
        _check_person(desk, user.person)
    user.disabled, user.failed, user.locked_until = False, 0, None
    desk.audit(Record("user.enable", f"user/{login}"))
    return view(desk, user)


def reset(desk: Desk, login: str, *, totp: bool = False) -> str:
    """A one-time password, which is told once and must be changed at the first sign-in; sessions end at once.

    totp: the second factor is taken off too (a lost phone). The person and the security administrators are told.
    """
    user = find(desk, login)
    password = passwords.one_time()
    user.earlier = [user.hash, *(user.earlier or [])][: passwords.KEPT]
    user.hash, user.must_change, user.failed, user.locked_until = passwords.hashed(password), True, 0, None
    if totp:
        user.totp, user.totp_used = None, 0
    desk.remove(SignIn, SignIn.user == user.id)
    desk.audit(Record("user.reset", f"user/{login}", detail={"totp": totp}))
    tell(desk, {_id(user), *holders(desk, "security_admin")}, "user.reset", f"user/{login}")
    return password


def users(desk: Desk) -> list[UserView]:
    """All users, by login."""
    rows = desk.rows(User, order=User.login)
    grants: dict[int, list[Grant]] = {}
    for grant in desk.rows(Grant):
        grants.setdefault(grant.user, []).append(grant)
    return [_view(desk, user, grants.get(_id(user), [])) for user in rows]


def pending(desk: Desk) -> list[GrantView]:
    """Grants that wait for the security administrator."""
    day = shanghai_day(desk.now)
    rows = desk.rows(Grant, true(Grant.pending), lasting(Grant.until, day))
    return [_grant_view(row, _login(desk, row.user)) for row in rows]


def holders(desk: Desk, role: str) -> set[int]:
    """The enabled users who hold a role today, wherever."""
    day = shanghai_day(desk.now)
    granted = desk.values(
        [Grant.user], Grant.role == role, false(Grant.pending), Grant.since <= day, lasting(Grant.until, day)
    )
    enabled = desk.values([User.id], among(User.id, {user for (user,) in granted}), false(User.disabled))
    return {int(user) for (user,) in enabled}


def view(desk: Desk, user: User) -> UserView:
    """What is told of a user."""
    return _view(desk, user, desk.rows(Grant, Grant.user == user.id))


def find(desk: Desk, login: str) -> User:
    """The user of a login. Raises InputProblems (LOGIN-UNKNOWN)."""
    user = desk.first(User, User.login == login)
    if user is None:
        raise InputProblems([Problem("--login", "LOGIN-UNKNOWN", f"没有登录名 {login}", "核对")])
    return user


def actor_of(desk: Desk, user: User, via: str, *, signed_in: bool) -> Actor:
    """Who acts, with the roles and places of this day. The desk must see everything.

    signed_in: by password; a token's actor may less (`roles.SIGN_IN_NEEDED`).
    """
    return actor(desk, (_id(user), user.login, user.person, user.name), via, signed_in=signed_in)


def actor(desk: Desk, known: tuple[int, str, str, str], via: str, *, signed_in: bool) -> Actor:
    """The same of a user of whom only number, login, person and name were read: at every request, so by few queries."""
    number, login, person, name = known
    day = shanghai_day(desk.now)
    held_now = (Grant.user == number, false(Grant.pending), Grant.since <= day, lasting(Grant.until, day))
    scopes: dict[str, Scope] = {}
    held = []
    for role, unit in desk.values([Grant.role, Grant.unit], *held_now, order=Grant.id):
        if role in ADMINISTRATORS:
            held.append(Held(role, unit, NOWHERE))
            continue
        if unit not in scopes:
            scopes[unit] = scope_of(desk, unit, day)
        held.append(Held(role, unit, scopes[unit]))
    return Actor(
        login=login,
        via=via,
        user=number,
        person=person,
        name=name,
        held=tuple(held),
        scope=together(one.scope for one in held),
        signed_in=signed_in,
    )


def _give(desk: Desk, user: User, wanted: Wanted) -> Grant:
    admins = holders(desk, "security_admin")
    free = desk.actor.via == "command" and wanted.role not in CONFIRMED
    waits = bool(admins) and desk.actor.user not in admins and not free
    since = wanted.since or shanghai_day(desk.now)
    until = wanted.until or (since + AUDIT_TERM if wanted.role == "auditor" else None)
    row = desk.add(
        Grant(
            user=_id(user),
            role=wanted.role,
            unit=wanted.unit,
            since=since,
            until=until,
            pending=waits,
            by=desk.actor.user,
            at=desk.now,
        )
    )
    desk.audit(Record("grant.give", f"user/{user.login}", detail={**_said(row), "pending": waits}))
    if waits:
        tell(desk, admins, "grant.pending", f"user/{user.login}")
    return row


def _check_grants(desk: Desk, grants: Sequence[Wanted], problems: Problems, held: set[str] | None = None) -> None:
    if problem := apart(frozenset(one.role for one in grants) | (held or set())):
        problems.extend([problem])
    for one in grants:
        where = f"--role {one.role}@{one.unit}"
        if one.role in ADMINISTRATORS and one.unit:
            problems.add(where, "ROLE-NO-UNIT", f"{ROLES[one.role].title}不属于单位", f"只写 {one.role}")
        elif not _is_known(desk, one.unit):
            problems.add(where, "UNIT-UNKNOWN", f"单位名册没有 {one.unit}", "核对编码, 或先用 units import 导入")
        if one.since and one.until and one.until < one.since:
            problems.add(where, "GRANT-DATES", "截止日期早于起始日期", "核对")


def _is_known(desk: Desk, unit: str) -> bool:
    with desk.beyond():
        return is_known(desk, unit)


def _check_person(desk: Desk, person: str) -> None:
    other = desk.first(User, User.person == person, false(User.disabled))
    if other is not None:
        raise Refused(f"{person} 已有登录名 {other.login}: 一人只有一个, 先停用它 (PERSON-TAKEN)")


def _lasting(desk: Desk, user: User) -> list[Grant]:
    return desk.rows(Grant, Grant.user == user.id, lasting(Grant.until, shanghai_day(desk.now)))


def _said(row: Grant) -> dict[str, str]:
    until = row.until.isoformat() if row.until else ""
    return {"role": row.role, "unit": row.unit, "since": row.since.isoformat(), "until": until}


def _login(desk: Desk, user: int) -> str:
    row = desk.get(User, user)
    return "" if row is None else row.login


def _id(user: User) -> int:
    if user.id is None:
        raise AssertionError("a user that is stored has its number")
    return user.id


def _grant_view(row: Grant, login: str) -> GrantView:
    if row.id is None:
        raise AssertionError("a grant that is stored has its number")
    return GrantView(
        id=row.id, login=login, role=row.role, unit=row.unit, since=row.since, until=row.until, pending=row.pending
    )


def _view(desk: Desk, user: User, grants: Sequence[Grant]) -> UserView:
    return UserView(
        login=user.login,
        name=user.name,
        person=user.person,
        mail=user.mail,
        disabled=user.disabled,
        locked=user.locked_until is not None and user.locked_until > desk.now,
        must_change=user.must_change,
        totp=user.totp is not None,
        grants=tuple(_grant_view(row, user.login) for row in grants),
    )
