"""The door to the store: who comes in is given a desk, and what he was refused is recorded.

    with visit.desk(writes=True) as desk:
        jobs.cancel(desk, 7)

What the store says of itself (busy, taken, out of scope) leaves here in the words of the workflow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from domain.problems import Problem
from engine.storage.audit import Record
from engine.storage.connect import Busy, Taken
from engine.storage.desk import Actor, Desk, Store, open_desk, program, refused
from engine.storage.scope import OutOfScope
from engine.storage.tables.proof import Setting
from engine.workflow import roles, sign_in
from engine.workflow.refusals import Guard, NotAllowed, NotThere, Unavailable, Unmet

House = Store
"""An installation that is open: what the service is made over. Only the workflow looks into it."""


@contextmanager
def said_plainly() -> Iterator[None]:
    """Busy → Unavailable, Taken → Unmet TAKEN, OutOfScope → NotThere."""
    try:
        yield
    except Busy as error:
        raise Unavailable from error
    except Taken as error:
        guard = Guard("TAKEN", "已经有同样的一项, 刷新后再办", (("table", error.table),))
        raise Unmet([guard]) from error
    except OutOfScope as error:
        raise NotThere from error


@dataclass(frozen=True)
class Visit:
    """Somebody who came in; `caller` is what the secret told of it."""

    store: Store
    caller: sign_in.Caller

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return self.caller.actor

    @contextmanager
    def desk(self, *, writes: bool = False) -> Iterator[Desk]:
        """One transaction with the caller's places. Raises Unavailable, Unmet, NotThere."""
        with said_plainly(), open_desk(self.store, self.actor, writes=writes) as desk:
            yield desk

    def need(self, action: str, region: str | None = None) -> None:
        """Raises NotAllowed where the caller holds no role for this action, in the region or anywhere."""
        roles.require(self.actor, action, region, region, covers=True)

    def need_person(self) -> None:
        """Raises NotAllowed (SIGN-IN-NEEDED) where the caller came with a token."""
        if self.caller.token:
            raise NotAllowed("SIGN-IN-NEEDED", "不能用接口令牌办理: 用密码登录后办理")

    def refused(self, action: str, subject: str, detail: Mapping[str, Any]) -> None:
        """Record what the caller was refused. Raises Unavailable."""
        with said_plainly():
            refused(self.store, self.actor, Record(action, subject, outcome="refused", detail=detail))


def visit_of(store: Store, secret: str, *, touch: bool = True) -> Visit | None:
    """Who comes with this token or session; None where it opens nothing. Raises Unavailable."""
    with said_plainly():
        found = sign_in.who(store, secret, via="http", touch=touch)
    return None if found is None else Visit(store, found)


def leave(visit: Visit, secret: str) -> None:
    """End the visit's session. Raises Unavailable."""
    with said_plainly():
        sign_in.sign_out(visit.store, secret, visit.caller)


def itself(store: Store, via: str) -> Visit:
    """The program itself, which sees everything."""
    return Visit(store, sign_in.Caller(program(via), must_change=False, expires=store.clock(), token=True))


def not_ready(store: Store) -> list[Problem]:
    """What keeps the service from answering; nothing where it is ready."""
    found: list[Problem] = []
    try:
        with itself(store, "http").desk() as desk:
            desk.count(Setting)
    except Exception:  # noqa: BLE001  (whatever the database says: it does not answer)
        found.append(Problem("database", "DATABASE-DOWN", "数据库没有应答", "检查数据库服务和 LIANGYUN_DATABASE"))
    if not store.home.is_dir():
        found.append(Problem("home", "HOME-GONE", "数据文件夹不在", "检查磁盘和 LIANGYUN_HOME"))
    return found
