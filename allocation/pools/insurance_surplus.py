"""医保结余留用: what the alliance keeps of the insurance fund that it did not spend.

    budget        the amount that was set, or persons × standard with its adjustments (`allocation.budget`)
    surplus       budget − spend (out-of-area spending is spending); settled: the surplus 医保清算 confirmed;
                  an estimate `to_date`: of the year's months up to the period's end, each of which must be there
    retained      each slice of the surplus times its band's share (bands are marginal)
    after score   retained × coefficient by the alliance's external score
    reserve       after score × the alliance development reserve's share
    to share      after score − reserve: the pool. A settlement divides all of it, by its own rules; what was prepaid is
                  then set off member by member (`allocation.settlement`), never before. An estimate `to_date` pays what
                  its ratio gives of the year so far less what was prepaid to date, at least 0

A surplus ≤ 0 forms no pool: overspend is a matter of its own decision, never a negative amount.
Source: 结余留用、合理超支分担 and annual settlement (domain/B_money B.1.3, B.3), 天津 三(四)17–18.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Literal, Self

from pydantic import Field, model_validator

from allocation.budget import ADJUSTMENT, Budget, budget_of
from allocation.confirmed import OVERSPEND, SURPLUS, agreed, exclusive
from allocation.context import Amount, PoolContext, added
from allocation.pools import Formed, Scored, Settling, forming_step
from domain.capitation import Capitation
from domain.facts import Strict
from domain.key import Key, Keys
from domain.money import format_yuan, half_up_fen
from domain.problems import Problems
from domain.step import Named, Numbers, Phrase, Step, Value, Words
from domain.values import Exact, Ratio, Share

TITLE = "医保结余留用"
PREPAID = "surplus_prepaid"
WITHHOLDS = True
_OPENING = {"budget": "预算", "spend": "支出", "budget_items": "预算项目", "spend_items": "支出项目"}
_NAMED = {"retained": "留用额", "scored": "考核后留用额", "share": "提取比例", "reserve": "发展储备"}
WORDS = {
    "capitation": Words(
        "按人头预算",
        "参保人数 × 人头标准 × 月数/12 (四舍五入到分)",
        {"persons": "参保人数", "standard": "人头标准", "months": "月数"},
    ),
    "adjustment": Words("{item:title}", "{document}"),
    "budget": Words("预算", "按人头预算 + 各项调整", {"capitation": "按人头预算", "adjusted": "调整 ({it})"}),
    "estimated": Words("预估结余", "预算 − 支出", _OPENING),
    "to_date": Words("本年截至本期预估结余", "1 月至本期末的预算 − 支出", _OPENING),
    "confirmed": Words("清算确认结余", "医保清算确认数", _OPENING),
    "retained": Words(
        "留用额",
        "{slices:join  + }",
        {"budget": "预算", "surplus": "结余", "ratio": "结余率", "bands": "分档"},
    ),
    "slice": "{yuan:whole} × {keep}",
    "bands": "{bands:join , }",
    "surplus_band": "结余/预算 ≤ {upto}: {keep}",
    "spend_band": "支出/预算 ≤ {upto}: {keep}",
    "last_band": "以上: {keep}",
    "scored": Words(
        "考核后留用额",
        "留用额 × 系数 (四舍五入到分){how}",
        {
            "retained": "留用额",
            "scorecard": "评分表",
            "score": Named("得分", "whole"),
            "band": "档次",
            "coefficient": Named("系数", "factor"),
        },
    ),
    "band_from": "{least} 分以上",
    "by_score": "; 系数 = 得分/100",
    "reserve": Words("医联体发展储备", "留用额 × 提取比例 (四舍五入到分)", _NAMED),
    "reserve_scored": Words("医联体发展储备", "考核后留用额 × 提取比例 (四舍五入到分)", _NAMED),
    "to_share": Words("应分配额", "留用额 − 发展储备", _NAMED),
    "to_share_scored": Words("应分配额", "考核后留用额 − 发展储备", _NAMED),
    "overspent": "超支年度不形成结余池: {found}",
    "no_surplus": "没有结余: {found}",
    "by_budget": "预算 {budget} − 支出 {spend} = {surplus} 元",
    "by_document": "{document} 确认结余 {surplus} 元",
    "nothing": "留用额为 0",
}
KEYS: Keys = {
    "budget": Key("预算", "金额项目, 相加", ["fund_budget"]),
    "capitation": Key("按人头算预算", "人数 × 标准, 代替 budget"),
    "spend": Key("支出", "金额项目, 相加", ["fund_spend"]),
    "measure": Key("分段按", "结余占预算, 还是支出占预算", "surplus", {"surplus": "结余率", "spend": "支出率"}),
    "retention": Key("留用分段", "从小到大, 没有空隙", [{"upto": "0.05", "keep": "0.80"}, {"keep": "0.50"}]),
    "score": Key("得分系数", "医联体的得分定系数; 不写是没有"),
    "reserve_share": Key("留作准备金", "乘过系数后的多少留下", "0.10"),
    "to_date": Key("按年初至今算", "预拨的按累计数算, 减去已预付", example=True),
    "tolerance": Key("认定数的出入", "认定结余与 预算 − 支出 最多差多少 (占后者), 备注写理由", "0.005"),
    "Retention": Key("一段", "到 upto (含) 的一段留用多少"),
    "Retention.keep": Key("留用比例", "", "0.80"),
    "Retention.upto": Key("到", "含本数; 最后一段不写", "0.05"),
    "ByScore": Key("得分系数", "按一张评分表的总分"),
    "ByScore.scorecard": Key("评分表", "评分表的 id", "external"),
    "ByScore.bands": Key("分档", "最低一档从 0 起"),
    "Coefficient": Key("一档", "从这个分数起的系数"),
    "Coefficient.min": Key("界限", "从几分起, 含本数", "90"),
    "Coefficient.coefficient": Key("系数", "写数, 或 score/100 (得分 ÷ 100)", "1", {"score/100": "得分 ÷ 100"}),
    "Params": Key(
        TITLE,
        "预算减支出, 按留用分段和外部考核系数留用",
        {
            "budget": ["fund_budget"],
            "spend": ["fund_spend"],
            "measure": "surplus",
            "retention": [{"upto": "0.05", "keep": "0.80"}, {"keep": "0.50"}],
            "reserve_share": "0.10",
            "prepaid_pools": [],
        },
    ),
}


class Retention(Strict):
    """One band: up to the ratio `upto` (included; None: no end) the alliance keeps the share `keep`."""

    keep: Share
    upto: Exact | None = None


class Coefficient(Strict):
    """From the score `min` on (included): a fixed coefficient, or "score/100"."""

    min: Exact
    coefficient: Ratio | Literal["score/100"]

    def of(self, score: Fraction) -> Fraction:
        """The coefficient that a score in this band earns."""
        return score / 100 if self.coefficient == "score/100" else self.coefficient

    @property
    def how(self) -> Phrase | str:
        """What a formula adds of where the coefficient (系数) comes from; nothing where the plan states it."""
        return Phrase(f"{__name__}:by_score") if self.coefficient == "score/100" else ""


class ByScore(Strict):
    """The coefficient by the alliance's total on a scorecard; the bands begin at 0, in any order."""

    scorecard: str
    bands: list[Coefficient] = Field(min_length=1)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        starts = [band.min for band in self.bands]
        if len(set(starts)) != len(starts) or min(starts) != 0:
            raise ValueError("score.bands 的 min 不得重复, 且最低一档须从 0 起")
        return self

    def band(self, score: Fraction) -> Coefficient:
        """The band that a score reaches."""
        return max((band for band in self.bands if band.min <= score), key=lambda band: band.min)


