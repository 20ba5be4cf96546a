"""Coming in: by password (and one-time code) a session, by a token without one. Only sha256 of either is stored.

A session's secret begins with `lys_`, a token's with `lyt_`; both are random and end at once when they are revoked. A
password is computed outside the transaction, so that nobody's change waits for it; an unknown login takes as long as a
known one and is told the same.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import pyotp

from domain.problems import InputProblems, Problem, Refused
from engine.storage.audit import Record
from engine.storage.connect import Busy
from engine.storage.desk import Actor, Desk, Store, open_desk, program
from engine.storage.query import either, false
from engine.storage.tables.people import SignIn, Token, User
from engine.workflow import passwords, people
from engine.workflow.people import View, find

FAILURES, LOCKED = 5, timedelta(minutes=30)
IDLE, LONGEST = timedelta(minutes=15), timedelta(hours=12)
MOST_DAYS = 366
"""Of a token."""
_SEEN = timedelta(seconds=30)
"""How exactly it is kept when a session was last seen: a write at each request would be one too many."""
_WHO = (User.id, User.login, User.person, User.name)
_SESSION, _TOKEN, _STEP = "lys_", "lyt_", 30


class NotSignedIn(Refused):
    """Nobody came in (401). problem: SIGN-IN, TOTP-NEEDED (the password is right, the code is missing)."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


@dataclass(frozen=True)
class Opened:
    """A new session. secret: told once; must_change: it may do nothing but change the password and sign out."""

    secret: str
    login: str
    must_change: bool
    expires: datetime


@dataclass(frozen=True)
class Caller:
    """Whose secret it is. token: by a token, which has no session to end."""

    actor: Actor
    must_change: bool
    expires: datetime
    token: bool


class TokenView(View):
    """A token; name: the first digits of its hash, by which it is revoked."""

    name: str
    login: str
    at: datetime
    expires: datetime
    revoked: bool


def sign_in(store: Store, login: str, password: str, totp: str = "", *, via: str, address: str = "") -> Opened:
    """A session for a login. Raises NotSignedIn (also recorded), passwords.TooManySignIns."""
    login = login.strip()
    with open_desk(store, program(via, "anonymous"), writes=False) as desk:
        found = desk.first(User, User.login == login)
        kept = found.hash if found is not None else None
    right = passwords.fits(password, kept)
    with open_desk(store, program(via, login if found is not None else "anonymous")) as desk:
        user = desk.get(User, found.id, lock=True) if found is not None else None
        wrong = _wrong(desk, user, totp, right=right and user is not None and user.hash == kept)
        if user is not None and not wrong:
            user.failed = 0
            opened = _open(desk, user)
            desk.audit(Record("session.open", f"user/{login}", detail={"address": address}))
            return opened
        subject = f"user/{login}" if user is not None else "user/unknown"
        desk.audit(Record("session.open", subject, "refused", detail={"address": address, "code": wrong}))
    if wrong == "TOTP-NEEDED":
        raise NotSignedIn(Problem("totp", wrong, "还要动态口令", "打开手机上的动态口令程序, 填 6 位数字"))
    said = f"登录名、密码或动态口令不对, 或账号已锁定 (错 {FAILURES} 次锁 {LOCKED.seconds // 60} 分钟)"
    raise NotSignedIn(Problem("login", "SIGN-IN", said, "核对后再试, 或请安全管理员重置"))


def change_password(store: Store, actor: Actor, old: str, new: str, *, address: str = "") -> Opened:
    """A new password for whoever signed in; all its sessions end, the one that is returned begins.

    Raises NotSignedIn (the old one is wrong: it counts as a failed sign-in), InputProblems (PASSWORD).
    """
    with open_desk(store, actor, writes=False) as desk:
        before = find(desk, actor.login)
    passwords.check(new, actor.login, "new_password")
    right = passwords.fits(old, before.hash)
    if right:
        passwords.check(new, actor.login, "new_password", [before.hash, *(before.earlier or [])])
    made = passwords.hashed(new)
    with open_desk(store, actor) as desk:
        user = desk.get(User, before.id, lock=True)
        wrong = _wrong(desk, user, None, right=right and user is not None and user.hash == before.hash)
        if user is not None and not wrong:
            user.earlier = [user.hash, *(user.earlier or [])][: passwords.KEPT]
            user.hash, user.must_change, user.failed = made, False, 0
            desk.remove(SignIn, SignIn.user == user.id)
            desk.audit(Record("user.password", f"user/{user.login}", detail={"address": address}))
            return _open(desk, user)
        desk.audit(Record("user.password", f"user/{actor.login}", "refused", detail={"address": address}))
    raise _not_proven()


