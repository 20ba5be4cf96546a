"""绩效工资: a performance-pay pool under an approved total.

The approval (批复文号) goes before any formula, and it is a ceiling, not money: the pool is the cash handed in for
the period, at most what the approved total leaves to it.

    ceiling   approved total × share of it that this pool may distribute (奖励性) × share of the year to date
              − the same to the period before; rounded down
    pool      the smaller of the cash handed in (`pool_amount`, document = pool id) and the ceiling

Where the total is approved by the alliance's external score, the plan may show what that score would ask for beside
what was approved (`application`): approved total × coefficient, rounded half-up. It is told and decides nothing.

基础性 60–70 / 奖励性 30–40 holds for the regulation-level part only (人社部发〔2009〕182号, domain/B_money B.2), so the
share is the plan's; increments under the two permits belong in pools of their own.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from allocation.context import Amount, PoolContext, added
from allocation.pools import Formed, Scored, Settling, Spread, forming_step
from allocation.pools.insurance_surplus import ByScore
from domain.institution import Ownership
from domain.key import Key, Keys
from domain.money import floor_fen, format_yuan, half_up_fen
from domain.problems import Problems
from domain.step import Named, Numbers, Phrase, Step, Words
from domain.values import Share

TITLE = "绩效工资总量内分配"
WORDS = {
    "application": Words(
        "总量测算",
        "核定总量 × 系数 (只作核对, 以核定总量为准){how}",
        {"approved": "核定总量", "score": Named("考核得分", "whole"), "coefficient": Named("系数", "factor")},
    ),
    "ceiling": Words(
        "本期可分配上限",
        "核定总量 × 分配比例 × 累计比例 − 截至上期 (向下取整到分)",
        {
            "approved": "核定总量",
            "share": "分配比例",
            "until": "累计比例",
            "earlier": "截至上期",
            "shares": "各期比例",
        },
    ),
    "amount": Words("资金池", "min(划入金额, 本期可分配上限)", {"cash": "划入金额", "ceiling": "本期可分配上限"}),
    "over": "划入金额超过上限的 {over} 元不进入资金池",
    "nothing": "划入金额或上限为 0",
}
KEYS: Keys = {
    "Params": Key(TITLE, "批复的总量是上限, 到账的钱才是池"),
    "approved": Key("按谁的核定数", "", "members", {"members": "各成员单位的批复", "alliance": "医联体的批复"}),
    "share": Key("用于本池的部分", "核定总量的多少由本池分", "0.40"),
    "spread": Key("各期比例", "一年的钱分到各期", {"shares": ["0.25", "0.25", "0.25", "0.25"]}),
    "application": Key("申请系数", "按医联体得分列出申请的总量, 只作核对"),
}


class Params(Settling):
    """Whose approvals count, and how much of them this pool may distribute.

    approved: the `alliance`'s own, or those of the public `members` that share in the pool and are at home in the
    alliance. share: part of the approved total that this pool may distribute; spread: the year's share of each period.
    application: the coefficient by the alliance's score of what is applied for, shown and no ceiling (left out: none).
    """

    approved: Literal["alliance", "members"]
    share: Share = Field(gt=0)
    spread: Spread
    application: ByScore | None = None


def scored(params: Params) -> Scored | None:
    """The alliance's score, where an application is shown by one."""
    return Scored(params.application.scorecard, "alliance") if params.application else None


def spread(params: Params) -> Spread:
    """The periods' shares of the year."""
    return params.spread


def form(context: PoolContext, params: Params) -> Formed:
    """The performance-pay pool.

    Raises InputProblems: MONEY-MISSING (approval or cash), QUOTA-NO-DOCUMENT, POOL-NEGATIVE, PERIOD-SHARES,
    SCORE-MISSING (of the application).
    """
    problems = Problems()
    units = [context.alliance_code]
    if params.approved == "members":
        sharing = context.sharing
        own = sharing["ownership"].ne(str(Ownership.PRIVATE)) & ~sharing["unit_code"].isin(context.away)
        units = sharing.loc[own, "unit_code"].tolist()
    approvals = [context.need(problems, unit, "quota_approved", annual=True) for unit in units]
    for unit, approval in zip(units, approvals, strict=True):
        if approval.cells and not approval.document:
            problems.add(
                approval.cells[0], "QUOTA-NO-DOCUMENT", f"{context.where(unit)} 的核定总量没有批复文号", "填写批复文号"
            )
    cash = context.need(problems, context.alliance_code, "pool_amount", context.pool.id)
    if cash.fen < 0:
        where = cash.cells[0] if cash.cells else context.where(context.alliance_code)
        problems.add(where, "POOL-NEGATIVE", f"划入金额 {format_yuan(cash.fen)} 小于 0", "核对资金下达金额")
    approved = added(approvals)
    total = approved.fen if approved else 0
    asked = () if params.application is None else (_application(context, problems, params.application, approved),)
    problems.raise_if_any()

    ceiling = params.spread.part(context, total * params.share, floor_fen)
    earlier = floor_fen(total * params.share * params.spread.until(context)) - ceiling
    amount = min(cash.fen, ceiling)
    documents = (approved.document,) if approved and approved.document else ()
    steps = (
        forming_step(
            context,
            __name__,
            "ceiling",
            ceiling,
            {
                "approved": total,
                "share": params.share,
                "until": params.spread.until(context),
                "earlier": earlier,
                "shares": params.spread.said,
            },
            cites=documents,
            cells=approved.cells if approved else (),
        ),
        forming_step(
            context,
            __name__,
            "amount",
            amount,
            {"cash": cash.fen, "ceiling": ceiling},
            cells=cash.cells,
            notes=(Phrase(f"{__name__}:over", {"over": cash.fen - ceiling}),) if cash.fen > ceiling else (),
        ),
    )
    return Formed(amount, (*asked, *steps), reason=None if amount else Phrase(f"{__name__}:nothing"))


def _application(context: PoolContext, problems: Problems, bands: ByScore, approved: Amount | None) -> Step:
    """What the score would ask for; a gap is noted (SCORE-MISSING)."""
    total, cells = (approved.fen, approved.cells) if approved else (0, ())
    score = context.need_score(problems, bands.scorecard, context.alliance_code)
    band = bands.band(score)
    coefficient = band.of(score)
    numbers: Numbers = {"approved": total, "score": score, "coefficient": coefficient}
    asked = half_up_fen(total * coefficient)
    return forming_step(context, __name__, "application", asked, numbers, fields={"how": band.how}, cells=cells)
