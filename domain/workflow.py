"""What a plan says about the way of a batch: who files, in which terms, what is shown before, who approves, few staff.

Nothing here decides an amount. Where a plan is silent there is no default but one reviewer and one approver:
`Plan.unsaid` tells what a step wants and the plan does not say.
Source: facts locked, scores confirmed, minutes attached, 公示, approvals complete before money moves, domain/B_money
("Through the year"); separation of 制表, 复核, 审批 and 付款, domain/F_security.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Literal

from pydantic import Field

from domain.facts import Strict
from domain.values import Id, Source, Yuan

Step = Literal["allocate", "submit", "approve", "release"]
StageKind = Literal["review", "approve"]
Term = Literal["report", "confirm", "objection", "disclosure"]
Duty = Literal["checked", "made", "reviewed", "approved", "paid"]
Count = Annotated[int, Field(strict=True, ge=1, le=366)]
Named = Annotated[str, Field(min_length=1)]

CENTRE = "centre"
"""In `filers`: the institution that manages the one that the figures are about (column 管理机构)."""
GATE_TITLES = {
    "collective_decision": "集体决策",
    "insurance_clearing": "医保清算确认",
    "minutes": "会议纪要",
    "staff_congress": "职工代表大会决议",
    "fund_arrival": "资金到账凭证",
}
"""Kinds of gates that have a name already; a plan names its own."""
STEP_TITLES: Mapping[Step, str] = {"allocate": "分配", "submit": "报审", "approve": "审批", "release": "发放"}
STAGE_TITLES: Mapping[StageKind, str] = {"review": "复核", "approve": "审批"}
TERM_TITLES: Mapping[Term, str] = {
    "report": "填报",
    "confirm": "成员单位确认得分",
    "objection": "答复异议",
    "disclosure": "公示",
}
DUTY_TITLES: Mapping[Duty, str] = {
    "checked": "数据审核",
    "made": "制表",
    "reviewed": "复核",
    "approved": "审批",
    "paid": "付款",
}
APART: tuple[frozenset[Duty], ...] = (
    frozenset({"made", "approved"}),
    frozenset({"made", "paid"}),
    frozenset({"approved", "paid"}),
)
"""Duties that one person never does both of, whatever a document says: three people suffice for a batch."""
WANTED: Mapping[str, tuple[str, ...]] = {
    "open": ("deadlines.report",),
    "publish": ("deadlines.confirm",),
    "settle": ("silence_confirms",),
    "object": ("deadlines.objection",),
    "disclose": ("deadlines.disclosure",),
}
"""Which keys of the plan a step wants; `object` is somebody's objection."""
KEY_TITLES: Mapping[str, str] = {
    **{f"deadlines.{term}": f"{title}的工作日" for term, title in TERM_TITLES.items()},
    "silence_confirms": "逾期不答复是否视同确认得分",
}


class Gate(Strict):
    """A document that must be there before a step: who decided, what was cleared.

    kind: its code, once in a plan; title: its Chinese name, needed where GATE_TITLES has none; pools: asked for only in
    batches that pay one of them (empty: in every batch).
    """

    kind: Id
    before: Step
    title: str = ""
    pools: list[str] = Field(default_factory=list)
    source: Source

    @property
    def name(self) -> str:
        """Its Chinese name."""
        return self.title or GATE_TITLES.get(self.kind, self.kind)

    def asked(self, pools: Collection[str]) -> bool:
        """Whether a batch that pays these pools must show it."""
        return not self.pools or any(pool in pools for pool in self.pools)


class Stage(Strict):
    """One stage of approval: how many people sign, from which total on (`above` includes it; None: always)."""

    stage: StageKind
    title: str = ""
    above: Yuan | None = Field(default=None, ge=0)
    count: Count = 1

    @property
    def name(self) -> str:
        """Its Chinese name."""
        return self.title or STAGE_TITLES[self.stage]


ONE_OF_EACH = (Stage(stage="review"), Stage(stage="approve"))


class Approvals(Strict):
    """The stages of approval in their order, and whether they may be signed on paper.

    stages: every one whose `above` the total reaches is needed, each by other people (empty: one of each);
    paper: whether the scan of a signed sheet counts as the signer's own act.
    """

    stages: list[Stage] = Field(default_factory=list)
    paper: bool = False
    source: Source


def stages_needed(approvals: Approvals | None, total: int) -> tuple[Stage, ...]:
    """The stages that a total (fen) to approve must pass, in order; one review and one approval where none is said."""
    stages = (approvals.stages if approvals else []) or ONE_OF_EACH
    return tuple(stage for stage in stages if stage.above is None or total >= stage.above)


class Days(Strict):
    """Working days with a source of their own."""

    days: Count
    source: Source


class Deadlines(Strict):
    """Terms in working days; None where the plan does not say. source: of those that have none of their own.

    report: from the opening, to file; confirm: from the publishing of scores, for members to confirm or object;
    objection: from an objection, to answer it; disclosure: from the posting, how long 公示 stands.
    """

    report: Count | Days | None = None
    confirm: Count | Days | None = None
    objection: Count | Days | None = None
    disclosure: Count | Days | None = None
    source: Source | None = None

    def days(self, term: Term) -> int | None:
        """How many working days a term has; None where the plan does not say."""
        said: int | Days | None = getattr(self, term)
        return said.days if isinstance(said, Days) else said

    def source_of(self, term: Term) -> Source | None:
        """Where the number comes from; None where there is no number."""
        said: int | Days | None = getattr(self, term)
        return said.source if isinstance(said, Days) else self.source if said is not None else None


class Silence(Strict):
    """Whether a member that says nothing in its term counts as having confirmed its scores."""

    value: bool
    source: Source


class Hands(Strict):
    """Where staff is few: pairs of duties of one batch that one person may do both of.

    document: what allows it (文号). A duty stands in one pair at most, so that no third joins them.
    """

    join: list[Annotated[list[Duty], Field(min_length=2, max_length=2)]] = Field(min_length=1)
    document: Named
    source: Source

    def joined(self, one: Duty, other: Duty) -> bool:
        """Whether the same person may do both."""
        return any({one, other} == {*pair} for pair in self.join)