def who(store: Store, secret: str, *, via: str, touch: bool = True) -> Caller | None:
    """Whose session or token it is; None where it is none, ended, idle for 15 minutes, or its user is disabled.

    touch: the request is a person's act, from which the 15 minutes begin anew (not a page that asks by itself).
    """
    sha = _sha(secret)
    with open_desk(store, program(via), writes=False) as desk:
        caller, stale = _session(desk, sha, via) if secret.startswith(_SESSION) else (_token(desk, sha, via), False)
    if caller is not None and stale and touch:
        with suppress(Busy), open_desk(store, program(via)) as desk:
            desk.change(SignIn, SignIn.sha == sha, seen=desk.now)
    return caller


def sign_out(store: Store, secret: str, caller: Caller) -> None:
    """End a session at once."""
    with open_desk(store, caller.actor) as desk:
        if desk.remove(SignIn, SignIn.sha == _sha(secret)):
            desk.audit(Record("session.end", f"user/{caller.actor.login}"))


def prove(store: Store, actor: Actor, password: str, *, address: str = "") -> None:
    """Who signed in shows that it is still the same person, by its password; a wrong one counts as a failed sign-in.

    Raises NotSignedIn, passwords.TooManySignIns.
    """
    with open_desk(store, actor, writes=False) as desk:
        before = find(desk, actor.login)
    right = passwords.fits(password, before.hash)
    with open_desk(store, actor) as desk:
        user = desk.get(User, before.id, lock=True)
        if not _wrong(desk, user, None, right=right and user is not None and user.hash == before.hash):
            return
        desk.audit(Record("user.prove", f"user/{actor.login}", "refused", detail={"address": address}))
    raise _not_proven()


def end_sessions(desk: Desk, login: str, besides: str = "") -> int:
    """End every session of a login but the one with this secret; how many there were."""
    others = (SignIn.user == find(desk, login).id, SignIn.sha != _sha(besides))
    gone = desk.remove(SignIn, *others)
    desk.audit(Record("session.end", f"user/{login}", detail={"sessions": gone}))
    return gone


def make_token(desk: Desk, login: str, days: int) -> str:
    """A token for a login, told once. Raises InputProblems."""
    user = find(desk, login)
    if not 1 <= days <= MOST_DAYS:
        raise InputProblems([Problem("--days", "TOKEN-DAYS", f"{days} 天不行", f"写 1 到 {MOST_DAYS}")])
    if user.disabled:
        raise Refused(f"{login} 已停用 (LOGIN-DISABLED)")
    secret, expires = _secret(_TOKEN), desk.now + timedelta(days=days)
    desk.add(Token(sha=_sha(secret), user=_number(user), at=desk.now, expires=expires))
    detail = {"token": _sha(secret)[:16], "expires": expires.isoformat()}
    desk.audit(Record("token.make", f"user/{login}", detail=detail))
    return secret


def tokens(desk: Desk, login: str) -> list[TokenView]:
    """The tokens of a login, also those that are over."""
    rows = desk.rows(Token, Token.user == find(desk, login).id, order=Token.at)
    return [
        TokenView(name=row.sha[:16], login=login, at=row.at, expires=row.expires, revoked=row.revoked) for row in rows
    ]


def revoke_token(desk: Desk, login: str, name: str) -> None:
    """End a token at once. Raises InputProblems where the login has none of this name."""
    rows = desk.rows(Token, Token.user == find(desk, login).id)
    row = next((one for one in rows if one.sha[:16] == name), None)
    if row is None:
        raise InputProblems([Problem("token", "TOKEN-UNKNOWN", f"{login} 没有令牌 {name}", "核对")])
    row.revoked = True
    desk.audit(Record("token.revoke", f"user/{login}", detail={"token": name}))


