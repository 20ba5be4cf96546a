"""Roles, and which may do what: the one table that routes, steps, buttons and documents read.

An action is `noun.verb`. Who holds none of its roles for the place may not (403 ROLE); what decides money or shows a
person is done by somebody who signed in with a password, never by a token (403 SIGN-IN-NEEDED).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.problems import Problem
from engine.storage.desk import Actor
from engine.workflow.refusals import NotAllowed


@dataclass(frozen=True)
class Role:
    """A role by its code. title: in Chinese; administers: the installation, and sees no business data."""

    code: str
    title: str
    administers: bool = False


_ALL = (
    Role("reporter", "数据录入"),
    Role("data_checker", "数据审核"),
    Role("appraiser", "考核主管"),
    Role("maker", "制表"),
    Role("reviewer", "复核"),
    Role("approver", "审批"),
    Role("payer", "财务"),
    Role("hr", "人事"),
    Role("unit_viewer", "单位查看"),
    Role("self", "个人查看"),
    Role("auditor", "审计查看"),
    Role("integration", "系统接口"),
    Role("system_admin", "系统管理员", administers=True),
    Role("security_admin", "安全管理员", administers=True),
    Role("audit_admin", "审计管理员", administers=True),
)
ROLES: Mapping[str, Role] = {role.code: role for role in _ALL}
ADMINISTRATORS = frozenset(role.code for role in _ALL if role.administers)
BUSINESS = frozenset(ROLES) - ADMINISTRATORS
LATE_VIEWERS = frozenset({"reporter", "unit_viewer", "self", "hr"})
"""Who see scores from confirming on and amounts from disclosed on; before, they are not there (404)."""
EARLY_VIEWERS = BUSINESS - LATE_VIEWERS
"""Who see scores once they are made, and amounts from `allocate` on."""
CONFIRMED = frozenset({"reviewer", "approver", "payer", "security_admin"})
"""Granted by the machine's operator they wait for the security administrator, once there is one."""

_STAFF = frozenset({"data_checker", "appraiser", "maker", "reviewer", "approver", "payer", "hr"})
_READERS = BUSINESS - {"integration"}


def _of(*codes: str) -> frozenset[str]:
    return frozenset(codes)


MAY: Mapping[str, frozenset[str]] = {
    "allocation.solve": frozenset(ROLES),
    "me.read": frozenset(ROLES),
    "batch.read": _READERS,
    "batch.open": _of("appraiser"),
    "batch.lock": _of("data_checker"),
    "batch.publish": _of("appraiser"),
    "batch.settle": _of("appraiser"),
    "batch.allocate": _of("maker"),
    "batch.submit": _of("maker"),
    "batch.review": _of("reviewer"),
    "batch.approve": _of("approver"),
    "batch.reject": _of("reviewer", "approver"),
    "batch.unlock": _of("appraiser"),
    "batch.disclose": _of("maker"),
    "batch.release": _of("maker"),
    "batch.pay": _of("payer"),
    "batch.close": _of("payer"),
    "batch.finish": _of("appraiser"),
    "batch.withdraw": _of("approver"),
    "batch.abandon": _of("appraiser"),
    "assignment.change": _of("appraiser"),
    "submission.read": _STAFF | _of("reporter", "integration", "auditor"),
    "submission.make": _of("reporter", "data_checker", "integration"),
    "submission.make_all": _of("data_checker"),
    "submission.accept": _of("data_checker", "appraiser"),
    "submission.return": _of("data_checker", "appraiser"),
    "file.read": _READERS - {"self"},
    "file.add": _STAFF | _of("reporter", "unit_viewer"),
    "gate.answer": _of("maker", "appraiser"),
    "sheet.read": _STAFF | _of("auditor"),
    "posting.read": _READERS,
    "sheet.sign": _of("maker", "appraiser"),
    "check.answer": _of("maker", "appraiser"),
    "hold.change": _of("appraiser", "maker"),
    "payment.write": _of("payer"),
    "payment.read": _STAFF | _of("auditor", "unit_viewer"),
    "dossier.read": _of("appraiser", "maker", "reviewer", "approver", "payer", "auditor"),
    "confirmation.make": _of("unit_viewer", "data_checker"),
    "objection.make": _of("unit_viewer", "data_checker"),
    "objection.answer": _of("appraiser"),
    "evaluation.trigger": _of("integration", "appraiser"),
    "run.read": BUSINESS,
    "job.read": BUSINESS,
    "job.change": _of("appraiser", "integration"),
    "event.read": BUSINESS,
    "schedule.read": _STAFF | _of("auditor"),
    "schedule.change": _of("appraiser"),
    "unit.read": BUSINESS,
    "unit.change": _of("appraiser"),
    "policy.read": _READERS - {"self"},
    "policy.write": _of("appraiser"),
    "policy.publish": _of("appraiser"),
    "webhook.change": _of("appraiser"),
    "pay.work": _of("hr"),
    "pay.submit": _of("hr"),
    "pay.disclose": _of("hr"),
    "pay.release": _of("hr"),
    "pay.abandon": _of("hr"),
    "pay.told": _of("payer"),
    "pay.read": _of("hr", "reviewer", "approver", "payer", "auditor"),
    "pay.reveal": _of("hr", "payer"),
    "slip.read": _of("self"),
    "audit.read": _of("audit_admin", "auditor"),
    "user.read": _of("system_admin", "security_admin"),
    "user.create": _of("system_admin", "security_admin"),
    "user.disable": _of("system_admin", "security_admin"),
    "user.reset": _of("security_admin"),
    "grant.give": _of("security_admin"),
    "grant.confirm": _of("security_admin"),
    "token.make": _of("security_admin"),
}
"""Action → the roles that may. `batch.STEP` is a step of the batch; `batch.finish` closes one that pays nothing."""

