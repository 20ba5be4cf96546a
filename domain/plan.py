"""The schema of plans: how one place carries out its policy documents.

Decimals are quoted strings and taken exactly. `params` of an entry belong to the file that its `use` or
`indicator` names; that file declares and validates them. A parameter that changes over time is a list of
`{from: 2026-01-01, value: …}`; a period takes what is in force on its last day (`in_force`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BeforeValidator, Field, model_validator

from domain.check import Checks
from domain.corrections import Corrections
from domain.deposit import Deposit
from domain.facts import Strict
from domain.given import Given
from domain.institution import Form, Ownership, Tier
from domain.money import format_exact
from domain.overspend import Overspend
from domain.pack import Status
from domain.pay import Pay
from domain.region import Level
from domain.values import Cite, Cited, Dated, Exact, Id, PeriodKind, Ratio, Share, Source, Yuan
from domain.workflow import WANTED, Approvals, Deadlines, Gate, Hands, Silence, Term

Standing = Literal[Status, "not_yet"]  # on a day: also a pack before its effective_from
Scope = Literal["member", "alliance", "district"]
Missing = Literal["reweight", "zero", "refuse"]
BEYOND_PAY = ("scorecards", "pools", "overspend")
"""The parts of a plan that a run carries out; a plan with `pay` may have none of them."""


class Entry(Given):
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


class UsePack(Strict):
    """A pack the plan carries out; a status other than in_force must be allowed in words, with a reason."""

    id: str
    allow_status: list[Standing] = Field(default_factory=list)
    reason: str = ""


class LocalIndicator(Strict):
    """An indicator that needs only catalogue facts: ratio, coverage, per_capita (per `per`) or growth.

    monthly: a per_capita figure of a month, so that a quarter and a year are held to the same number.
    """

    id: Id
    title: str
    kind: Literal["ratio", "coverage", "per_capita", "growth"]
    numerator: list[str]
    denominator: list[str] = Field(default_factory=list)
    per: Annotated[Exact, Field(gt=0)] = Fraction(1)
    monthly: bool = False
    direction: Literal["up", "down"]
    unit: str
    source: Source
    at: str = Field(default="", exclude=True)

    @model_validator(mode="after")
    def _by_month(self) -> Self:
        if self.monthly and self.kind != "per_capita":
            raise ValueError("monthly 只用于 per_capita (按月平均的数)")
        return self


class Item(Given):
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

    def names(self, unit: str, tier: str, owner: str) -> bool:
        """Whether a member is meant; a side that is left out means everybody."""
        return _meant(self.units, unit) and _meant(self.tiers, tier) and _meant(self.ownership, owner)


def _meant(asked: Sequence[str], one: str) -> bool:
    return not asked or one in map(str, asked)


class Fund(Strict):
    """Where a pool's money comes from."""

    title: str
    document: str  # 指标文号


