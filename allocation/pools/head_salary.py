"""负责人年薪: the annual salary of each member's head, a line of its own beside every other distribution.

    base_over   score ≥ pass: base × (1 + (score − pass)/100); below: base × score/100
    grade       base × the share of the grade that the score reaches
    due         the above × months in post ÷ 12, rounded half-up to the fen
    payable     due − deductions, each a reasoned decision of its own row
    pool        the sum of what is payable; every head gets exactly its own

It is settled on the year; an estimate of a shorter period prepays its months of the year's base at the period's score,
without deductions, and the settlement is set off against it (`prepaid_pools`). `in_total` says, as the approval does,
whether it is paid inside the approved total; inside it, the pool stands before the plan's others and a due that the
member's total does not leave is refused, never cut: what one head does not get would go to another. An institution's
在岗人数 includes its head (人均收入 does too): merits of other pools count institutions, and the head is left out where
the institution divides its share among people.
Source: 天津 三(四)17 (年薪制, no formula); base_over: 三明, 明医改组〔2016〕1号; grade and months: 闽清,
梅医管委〔2017〕2号.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, Self

from pydantic import Field, model_validator

from allocation.context import Amount, PoolContext, Value
from allocation.pools import PREPAID, Formed, Owed, Payees, Scored, Settling, Shown, forming_step, owed_step, settles
from domain.facts import Strict
from domain.institution import Ownership
from domain.key import Key, Keys
from domain.money import floor_fen, format_exact, format_yuan, half_up_fen
from domain.problems import Problems
from domain.step import Named, Phrase, Words
from domain.values import Exact, Ratio

TITLE = "负责人年薪"
PERSONAL = True
SHOWN = (
    Shown("base", "money", summed=True),
    Shown("factor", "factor"),
    Shown("months", "number", summed=True),
    Shown("deducted", "money", summed=True),
)
WORDS = {
    "due": Words("应得年薪合计", "各单位应得年薪之和 (年薪基数 × 考核系数 × 在岗月数/12, 逐人四舍五入到分)"),
    "amount": Words("应发年薪合计", "应得年薪 − 扣减", {"due": "应得年薪", "deducted": "扣减"}),
    "nothing": "没有应发的年薪",
    "deduction": Words("年薪扣减", "人工决定", {"reason": "理由"}),
    "owed": Words(
        "应发年薪",
        "年薪基数 × 考核系数 × 在岗月数/12 (四舍五入到分) − 扣减; 考核系数 = {earned}",
        {
            "base": "年薪基数",
            "score": Named("得分", "whole"),
            "factor": Named("考核系数", "factor"),
            "months": "在岗月数",
            "due": "应得年薪",
            "deducted": "扣减",
        },
    ),
    "by_grade": "得分所在等次的比例",
    "below_pass": "得分/100",
    "from_pass": "1 + (得分 − {passing})/100",
}
BASE, MONTHS, DEDUCTION = "head_salary_base", "head_months", "head_salary_deduction"
METRICS = (MONTHS,)
KEYS: Keys = {
    "mode": Key("办法", "基数加超额, 还是按等次", "base_over", {"base_over": "基数加超额", "grade": "按等次"}),
    "scorecard": Key("评分表", "评分表的 id", "member"),
    "whose": Key("谁的得分", "", "member", {"member": "成员单位", "alliance": "医联体"}),
    "pass_score": Key("及格分", "base_over 必须写", "70"),
    "grades": Key("等次", "grade 必须写; 最低一档从 0 起"),
    "Graded": Key("一档", "从这个分数起是基数的多少"),
    "Graded.min": Key("界限", "从几分起, 含本数", "90"),
    "Graded.share": Key("比例", "占基数", "1"),
    "Params": Key(
        TITLE,
        "年薪基数按得分或等次、在岗月数折算, 减去逐项扣减",
        {"mode": "base_over", "scorecard": "member", "whose": "member", "pass_score": "70"},
    ),
}


class Graded(Strict):
    """From the score `min` on (included) the head gets this share of the base."""

    min: Exact
    share: Ratio


class Params(Settling):
    """mode and its numbers (`pass_score` of base_over, `grades` of grade); every number is the plan's.

    scorecard, whose: the score that counts, each member's own or that of its alliance.
    """

    mode: Literal["base_over", "grade"]
    scorecard: str
    whose: Literal["member", "alliance"]
    pass_score: Exact | None = Field(default=None, ge=0, le=100)
    grades: list[Graded] = Field(default_factory=list)

    @model_validator(mode="after")
    def _of_its_mode(self) -> Self:
        if (self.mode == "base_over") != (self.pass_score is not None):
            raise ValueError("mode: base_over 须写 pass_score, 其他方式不写")
        if (self.mode == "grade") != bool(self.grades):
            raise ValueError("mode: grade 须写 grades, 其他方式不写")
        starts = [grade.min for grade in self.grades]
        if starts and (len(set(starts)) != len(starts) or min(starts) != 0):
            raise ValueError("grades 的 min 不得重复, 且最低一档须从 0 起")
        return self

    def factor(self, score: Fraction) -> tuple[Fraction, Phrase]:
        """What of the base a score earns, and the formula of it."""
        if self.pass_score is None:
            reached = max((one for one in self.grades if one.min <= score), key=lambda one: one.min)
            return reached.share, Phrase(f"{__name__}:by_grade")
        if score < self.pass_score:
            return score / 100, Phrase(f"{__name__}:below_pass")
        earned = Phrase(f"{__name__}:from_pass", {"passing": self.pass_score})
        return 1 + (score - self.pass_score) / 100, earned


def scored(params: Params) -> Scored:
    """The score that counts."""
    return Scored(params.scorecard, params.whose)


def payees(_params: Params, _purpose: str, _months: int) -> Payees:
    """The head of each member."""
    return Payees(f"机构{TITLE}", heads=1)


@dataclass(frozen=True)
class _Salary:
    """One head's year: what it is reckoned from, the amount due and each deduction, fen."""

    base: Amount
    months: Value
    score: Fraction
    factor: Fraction
    earned: Phrase
    due: int
    deductions: tuple[Amount, ...]

    @property
    def deducted(self) -> int:
        """All deductions together."""
        return sum(row.fen for row in self.deductions)

    @property
    def payable(self) -> int:
        """What is paid."""
        return self.due - self.deducted


