"""部分与总体: a figure that is part of another one, as the catalogue has it, and far too small a part of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Annotated

import numpy as np
from pydantic import Field

from domain.facts import Catalogue, Strict
from domain.institution import Tier
from domain.key import Key, Keys
from domain.step import Phrase, Value
from domain.values import Ratio, Share
from engine.checks.kinds import Hit, Looked, beyond, named, outside

TITLE = "部分占总体"
WORDS = {"parts": "{part:join } {a} ÷ {whole:join } {b}"}
KEYS: Keys = {
    "Params": Key(TITLE, "目录写明是另一个数的一部分的数, 占比过小"),
    "codes": Key("看哪些", "目录写明是另一个数的一部分的数据", ["posted_attending"]),
    "least": Key("至少占", "占总体", "0.1"),
    "floor": Key("不看的小数", "低于它的不看; 金额按元", "10"),
    "tiers": Key("机构层级", "看哪几级; 不写是全部", ["township"]),
}


class Params(Strict):
    """codes: the parts, each over the metric that the catalogue says it is part of. least: the share expected.

    floor: of a whole that is smaller nothing is said. That no part is above its whole is told when data are read.
    tiers: whose (empty: everybody's).
    """

    codes: Annotated[list[str], Field(min_length=1)]
    least: Share
    floor: Ratio = Fraction(0)
    tiers: list[Tier] = Field(default_factory=list)


def asks(params: Params, catalogue: Catalogue) -> Callable[[str], bool]:
    """The parts that it names, and their wholes."""
    parts = (catalogue.metrics.get(code) for code in params.codes)
    return {*params.codes, *(part.part_of for part in parts if part)}.__contains__


def find(params: Params, looked: Looked) -> Iterator[Hit]:
    """Every part that is less than `least` of its whole; none at all is no wrong figure."""
    now, there = looked.now, looked.of_tiers(params.tiers)
    for code in params.codes:
        metric = looked.catalogue.metrics.get(code)
        if metric is None or metric.part_of is None or code not in looked.table.place:
            continue
        part, whole = now.column(code), now.column(metric.part_of)
        with np.errstate(divide="ignore", invalid="ignore"):
            asked = there & (part > 0) & (whole >= float(params.floor))
            value = np.where(asked, part / whole, np.nan)
        for at in outside(value, float(params.least), np.inf).tolist():
            a, b = (now.filled_in(at, [one]) for one in (code, metric.part_of))
            if beyond(a / b, params.least, None):
                said: dict[str, Value | None] = {"part": named([code]), "whole": named([metric.part_of])}
                what = Phrase(f"{__name__}:parts", said | {"a": a, "b": b})
                yield Hit(str(looked.table.units[at]), tuple(now.rows_of(at, [code])), what, a / b, params.least)
