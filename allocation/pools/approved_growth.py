"""核定总量与正常增长: a performance-pay pool whose approved total is shown beside what was applied for.

    application   last year's approval × (1 + normal growth) + trained general practitioners × addition per head;
                  growth and addition are named amounts, rounded half-up member by member
    pool          as `performance_pay`: the cash handed in, at most what the approvals leave to the pool

The approval (批复文号) goes before any formula: where it differs from the application it is the approval that holds,
and the difference is told member by member. Source: 绩效工资水平正常增长, and 核定总量时倾斜 for trained general
practitioners, hz-xiacheng-2018 四(二)4; neither number is in the text, both are the plan's.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from pydantic import Field

from allocation.context import Amount, PoolContext, Value
from allocation.pools import Formed, Settling, Spread, forming_step, performance_pay
from domain.facts import Strict
from domain.institution import Ownership
from domain.key import Key, Keys
from domain.money import half_up_fen
from domain.problems import Problems
from domain.step import Numbers, Phrase, Step, Words
from domain.values import Ratio, Share, Yuan

TITLE = "核定总量与正常增长"
BASE = "quota_base"
WORDS = {
    "growth": Words(
        "正常增长",
        "Σ 上年核定总量 × 增长幅度 (逐家四舍五入到分)",
        {"base": "上年核定总量", "rate": "增长幅度"},
    ),
    "addition": Words("全科医生核增", "Σ {metric:title} × 每人核增", {"a_head": "每人核增"}),
    "application": Words(
        "总量测算",
        "上年核定总量 + 正常增长 + 全科医生核增 (只作核对, 以核定总量为准)",
        {"base": "上年核定总量", "growth": "正常增长", "addition": "全科医生核增", "approved": "核定总量"},
    ),
    "differs": "{unit:where} 核定 {approved}, 测算 {applied}, 以批复为准",
}
KEYS: Keys = {
    "Params": Key(TITLE, "上年核定数 × (1 + 正常增长) 加人员新增, 与批复并列; 以批复和到账的钱为限"),
    "growth": Key("正常增长", "本年增长率", "0.05"),
    "addition": Key("另加", "经培训的全科医生等按人另加; 不写是没有"),
    "share": Key("用于本池的部分", "核定总量的多少由本池分", "0.40"),
    "spread": Key("各期比例", "一年的钱分到各期", {"shares": ["0.25", "0.25", "0.25", "0.25"]}),
    "Addition": Key("另加", "人数 × 标准"),
    "Addition.metric": Key("人数", "计人数的数据", "trained_gps"),
    "Addition.amount": Key("标准", "每人每年多少元", "6000.00"),
}


class Addition(Strict):
    """metric: the heads that count; amount: yuan a head and year."""

    metric: str
    amount: Yuan = Field(gt=0)


class Params(Settling):
    """growth: normal growth of the year; addition: for trained general practitioners (left out: none).

    share: part of the approved total that this pool may distribute; spread: the year's share of each period.
    """

    growth: Ratio
    addition: Addition | None = None
    share: Share = Field(gt=0)
    spread: Spread


@dataclass(frozen=True)
class Application:
    """What one member applied for, fen; heads: of the addition."""

    base: Amount
    growth: int
    heads: Value | None
    addition: int
    approved: Amount

    @property
    def total(self) -> int:
        """Base, growth and addition."""
        return self.base.fen + self.growth + self.addition


def spread(params: Params) -> Spread:
    """The periods' shares of the year."""
    return params.spread


def form(context: PoolContext, params: Params) -> Formed:
    """The pool, with the application before it. Raises InputProblems: as `performance_pay`, FACT-MISSING."""
    problems = Problems()
    asked: dict[str, Application] = {}
    members = context.sharing
    own = members["ownership"].ne(str(Ownership.PRIVATE)) & ~members["unit_code"].isin(context.away)
    for unit in members.loc[own, "unit_code"]:
        base = context.need(problems, unit, BASE, annual=True)
        heads = context.need_value(problems, unit, params.addition.metric) if params.addition else None
        addition = half_up_fen(heads.value * params.addition.amount) if params.addition and heads else 0
        approved = context.need(problems, unit, "quota_approved", annual=True)
        asked[unit] = Application(base, half_up_fen(base.fen * params.growth), heads, addition, approved)
    problems.raise_if_any()
    pool = performance_pay.form(
        context, performance_pay.Params(approved="members", share=params.share, spread=params.spread)
    )
    return Formed(pool.amount, (*_story(context, params, asked), *pool.steps), reason=pool.reason)


def _story(context: PoolContext, params: Params, asked: dict[str, Application]) -> tuple[Step, ...]:
    """Base, growth, addition and the application as a whole, and every member whose approval differs."""
    each = asked.values()
    base, growth = sum(one.base.fen for one in each), sum(one.growth for one in each)
    cells = tuple(cell for one in each for cell in one.base.cells)
    steps = [forming_step(context, __name__, "growth", growth, {"base": base, "rate": params.growth}, cells=cells)]
    addition = sum(one.addition for one in each)
    if params.addition:
        heads = [one.heads for one in each if one.heads]
        number = sum((head.value for head in heads), Fraction(0))
        metric, cells = params.addition.metric, tuple(cell for head in heads for cell in head.cells)
        numbers: Numbers = {metric: number, "a_head": params.addition.amount}
        steps.append(
            forming_step(context, __name__, "addition", addition, numbers, fields={"metric": metric}, cells=cells)
        )
    approved = sum(one.approved.fen for one in each)
    steps.append(
        forming_step(
            context,
            __name__,
            "application",
            base + growth + addition,
            {"base": base, "growth": growth, "addition": addition, "approved": approved},
            cites=tuple(dict.fromkeys(one.approved.document for one in each if one.approved.document)),
            cells=tuple(cell for one in each for cell in one.approved.cells),
            notes=tuple(
                Phrase(f"{__name__}:differs", {"unit": unit, "approved": one.approved.fen, "applied": one.total})
                for unit, one in asked.items()
                if one.approved.fen != one.total
            ),
        )
    )
    return tuple(steps)
