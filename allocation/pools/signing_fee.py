"""家庭医生签约服务费: one payer's part of the fee for the person-years that members have served.

    person-years  signed person-months ÷ 12: whole months only; 重点 and 普通人群 count the same
    fee           person-years × the one standard, per member, half-up to the fen
    payer's part  the fee split among its payers by their shares, left-over fen by largest remainder
    payable       payer's part × coefficient by the member's score, half-up; what is cut goes back to this payer
    for staff     payable × the staff share, rounded up: a minimum; the rest stays with the institution

Each payer has pools of its own, so that no line mixes sources. The payers' parts add up to the fee, staff and rest to
what is payable, member by member. A member that does not sign has no part. Retired doctors and those of other
institutions are paid by the institution as 劳务, out of its rest.
Source: beijing-2021 (十六): one standard, several payers, shares not given; by result: domain/B_money B.1.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, Self

from pydantic import Field, model_validator

from allocation.context import PoolContext, Value
from allocation.pools import Formed, Owed, Payees, Scored, Shown, Signed
from allocation.pools.insurance_surplus import ByScore
from domain.facts import Strict
from domain.money import ceil_fen, factor_text, format_exact, format_yuan, half_up_fen, largest_remainder, yuan_each
from domain.problems import Problems
from domain.trace import Trace
from domain.values import Exact, Share

TITLE = "签约服务费"
SHOWN = (Shown("签约人月", "number", summed=True), Shown("考核系数", "factor"))
MONTHS, SIGNERS = "signed_person_months", "signing_staff"
METRICS = (MONTHS,)
Part = Literal["all", "staff", "rest"]
_PARTS: dict[Part, str] = {"all": "全部", "staff": "人员部分", "rest": "机构部分"}


class Params(Strict):
    """What the fee is and which part of it this pool pays.

    standard: yuan per person and year, the same for every group. payers: share of each in the fee, 1 together; payer:
    whose pool this is. part: all of it, what goes to staff, or what stays with the institution; the last two need
    staff_share. score: coefficient by the member's own score; left out, nothing is cut.
    """

    standard: Exact = Field(gt=0)
    payers: Mapping[str, Share]
    payer: str
    part: Part
    staff_share: Share | None = None
    score: ByScore | None = None

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if sum(self.payers.values(), Fraction(0)) != 1:
            raise ValueError("payers 各支付方的比例合计须为 1")
        if self.payer not in self.payers:
            raise ValueError(f"payers 中没有 {self.payer}")
        if self.part != "all" and self.staff_share is None:
            raise ValueError("part 为 staff 或 rest 时须写 staff_share")
        if self.score and any(band.coefficient != "score/100" and band.coefficient > 1 for band in self.score.bands):
            raise ValueError("score.bands 的 coefficient 不得超过 1: 支付方不多付")
        return self


def scored(params: Params) -> Scored | None:
    """The member's own score, where the fee is cut by one."""
    return Scored(params.score.scorecard, "member") if params.score else None


def payees(params: Params, purpose: str, _months: int) -> Payees | None:
    """Those who sign, as far as they are reported; nobody in particular of the institution's own part."""
    of_staff = params.part == "staff" or (params.part == "all" and purpose == "staff_reward")
    return Payees(f"{TITLE}{_PARTS['staff']}", metric=SIGNERS) if of_staff else None


@dataclass(frozen=True)
class _Fee:
    """One member's fee: person-months as counted, then fen at every step; amount is what this pool pays."""

    months: Value
    fee: int
    due: int
    coefficient: Fraction
    payable: int
    amount: int

    @property
    def cut(self) -> int:
        """What goes back to the payer."""
        return self.due - self.payable


def _fees(context: PoolContext, params: Params) -> dict[str, _Fee]:
    """The fee of every signing member that shares in the pool, by unit code.

    Raises InputProblems: FACT-MISSING, SCORE-MISSING, PERSON-MONTHS (part of a month).
    """
    problems = Problems()
    members = context.sharing
    found = {}
    for unit in members.loc[members["signing"].astype(bool), "unit_code"]:
        months = context.need_value(problems, unit, MONTHS)
        if months.value.denominator != 1 or months.value < 0:
            said = f"签约人月 {format_exact(months.value)} 不是整月"
            problems.add(months.cells[0] if months.cells else context.where(unit), "PERSON-MONTHS", said, "按整月填报")
        score = context.need_score(problems, params.score.scorecard, unit) if params.score else Fraction(0)
        found[unit] = _fee(months, score, params)
    problems.raise_if_any()
    return found


def _fee(months: Value, score: Fraction, params: Params) -> _Fee:
    fee = half_up_fen(params.standard * 100 * months.value / 12)
    due = largest_remainder(fee, params.payers)[params.payer]
    coefficient = Fraction(1)
    if params.score:
        coefficient = min(Fraction(1), params.score.band(score).of(score))
    payable = half_up_fen(due * coefficient)
    staff = ceil_fen(payable * (params.staff_share or Fraction(0)))
    return _Fee(
        months, fee, due, coefficient, payable, {"all": payable, "staff": staff, "rest": payable - staff}[params.part]
    )


