"""The schema of a plan's `pay:`: how an institution's amount is carried to its people (任职 by 任职).

Source of every rule here: the scheme that the staff congress passed; no number has a default. A `source` at `pay:` or
at an entry holds for all below it that have none.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from domain.facts import Strict
from domain.values import Cite, Id, Ratio, Share, Source, Yuan

Counted = Literal["yes", "no", "separate"]
"""Whether what is paid counts in the approved total (绩效工资总量), outside it, or in an approval of its own."""
TaxKind = Literal["wages", "labour"]
Per = Literal["月", "天", "次"]
R = "r"
"""The pool of what the second permit pays to staff: line `r` of the permits."""
POSITION, TIME, SCORE, HOLD = "position", "time", "score", "hold"
"""The factors of points that are no quantities: of the post, of attendance, of its score, of what is held back."""
FACTORS = (POSITION, TIME, SCORE, HOLD)
COEFFICIENT, SIZE = "coefficient", "size"
"""What teams are weighed by beside their score: a coefficient of `team_facts`, and how many they are."""
REDIVIDE = "redivide"
RESERVE = "reserve: "
"""How a correction is paid for: the same money split anew, or out of the reserve whose name follows."""


class Sourced(Strict):
    """An entry that may say where its numbers come from, and its document (文号)."""

    source: Source | None = None
    cite: Cite | None = None
    document: str = ""
    note: str = ""


class PayApproval(Sourced):
    """Who passed the scheme: the body, its document, and how many working days it was posted."""

    body: str
    public_days: Annotated[int, Field(ge=0)]


class LeaveRule(Sourced):
    """What a day of a kind of leave counts as attendance."""

    kind: str
    counts: Share


class PayItem(Sourced):
    """An earmark (专项): paid first out of its pool, rate × quantity.

    rate: fen per unit of `per`; max: the most of it in a period, across all posts of the person or of the post.
    """

    id: Id
    title: str
    rate: Yuan
    per: Per
    in_total: Counted
    tax: TaxKind
    max: Ratio
    across: Literal["person", "post"]


class Only(Strict):
    """The posts a bound is for; an empty side means every one."""

    staffing: list[str] = Field(default_factory=list)
    category: list[str] = Field(default_factory=list)
    grade: list[str] = Field(default_factory=list)


class Bound(Sourced):
    """A cap or floor of one post in one pool: an amount, or so many times the pool's mean by time."""

    amount: Yuan | None = None
    times_mean: Ratio | None = None
    time: bool = False
    of: Only = Only()

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if (self.amount is None) == (self.times_mean is None):
            raise ValueError("amount 和 times_mean 写其中一个")
        return self


class Teams(Sourced):
    """By what teams share: factors of `team_facts`, and `size`."""

    weight: list[str] = Field(min_length=1)


class Defer(Sourced):
    """What of points pay is paid later (递延): its share, and what becomes of a leaver's.

    release: of a balance of an earlier year, the part that is paid now; the rest is forfeited. None: it is carried on.
    """

    share: Share
    leaver: Literal["pay", "defer"]
    release: Share | None = None


class PoolScheme(Sourced):
    """How one pool goes to people.

    who: `head`: a head's own salary; `rows`: who has a row of the first quantity; "": every sharing post.
    inside: by points, or by a department's own list. points: factors and quantities. labour: whether such posts share.
    """

    in_total: Counted | None = None
    items: list[Id] = Field(default_factory=list)
    teams: Teams | None = None
    inside: Literal["points", "list"] = "points"
    points: list[str] = Field(default_factory=list)
    who: Literal["head", "rows", ""] = ""
    labour: bool = False
    caps: list[Bound] = Field(default_factory=list)
    floors: list[Bound] = Field(default_factory=list)
    over_cap: Literal["share", "keep"] = "share"
    defer: Defer | None = None
    double_time: str = ""  # the reason why attendance stands beside a workload

    @property
    def quantities(self) -> tuple[str, ...]:
        """The measures that its points are made of, beside the factors every post has."""
        return tuple(name for name in self.points if name not in FACTORS)


class SecondPost(Sourced):
    """How much a person's shares may be at one time in all (双绩效)."""

    max_time: Ratio


class PayCorrections(Sourced):
    """How corrections are paid for unless a case says so itself, and the most of a next payment that is kept back."""

    funding: str
    claw_back_max: Share

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.funding != REDIVIDE and not (self.funding.startswith(RESERVE) and self.funding[len(RESERVE) :].strip()):
            raise ValueError('funding 写 redivide 或 "reserve: 备用金名称"')
        return self


class TaxRule(Sourced):
    """cumulative: withheld here by imported figures; elsewhere: by the payer's finance office, with a document."""

    mode: Literal["cumulative", "elsewhere"]


class Pay(Sourced):
    """A plan's `pay:`.

    labour_staffing: 编制性质 that get no performance pay. order: the pools in which tax and deductions are taken.
    codes: 部门预算支出经济分类 by kind of tax.
    """

    approval: PayApproval | None = None
    labour_staffing: list[str] = Field(default_factory=list)
    leave: list[LeaveRule] = Field(default_factory=list)
    items: list[PayItem] = Field(default_factory=list)
    pools: Mapping[Id, PoolScheme]
    order: list[Id] = Field(default_factory=list)
    second_post: SecondPost | None = None
    corrections: PayCorrections | None = None
    tax: TaxRule
    codes: Mapping[TaxKind, str] = Field(default_factory=dict)

    def counts(self, kind: str) -> Fraction | None:
        """What a day of leave counts; None where the kind has no rule."""
        return next((rule.counts for rule in self.leave if rule.kind == kind), None)

    def item(self, code: str) -> PayItem | None:
        """An earmark by its id."""
        return next((one for one in self.items if one.id == code), None)
