"""缺报: a figure that nearly all units of the same tiers told, or the unit itself before, and it does not now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated

import numpy as np
from pydantic import Field

from domain.facts import Catalogue, Strict
from domain.institution import Tier
from domain.key import Key, Keys
from domain.step import Phrase, Value
from domain.values import Share
from engine.checks.kinds import Hit, Looked, named
from engine.checks.rows import plain

TITLE = "缺报"
WORDS = {
    "lacking": "{code:join } 没有本期数, 同级 {all} 家中 {told} 家有",
    "before": "{code:join } 没有本期数, 表中有其他期间的数",
}
_SLACK = 1e-9  # of a share of whole numbers
KEYS: Keys = {
    "Params": Key(TITLE, "同级单位几乎都有而本单位没有的数"),
    "tiers": Key("同级", "在哪几级之间比", ["township"]),
    "share": Key("多少家有数", "同级至少这么多填了而本单位没有才提", "0.9"),
    "peers": Key("至少几家", "至少有几家同级填了", 5),
    "without": Key("不看的", "数据或金额项目", ["resident_population"]),
}


class Params(Strict):
    """tiers: the units compared. share: of them that must tell a figure, ends included; peers: how many at least.

    without: metrics and items not asked for.
    """

    tiers: Annotated[list[Tier], Field(min_length=1)]
    share: Share
    peers: Annotated[int, Field(ge=3)] = 5
    without: list[str] = Field(default_factory=list)


def asks(params: Params, _catalogue: Catalogue) -> Callable[[str], bool]:
    """All that it does not leave out."""
    return lambda code: code not in params.without


def find(params: Params, looked: Looked) -> Iterator[Hit]:
    """Every unit without a figure that the others of its ownership have; of units that are members in the period."""
    table = looked.table
    ours = looked.of_tiers(params.tiers) & looked.belonging
    asked = np.fromiter((plain(code) not in params.without for code in table.codes), bool, len(table.codes))
    for owned in sorted(set(table.ownership[ours])):
        units = np.flatnonzero(ours & (table.ownership == owned))
        there = ~np.isnan(looked.now.grid[units])
        told = there.sum(axis=0)
        usual = asked & (told >= params.peers) & (told >= np.ceil(float(params.share) * len(units) - _SLACK))
        for row, column in zip(*np.nonzero(~there & usual), strict=True):
            code = table.codes[int(column)]
            yield _hit(looked, int(units[row]), code, (int(told[column]), len(units)))


def _hit(looked: Looked, unit: int, code: str, told: tuple[int, int]) -> Hit:
    table = looked.table
    other = np.flatnonzero((table.unit == unit) & (table.code == table.place[code])).tolist()
    said: dict[str, Value | None] = {"code": named([code])}
    if other:
        return Hit(str(table.units[unit]), tuple(other), Phrase(f"{__name__}:before", said), None)
    said |= {"told": str(told[0]), "all": str(told[1])}
    return Hit(str(table.units[unit]), (), Phrase(f"{__name__}:lacking", said), None)