class Params(Settling):
    """How the surplus turns into a pool; every number is the plan's.

    budget: money items added up; or, in its place, capitation: persons × standard and adjustments. spend: money items
        added up; `fund_spend` holds the out-of-area part already, so its parts may not stand beside it.
    measure: what the bands' `upto` counts: `surplus` (surplus / budget, from 0 up) or `spend` (spend / budget, so
        that the last slice before 1 is the first yuan saved). retention: bands in rising order, no gap.
    score: coefficient by external score; left out, none applies. reserve_share: of the amount after the score.
    to_date: of an estimate, whether it is reckoned of the year so far.
    tolerance: how far a confirmed surplus may be from budget − spend, as a share of that, where 备注 gives the reason
        (left out: not at all).
    prepaid_pools is needed where basis is `settled`.
    """

    budget: list[str] = Field(default_factory=list)
    capitation: Capitation | None = None
    spend: list[str] = Field(min_length=1)
    measure: Literal["surplus", "spend"]
    retention: list[Retention] = Field(min_length=1)
    score: ByScore | None = None
    reserve_share: Share
    to_date: bool = False
    tolerance: Share | None = None

    @model_validator(mode="after")
    def _in_range(self) -> Self:
        if bool(self.budget) == (self.capitation is not None):
            raise ValueError("预算写 budget (金额项目) 或 capitation (参保人数 × 人头标准), 二者之一")
        ends = [band.upto for band in self.retention[:-1]]
        closed = [end for end in ends if end is not None]
        last = self.retention[-1].upto
        if len(closed) != len(ends) or closed != sorted(set(closed)) or (closed and closed[0] <= 0):
            raise ValueError("retention 的 upto 须大于 0 并递增, 只有最后一档可以不写 upto")
        if last is not None and (self.measure == "surplus" or last < 1 or (closed and last <= closed[-1])):
            raise ValueError("retention 最后一档不写 upto (measure 为 spend 时可写 1)")
        if "fund_spend" in self.spend and any(item.startswith("fund_spend_") for item in self.spend):
            raise ValueError("fund_spend 已包括各分项支出, spend 中不要再列分项")
        return self


