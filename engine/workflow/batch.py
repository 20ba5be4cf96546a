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
RELEASED: frozenset[str] = frozenset({"payable", "paid", "closed"})
"""What may be paid: only this is corrected."""
APPROVED: frozenset[str] = RELEASED | {"approved", "disclosed"}
"""What was approved and stands."""
AMOUNTS_SHOWN: frozenset[str] = frozenset({"disclosed", "payable", "paid", "closed"})
"""From when on members see amounts."""


@dataclass(frozen=True)
class Step:
    """One line of the table. to: the state afterwards; of lock and allocate the job's end moves it on.

    reason, minutes: whether the caller must give them (minutes "published": once scores were published); fields: what
    else it must give, as the step's body names it. noun: of the action in `engine.workflow.roles.MAY`, where another
    than a batch's.
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
    noun: str = "batch"
    fields: tuple[str, ...] = ()

    def needs(self, state: str) -> tuple[str, ...]:
        """The fields that the caller must give with it."""
        minutes = self.minutes == "yes" or (self.minutes == "published" and state in SCORES_SHOWN)
        return (*(("reason",) if self.reason else ()), *(("minutes",) if minutes else ()), *self.fields)

    def action(self, state: str) -> str:
        """What `engine.workflow.roles.MAY` has it as; what pays nothing is closed by another than what was paid."""
        return "batch.finish" if self._finishes(state) else f"{self.noun}.{self.name}"

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
        ("job_done", "pools_there", "gates_allocate", "findings_answered", "corrects_latest"), job="allocate",
    ),
    Step("submit", "报审", ("allocated",), "reviewing", "made", ("contradictions_held", "gates_submit", "hands_left")),
    Step("review", "复核", ("reviewing",), "approved", "reviewed", ("digest_seen", "stage_review"), fields=("digest",)),
    Step(
        "approve", "审批", ("reviewing",), "approved", "approved", ("digest_seen", "stage_approve", "gates_approve"),
        fields=("digest",),
    ),
    Step("reject", "退回", ("reviewing",), "allocated", reason=True),
    Step("unlock", "退回收集", _UNPAID[1:], "collecting", reason=True, minutes="published"),
    Step(
        "disclose", "公示", ("approved",), "disclosed", "made", ("posting_told", "disclosure_term_said"),
        fields=("posted_on", "where", "file"),
    ),
    Step(
        "release", "交付发放", ("disclosed",), "payable", "made",
        ("not_restored", "disclosure_over", "disclosure_objections_answered", "gates_release", "not_paid_before",
         "corrects_latest", "corrects_released"),
    ),
    Step("pay", "付款", ("payable",), "paid", "paid", ("not_restored", "lines_ordered")),
    Step("close", "办结", ("paid", "confirmed"), "closed", "paid", ("closable", "lines_paid")),
    Step(
        "withdraw", "撤回", ("approved", "disclosed", "payable"), "abandoned", "approved",
        ("not_restored", "nothing_ordered", "not_corrected", "not_paid_out"), reason=True, minutes="yes",
    ),
    Step("abandon", "废止", (*_UNPAID, "reviewing"), "abandoned", reason=True),
)  # fmt: skip
STEPS: dict[str, Step] = {step.name: step for step in _ALL}
_OF_PAY = (
    Step("submit", "报审", ("allocated",), "reviewing", "made", ("job_done", "hands_left"), noun="pay"),
    Step("review", "复核", ("reviewing",), "approved", "reviewed", ("digest_seen", "stage_review"), fields=("digest",)),
    Step(
        "approve", "审批", ("reviewing",), "approved", "approved", ("digest_seen", "stage_approve", "minutes_there"),
        fields=("digest",),
    ),
    Step("reject", "退回", ("reviewing",), "allocated", reason=True),
    Step(
        "disclose", "公示", ("approved",), "disclosed", "made", ("posting_told", "disclosure_term_said"),
        fields=("posted_on", "where", "file"), noun="pay",
    ),
    Step(
        "release", "交付发放", ("disclosed",), "payable", "made",
        ("not_restored", "disclosure_over", "disclosure_objections_answered", "parent_released", "nobody_paid_before",
         "corrects_latest", "completes_latest"), noun="pay",
    ),
    Step("pay", "付款", ("payable",), "paid", "paid", ("not_restored", "parent_released", "slips_ordered")),
    Step("close", "办结", ("paid",), "closed", "paid", ("slips_settled",)),
    Step(
        "withdraw", "撤回", ("approved", "disclosed", "payable"), "abandoned", "approved",
        ("not_restored", "slips_not_ordered", "not_corrected", "not_completed"), reason=True, minutes="yes",
    ),
    Step("abandon", "废止", ("collecting", "allocated", "reviewing"), "abandoned", reason=True, noun="pay"),
)  # fmt: skip
PAY_STEPS: dict[str, Step] = {step.name: step for step in _OF_PAY}
"""The table of a pay batch: it is collecting until its people are there and paid out by the job."""


def steps_of(kind: str) -> dict[str, Step]:
    """The table of a kind of batch."""
    return PAY_STEPS if kind == "pay" else STEPS


BACKWARD: frozenset[str] = frozenset({"reject", "unlock", "abandon", "withdraw"})
"""Steps that lead back: nobody's task, nobody is reminded of them."""