SIGN_IN_NEEDED = frozenset(
    {
        "batch.review",
        "batch.approve",
        "batch.reject",
        "batch.release",
        "batch.pay",
        "batch.withdraw",
        "pay.release",
        "pay.reveal",
        "user.create",
        "user.disable",
        "user.reset",
        "grant.give",
        "grant.confirm",
        "token.make",
    }
)
"""Actions that no token does, nor the program itself."""


def why_not(
    actor: Actor, action: str, region: str | None = None, unit: str | None = None, *, covers: bool = False
) -> Problem | None:
    """What keeps an actor from an action; None where it may. Raises KeyError for an action that is not of the table.

    region, unit: the place it is done at (None: an action of no place); covers: of what concerns all units of its
    region, a grant on one of them is enough. The program itself may what no person must answer for.
    """
    roles = MAY[action]
    if not _is_program(actor):
        here = region is None or unit is None
        if not (actor.roles & roles if here else actor.may(roles, region or "", unit or "", covers=covers)):
            if not actor.roles:
                return Problem(action, "ROLE", "还没有生效的授权", "请安全管理员授权, 已授权的请他确认")
            return Problem(action, "ROLE", f"须由{titles(roles)}办理", "换有此角色的人办理, 或请安全管理员授权")
    if action in SIGN_IN_NEEDED and not actor.signed_in:
        return Problem(action, "SIGN-IN-NEEDED", "不能用接口令牌办理", "用密码登录后办理")
    return None


def require(
    actor: Actor, action: str, region: str | None = None, unit: str | None = None, *, covers: bool = False
) -> None:
    """Raises NotAllowed where `why_not` has something to say."""
    if problem := why_not(actor, action, region, unit, covers=covers):
        raise NotAllowed(problem.code, f"{problem.message}: {problem.remedy}")


def titles(roles: frozenset[str]) -> str:
    """Roles in Chinese, in the order of the contract."""
    return "、".join(role.title for role in _ALL if role.code in roles)


def apart(roles: frozenset[str]) -> Problem | None:
    """Why one person cannot hold these together; None where it can: an administrator is that and nothing else."""
    unknown = sorted(roles - set(ROLES))
    if unknown:
        return Problem("--role", "ROLE-UNKNOWN", f"没有角色 {'、'.join(unknown)}", f"可用: {'、'.join(ROLES)}")
    if roles & ADMINISTRATORS and len(roles) > 1:
        said = f"{titles(roles)} 不能是同一个人: 三个管理员各自独立, 不兼任业务角色"
        return Problem("--role", "ROLE-APART", said, "分给不同的人")
    return None


def _is_program(actor: Actor) -> bool:
    return actor.user is None and actor.scope.everywhere