def scored(params: Params) -> Scored | None:
    """The alliance's score, where the surplus is cut by one."""
    return Scored(params.score.scorecard, "alliance") if params.score else None


def unsettled(params: Params) -> bool:
    """Whether the plan leaves open what was prepaid."""
    return params.prepaid_pools is None


def to_date(params: Params) -> bool:
    """Whether it is reckoned of the year so far."""
    return params.to_date


def form(context: PoolContext, params: Params) -> Formed:
    """The surplus pool of `context`'s alliance.

    Raises InputProblems: MONEY-MISSING, SCORE-MISSING, SURPLUS-NO-DOCUMENT (a settled surplus without its 清算文号),
    PREPAID-POOLS (the plan does not say), BUDGET-NOT-POSITIVE, SURPLUS-DIFFERS, SURPLUS-AND-OVERSPEND, and as
    `allocation.budget.budget_of`.
    """
    problems = Problems()
    settled = context.pool.basis == "settled"
    formed, spend, surplus = _surplus(context, params, problems)
    budget = formed.total
    score = context.need_score(problems, params.score.scorecard, context.alliance_code) if params.score else None
    if settled and params.prepaid_pools is None:
        where = context.pool.at or context.pool.id
        problems.add(where, "PREPAID-POOLS", "清算 (settled) 须写 prepaid_pools", "没有预付的写 []")
    notes: tuple[Phrase, ...] = ()
    if settled and not problems:
        notes = agreed(context, SURPLUS, surplus, budget.fen - spend.fen, params.tolerance, problems)
    if surplus.fen > 0:
        _not_overspent(context, problems)
    problems.raise_if_any()

    steps = [*_budgeted(context, formed), _opening(context, budget, spend, surplus, params, notes)]
    if surplus.fen <= 0:
        reason = "overspent" if surplus.fen < 0 else "no_surplus"
        found = {"found": _found(context, budget, spend, surplus)}
        return Formed(0, tuple(steps), reason=Phrase(f"{__name__}:{reason}", found))
    steps.append(_retained(context, budget.fen, surplus.fen, params))
    retained = steps[-1].fen
    if score is not None and params.score is not None:
        steps.append(_scored(context, retained, score, params.score))
    withheld = max(0, retained - steps[-1].fen)
    steps += _reserved(context, steps[-1].fen, params.reserve_share, scored=score is not None)
    share = steps[-1].fen
    nothing = None if share else Phrase(f"{__name__}:nothing")
    return Formed(share, tuple(steps), reason=nothing, withheld=withheld)


def _surplus(context: PoolContext, params: Params, problems: Problems) -> tuple[Budget, Amount, Amount]:
    unit = context.alliance_code
    formed = budget_of(context, params.budget, params.capitation, problems, to_date=params.to_date)
    need = context.need_to_date if params.to_date else context.need
    spend = added(need(problems, unit, item) for item in params.spend) or Amount(0)
    budget = formed.total
    if budget.cells and not budget.lacking and budget.fen <= 0:
        problems.add(context.where(unit), "BUDGET-NOT-POSITIVE", f"预算 {format_yuan(budget.fen)} 不大于 0", "核对预算")
    if context.pool.basis == "estimate":
        return formed, spend, Amount(budget.fen - spend.fen, (), (*budget.cells, *spend.cells))
    surplus = context.need(problems, unit, "surplus_confirmed")
    rows = context.money.get((unit, "surplus_confirmed"), ())
    if any(not row.document.strip() for row in rows):
        problems.add(
            surplus.cells[0] if surplus.cells else context.where(unit),
            "SURPLUS-NO-DOCUMENT",
            "医保清算确认的结余没有文号, 未经清算确认的结余不能分配",
            "在文号列填写清算文号",
        )
    return formed, spend, surplus


def _budgeted(context: PoolContext, budget: Budget) -> Iterator[Step]:
    """How a budget by persons came about; one that was set is only named in the surplus."""
    if budget.capitation is None:
        return
    yield forming_step(
        context, __name__, "capitation", budget.capitation.fen, budget.numbers, cells=budget.capitation.cells
    )
    numbers: Numbers = {"capitation": budget.capitation.fen}
    for number, row in enumerate(budget.adjustments, start=1):
        fields: dict[str, Value] = {"item": ADJUSTMENT, "document": row.document}
        line = f"adjustment-{number}"
        yield forming_step(
            context, __name__, "adjustment", row.fen, {}, line=line, fields=fields, cites=row.documents, cells=row.cells
        )
        numbers["adjusted", row.document] = row.fen
    yield forming_step(context, __name__, "budget", budget.total.fen, numbers)