def form(context: PoolContext, params: Params) -> Formed:
    """What the payer pays to all signing members, and on a line of its own what goes back to it.

    Raises InputProblems as `_fees`.
    """
    found = _fees(context, params)
    each = found.values()
    due, payable = sum(one.due for one in each), sum(one.payable for one in each)
    amount, cut = sum(one.amount for one in each), due - payable
    months = sum((one.months.value for one in each), Fraction(0))
    cells = tuple(dict.fromkeys(cell for one in each for cell in one.months.cells))
    payer = context.pool.fund.title
    share = format_exact(params.payers[params.payer])
    steps: list[tuple[str, str, str, int, dict[str, str]]] = [
        ("fee", "签约服务费", "各单位签约服务费之和 (签约人月 ÷ 12 × 补偿标准, 逐家四舍五入到分)",
         sum(one.fee for one in each),
         {"签约人月": format_exact(months), "签约人年": format_exact(months / 12),
          "补偿标准": f"{format_exact(params.standard)} 元/人年, 重点人群与普通人群相同"}
         | yuan_each({unit: one.fee for unit, one in found.items()})),
        ("due", "本支付方应付", "各单位本支付方应付之和 (签约服务费 × 分担比例, 逐家, 落分按最大余数)", due,
         {"支付方": payer, "分担比例": share} | yuan_each({unit: one.due for unit, one in found.items()})),
        ("payable", "考核后应付", "各单位考核后应付之和 (本支付方应付 × 考核系数, 逐家四舍五入到分)", payable,
         ({"评分表": params.score.scorecard} if params.score else {"考核": "不与考核挂钩"})
         | yuan_each({unit: one.payable for unit, one in found.items()})),
        ("cut", "扣减, 退回支付方", "本支付方应付 − 考核后应付", cut,
         {"支付方": payer} | yuan_each({"本支付方应付": due, "考核后应付": payable})),
    ]  # fmt: skip
    if params.part != "all":
        formula = "考核后应付 × 人员比例, 逐家向上取整到分"
        if params.part == "rest":
            formula = f"考核后应付 − {formula}"
        formula = f"各单位{_PARTS[params.part]}之和 ({formula})"
        numbers = {"人员比例": format_exact(params.staff_share or Fraction(0))}
        numbers |= yuan_each({unit: one.amount for unit, one in found.items()})
        steps.append((params.part, _PARTS[params.part], formula, amount, numbers))
    lines = tuple(
        Trace(context.key(step), title, formula, numbers, format_yuan(fen), context.pool.use, context.cites,
              cells if step == "fee" else ())
        for step, title, formula, fen, numbers in steps
    )  # fmt: skip
    signed = (Signed("due", "本支付方应付", due), Signed("cut", "扣减, 退回支付方", -cut))
    return Formed(amount, lines, signed, "" if amount else "没有应付的签约服务费")


def owed(context: PoolContext, params: Params) -> dict[str, Owed]:
    """What this pool pays to every member that shares, nothing to one that does not sign. Raises as `_fees`."""
    found = _fees(context, params)
    return {unit: _owed(context, params, unit, found.get(unit)) for unit in context.sharing["unit_code"]}


def _owed(context: PoolContext, params: Params, unit: str, fee: _Fee | None) -> Owed:
    key, use, title = context.key("merit", unit), context.pool.use, "应付签约服务费"
    if fee is None:
        return Owed(0, Trace(key, title, "不开展签约服务, 没有签约服务费", {}, "0.00", use, context.due_cites))
    numbers = {
        "签约人月": format_exact(fee.months.value), "补偿标准": format_exact(params.standard),
        "签约服务费": format_yuan(fee.fee), "分担比例": format_exact(params.payers[params.payer]),
        "本支付方应付": format_yuan(fee.due), "考核系数": factor_text(fee.coefficient),
        "考核后应付": format_yuan(fee.payable), "扣减": format_yuan(fee.cut),
    }  # fmt: skip
    if params.staff_share is not None:
        numbers["人员比例"] = format_exact(params.staff_share)
    formula = "签约服务费 (签约人月 ÷ 12 × 补偿标准) × 分担比例 × 考核系数, 逐步落到分"
    if params.part == "staff":
        formula += "; 其中人员部分 = 考核后应付 × 人员比例, 向上取整到分"
    elif params.part == "rest":
        numbers["人员部分"] = format_yuan(fee.payable - fee.amount)
        formula += "; 其中机构部分 = 考核后应付 − 人员部分 (考核后应付 × 人员比例, 向上取整到分)"
    cites, cells = context.due_cites, fee.months.cells
    return Owed(fee.amount, Trace(key, title, formula, numbers, format_yuan(fee.amount), use, cites, cells))