class Pool(Entry):
    """A pool: how it is formed (`use`, `params`), what it is for, and the rules that split it.

    periods: the kinds of period it runs in; basis: an estimate pays at most `prepay_ratio`, which only it has.
    in_total: whether it is paid inside the approved total; stated of every pool but an `income` one, which pays nobody.
    unpaid_to: the destination of what cannot be paid. tiers/ownership: who shares in it (empty: every member).
    forms: the forms of alliances that have this pool (empty: all). paid_by: who orders the payment, a bureau or unit by
    name or code; "" where the plan does not say.
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
    paid_by: str = ""

    @property
    def inside_total(self) -> bool:
        """Whether its payments use headroom; what is not stated to be outside does."""
        return self.purpose != "income" and self.in_total not in ("no", "separate")

    def shared_by(self, tier: str, owner: str) -> bool:
        """Whether members of a tier and ownership share in it."""
        return _meant(self.tiers, tier) and _meant(self.ownership, owner)

    def meets(self, other: Pool) -> bool:
        """Whether two pools may pay some of the same members in the same kind of period; an empty side is all."""
        sides = (
            (self.periods, other.periods),
            (self.tiers, other.tiers),
            (self.ownership, other.ownership),
            (self.forms, other.forms),
        )
        return all(set(mine) & set(theirs) or not (mine and theirs) for mine, theirs in sides)


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


class QuotaApplication(Strict):
    """What a member's own line would be: person-months of the year / 12 × level × multiple.

    It prepares the application and decides nothing. level: yuan a person and year that the
    regulation sets; multiple: how often that is asked for (允许突破). Both are local and may be dated.
    """

    level: Yuan = Field(gt=0)
    multiple: Ratio


class Quota(Cited):
    """How 绩效工资总量 approvals bind: per member, or one for the alliance with a corridor per member.

    grassroots_over: share by which grassroots may exceed their own line inside the alliance; stated (it may be "0")
    where the approval is the alliance's, and only there. application: what is shown beside each approval.
    """

    scope: Literal["member", "alliance"]
    grassroots_over: Ratio | None = None
    application: QuotaApplication | None = None

    @model_validator(mode="after")
    def _corridor(self) -> Self:
        if (self.scope == "alliance") != (self.grassroots_over is not None):
            raise ValueError('grassroots_over 在 scope: alliance 时必须写 (不许超的写 "0"), scope: member 时不写')
        return self


class Carry(Strict):
    """Snapshots that an earlier one of the same year may stand for where they are missing; always local.

    metrics: codes of metrics and money items of kind `stock`; periods: the kinds of period it is allowed in.
    """

    metrics: list[str] = Field(min_length=1)
    periods: list[PeriodKind] = Field(min_length=1)
    source: Source


class Signature(Strict):
    """One signature line of the printed sheets."""

    title: str


def _listed(given: Any) -> Any:
    """One name as a list of one."""
    return [given] if isinstance(given, str) else given


class Plan(Strict):
    """How one place carries out one or more packs, or how an institution pays its people (`pay` alone, no pack at all).

    home: of a member in alliances of several forms at once, the form whose alliance speaks for it; the first that it
    has of several. filers: who files the figures of a reporting body (`reporter` of the catalogue): a unit's code, or
    `centre`, the institution that manages the one they are about; the one itself where the body is not named.
    """

    id: Id
    title: str
    region: str
    packs: list[UsePack] = Field(default_factory=list)
    readings: Mapping[str, str] = Field(default_factory=dict)  # pack rule → the reading this place takes
    accept_background: list[str] = Field(default_factory=list)  # pack rules whose background formula may decide pay
    scorecards: list[Scorecard] = Field(default_factory=list)
    local_indicators: list[LocalIndicator] = Field(default_factory=list)
    pools: list[Pool] = Field(default_factory=list)  # in this order on one headroom
    permits: Permits | None = None
    quota: Quota | None = None
    overspend: Overspend | None = None
    deposit: Deposit | None = None
    carry: Carry | None = None
    corrections: Corrections | None = None  # needed to correct a run (`--before`)
    home: Annotated[list[Form], BeforeValidator(_listed)] = Field(default_factory=list)
    checks: Checks = Checks()
    gates: list[Gate] = Field(default_factory=list)
    approvals: Approvals | None = None
    deadlines: Deadlines = Deadlines()
    silence_confirms: Silence | None = None
    hands: Hands | None = None
    filers: Mapping[str, Id] = Field(default_factory=dict)
    signatures: list[Signature] = Field(default_factory=list)
    pay: Pay | None = None
    note: str = ""

    @property
    def only_pays(self) -> bool:
        """Whether it only says how people are paid: it scores nobody and splits nothing between institutions."""
        return self.pay is not None and not any(getattr(self, part) for part in BEYOND_PAY)

    def unsaid(self, step: str) -> tuple[str, ...]:
        """The keys that a step of a batch wants and this plan does not have, as "deadlines.report"."""
        terms: dict[str, object] = {f"deadlines.{term}": self.deadlines.days(term) for term in get_args(Term)}
        said = terms | {"silence_confirms": self.silence_confirms}
        return tuple(key for key in WANTED.get(step, ()) if said[key] is None)