def _not_overspent(context: PoolContext, problems: Problems) -> None:
    """Years with a confirmed overspend have no surplus pool, an estimated one as little as a settled one."""
    exclusive(context, problems)
    rows = context.year_money.get((context.alliance_code, OVERSPEND), ())
    over = [row for row in rows if row.fen > 0]
    if over and context.pool.basis == "estimate":
        said = f"{context.period.year} 年清算确认有超支, 不能再按预估结余预付"
        problems.add(over[0].cells[0], "SURPLUS-AND-OVERSPEND", said, "核对清算文件、预算和支出")


def _opening(
    context: PoolContext, budget: Amount, spend: Amount, surplus: Amount, params: Params, notes: tuple[Phrase, ...]
) -> Step:
    """The surplus, reckoned or confirmed."""
    numbers: Numbers = {
        "budget": budget.fen,
        "spend": spend.fen,
        **({"budget_items": tuple(params.budget)} if params.budget else {}),
        "spend_items": tuple(params.spend),
    }
    if context.pool.basis == "estimate":
        words, cells = "to_date" if params.to_date else "estimated", surplus.cells
        return forming_step(context, __name__, words, surplus.fen, numbers, line="surplus", cells=cells)
    return forming_step(
        context,
        __name__,
        "confirmed",
        surplus.fen,
        numbers,
        line="surplus",
        cites=(surplus.document,),
        cells=(*surplus.cells, *budget.cells, *spend.cells),
        notes=notes,
    )


def _found(context: PoolContext, budget: Amount, spend: Amount, surplus: Amount) -> Phrase:
    """The surplus in one sentence."""
    if context.pool.basis == "estimate":
        numbers = {"budget": budget.fen, "spend": spend.fen, "surplus": surplus.fen}
        return Phrase(f"{__name__}:by_budget", numbers)
    return Phrase(f"{__name__}:by_document", {"document": surplus.document, "surplus": surplus.fen})


def _retained(context: PoolContext, budget: int, surplus: int, params: Params) -> Step:
    """Each slice of the surplus at its own band's share; one rounding, of the sum."""
    ratio = Fraction(surplus, budget)
    low, high = (Fraction(0), ratio) if params.measure == "surplus" else (1 - ratio, Fraction(1))
    slices, begin, total = [], Fraction(0) if params.measure == "surplus" else None, Fraction(0)
    for band in params.retention:
        end = high if band.upto is None else min(high, band.upto)
        slice_ = end - (low if begin is None else max(low, begin))
        if slice_ > 0:
            total += slice_ * budget * band.keep
            slices.append(Phrase(f"{__name__}:slice", {"yuan": slice_ * budget / 100, "keep": band.keep}))
        begin = band.upto
    bands = tuple(
        Phrase(f"{__name__}:last_band", {"keep": band.keep})
        if band.upto is None
        else Phrase(f"{__name__}:{params.measure}_band", {"upto": band.upto, "keep": band.keep})
        for band in params.retention
    )
    numbers: Numbers = {
        "budget": budget,
        "surplus": surplus,
        "ratio": ratio,
        "bands": Phrase(f"{__name__}:bands", {"bands": bands}),
    }
    fields = {"slices": tuple(slices)}
    return forming_step(context, __name__, "retained", half_up_fen(total), numbers, fields=fields)


def _scored(context: PoolContext, kept: int, score: Fraction, by: ByScore) -> Step:
    """What is left of the amount kept after the score."""
    band = by.band(score)
    coefficient = band.of(score)
    numbers: Numbers = {
        "retained": kept,
        "scorecard": by.scorecard,
        "score": score,
        "band": Phrase(f"{__name__}:band_from", {"least": band.min}),
        "coefficient": coefficient,
    }
    after = half_up_fen(kept * coefficient)
    return forming_step(context, __name__, "scored", after, numbers, fields={"how": band.how})


def _reserved(context: PoolContext, after: int, share: Fraction, *, scored: bool) -> tuple[Step, Step]:
    """What is set aside of the amount after the score, and what is left to share."""
    named, kind = ("scored", "_scored") if scored else ("retained", "")
    reserve = half_up_fen(after * share)
    first: Numbers = {named: after, "share": share}
    then: Numbers = {named: after, "reserve": reserve}
    return (
        forming_step(context, __name__, f"reserve{kind}", reserve, first, line="reserve"),
        forming_step(context, __name__, f"to_share{kind}", after - reserve, then, line="to_share"),
    )
