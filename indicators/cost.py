"""Cost and income (费用与收入): per case, structure, the gap between levels."""

from __future__ import annotations

from domain.institution import Tier
from domain.key import Key, Keys
from indicators.registry import (
    ABOVE,
    AnyTierParams,
    Params,
    Reading,
    Sides,
    TierParams,
    growth,
    indicator,
    quotient,
    ratio,
)
from indicators.view import FactView

_INCOME = ("medical_service_income", "exam_income", "drug_income", "consumables_income")
KEYS: Keys = {
    "tiers": Key("下一级", "", ["township", "community"]),
    "upper": Key("上一级", "与哪一级比", ["lead"]),
}


class GapParams(TierParams):
    """tiers: the lower level; upper: the level it is compared with."""

    tiers: tuple[Tier, ...] = (Tier.TOWNSHIP, Tier.COMMUNITY)
    upper: tuple[Tier, ...] = (Tier.LEAD,)


@quotient("住院次均费用", "住院总费用", "出院人次", unit="元", direction="down", source="统计年报", status="background")
def avg_inpatient_cost() -> Sides:
    """Yuan per discharge. National monitoring system 2024, indicator 10 (口径待核)."""
    return "inpatient_charges", "discharges"


@indicator(
    "住院次均费用增长率",
    unit="%",
    span="any",
    numerator="本期次均 − 对比期次均",
    denominator="对比期次均",
    direction="down",
    facts=("inpatient_charges", "discharges"),
    source="统计年报",
    window="本期与对比期",
    status="background",
)
def avg_inpatient_cost_growth(view: FactView, _params: Params) -> Reading:
    """Growth of yuan per discharge. National monitoring system 2024, indicator 10 (口径待核)."""
    now, before = (ratio(at.get("inpatient_charges"), at.get("discharges")) for at in (view, view.before))
    return growth(now.quantity, before.quantity)


@quotient("门诊次均费用", "门诊总费用", "诊疗人次", unit="元", direction="down", source="统计年报", status="background")
def avg_outpatient_cost() -> Sides:
    """Yuan per visit. National monitoring system 2020 (口径待核)."""
    return "outpatient_charges", "visits"


@indicator(
    "医疗服务收入占比",
    unit="%",
    numerator="医疗服务收入 − 检查检验收入",
    denominator="医疗服务收入 + 药品收入 + 卫生材料收入",
    facts=_INCOME,
    source="财务",
    status="background",
    params=AnyTierParams,
)
def service_income_share(view: FactView, params: AnyTierParams) -> Reading:
    """Service income without drugs, consumables and tests / medical income.

    National monitoring system 2020: of the lead hospital (口径待核).
    """
    service = view.get("medical_service_income", params.names)
    income = service + view.get("drug_income", params.names) + view.get("consumables_income", params.names)
    return ratio(service - view.get("exam_income", params.names), income)


@quotient("人员经费占比", "人员经费", "业务支出", direction="context", source="财务", status="background")
def staff_cost_share() -> Sides:
    """Staff cost / operating expense, judged by a band. National system 2020 (口径待核)."""
    return "staff_expense", "business_expense"


@indicator(
    "基层与牵头医院人均收入比",
    unit="%",
    span="positive",
    numerator="基层在岗人员收入总额 ÷ 基层在岗人数 (元)",
    denominator="牵头医院在岗人员收入总额 ÷ 在岗人数 (元)",
    facts=("staff_income", "heads_on_post"),
    source="财务、人事",
    attribution="医联体和区域: 两级各自相加后再相除",
    status="background",
    params=GapParams,
    scopes=ABOVE,
)
def income_gap_ratio(view: FactView, params: GapParams) -> Reading:
    """Income per head of the lower / the upper level. National monitoring system 2024, indicator 6 (口径待核)."""
    upper = tuple(tier.value for tier in params.upper)
    low = ratio(view.get("staff_income", params.names), view.get("heads_on_post", params.names))
    high = ratio(view.get("staff_income", upper), view.get("heads_on_post", upper))
    return ratio(low.quantity, high.quantity)
