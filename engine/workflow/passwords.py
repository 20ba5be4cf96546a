"""Passwords: argon2id, what they must be, how many are computed at once.

Parameters are OWASP's (19 MiB, 2 rounds): a sign-in takes some 30 ms of one core and at most `AT_ONCE` × 19 MiB, so
that a flood of sign-ins takes neither memory nor the other requests' time.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from threading import BoundedSemaphore

from pwdlib import PasswordHash
from pwdlib.exceptions import PwdlibError
from pwdlib.hashers.argon2 import Argon2Hasher

from domain.problems import InputProblems, Problem, Refused

LEAST, MOST = 10, 256
"""Characters of a password."""
KEPT = 5
"""How many passwords before the one now may not come again."""
AT_ONCE = 4
WAIT = 5.0
"""Seconds that a sign-in waits for its turn."""
_HASH = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),))
_turns = BoundedSemaphore(AT_ONCE)
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike: a one-time password is read out and typed


class TooManySignIns(Refused):
    """More sign-ins at once than are computed (429); retry_after: seconds."""

    retry_after = 5

    def __init__(self) -> None:
        super().__init__("登录的人太多, 稍后再试 (SIGN-IN-BUSY)")


def hashed(password: str) -> str:
    """What is kept of a password."""
    with _turn():
        return _HASH.hash(password)


def fits(password: str, kept: str | None) -> bool:
    """Whether a password is the one that was kept; of nobody's (None) it takes as long and does not.

    Raises TooManySignIns.
    """
    with _turn():
        try:
            return _HASH.verify(password[:MOST], kept or _nobodys()) and kept is not None
        except PwdlibError:
            return False


def check(password: str, login: str, where: str, earlier: Sequence[str] = ()) -> None:
    """Refuse a password that is too short, too simple, the login, or one of the last. Raises InputProblems."""
    said = ""
    if len(password) < LEAST:
        said = f"密码至少 {LEAST} 个字符"
    elif len(password) > MOST:
        said = f"密码至多 {MOST} 个字符"
    elif password.casefold() == login.casefold():
        said = "密码不能与登录名相同"
    elif len(set(password)) < 5 or password.isdecimal():
        said = "密码过于简单: 至少 5 个不同的字符, 不能全是数字"
    elif any(fits(password, kept) for kept in earlier):
        said = f"密码不能是现在的和最近用过的 {KEPT} 个"
    if said:
        raise InputProblems([Problem(where, "PASSWORD", said, "换一个密码")])


def one_time() -> str:
    """A password that is told once: 16 letters and digits in four groups, 79 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return _HASH.hash(secrets.token_hex(16))


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=WAIT):
        raise TooManySignIns
    try:
        yield
    finally:
        _turns.release()
