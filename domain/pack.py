"""The schema of packs: what a policy document says, entry by entry, each with its clause.

What is dated is a list of `{from: 2026-01-01, value: …}`; `params` belong to the file that `indicator` names.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from pydantic import Field

from domain.every import Every
from domain.facts import Strict
from domain.given import Given
from domain.institution import Tier
from domain.values import Cite, Dated, Exact, Id, Yuan

Status = Literal["in_force", "draft", "repealed", "expired"]
OwnerTier = Tier | Literal["outside"]


class PackEntry(Strict):
    """What every entry of a pack has: an id, a title and the clause it paraphrases.

    readings: where the text can be read in several ways, the fields that each named reading sets; a plan that uses the
    entry must choose one. formula_status background: how it is computed is not from the text; it is shown with that
    mark and decides no pay unless the plan accepts it by name. owner_tiers: where the text lays it on kinds of
    institutions, which; outside: on institutions that are no members of the alliance. unavailable: the catalogue has no
    data that it could be computed from, so that no plan may score it, nor anything in its place. at, changes: where it
    stands, and what changes in it when, of an entry read for no day; both filled in by the reader.
    """

    id: Id
    title: str
    cite: Cite
    note: str = ""
    owner: str | None = None
    owner_tiers: list[OwnerTier] = Field(default_factory=list)
    scope: str | None = None
    ambiguity: str | None = None
    formula_status: Literal["stated", "reading", "background"] = "reading"
    unavailable: bool = False
    readings: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)
    at: str = Field(default="", exclude=True)
    changes: str = Field(default="", exclude=True)


class PackIndicator(PackEntry, Given):
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


class PackTrend(PackEntry, Given):
    """A direction without a number.

    needs: what the text asks for without a figure (明显下降: how much counts), so that an item's curve must state it.
    """

    direction: Literal["up", "down"]
    needs: list[Literal["min_change"]] = Field(default_factory=list)
    indicator: str | None = None
    params: Mapping[str, Any] = Field(default_factory=dict)


class PackNamed(PackEntry, Given):
    """An item the text names for assessment, without a target."""

    indicator: str | None = None
    params: Mapping[str, Any] = Field(default_factory=dict)


class PackDuty(PackEntry, Given):
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


Measurable = PackIndicator | PackTrend | PackNamed | PackDuty
"""Entries that may name an indicator; its `Params` take their params when the pack is read to be carried out."""


class PackMoney(PackEntry):
    """What money hangs on the result."""

    hook: str
    params: Mapping[str, Any] = Field(default_factory=dict)


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
