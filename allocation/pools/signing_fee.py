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
from allocation.pools import Formed, Owed, Payees, Scored, Settling, Shown, forming_step, owed_step
from allocation.pools.insurance_surplus import ByScore
from domain.key import Key, Keys
from domain.money import ceil_fen, format_exact, half_up_fen, largest_remainder
from domain.problems import Problems
from domain.step import Named, Numbers, Phrase, Words
from domain.values import Exact, Share

TITLE = "签约服务费"
SHOWN = (Shown("months", "number", summed=True), Shown("coefficient", "factor"))
MONTHS, SIGNERS = "signed_person_months", "signing_staff"
METRICS = (MONTHS,)
Part = Literal["all", "staff", "rest"]
_NUMBERS = {"payer": "支付方", "share": "分担比例", "staff_share": "人员比例", "due": "本支付方应付"}
WORDS = {
    "fee": Words(
        "签约服务费",
        "各单位签约服务费之和 (签约人月 ÷ 12 × 补偿标准, 逐家四舍五入到分)",
        {"months": "签约人月", "years": "签约人年", "standard": "补偿标准"},
    ),
    "standard": "{yuan} 元/人年, 重点人群与普通人群相同",
    "due": Words("本支付方应付", "各单位本支付方应付之和 (签约服务费 × 分担比例, 逐家, 落分按最大余数)", _NUMBERS),
    "payable": Words(
        "考核后应付",
        "各单位考核后应付之和 (本支付方应付 × 考核系数, 逐家四舍五入到分)",
        {"scorecard": "评分表", "unscored": "考核"},
    ),
    "unscored": "不与考核挂钩",
    "cut": Words("扣减, 退回支付方", "本支付方应付 − 考核后应付", _NUMBERS | {"payable": "考核后应付"}),
    "staff": Words("人员部分", "各单位人员部分之和 (考核后应付 × 人员比例, 逐家向上取整到分)", _NUMBERS),
    "rest": Words("机构部分", "各单位机构部分之和 (考核后应付 − 考核后应付 × 人员比例, 逐家向上取整到分)", _NUMBERS),
    "nothing": "没有应付的签约服务费",
    "owed": Words(
        "应付签约服务费",
        "签约服务费 (签约人月 ÷ 12 × 补偿标准) × 分担比例 × 考核系数, 逐步落到分{of_it}",
        {
            "months": "签约人月",
            "standard": "补偿标准",
            "fee": "签约服务费",
            "share": "分担比例",
            "due": "本支付方应付",
            "coefficient": Named("考核系数", "factor"),
            "payable": "考核后应付",
            "cut": "扣减",
            "staff_share": "人员比例",
            "staff": "人员部分",
        },
    ),
    "of_it_staff": "; 其中人员部分 = 考核后应付 × 人员比例, 向上取整到分",
    "of_it_rest": "; 其中机构部分 = 考核后应付 − 人员部分 (考核后应付 × 人员比例, 向上取整到分)",
    "owed_nothing": Words("应付签约服务费", "不开展签约服务, 没有签约服务费"),
}
KEYS: Keys = {
    "Params": Key(TITLE, "人年 × 标准, 按支付方分开, 各按考核系数"),
    "standard": Key("标准", "每人每年多少元", "120"),
    "payers": Key("各方份额", "合计为 1", {"medical_insurance": "0.5", "public_health": "0.3", "resident": "0.2"}),
    "payer": Key("本池的支付方", "payers 里的一个", "public_health"),
    "part": Key(
        "哪一部分", "后两种要写 staff_share", "all", {"all": "全部", "staff": "给签约人员的", "rest": "留给机构的"}
    ),
    "staff_share": Key("给签约人员的比例", "", "0.70"),
    "score": Key("得分系数", "成员自己的得分定系数; 不写是不扣减"),
}


class Params(Settling):
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
    return Payees(f"{TITLE}人员部分", metric=SIGNERS) if of_staff else None


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
    cells = tuple(dict.fromkeys(cell for one in each for cell in one.months.cells))
    part: Numbers = {unit: one.amount for unit, one in found.items()}
    rest: Numbers = {"payer": context.pool.fund.title, "due": due, "payable": payable}
    steps = [
        forming_step(context, __name__, "fee", sum(one.fee for one in each), _opening(params, found), cells=cells),
        forming_step(context, __name__, "due", due, _payer(context, params, found)),
        forming_step(context, __name__, "payable", payable, _scored(params, found)),
        forming_step(context, __name__, "cut", cut, rest),
    ]
    if params.part != "all":
        numbers: Numbers = {"staff_share": params.staff_share or Fraction(0), **part}
        steps.append(forming_step(context, __name__, params.part, amount, numbers))
    return Formed(amount, tuple(steps), reason=None if amount else Phrase(f"{__name__}:nothing"))


def _opening(params: Params, found: Mapping[str, _Fee]) -> Numbers:
    months = sum((one.months.value for one in found.values()), Fraction(0))
    return {
        "months": months,
        "years": months / 12,
        "standard": Phrase(f"{__name__}:standard", {"yuan": params.standard}),
        **{unit: one.fee for unit, one in found.items()},
    }


def _payer(context: PoolContext, params: Params, found: Mapping[str, _Fee]) -> Numbers:
    dues: Numbers = {unit: one.due for unit, one in found.items()}
    return {"payer": context.pool.fund.title, "share": params.payers[params.payer], **dues}


def _scored(params: Params, found: Mapping[str, _Fee]) -> Numbers:
    payable: Numbers = {unit: one.payable for unit, one in found.items()}
    if params.score:
        return {"scorecard": params.score.scorecard, **payable}
    return {"unscored": Phrase(f"{__name__}:unscored"), **payable}


def owed(context: PoolContext, params: Params) -> dict[str, Owed]:
    """What this pool pays to every member that shares, nothing to one that does not sign. Raises as `_fees`."""
    found = _fees(context, params)
    return {unit: _owed(context, params, unit, found.get(unit)) for unit in context.sharing["unit_code"]}


def _owed(context: PoolContext, params: Params, unit: str, fee: _Fee | None) -> Owed:
    if fee is None:
        return Owed(0, owed_step(context, __name__, "owed_nothing", unit, 0, {}))
    numbers: Numbers = {
        "months": fee.months.value,
        "standard": params.standard,
        "fee": fee.fee,
        "share": params.payers[params.payer],
        "due": fee.due,
        "coefficient": fee.coefficient,
        "payable": fee.payable,
        "cut": fee.cut,
    }
    if params.staff_share is not None:
        numbers["staff_share"] = params.staff_share
    if params.part == "rest":
        numbers["staff"] = fee.payable - fee.amount
    of_it = "" if params.part == "all" else Phrase(f"{__name__}:of_it_{params.part}")
    fields, cells = {"of_it": of_it}, fee.months.cells
    return Owed(fee.amount, owed_step(context, __name__, "owed", unit, fee.amount, numbers, fields=fields, cells=cells))
