"""比值: what some figures of a unit come to over others, or one figure by itself, within a range."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from domain.facts import Catalogue, Strict
from domain.institution import Tier
from domain.key import Key, Keys
from domain.step import Phrase, Value
from domain.values import Exact
from engine.checks.kinds import Hit, Looked, beyond, named, outside

TITLE = "比值"
WORDS = {
    "ratio": "{above:join  + } {a} ÷ {below:join  + } {b}",
    "alone": "{above:join  + } {a}",
}
KEYS: Keys = {
    "numerator": Key("分子", "数据或金额项目, 相加", ["visits"]),
    "denominator": Key("分母", "数据或金额项目, 相加; 不写是看分子本身", ["heads_on_post"]),
    "least": Key("最小", "含本数; least 和 most 至少写一个", "1"),
    "most": Key("最大", "含本数", "1000"),
    "tiers": Key("机构层级", "看哪几级; 不写是全部", ["township"]),
    "Params": Key(
        TITLE,
        "几个数之和除以另几个数之和, 或一个数本身",
        {"numerator": ["visits"], "denominator": ["heads_on_post"], "most": "1000"},
    ),
}


class Params(Strict):
    """numerator over denominator (none: the numerator itself), each a sum of figures of one unit.

    What adds up over time is taken per month. least, most: the range, ends included. tiers: whose (empty: everybody's).
    """

    numerator: Annotated[list[str], Field(min_length=1)]
    denominator: list[str] = Field(default_factory=list)
    least: Exact | None = None
    most: Exact | None = None
    tiers: list[Tier] = Field(default_factory=list)

    @model_validator(mode="after")
    def _ranged(self) -> Self:
        if self.least is None and self.most is None:
            raise ValueError("least (下限) 和 most (上限) 至少写一个")
        if self.least is not None and self.most is not None and self.least > self.most:
            raise ValueError("least (下限) 大于 most (上限), 没有值能满足")
        return self


def asks(params: Params, _catalogue: Catalogue) -> Callable[[str], bool]:
    """The codes that it names."""
    return {*params.numerator, *params.denominator}.__contains__


def find(params: Params, looked: Looked) -> Iterator[Hit]:
    """Every unit whose ratio is outside the range, or that has something over nothing."""
    now = looked.now
    if not {*params.numerator, *params.denominator} <= looked.table.place.keys():
        return
    above = np.where(looked.of_tiers(params.tiers), now.sum(params.numerator), np.nan)
    below = now.sum(params.denominator) if params.denominator else np.ones(len(above))
    with np.errstate(divide="ignore", invalid="ignore"):
        value = above / below
    least, most = (-np.inf if params.least is None else float(params.least)), _float(params.most)
    for at in outside(value, least, most).tolist():
        top = now.exact(at, params.numerator)
        under = now.exact(at, params.denominator) if params.denominator else Fraction(1)
        if under == 0 or beyond(top / under, params.least, params.most):
            yield _hit(params, looked, at, top / under if under else None)


def _float(bound: Fraction | None) -> float:
    return np.inf if bound is None else float(bound)


def _hit(params: Params, looked: Looked, at: int, value: Fraction | None) -> Hit:
    now = looked.now
    said: dict[str, Value | None] = {"above": named(params.numerator), "a": now.filled_in(at, params.numerator)}
    if params.denominator:
        said |= {"below": named(params.denominator), "b": now.filled_in(at, params.denominator)}
    what = Phrase(f"{__name__}:{'ratio' if params.denominator else 'alone'}", said)
    rows = tuple(now.rows_of(at, params.numerator))
    return Hit(str(looked.table.units[at]), rows, what, value, params.least, params.most)
