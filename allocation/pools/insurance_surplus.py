"""医保结余留用: what the alliance keeps of the insurance fund that it did not spend.

    surplus       budget − spend (out-of-area spending is spending); settled: the surplus 医保清算 confirmed
    retained      each slice of the surplus times its band's share (bands are marginal)
    after score   retained × coefficient by the alliance's external score
    reserve       after score × the alliance development reserve's share
    to share      after score − reserve: the pool. A settlement divides all of it, by its own rules; what was prepaid is
                  then set off member by member (`allocation.settlement`), never before

A surplus ≤ 0 forms no pool: overspend is a matter of its own decision, never a negative amount.
Source: 结余留用、合理超支分担 and annual settlement (domain/B_money B.1.3, B.3), 天津 三(四)17–18.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal, Self

from pydantic import Field, model_validator

from allocation.context import Amount, PoolContext, added
from allocation.pools import Formed, Scored
from domain.facts import Strict
from domain.money import exact_text, factor_text, format_exact, format_yuan, half_up_fen
from domain.problems import Problems
from domain.trace import Trace
from domain.values import Exact, Ratio, Share

TITLE = "医保结余留用"


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
    def how(self) -> str:
        """What a formula adds of where the coefficient (系数) comes from; nothing where the plan states it."""
        return "; 系数 = 得分/100" if self.coefficient == "score/100" else ""


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


class Params(Strict):
    """How the surplus turns into a pool; every number is the plan's.

    budget, spend: money items added up; `fund_spend` holds the out-of-area part already, so its parts may not stand
        beside it.
    measure: what the bands' `upto` counts: `surplus` (surplus / budget, from 0 up) or `spend` (spend / budget, so
        that the last slice before 1 is the first yuan saved). retention: bands in rising order, no gap.
    score: coefficient by external score; left out, none applies. reserve_share: of the amount after the score.
    prepaid_pools: the pools whose prepayments the settlement is set off against; needed where basis is `settled`
        (empty: there were none).
    """

    budget: list[str] = Field(min_length=1)
    spend: list[str] = Field(min_length=1)
    measure: Literal["surplus", "spend"]
    retention: list[Retention] = Field(min_length=1)
    score: ByScore | None = None
    reserve_share: Share
    prepaid_pools: list[str] | None = None

    @model_validator(mode="after")
    def _in_range(self) -> Self:
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


def settles(params: Params) -> tuple[str, ...]:
    """The pools whose prepayments it is set off against."""
    return tuple(params.prepaid_pools or ())


def unsettled(params: Params) -> bool:
    """Whether the plan leaves open what was prepaid."""
    return params.prepaid_pools is None


def form(context: PoolContext, params: Params) -> Formed:
    """The surplus pool of `context`'s alliance.

    Raises InputProblems: MONEY-MISSING, SCORE-MISSING, SURPLUS-NO-DOCUMENT (a settled surplus without its 清算文号),
    PREPAID-POOLS (the plan does not say), BUDGET-NOT-POSITIVE.
    """
    problems = Problems()
    settled = context.pool.basis == "settled"
    budget, spend, surplus = _surplus(context, params, problems)
    score = context.need_score(problems, params.score.scorecard, context.alliance_code) if params.score else None
    if settled and params.prepaid_pools is None:
        where = context.pool.at or context.pool.id
        problems.add(where, "PREPAID-POOLS", "清算 (settled) 须写 prepaid_pools", "没有预付的写 []")
    problems.raise_if_any()

    settles = tuple(params.prepaid_pools or ()) if settled else ()
    story = _Story(context)
    first = story.opening(budget, spend, surplus, params)
    if surplus.fen <= 0:
        reason = "超支年度不形成结余池" if surplus.fen < 0 else "没有结余"
        return Formed(0, tuple(story.lines), reason=f"{reason}: {first}", settles=settles)
    kept = story.retained(budget.fen, surplus.fen, params)
    after = story.scored(kept, score, params)
    share = story.reserved(after, params, "留用额" if score is None else "考核后留用额")
    return Formed(share, tuple(story.lines), reason="" if share else "留用额为 0", settles=settles)


def _surplus(context: PoolContext, params: Params, problems: Problems) -> tuple[Amount, Amount, Amount]:
    unit = context.alliance_code
    budget = _total(context, params.budget, problems)
    spend = _total(context, params.spend, problems)
    if context.find(unit, params.budget[0]) and budget.fen <= 0:
        problems.add(context.where(unit), "BUDGET-NOT-POSITIVE", f"预算 {format_yuan(budget.fen)} 不大于 0", "核对预算")
    if context.pool.basis == "estimate":
        return budget, spend, Amount(budget.fen - spend.fen, "", (*budget.cells, *spend.cells))
    surplus = context.need(problems, unit, "surplus_confirmed")
    rows = context.money.get((unit, "surplus_confirmed"), ())
    if any(not row.document.strip() for row in rows):
        problems.add(
            surplus.cells[0] if surplus.cells else context.where(unit), "SURPLUS-NO-DOCUMENT",
            "医保清算确认的结余没有文号, 未经清算确认的结余不能分配", "在文号列填写清算文号",
        )  # fmt: skip
    return budget, spend, surplus


def _total(context: PoolContext, items: list[str], problems: Problems) -> Amount:
    rows = [context.need(problems, context.alliance_code, item) for item in items]
    return added(rows) or Amount(0)


class _Story:
    """Collects the steps as traces; each method returns the named amount it gives birth to."""

    def __init__(self, context: PoolContext) -> None:
        self.context = context
        self.lines: list[Trace] = []

    def add(
        self, step: str, title: str, formula: str, fen: int, *, numbers: dict[str, str], cells: tuple[str, ...] = (),
        cites: tuple[str, ...] = (), notes: tuple[str, ...] = (),
    ) -> int:  # fmt: skip
        self.lines.append(
            Trace(
                self.context.key(step), title, formula, numbers, format_yuan(fen), self.context.pool.use,
                (*self.context.cites, *cites), cells, notes,
            )
        )  # fmt: skip
        return fen

    def opening(self, budget: Amount, spend: Amount, surplus: Amount, params: Params) -> str:
        numbers = {"预算": format_yuan(budget.fen), "支出": format_yuan(spend.fen)}
        reckoned = budget.fen - spend.fen
        items = {"预算项目": "、".join(params.budget), "支出项目": "、".join(params.spend)}
        if self.context.pool.basis == "estimate":
            self.add("surplus", "预估结余", "预算 − 支出", surplus.fen, numbers=numbers | items, cells=surplus.cells)
            return f"预算 {numbers['预算']} − 支出 {numbers['支出']} = {format_yuan(surplus.fen)} 元"
        differs = () if reckoned == surplus.fen else (f"预算 − 支出 = {format_yuan(reckoned)}, 以清算确认数为准",)
        self.add(
            "surplus", "清算确认结余", "医保清算确认数", surplus.fen, numbers=numbers | items,
            cells=(*surplus.cells, *budget.cells, *spend.cells), cites=(surplus.document,), notes=differs,
        )  # fmt: skip
        return f"{surplus.document} 确认结余 {format_yuan(surplus.fen)} 元"

    def retained(self, budget: int, surplus: int, params: Params) -> int:
        """Each slice of the surplus at its own band's share; one rounding, of the sum."""
        ratio = Fraction(surplus, budget)
        low, high = (Fraction(0), ratio) if params.measure == "surplus" else (1 - ratio, Fraction(1))
        numbers = {"预算": format_yuan(budget), "结余": format_yuan(surplus), "结余率": format_exact(ratio)}
        parts, begin, total = [], Fraction(0) if params.measure == "surplus" else None, Fraction(0)
        for band in params.retention:
            end = high if band.upto is None else min(high, band.upto)
            slice_ = end - (low if begin is None else max(low, begin))
            if slice_ > 0:
                total += slice_ * budget * band.keep
                parts.append(f"{exact_text(slice_ * budget / 100)} × {format_exact(band.keep)}")
            begin = band.upto
        measure = "结余/预算" if params.measure == "surplus" else "支出/预算"
        numbers["分档"] = ", ".join(
            f"{measure} ≤ {format_exact(band.upto)}: {format_exact(band.keep)}" if band.upto is not None
            else f"以上: {format_exact(band.keep)}" for band in params.retention
        )  # fmt: skip
        return self.add("retained", "留用额", " + ".join(parts), half_up_fen(total), numbers=numbers)

    def scored(self, kept: int, score: Fraction | None, params: Params) -> int:
        if score is None or params.score is None:
            return kept
        band = params.score.band(score)
        coefficient = band.of(score)
        numbers = {
            "留用额": format_yuan(kept), "评分表": params.score.scorecard, "得分": exact_text(score),
            "档次": f"{format_exact(band.min)} 分以上", "系数": factor_text(coefficient),
        }  # fmt: skip
        formula = f"留用额 × 系数 (四舍五入到分){band.how}"
        return self.add("scored", "考核后留用额", formula, half_up_fen(kept * coefficient), numbers=numbers)

    def reserved(self, after: int, params: Params, named: str) -> int:
        """What is set aside of the amount after the score, which is called `named`."""
        reserve = half_up_fen(after * params.reserve_share)
        numbers = {named: format_yuan(after), "提取比例": format_exact(params.reserve_share)}
        self.add("reserve", "医联体发展储备", f"{named} × 提取比例 (四舍五入到分)", reserve, numbers=numbers)
        numbers = {named: format_yuan(after), "发展储备": format_yuan(reserve)}
        return self.add("to_share", "应分配额", f"{named} − 发展储备", after - reserve, numbers=numbers)
