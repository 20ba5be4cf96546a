"""Why something is not done, as values: what the door makes an answer of.

LiangyunError
├── NotThere          not there, or not the caller's: the same answer                (404)
├── NotAllowed        the caller's role, hand or kind of sign-in may not             (403)
├── Unmet             the state does not allow it; every guard that is not met       (409)
├── Stale             somebody was there first: the version is another by now        (412)
└── Unavailable       the database did not let it through in time: asked again, it may  (503)

`InputProblems` (422) and `Refused` stand in `domain.problems`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from domain.problems import LiangyunError
from engine.workflow.remedies import REMEDIES


@dataclass(frozen=True, order=True)
class Guard:
    """A guard that is not met: a stable code, and in Chinese what is missing and what to do.

    more: the numbers and codes in it, for whoever wants to count; remedy: where its code's (`REMEDIES`) is too general.
    """

    code: str
    message: str
    more: tuple[tuple[str, Any], ...] = ()
    remedy: str = ""

    @property
    def advice(self) -> str:
        """What to do about it."""
        return self.remedy or REMEDIES.get(self.code, "")

    def as_json(self) -> dict[str, Any]:
        """The guard as answers carry it."""
        return {"code": self.code, "message": self.message, **dict(self.more)}


class NotThere(LiangyunError):
    """It is not there, or lies outside the caller's units: nobody learns which."""

    exit_code = 4

    def __init__(self, what: str = "没有这一项") -> None:
        super().__init__(what)


class NotAllowed(LiangyunError):
    """The caller may not. code: ROLE, HAND, SIGN-IN-NEEDED or PASSWORD-CHANGE."""

    exit_code = 4

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


class Unmet(LiangyunError):
    """The state does not allow it. `guards` holds everything that is missing."""

    exit_code = 4

    def __init__(self, guards: Iterable[Guard]) -> None:
        self.guards: tuple[Guard, ...] = tuple(guards)
        super().__init__("\n".join(f"{guard.message} ({guard.code})" for guard in self.guards))


class Stale(LiangyunError):
    """The version that the caller saw is not the version any more."""

    exit_code = 4

    def __init__(self, version: int) -> None:
        self.version = version
        super().__init__(f"已被别人改动, 现在是第 {version} 版: 刷新后再办 (VERSION)")


class Unavailable(LiangyunError):
    """Not now: nothing was done, and the same may be asked again after `seconds`."""

    def __init__(self, message: str = "数据库正忙", *, seconds: int = 2) -> None:
        self.seconds = seconds
        super().__init__(message)