def fresh_totp(login: str) -> tuple[str, str]:
    """A secret for a second factor, and the otpauth address that its picture holds; nothing is kept yet."""
    secret = pyotp.random_base32()
    return secret, pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name="liangyun")


def set_totp(desk: Desk, login: str, secret: str, code: str) -> None:
    """Ask for a second factor from now on; the code shows that the phone has the secret. Raises InputProblems."""
    user = find(desk, login)
    step = _step_of(secret, code, desk.now, 0) if len(secret) >= 32 else None
    if step is None:
        raise InputProblems([Problem("code", "TOTP", "动态口令不对", "核对手机时间, 填新出现的 6 位数字")])
    user.totp, user.totp_used = desk.store.keys.encrypt_text(secret, _about(user)), step
    desk.audit(Record("totp.set", f"user/{login}"))


def end_totp(desk: Desk, login: str) -> None:
    """Ask for no second factor any more."""
    user = find(desk, login)
    user.totp, user.totp_used = None, 0
    desk.audit(Record("totp.end", f"user/{login}"))


def _not_proven() -> NotSignedIn:
    return NotSignedIn(Problem("password", "SIGN-IN", "现在的密码不对, 或账号已锁定", "核对后再试"))


def _wrong(desk: Desk, user: User | None, totp: str | None, *, right: bool) -> str:
    """Why this is no sign-in; failures are counted. totp None: no second factor is asked for."""
    if user is None or user.disabled or (user.locked_until is not None and user.locked_until > desk.now):
        return "SIGN-IN"
    if right and user.totp and totp is not None:
        if not totp.strip():
            return "TOTP-NEEDED"
        secret = desk.store.keys.decrypt_text(user.totp, _about(user))
        step = _step_of(secret, totp.strip(), desk.now, user.totp_used)
        user.totp_used = step or user.totp_used
        right = step is not None
    if right:
        return ""
    user.failed += 1
    if user.failed >= FAILURES:
        user.failed, user.locked_until = 0, desk.now + LOCKED
        desk.audit(Record("user.lock", f"user/{user.login}"))
    return "SIGN-IN"


def _step_of(secret: str, code: str, now: datetime, used: int) -> int | None:
    """The step of 30 seconds that a code is of, now or one beside, and later than the last that was used."""
    at = int(now.timestamp()) // _STEP
    with suppress(ValueError):  # a secret that is no base32
        for step in (at - 1, at, at + 1):
            if step > used and secrets.compare_digest(pyotp.TOTP(secret).generate_otp(step).encode(), code.encode()):
                return step
    return None


def _open(desk: Desk, user: User) -> Opened:
    secret, expires = _secret(_SESSION), desk.now + LONGEST
    over = either(SignIn.expires <= desk.now, SignIn.seen <= desk.now - IDLE)
    desk.remove(SignIn, SignIn.user == user.id, over)
    desk.add(SignIn(sha=_sha(secret), user=_number(user), at=desk.now, seen=desk.now, expires=expires))
    return Opened(secret, user.login, user.must_change, expires)


def _session(desk: Desk, sha: str, via: str) -> tuple[Caller | None, bool]:
    columns = [*_WHO, SignIn.seen, SignIn.expires, User.must_change]
    rows = desk.values(columns, SignIn.sha == sha, SignIn.user == User.id, false(User.disabled))
    for *known, seen, expires, must_change in rows:
        if desk.now < min(expires, seen + IDLE):
            actor = people.actor(desk, tuple(known), via, signed_in=True)
            return Caller(actor, must_change, expires, token=False), desk.now - seen >= _SEEN
    return None, False


def _token(desk: Desk, sha: str, via: str) -> Caller | None:
    live = (Token.sha == sha, Token.user == User.id, false(Token.revoked), false(User.disabled))
    for *known, expires in desk.values([*_WHO, Token.expires], *live):
        if desk.now < expires:
            actor = people.actor(desk, tuple(known), via, signed_in=False)
            return Caller(actor, must_change=False, expires=expires, token=True)
    return None


def _secret(kind: str) -> str:
    return kind + secrets.token_urlsafe(32)


def _sha(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _about(user: User) -> str:
    return f"totp {user.id}"


def _number(user: User) -> int:
    if user.id is None:
        raise AssertionError("a user that is stored has its number")
    return user.id
