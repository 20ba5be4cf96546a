"""The part of a plan that holds a quality deposit (质量保证金) from payments and releases it by score."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal, Self

from pydantic import Field, model_validator

from domain.facts import Strict
from domain.values import Cited, Exact, PeriodKind, Share


class DepositBand(Strict):
    """From the score `min` on (included) this share of the deposit is released; "score/100": as much, at most all."""

    min: Exact
    share: Share | Literal["score/100"]

    def of(self, score: Fraction) -> Fraction:
        """The share that a score in this band earns."""
        return min(Fraction(1), score / 100) if self.share == "score/100" else self.share


class DepositRelease(Strict):
    """When a deposit is settled, and by whose score; the bands begin at 0, in any order."""

    periods: list[PeriodKind] = Field(min_length=1)
    scorecard: str
    whose: Literal["member", "alliance"]
    bands: list[DepositBand] = Field(min_length=1)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        starts = [band.min for band in self.bands]
        if len(set(starts)) != len(starts) or min(starts) != 0:
            raise ValueError("release.bands 的 min 不得重复, 且最低一档须从 0 起")
        return self

    def share(self, score: Fraction) -> Fraction:
        """The share of the deposit that a score releases."""
        return max((band for band in self.bands if band.min <= score), key=lambda band: band.min).of(score)


class Deposit(Cited):
    """What is held of payments: every number local, none has a default.

    pools: those whose payments it is held from; rate: the share of each; forfeited_to: where goes what is not released.
    """

    pools: list[str] = Field(min_length=1)
    rate: Share = Field(gt=0)
    release: DepositRelease
    forfeited_to: Literal["fund", "carry_forward", "alliance_reserve"]
