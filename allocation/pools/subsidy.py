"""财政补助挂钩: the part of each member's subsidy that hangs on the result of the appraisal.

    due     linked subsidy of the member × coefficient by score, rounded half-up
    pool    the sum of what is due; what is withheld stays with the payer, unless a pool `from_withheld` takes it

Every member keeps its own channel and gets exactly what is due to it: what one loses no other gets. Base subsidies
stay outside. Source: 吉林市 二(十二); by a district's result: beijing-2021 (十五), which ties money to the appraisal of
cities, districts and institutions.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from pydantic import Field

from allocation.context import Amount, PoolContext, added
from allocation.pools import Formed, Owed, Scored, Settling, Shown, forming_step, owed_step
from allocation.pools.insurance_surplus import ByScore
from domain.key import Key, Keys
from domain.money import format_yuan, half_up_fen
from domain.problems import Problems
from domain.step import Name, Named, Numbers, Phrase, Step, Words

TITLE = "财政补助挂钩"
WITHHOLDS = True
SHOWN = (Shown("linked", "money", summed=True), Shown("coefficient", "factor"))
WORDS = {
    "linked": Words("挂钩补助合计", "各单位挂钩补助之和"),
    "amount": Words("按结果应拨合计", "各单位应拨补助之和 (挂钩补助 × 系数, 逐家四舍五入到分)"),
    "nothing": "按结果没有应拨的补助",
    "owed": Words(
        "应拨补助",
        "挂钩补助 × 系数 (四舍五入到分){how}",
        {
            "linked": "挂钩补助",
            "score": Named("得分", "whole"),
            "score_of": Named("{it} 的得分", "whole"),
            "coefficient": Named("系数", "factor"),
        },
    ),
}
KEYS: Keys = {
    "Params": Key(TITLE, "挂钩部分 × 考核系数, 各走各的渠道"),
    "items": Key("补助项目", "各成员与考核挂钩的补助, 金额项目, 相加", ["subsidy_linked"]),
    "score": Key("得分系数", "", {"scorecard": "external", "bands": [{"min": "0", "coefficient": "score/100"}]}),
    "whose": Key("谁的得分", "", "alliance", {"member": "成员单位", "alliance": "医联体", "district": "所在区域"}),
}


class Params(Settling):
    """items: each member's linked subsidy, money items added up; score: the coefficient by score.

    whose: the score that counts, each member's own, that of its alliance, or that of the district the alliance lies in.
    """

    items: list[str] = Field(min_length=1)
    score: ByScore
    whose: Literal["member", "alliance", "district"]


def scored(params: Params) -> Scored:
    """The score of the coefficient."""
    return Scored(params.score.scorecard, params.whose)


@dataclass(frozen=True)
class _Due:
    """What one member is due: the linked subsidy, whose score counts, the score and its coefficient, fen."""

    linked: Amount
    scored: str
    score: Fraction
    coefficient: Fraction
    how: Phrase | str
    fen: int


def _dues(context: PoolContext, params: Params) -> dict[str, _Due]:
    """What every member that shares is due. Raises InputProblems: MONEY-MISSING, SCORE-MISSING, SUBSIDY-NEGATIVE."""
    problems = Problems()
    found = {}
    for unit in context.sharing["unit_code"]:
        linked = added(context.need(problems, unit, item) for item in params.items) or Amount(0)
        if linked.fen < 0:
            problems.add(context.where(unit), "SUBSIDY-NEGATIVE", f"挂钩补助 {format_yuan(linked.fen)} 小于 0", "核对")
        scored = {"member": unit, "alliance": context.alliance_code, "district": context.district}[params.whose]
        if not scored:  # a score of its own, if the alliance has one, is another one's
            where, said = context.where(context.alliance_code), "医联体不在任何区域之内, 没有区域的得分"
            problems.add(where, "SCORE-MISSING", said, "核对行政区划代码, 在机构表补填区域")
            continue
        score = context.need_score(problems, params.score.scorecard, scored)
        band = params.score.band(score)
        coefficient = band.of(score)
        found[unit] = _Due(linked, scored, score, coefficient, band.how, half_up_fen(linked.fen * coefficient))
    problems.raise_if_any()
    return found


def form(context: PoolContext, params: Params) -> Formed:
    """The subsidies due to all members. Raises InputProblems: MONEY-MISSING, SCORE-MISSING, SUBSIDY-NEGATIVE."""
    members = _dues(context, params)
    linked = sum(one.linked.fen for one in members.values())
    amount = sum(one.fen for one in members.values())
    cells = tuple(cell for one in members.values() for cell in one.linked.cells)
    subsidies: Numbers = {unit: one.linked.fen for unit, one in members.items()}
    steps = (
        forming_step(context, __name__, "linked", linked, subsidies, cells=cells),
        forming_step(context, __name__, "amount", amount, {unit: one.fen for unit, one in members.items()}),
    )
    reason = None if amount else Phrase(f"{__name__}:nothing")
    return Formed(amount, steps, reason=reason, withheld=max(0, linked - amount))


def owed(context: PoolContext, params: Params) -> dict[str, Owed]:
    """What every member is due. Raises InputProblems as `form`."""
    return {unit: Owed(one.fen, _story(context, unit, one)) for unit, one in _dues(context, params).items()}


def _story(context: PoolContext, unit: str, one: _Due) -> Step:
    scored: Name = "score" if one.scored == unit else ("score_of", one.scored)
    numbers: Numbers = {"linked": one.linked.fen, scored: one.score, "coefficient": one.coefficient}
    fields = {"how": one.how}
    return owed_step(context, __name__, "owed", unit, one.fen, numbers, fields=fields, cells=one.linked.cells)