GUARDS: dict[str, str] = {
    "assignments_done": "每项填报任务已接收, 或写明理由免报",
    "dry_read": "已接收的数据合起来读没有问题",
    "findings_answered": "要求说明的核对结果都写明了理由",
    "confirm_term_said": "方案写明成员确认的工作日",
    "members_confirmed": "每个成员单位已确认得分, 或期满且方案规定逾期视同确认 (代报的数据不算)",
    "score_objections_answered": "得分异议都已答复, 未答复的医联体已暂缓",
    "job_done": "没有正在进行的任务",
    "pools_there": "方案有资金池",
    "gates_allocate": "分配前的手续齐全",
    "gates_submit": "报审前的手续齐全",
    "gates_approve": "审批前的手续齐全",
    "gates_release": "发放前的手续齐全",
    "contradictions_held": "规则矛盾的医联体已暂缓",
    "hands_left": "复核、审批、付款都还有人可办",
    "digest_seen": "写明的摘要就是要批的这一版",
    "stage_review": "轮到复核",
    "stage_approve": "轮到审批",
    "posting_told": "写明公示日期、地点和公示件",
    "disclosure_term_said": "方案写明公示的工作日",
    "disclosure_over": "公示期满",
    "disclosure_objections_answered": "公示异议都已答复, 且没有成立的",
    "not_restored": "从备份恢复后已核对付款",
    "not_paid_before": "本期的资金池没有发放过 (更正除外)",
    "corrects_latest": "更正的是已交付发放的批次, 它没有被别的批次更正过",
    "corrects_released": "更正的资金池是由被更正的批次发放的",
    "not_corrected": "没有更正它的批次在发放",
    "lines_ordered": "每一行已下达、已付或暂缓",
    "closable": "没有资金池, 或已付款",
    "lines_paid": "每一行已付讫或暂缓",
    "nothing_ordered": "还没有付款指令",
    "minutes_there": "报审或审批时附有会议纪要",
    "parent_released": "金额所出的分配批次已交付发放, 没有撤回",
    "not_paid_out": "没有机构在按它发放到人",
    "nobody_paid_before": "本期、本机构、同一资金池没有发过, 专项没有重发",
    "completes_latest": "所补付的批次已交付发放, 它没有被别的批次补付过",
    "not_completed": "没有补付它的批次在发放",
    "slips_ordered": "每个代发批次已导出, 或逐条登记了付款",
    "slips_settled": "每条工资条已付、暂缓, 退回后重付, 或由补付的批次发放",
    "slips_not_ordered": "没有导出的代发批次, 也没有登记的付款",
}
"""What each guard asks, in Chinese: for pages and documents."""
