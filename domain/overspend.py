"""The part of a plan that says who bears an overspend of the insurance fund."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from domain.capitation import Capitation
from domain.facts import Strict
from domain.institution import Form, Tier
from domain.values import Cited, Exact, PeriodKind, Share


class OverspendBand(Strict):
    """One slice of the overspend up to the ratio `upto` to the budget (included; None: no end)."""

    alliance: Share
    upto: Exact | None = None


class OverspendRelief(Strict):
    """Where down-referrals / discharges of an upper hospital reach `threshold`, the fund takes `share` of its part.

    limit: all relief together, as a share of the alliance's budget (在总额控制基础上).
    """

    threshold: Exact
    share: Share
    limit: Share


class Overspend(Cited):
    """Who bears an overspend of the insurance fund: every number local, none has a default.

    bands: the alliance's share by marginal slices, in rising order, the last without end; upper: the hospitals that
    bear it; tiers: the other members whose unreasonable spending is looked at; capitation: the budget by persons (left
    out: `fund_budget`); tolerance: how far the confirmed overspend may be from spend − budget, as a share of that,
    where 备注 gives the reason (left out: not at all).
    """

    bands: list[OverspendBand] = Field(min_length=1)
    upper: list[Tier] = Field(min_length=1)
    tiers: list[Tier] = Field(default_factory=list)
    relief: OverspendRelief | None = None
    capitation: Capitation | None = None
    tolerance: Share | None = None
    forms: list[Form] = Field(default_factory=list)
    periods: list[PeriodKind] = Field(default=["year"])

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        ends = [band.upto for band in self.bands[:-1]]
        closed = [end for end in ends if end is not None]
        if len(closed) != len(ends) or closed != sorted(set(closed)) or (closed and closed[0] <= 0):
            raise ValueError("bands 的 upto 须大于 0 并递增, 只有最后一档可以不写 upto")
        if self.bands[-1].upto is not None:
            raise ValueError("bands 最后一档不写 upto")
        if any(tier.grassroots for tier in self.upper):
            raise ValueError("upper 只写上级医院: 基层不分担超支")
        return self
