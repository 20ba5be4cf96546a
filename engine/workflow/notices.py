"""What a person is told beside the work that waits for it: a row for each, found again by whoever it is for.

Who has an address is also sent a mail, as a job, where the installation has an SMTP server. No name, no amount, no
secret is in either.
"""

from __future__ import annotations

from collections.abc import Collection

from engine.storage.desk import Desk
from engine.storage.query import among
from engine.storage.tables.people import Notice, User
from engine.workflow import jobs
from engine.workflow.batch import STEPS
from engine.workflow.places import WHOLE

TITLES = {
    "user.reset": "账号密码已重设",
    "grant.pending": "有授权待确认",
    "remind.report": "有填报任务待办",
    "remind.confirm": "有得分待确认",
    "remind.people": "有人员工作簿待交",
    "remind.ledger": "有文件规定的任务临近或超过期限",
    "submission.returned": "填报被退回",
    "submission.replaced": "填报已由汇总填报代替",
    **{f"remind.{step.name}": f"有批次待办: {step.title}" for step in STEPS.values()},
}
"""What each kind is called; another is told by its code."""


def tell(desk: Desk, users: Collection[int], kind: str, subject: str) -> None:
    """Tell these users; kind: what happened, subject: to what."""
    with desk.beyond():
        addresses = dict(desk.values([User.id, User.mail], among(User.id, set(users))))
        for user in sorted(users):
            row = desk.add(
                Notice(region=WHOLE, unit=WHOLE, user=user, kind=kind, subject=subject, payload={}, at=desk.now)
            )
            if addresses.get(user):
                key, title = f"mail:notice:{row.id}", TITLES.get(kind, kind)
                jobs.request(desk, key, "mail", {"notice": row.id}, title=title, region=WHOLE, unit=WHOLE)
