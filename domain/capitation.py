"""A budget as persons × standard: what a plan says of it."""

from __future__ import annotations

from pydantic import Field

from domain.facts import Strict
from domain.values import Yuan


class Capitation(Strict):
    """按人头总额: persons at the period's end × standard × months ÷ 12 + adjustments.

    metrics: who counts, added up; standard: yuan a person and year, the plan's (dated). Adjustments are rows of money,
    each with a document of its own.
    """

    metrics: list[str] = Field(min_length=1)
    standard: Yuan = Field(gt=0)
