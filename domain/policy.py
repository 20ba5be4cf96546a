"""The schema of packs (what a policy document says) and plans (how one place carries it out).

Decimals are quoted strings and taken exactly. `params` of an entry belong to the file that its `use` or
`indicator` names; that file declares and validates them. A parameter that changes over time is a list of
`{from: 2026-01-01, value: …}`; a period takes what is in force on its last day (`in_force`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from domain.every import Every
from domain.facts import Strict
from domain.institution import Form, Ownership, Tier
from domain.money import format_exact
from domain.overspend import Overspend
from domain.region import Level
from domain.values import Cite, Cited, Dated, Exact, Id, PeriodKind, Ratio, Share, Source, Yuan, in_force

__all__ = [
    "Checks", "Cite", "Dated", "Dimension", "Entry", "Exact", "Exemption", "Fund", "Grade", "Hooks", "Id", "Item",
    "LocalIndicator", "Missing", "Overspend", "Pack", "PackDuty", "PackEntry", "PackIndicator", "PackMilestone",
    "PackMoney", "PackNamed", "PackPrice", "PackTrend", "PeriodKind", "Permits", "Plan", "Pool", "Quota",
    "Ratio", "Scope", "Scorecard", "Share", "Signature", "Source", "Standing", "Status", "UsePack", "Yuan", "in_force",
]  # fmt: skip

Status = Literal["in_force", "draft", "repealed", "expired"]
Standing = Literal[Status, "not_yet"]  # on a day: also a pack before its effective_from
Scope = Literal["member", "alliance", "district"]
Missing = Literal["reweight", "zero", "refuse"]


class Entry(Strict):
    """The envelope of everything that names a file of code: a rule, a curve, a pool, a merit formula.

    use: the name of the file in its folder; params: what that file's `Params` takes; priority: soft rules only;
    at: file:line, filled in by the reader.
    """

    use: str
    params: Mapping[str, Any] = Field(default_factory=dict)
    priority: int | None = Field(default=None, ge=1)
    source: Source | None = None
    cite: Cite | None = None
    note: str = ""
    at: str = Field(default="", exclude=True)


# ── packs ─────────────────────────────────────────────────────────────────────────────────────────────────


class PackEntry(Strict):
    """What every entry of a pack has: an id, a title and the clause it paraphrases.

    readings: where the text can be read in several ways, the fields that each named reading sets; a plan that uses the
    entry must choose one. formula_status background: how it is computed is not from the text; it is shown with that
    mark and decides no pay unless the plan accepts it by name. at, changes: where it stands, and what changes in it
    when, of an entry read for no day; both filled in by the reader.
    """

    id: Id
    title: str
    cite: Cite
    note: str = ""
    owner: str | None = None
    scope: str | None = None
    ambiguity: str | None = None
    formula_status: Literal["stated", "reading", "background"] = "reading"
    readings: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)
    at: str = Field(default="", exclude=True)
    changes: str = Field(default="", exclude=True)


class PackIndicator(PackEntry):
    """A rule with a number. `indicator` and `params` name how it is computed; target as the text gives it."""

    indicator: str
    params: Mapping[str, Any] = Field(default_factory=dict)
    subject: str
    unit: str
    op: Literal[">=", "<=", "=", "approx", "between"]
    target: Exact | list[Dated] | None
    upper: Exact | None = None
    deadline: date | None = None
    deadline_stated: bool = True  # False: the text prints none, and the year it is for gives the last day
    recommended: bool = False  # 一般应 / 探索 / 可: the text recommends, it does not demand


class PackTrend(PackEntry):
    """A direction without a number.

    needs: what the text asks for without a figure (明显下降: how much counts), so that an item's curve must state it.
    """

    direction: Literal["up", "down"]
    needs: list[Literal["min_change"]] = Field(default_factory=list)
    indicator: str | None = None
    params: Mapping[str, Any] = Field(default_factory=dict)


class PackNamed(PackEntry):
    """An item the text names for assessment, without a target."""

    indicator: str | None = None
    params: Mapping[str, Any] = Field(default_factory=dict)


class PackDuty(PackEntry):
    """Something to do or to keep, shown as a checklist with evidence.

    every: how often it is to be done; the deadline is that of the first time. indicator, params: where facts tell
    whether it is done (a day of completion, yes or no, a checklist). deadline_stated: as of an indicator.
    """

    evidence: str
    deadline: date | None = None
    deadline_stated: bool = True
    every: Every | None = None
    indicator: str | None = None
    params: Mapping[str, Any] = Field(default_factory=dict)


class PackMoney(PackEntry):
    """What money hangs on the result."""

    hook: str
    params: Mapping[str, Any] = Field(default_factory=dict)


class Hooks(Strict):
    """What hooks are called in Chinese, by code (`configs/hooks.yaml`)."""

    hooks: Mapping[Id, Annotated[str, Field(min_length=1)]]


class PackPrice(PackEntry):
    """A price or fee the text prints: yuan per `unit` (次). since: the day it holds from, where the text has one."""

    amount: Yuan
    unit: str
    since: date | None = None


class PackMilestone(PackEntry):
    """A deadline of the timetable; `rules` are the pack's rules that show whether it is met."""

    deadline: date
    rules: list[str] = Field(default_factory=list)