def _salaries(context: PoolContext, params: Params) -> dict[str, _Salary]:
    """The salary of every sharing member's head.

    Raises InputProblems: MONEY-MISSING, FACT-MISSING, SCORE-MISSING, HEAD-NO-APPROVAL, HEAD-NO-REASON, HEAD-NEGATIVE,
    HEAD-MONTHS (not whole or more than the period has), HEAD-DEDUCTION (more than is due), HEAD-OVER-TOTAL.
    """
    problems = Problems()
    found = {unit: _salary(context, params, unit, problems) for unit in context.sharing["unit_code"]}
    if context.pool.inside_total:
        _within_total(context, found, problems)
    problems.raise_if_any()
    return found


def _salary(context: PoolContext, params: Params, unit: str, problems: Problems) -> _Salary:
    where, period = context.where(unit), context.period
    base = context.need(problems, unit, BASE, annual=True)
    if base.fen and not base.document.strip():
        problems.add(_at(base, where), "HEAD-NO-APPROVAL", "年薪基数没有批复文号", "在文号列填写批复文号")
    months = context.need_value(problems, unit, MONTHS)
    if months.value.denominator != 1 or not 0 <= months.value <= period.months:
        said = f"{context.title(MONTHS)} {format_exact(months.value)} 不是 0 至 {period.months} 的整月数"
        problems.add(months.cells[0] if months.cells else where, "HEAD-MONTHS", said, "按整月填报")
    deductions: tuple[Amount, ...] = ()
    if context.pool.basis == "settled":
        context.need(problems, unit, DEDUCTION)
        deductions = tuple(row for row in context.money.get((unit, DEDUCTION), ()) if row.fen)
    for row in (base, *deductions):
        if row.fen < 0:
            problems.add(_at(row, where), "HEAD-NEGATIVE", f"金额 {format_yuan(row.fen)} 小于 0", "核对")
    for row in deductions:
        if not row.document.strip():
            problems.add(_at(row, where), "HEAD-NO-REASON", "扣减没有写明理由", "在文号列填写决定的文号或理由")
    score = context.need_score(problems, params.scorecard, unit if params.whose == "member" else context.alliance_code)
    factor, earned = params.factor(score)
    due = half_up_fen(base.fen * factor * months.value / 12)
    salary = _Salary(base, months, score, factor, earned, due, deductions)
    if salary.payable < 0 <= due:
        said = f"扣减 {format_yuan(salary.deducted)} 元, 多于应得年薪 {format_yuan(due)} 元"
        problems.add(_at(deductions[0], where), "HEAD-DEDUCTION", said, "核对; 需要追回的另行处理")
    return salary


