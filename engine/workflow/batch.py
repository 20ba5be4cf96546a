"""The batch: its states and the table of steps, from which the API, the pages and docs/workflow.md are made.

A step names from where it goes, where to, who may take it, which duty its hand is (one person, one duty of a batch),
and which guards it must meet; the guards are functions of the same name in `engine.workflow.guards`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from domain.workflow import Duty

State = Literal[
    "collecting", "locked", "scored", "confirming", "confirmed", "allocated", "reviewing", "approved", "disclosed",
    "payable", "paid", "closed", "abandoned",
]  # fmt: skip
STATES: dict[State, str] = {
    "collecting": "收集数据",
    "locked": "已锁定",
    "scored": "已评分",
    "confirming": "成员确认",
    "confirmed": "得分已确认",
    "allocated": "已分配",
    "reviewing": "复核审批",
    "approved": "已批准",
    "disclosed": "公示",
    "payable": "可发放",
    "paid": "已付款",
    "closed": "已办结",
    "abandoned": "已废止",
}
KINDS: dict[str, str] = {
    "regular": "常规",
    "prepay": "预拨",
    "settlement": "结算",
    "correction": "更正",
    "pay": "发放到人",
}
ENDED: frozenset[str] = frozenset({"closed", "abandoned"})
SCORES_SHOWN: frozenset[str] = frozenset(
    {"confirming", "confirmed", "allocated", "reviewing", "approved", "disclosed", "payable", "paid", "closed"}
)
"""From when on members see their own scores."""
AMOUNTS_SHOWN: frozenset[str] = frozenset({"disclosed", "payable", "paid", "closed"})
"""From when on members see amounts."""


@dataclass(frozen=True)
class Step:
    """One line of the table. to: the state afterwards; of lock and allocate the job's end moves it on.

    reason, minutes: whether the caller must give them (minutes "published": once scores were published).
    """

    name: str
    title: str
    sources: tuple[State, ...]
    to: State
    duty: Duty | None = None
    guards: tuple[str, ...] = ()
    reason: bool = False
    minutes: Literal["no", "yes", "published"] = "no"
    job: str = ""

    def action(self, state: str) -> str:
        """What `engine.workflow.roles.MAY` has it as; what pays nothing is closed by another than what was paid."""
        return "batch.finish" if self._finishes(state) else f"batch.{self.name}"

    def hand(self, state: str) -> Duty | None:
        """The duty of whoever takes it."""
        return None if self._finishes(state) else self.duty

    def _finishes(self, state: str) -> bool:
        return self.name == "close" and state == "confirmed"


_UNPAID: tuple[State, ...] = ("collecting", "locked", "scored", "confirming", "confirmed", "allocated")
_ALL = (
    Step(
        "lock", "锁定数据", ("collecting",), "locked", "checked",
        ("assignments_done", "dry_read", "findings_answered"), job="score",
    ),
    Step("publish", "公布得分", ("scored",), "confirming", None, ("confirm_term_said",)),
    Step("settle", "确认得分", ("confirming",), "confirmed", None, ("members_confirmed", "score_objections_answered")),
    Step(
        "allocate", "分配", ("confirmed",), "allocated", "made",
        ("job_done", "pools_there", "gates_allocate", "findings_answered"), job="allocate",
    ),
    Step("submit", "报审", ("allocated",), "reviewing", "made", ("contradictions_held", "gates_submit", "hands_left")),
    Step("review", "复核", ("reviewing",), "approved", "reviewed", ("digest_seen", "stage_review")),
    Step("approve", "审批", ("reviewing",), "approved", "approved", ("digest_seen", "stage_approve", "gates_approve")),
    Step("reject", "退回", ("reviewing",), "allocated", reason=True),
    Step("unlock", "退回收集", _UNPAID[1:], "collecting", reason=True, minutes="published"),
    Step("disclose", "公示", ("approved",), "disclosed", "made", ("posting_told", "disclosure_term_said")),
    Step(
        "release", "交付发放", ("disclosed",), "payable", "made",
        ("not_restored", "disclosure_over", "disclosure_objections_answered", "gates_release", "not_paid_before"),
    ),
    Step("pay", "付款", ("payable",), "paid", "paid", ("not_restored", "lines_ordered")),
    Step("close", "办结", ("paid", "confirmed"), "closed", "paid", ("closable", "lines_paid")),
    Step(
        "withdraw", "撤回", ("approved", "disclosed", "payable"), "abandoned", "approved", ("nothing_ordered",),
        reason=True, minutes="yes",
    ),
    Step("abandon", "废止", (*_UNPAID, "reviewing"), "abandoned", reason=True),
)  # fmt: skip
STEPS: dict[str, Step] = {step.name: step for step in _ALL}