class Pack(Strict):
    """One policy document, complete.

    without_target: why rules with a dated target have none on the day the pack was read for (ended, not begun), in
    words by their ids; filled in by the reader.
    """

    id: Id
    title: str
    number: str | None
    issuer: str
    level: str
    region: str
    status: Status
    announced: date | None = None
    effective_from: date | None = None
    effective_to: date | None = None
    note: str = ""
    indicators: list[PackIndicator] = Field(default_factory=list)
    trends: list[PackTrend] = Field(default_factory=list)
    named: list[PackNamed] = Field(default_factory=list)
    duties: list[PackDuty] = Field(default_factory=list)
    money: list[PackMoney] = Field(default_factory=list)
    prices: list[PackPrice] = Field(default_factory=list)
    milestones: list[PackMilestone] = Field(default_factory=list)
    without_target: Mapping[str, str] = Field(default_factory=dict, exclude=True)

    def entries(self) -> list[PackEntry]:
        """All entries, in the order of the file's sections."""
        return [
            *self.indicators,
            *self.trends,
            *self.named,
            *self.duties,
            *self.money,
            *self.prices,
            *self.milestones,
        ]


# ── plans ─────────────────────────────────────────────────────────────────────────────────────────────────


class UsePack(Strict):
    """A pack the plan carries out; a status other than in_force must be allowed in words, with a reason."""

    id: str
    allow_status: list[Standing] = Field(default_factory=list)
    reason: str = ""


class LocalIndicator(Strict):
    """An indicator that needs only catalogue facts: ratio, coverage, per_capita (per `per`) or growth."""

    id: Id
    title: str
    kind: Literal["ratio", "coverage", "per_capita", "growth"]
    numerator: list[str]
    denominator: list[str] = Field(default_factory=list)
    per: Exact = Fraction(1)
    direction: Literal["up", "down"]
    unit: str
    source: Source
    at: str = Field(default="", exclude=True)


class Item(Strict):
    """One line of a scorecard: an indicator, the curve that turns it into points, and its full marks.

    rule: the pack rule it carries out ("tianjin-2024:TJ-I03"); its target, if the curve gives none, is taken. With
    `also`, `target_from: stricter` takes the strictest target among them; otherwise `rule`'s holds.
    tiers: the member tiers it applies to (empty: all); for the others it is not_applicable by plan and re-weighted.
    forms: the same for the forms of alliances.
    """

    id: Id
    indicator: str
    points: Exact
    curve: Entry
    source: Source
    title: str = ""
    params: Mapping[str, Any] = Field(default_factory=dict)
    rule: str | None = None
    also: list[str] = Field(default_factory=list)  # rules of other packs on the same indicator
    target_from: Literal["rule", "stricter"] = "rule"
    tiers: list[Tier] = Field(default_factory=list)
    forms: list[Form] = Field(default_factory=list)
    at: str = Field(default="", exclude=True)


class Dimension(Strict):
    """A first-level node; its items' points add up to its own."""

    id: Id
    title: str
    points: Exact
    items: list[Item]
    source: Source

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        total = sum((item.points for item in self.items), Fraction(0))
        if total != self.points:
            raise ValueError(
                f"维度 {self.id} 各项分值合计 {format_exact(total)}, 与 points {format_exact(self.points)} 不等"
            )
        return self


class Grade(Strict):
    """A grade from a total on (以上 includes the number)."""

    min: Exact
    title: str


class Scorecard(Strict):
    """Weighted dimensions for members, alliances or districts, and what a gap in the data does."""

    id: Id
    title: str
    scope: Scope
    missing: Missing
    not_applicable: Literal["reweight", "zero", "full", "refuse"]
    dimensions: list[Dimension]
    grades: list[Grade] = Field(default_factory=list)
    tiers: list[Tier] = Field(default_factory=list)  # member cards: who is scored (empty: every member)
    forms: list[Form] = Field(default_factory=list)  # alliance cards: which forms are scored (empty: all)
    levels: list[Level] = Field(default_factory=list)  # district cards: provinces, cities or counties (empty: all)
    source: Source


