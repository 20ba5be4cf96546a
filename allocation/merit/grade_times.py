"""等次系数 × 数量: a factor by the band of a member's score times what it does or holds (分级考核).

    merit = factor of the band × Σ (weight × metric) × months / months of the period

Everybody in a band counts alike. Source: graded appraisal (分级绩效考核), ChinaXiv-202207.00054; bands are local.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Self

from pydantic import Field, model_validator

from allocation.context import PoolContext
from allocation.merit import COUNTED, Merits, Part, counted, weighted
from domain.facts import Strict
from domain.institution import Tier
from domain.key import Key, Keys
from domain.problems import Problems
from domain.step import Phrase, Words
from domain.values import Exact, Ratio

TITLE = "等次系数×数量"
WORDS = {
    "merit": Words("绩效", "系数{quantity}{by_months}", {"score": "得分", "band": "档次", "factor": "系数", **COUNTED}),
    "band_from": "{least} 分以上",
}
KEYS: Keys = {
    "Params": Key(TITLE, "得分所在等次的系数 × 数量"),
    "scorecard": Key("评分表", "评分表的 id", "member"),
    "bands": Key("等次系数", "最低一档从 0 起", [{"min": "0", "factor": "0.8"}, {"min": "80", "factor": "1"}]),
    "quantity": Key("数量", "指标目录的数据和各自的权数, 相加; 不写是只按得分", {"heads_on_post": "1"}),
    "prorate": Key("按在册月数折算", "期中加入、退出的按月数", example=True),
    "Band": Key("一档", "从这个分数起的系数"),
    "Band.min": Key("界限", "从几分起, 含本数", "80"),
    "Band.factor": Key("系数", "", "1"),
}


class Band(Strict):
    """From the score `min` on (included) the factor holds."""

    min: Exact
    factor: Ratio


class Params(Strict):
    """scorecard: whose totals count; bands: in any order, the lowest from 0.

    quantity: weights of catalogue metrics, added up (empty: the factor alone). prorate: whether months count.
    """

    scorecard: str
    bands: list[Band] = Field(min_length=1)
    quantity: Mapping[str, Ratio] = Field(default_factory=dict)
    prorate: bool

    @model_validator(mode="after")
    def _complete(self) -> Self:
        starts = [band.min for band in self.bands]
        if len(set(starts)) != len(starts) or min(starts) != 0:
            raise ValueError("bands 的 min 不得重复, 且最低一档须从 0 起")
        return self


def scorecard(params: Params) -> str:
    """Whose totals count."""
    return params.scorecard


def metrics(params: Params) -> tuple[str, ...]:
    """What the score is multiplied by."""
    return tuple(params.quantity)


def nothing(params: Params, _tiers: Collection[Tier]) -> bool:
    """Whether every weight is 0, or the factor of every band."""
    factors = [band.factor for band in params.bands]
    return any(numbers and not any(numbers) for numbers in (factors, [*params.quantity.values()]))


def merit(context: PoolContext, params: Params) -> Merits:
    """Merits by band. Raises InputProblems: SCORE-MISSING, FACT-MISSING."""
    problems = Problems()
    parts: dict[str, Part] = {}
    for unit in context.sharing["unit_code"]:
        score = context.need_score(problems, params.scorecard, unit)
        quantity = weighted(context, problems, unit, params.quantity)
        band = max((one for one in params.bands if one.min <= score), key=lambda one: one.min)
        parts[unit] = Part(
            band.factor * quantity.value,
            numbers={
                "score": score,
                "band": Phrase(f"{__name__}:band_from", {"least": band.min}),
                "factor": band.factor,
                **quantity.numbers,
            },
            fields={"quantity": quantity.said},
            cells=quantity.cells,
        )
    problems.raise_if_any()
    return counted(context, parts, f"{__name__}:merit", prorate=params.prorate)
