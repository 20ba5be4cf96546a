"""The lines of the statement of the two permits: their order, words and steps. They are reckoned in `permits`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from allocation import quota
from domain.plan import Permits
from domain.step import Basis, Kind, Numbers, Phrase, Place, Step, Value, Words

INCOME = ("medical_service_income",)
COST = ("medical_cost",)
INCOME_DRUGS = ("drug_income", "consumables_income")
COST_DRUGS = ("drug_cost", "consumables_cost")
ITEMS = (*INCOME, *INCOME_DRUGS, *COST, *COST_DRUGS)
ANNUAL, OPENING = "annual_medical_income", "risk_fund_balance"
LINES = (
    *("a", *ITEMS, "income", "cost"),
    *("risk_fund_by_rate", ANNUAL, "risk_fund_limit", OPENING, "risk_fund"),
    *("balance", "welfare", "development", "reward_base"),
)
"""The lines up to R, in the order of the steps."""
RATED = ("risk_fund_by_rate", "risk_fund_limit", "welfare", "development", "main_floor")
"""Lines that rest on a rate of the plan, which no document gives: whose decision it is stands beside the clause."""

_PUT_IN: dict[str, tuple[str, ...]] = {
    "income": (*INCOME, *INCOME_DRUGS, "a"),
    "cost": (*COST, *COST_DRUGS),
    "risk_fund_by_rate": ("income",),
    "risk_fund_limit": ("income",),
    "risk_fund_limit_annual": (ANNUAL,),
    "risk_fund": ("risk_fund_by_rate", "risk_fund_limit", OPENING),
    "balance": ("income", "cost", "risk_fund"),
    "welfare": ("balance",),
    "development": ("balance",),
    "reward_base": ("balance", "welfare", "development"),
    "main_floor": ("reward_base",),
    "main_left": ("main_floor", "drawn"),
    "main_left_year": ("main_floor", "drawn", "reward_paid"),
    "main_left_before": ("main_floor", "reward_paid"),
    "r_less": ("r_before",),
    "r_less_held": ("r_before",),
    "kept": ("a", "r"),
}
"""Lines put in, as far as they are there, by the words of a line."""
_TITLES = {
    "a": "分得结余收入 a",
    "medical_service_income": "医疗服务收入",
    "drug_income": "药品收入",
    "consumables_income": "卫生材料收入",
    "medical_cost": "医疗服务成本",
    "drug_cost": "药品成本",
    "consumables_cost": "卫生材料成本",
    "income": "收入 I",
    "cost": "成本",
    "risk_fund_by_rate": "按比例应提风险基金",
    ANNUAL: "全年医疗收入",
    "risk_fund_limit": "风险基金累计限额",
    OPENING: "风险基金期初余额",
    "risk_fund": "提取医疗风险基金 e",
    "balance": "收支结余 b",
    "welfare": "职工福利基金",
    "development": "事业发展基金",
    "reward_base": "可用于人员奖励的结余 R",
    "main_floor": "主要用于人员奖励 ρ·R",
    "drawn": "已从 R 发放",
    "reward_paid": "本年此前已从 R 支付",
    "main_left": "ρ·R 余额",
    "r_before": "本年此前已付 r",
    "quota_headroom": "绩效工资总量空间",
    "quota_alliance": "医联体总量内可发",
    "r": "可发放给人员 r",
    "kept": "单位留用 a − r",
}
_NUMBERS = _TITLES | {
    "from": "{it:title} ({of}/{it})",
    "r_alone": "r",
    "alliance_left": "医联体总量空间",
    "r_total": "各成员 r 合计",
}


def _words(line: str, formula: str, rate: str = "") -> Words:
    return Words(_TITLES[line], formula, _NUMBERS | {"rate": rate})


WORDS = {
    **{item: _words(item, "填报数") for item in (*ITEMS, ANNUAL, OPENING)},
    "a": _words("a", "本期各收入池分配额合计"),
    "a_none": _words("a", "本期没有收入池分给本单位"),
    "a_before": _words("a", "此前各收入池分配额合计"),
    "a_before_none": _words("a", "此前没有收入池分给本单位"),
    "income": _words("income", "{incomes:join  + } + a"),
    "cost": _words("cost", "{costs:join  + }"),
    "risk_fund_by_rate": _words("risk_fund_by_rate", "I × 提取比例", "提取比例"),
    "risk_fund_limit": _words("risk_fund_limit", "I × 限额比例 (向下取整到分)", "限额比例"),
    "risk_fund_limit_annual": _words("risk_fund_limit", "全年医疗收入 × 限额比例 (向下取整到分)", "限额比例"),
    "risk_fund": _words("risk_fund", "min(按比例应提, 限额 − 期初余额), 不小于 0"),
    "balance": _words("balance", "I − 成本 − 医疗风险基金"),
    "welfare": _words("welfare", "b × 福利比例, 不小于 0", "福利比例"),
    "development": _words("development", "b × 发展比例, 不小于 0", "发展比例"),
    "reward_base": _words("reward_base", "b − 福利基金 − 发展基金"),
    "main_floor": _words("main_floor", "R × ρ (向下取整到分), 不小于 0", "ρ"),
    "drawn": _words("drawn", "本期按可用于人员奖励的结余封顶的资金池发放额合计"),
    "drawn_none": _words("drawn", "本期没有从 R 发放"),
    "reward_paid": _words("reward_paid", "填报数; 这笔钱不得同时计入医疗服务成本"),
    "main_left": _words("main_left", "ρ·R − 已从 R 发放, 不小于 0"),
    "main_left_year": _words("main_left", "ρ·R − 已从 R 发放 − 本年此前已从 R 支付, 不小于 0"),
    "main_left_before": _words("main_left", "ρ·R − 本年此前已从 R 支付, 不小于 0"),
    "r_before": _words("r_before", "填报数"),
    "quota_headroom": replace(quota.HEADROOM["headroom"], title=_TITLES["quota_headroom"]),
    "quota_headroom_over": replace(quota.HEADROOM["headroom_over"], title=_TITLES["quota_headroom"]),
    "quota_alliance": _words("quota_alliance", "r × 医联体总量空间 / 各成员 r 合计 (最大余数法)"),
    "r": _words("r", "min({limits:join , }), 不小于 0"),
    "r_less": _words("r", "min({limits:join , }) − 本年此前已付 r, 不小于 0"),
    "r_less_held": _words("r", "min(min({limits:join , }) − 本年此前已付 r, {ceilings:join , }), 不小于 0"),
    "r_held": _words("r", "暂为 0: {why}"),
    "kept": _words("kept", "a − r"),
    **{f"item_{item}": _TITLES[item] for item in ITEMS},
    "limit_a": "a",
    "limit_main_floor": "ρ·R",
    "limit_main_left": "ρ·R 余额",
    "limit_quota_headroom": "总量空间",
    "limit_quota_alliance": "医联体总量内可发",
    "no_balance": "收支结余不大于 0, 不提取, 不发放",
    "scope": "适用范围: {scope}",
    "no_quota": "{reason}",
    "contradiction": "{alliance} 规则互相矛盾, 待修改方案后重算",
}


@dataclass(frozen=True)
class Line:
    """One line of one member: fen, and what only it has; what every statement says of a line is said above.

    words: of its step, as its code where not given; cites: beside the clauses of the permits.
    """

    fen: int
    words: str = ""
    numbers: Numbers = field(default_factory=dict)
    fields: Mapping[str, Value] = field(default_factory=dict)
    cites: tuple[Basis, ...] = ()
    cells: tuple[str, ...] = ()
    notes: tuple[Phrase, ...] = ()


def phrase(code: str, **values: Value) -> Phrase:
    """A phrase of this statement."""
    return Phrase(f"{__name__}:{code}", values)


def steps(
    permits: Permits, kind: Kind, place: Place, lines: Mapping[str, Line], rates: Mapping[str, Fraction]
) -> tuple[Step, ...]:
    """The steps of one member's lines (by code, in order). place: without the line; rates: by line (RATED)."""
    clauses = () if permits.cite is None else (str(permits.cite),)
    made = []
    for code, line in lines.items():
        words = line.words or code
        numbers: Numbers = {one: lines[one].fen for one in _PUT_IN.get(words, ()) if one in lines}
        if code in RATED:
            numbers["rate"] = rates[code]
        stated = (str(permits.source),) if code in RATED else ()
        cites = tuple(dict.fromkeys((*clauses, *stated, *filter(None, line.cites))))
        made.append(
            Step(
                kind,
                replace(place, line=code),
                f"{__name__}:{words}",
                line.fen,
                numbers | line.numbers,
                line.fields,
                "permits",
                cites,
                line.cells,
                line.notes,
            )
        )
    return tuple(made)