class Exemption(Strict):
    """Members a rule passes over, with the reason that is printed."""

    rule: str
    reason: str
    ownership: list[Ownership] = Field(default_factory=list)
    tiers: list[Tier] = Field(default_factory=list)
    units: list[str] = Field(default_factory=list)


class Fund(Strict):
    """Where a pool's money comes from."""

    title: str
    document: str  # 指标文号


class Pool(Entry):
    """A pool: how it is formed (`use`, `params`), what it is for, and the rules that split it.

    periods: the kinds of period it runs in; basis: an estimate pays at most `prepay_ratio`, which only it has.
    in_total: whether it is paid inside the approved total; stated of every pool but an `income` one, which pays nobody.
    unpaid_to: the destination of what cannot be paid. tiers/ownership: who shares in it (empty: every member).
    forms: the forms of alliances that have this pool (empty: all).
    """

    id: Id
    title: str
    purpose: Literal["income", "staff_reward", "subsidy"]
    basis: Literal["estimate", "settled"]
    prepay_ratio: Share | None = None
    periods: list[PeriodKind]
    fund: Fund
    merit: Entry
    rules: list[Entry] = Field(default_factory=list)
    soft_keep: Exact | None = None
    exempt: list[Exemption] = Field(default_factory=list)
    unpaid_to: Literal["fund", "carry_forward", "alliance_reserve"]
    in_total: Literal["yes", "no", "separate"] | None = None
    tiers: list[Tier] = Field(default_factory=list)
    ownership: list[Ownership] = Field(default_factory=list)
    forms: list[Form] = Field(default_factory=list)

    @property
    def inside_total(self) -> bool:
        """Whether its payments use headroom; what is not stated to be outside does."""
        return self.purpose != "income" and self.in_total not in ("no", "separate")


class Permits(Cited):
    """The numbers of the two permits (MONEY.md): every one local, none has a default.

    ownership, tiers: the members they are for (tiers empty: every tier); the documents differ in whom they mean.
    """

    drugs_included: bool
    risk_fund_rate: Exact | list[Dated]
    risk_fund_limit: Exact | list[Dated]  # share of the year's medical income the fund may hold
    welfare_share: Exact | list[Dated]
    development_share: Exact | list[Dated]
    main_share: Exact | list[Dated]  # ρ: what 主要 means here, > 0.5
    scope: str
    ownership: list[Ownership]
    tiers: list[Tier] = Field(default_factory=list)
    periods: list[PeriodKind]


class Quota(Cited):
    """How 绩效工资总量 approvals bind: per member, or one for the alliance with a corridor per member.

    grassroots_over: share by which grassroots may exceed their own line inside the alliance; stated (it may be "0")
    where the approval is the alliance's, and only there.
    """

    scope: Literal["member", "alliance"]
    grassroots_over: Exact | None = None

    @model_validator(mode="after")
    def _corridor(self) -> Self:
        if (self.scope == "alliance") != (self.grassroots_over is not None):
            raise ValueError('grassroots_over 在 scope: alliance 时必须写 (不许超的写 "0"), scope: member 时不写')
        return self


class Checks(Strict):
    """jump: the largest change against the last period, as a share; working_days_for_objection: how long 公示 stands.

    Both are local; what a plan does not state is not checked, and left blank on the notice.
    """

    jump: Exact | None = None
    working_days_for_objection: int | None = Field(default=None, ge=1)


class Signature(Strict):
    """One signature line of the printed sheets."""

    title: str


class Plan(Strict):
    """How one place carries out one or more packs."""

    id: Id
    title: str
    region: str
    packs: list[UsePack]
    readings: Mapping[str, str] = Field(default_factory=dict)  # pack rule → the reading this place takes
    accept_background: list[str] = Field(default_factory=list)  # pack rules whose background formula may decide pay
    scorecards: list[Scorecard]
    local_indicators: list[LocalIndicator] = Field(default_factory=list)
    pools: list[Pool] = Field(default_factory=list)  # in this order on one headroom
    permits: Permits | None = None
    quota: Quota | None = None
    overspend: Overspend | None = None
    checks: Checks = Checks()
    signatures: list[Signature] = Field(default_factory=list)
    note: str = ""
