"""合计: what members report against what their alliance or district reports of the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from domain.facts import Catalogue, Strict
from domain.institution import Tier
from domain.key import Key, Keys
from domain.step import Phrase, Value
from domain.values import Ratio
from engine.checks.kinds import Hit, Looked, beyond, named, outside

TITLE = "合计"
WORDS = {"total": "{part:join } 成员 {members} 家合计 {sum}, {whole:join } {told}"}
DISTRICT = Tier.DISTRICT.value
KEYS: Keys = {
    "Params": Key(TITLE, "成员填报之和与医联体或区域填报的数"),
    "of": Key("与谁的数比", "", "alliance", {"alliance": "医联体", "district": "区域"}),
    "numerator": Key("成员的数", "一个代码", ["visits"]),
    "denominator": Key("总的数", "一个代码; 不写是同一个", ["visits"]),
    "least": Key("最小", "成员合计占总数, 含本数", "0.95"),
    "most": Key("最大", "含本数", "1.05"),
    "tiers": Key("机构层级", "看哪几级; 不写是全部", ["township"]),
}


class Params(Strict):
    """numerator: what members report; denominator: what the alliance or district (`of`) does (none: the same).

    One code each; the sum over members is a share of the whole between least and most, ends included. tiers: the
    members counted (empty: all that report it).
    """

    of: Literal["alliance", "district"]
    numerator: Annotated[list[str], Field(min_length=1, max_length=1)]
    denominator: Annotated[list[str], Field(max_length=1)] = Field(default_factory=list)
    least: Ratio
    most: Ratio
    tiers: list[Tier] = Field(default_factory=list)


def asks(params: Params, _catalogue: Catalogue) -> Callable[[str], bool]:
    """The codes that it names."""
    return {*params.numerator, *params.denominator}.__contains__


def find(params: Params, looked: Looked) -> Iterator[Hit]:
    """Every alliance or district whose own figure does not agree with its members'."""
    now, code = looked.now, params.numerator[0]
    whole = params.denominator[0] if params.denominator else code
    figures, wholes = now.column(code), now.column(whole)
    part = looked.of_tiers(params.tiers) & ~np.isnan(figures)
    for unit, inside in _members(params.of, looked):
        parts = [at for at in inside if part[at]]
        if not parts or np.isnan(wholes[unit]) or wholes[unit] == 0:
            continue
        value = np.array([figures[parts].sum() / wholes[unit]])
        if not len(outside(value, float(params.least), float(params.most))):
            continue
        told = now.exact(unit, [whole])
        added = sum((now.exact(at, [code]) for at in parts), Fraction(0))
        if beyond(added / told, params.least, params.most):
            said: dict[str, Value | None] = {"part": named([code]), "whole": named([whole])}
            said |= {"members": Fraction(len(parts)), "sum": added, "told": told}
            what = Phrase(f"{__name__}:total", said)
            rows = tuple(now.rows_of(unit, [whole]))
            yield Hit(str(looked.table.units[unit]), rows, what, added / told, params.least, params.most)


def _members(of: str, looked: Looked) -> Iterator[tuple[int, list[int]]]:
    """The alliances or districts with the positions of their members."""
    unit = looked.unit
    if of == "alliance":
        for alliance, members in looked.alliances.items():
            if alliance in unit:
                yield unit[alliance], [unit[one] for one in members if one in unit]
        return
    everybody = np.flatnonzero(looked.belonging).tolist()
    districts = np.flatnonzero(looked.of_tiers([DISTRICT])).tolist()
    if len(districts) == 1:
        yield districts[0], everybody