def _at(row: Amount, where: str) -> str:
    return row.cells[0] if row.cells else where


def _within_total(context: PoolContext, found: dict[str, _Salary], problems: Problems) -> None:
    """Inside the approved total every head must fit what is left of its member's (private members have none)."""
    owner = dict(zip(context.members["unit_code"], context.members["ownership"], strict=True))
    for unit, one in found.items():
        if Ownership(owner[unit]) is Ownership.PRIVATE:
            continue
        approved = context.need(problems, unit, "quota_approved", annual=True)
        before = (context.find(unit, PREPAID, pool) for pool in settles(context.pool))
        prepaid = sum(row.fen for row in before if row)
        room = approved.fen - context.need(problems, unit, "quota_paid").fen + prepaid
        payable = floor_fen(one.payable * (context.pool.prepay_ratio or Fraction(1)))
        if approved.cells and payable > max(0, room):
            said = f"应发年薪 {format_yuan(payable)} 元, 绩效工资总量只余 {format_yuan(max(0, room))} 元"
            problems.add(context.where(unit), "HEAD-OVER-TOTAL", said, "先报批核增, 或按批复改为总量外 (in_total)")


def form(context: PoolContext, params: Params) -> Formed:
    """The salaries payable to all heads. Raises InputProblems as `_salaries`, HEAD-YEAR."""
    problems, pool = Problems(), context.pool
    if pool.basis == "settled" and context.period.kind != "year":
        problems.add(pool.at or pool.id, "HEAD-YEAR", f"年薪按年兑现, 不能用于 {context.period}", "periods 写 [year]")
    problems.raise_if_any()
    found = _salaries(context, params)
    heads = found.values()
    due, deducted = sum(one.due for one in heads), sum(one.deducted for one in heads)
    amount = due - deducted
    steps = (
        forming_step(
            context,
            __name__,
            "due",
            due,
            {unit: one.due for unit, one in found.items()},
            cells=tuple(cell for one in heads for cell in one.base.cells),
        ),
        forming_step(
            context,
            __name__,
            "amount",
            amount,
            {"due": due, "deducted": deducted},
            cells=tuple(cell for one in heads for row in one.deductions for cell in row.cells),
        ),
    )
    return Formed(amount, steps, reason=None if amount else Phrase(f"{__name__}:nothing"))


def owed(context: PoolContext, params: Params) -> dict[str, Owed]:
    """What every member's head is paid, each deduction told with its reason. Raises InputProblems as `_salaries`."""
    return {unit: _owed(context, unit, one) for unit, one in _salaries(context, params).items()}


def _owed(context: PoolContext, unit: str, one: _Salary) -> Owed:
    cuts = tuple(
        owed_step(
            context,
            __name__,
            "deduction",
            unit,
            -row.fen,
            {"reason": row.document},
            line=f"deduction-{number}",
            cites=(row.document,),
            cells=row.cells,
        )
        for number, row in enumerate(one.deductions, start=1)
    )
    paid = owed_step(
        context,
        __name__,
        "owed",
        unit,
        one.payable,
        {
            "base": one.base.fen,
            "score": one.score,
            "factor": one.factor,
            "months": one.months.value,
            "due": one.due,
            "deducted": one.deducted,
        },
        fields={"earned": one.earned},
        cites=tuple(filter(None, [one.base.document])),
        cells=(*one.base.cells, *one.months.cells),
    )
    return Owed(one.payable, paid, cuts)
