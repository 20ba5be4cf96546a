"""Cost and income (费用与收入): per case, structure, the gap between levels."""

from __future__ import annotations

from domain.institution import Tier
from indicators.registry import ABOVE, AnyTierParams, Params, Reading, TierParams, growth, indicator, ratio
from indicators.view import FactView

_INCOME = ("medical_service_income", "exam_income", "drug_income", "consumables_income")


class GapParams(TierParams):
    """tiers: the lower level; upper: the level it is compared with."""

    tiers: tuple[Tier, ...] = (Tier.TOWNSHIP, Tier.COMMUNITY)
    upper: tuple[Tier, ...] = (Tier.LEAD,)


def _per_case(view: FactView, charges: str, cases: str) -> Reading:
    return ratio(view.get(charges), view.get(cases))


@indicator(
    "住院次均费用",
    unit="元",
    numerator="住院总费用",
    denominator="出院人次",
    direction="down",
    facts=("inpatient_charges", "discharges"),
    source="统计年报",
    status="background",
)
def avg_inpatient_cost(view: FactView, _params: Params) -> Reading:
    """Yuan per discharge. National monitoring system 2024, indicator 10 (口径待核)."""
    return _per_case(view, "inpatient_charges", "discharges")


@indicator(
    "住院次均费用增长率",
    unit="%",
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
    now = _per_case(view, "inpatient_charges", "discharges")
    before = _per_case(view.before, "inpatient_charges", "discharges")
    return growth(now.quantity, before.quantity)


@indicator(
    "门诊次均费用",
    unit="元",
    numerator="门诊总费用",
    denominator="诊疗人次",
    direction="down",
    facts=("outpatient_charges", "visits"),
    source="统计年报",
    status="background",
)
def avg_outpatient_cost(view: FactView, _params: Params) -> Reading:
    """Yuan per visit. National monitoring system 2020 (口径待核)."""
    return _per_case(view, "outpatient_charges", "visits")


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


@indicator(
    "人员经费占比",
    unit="%",
    numerator="人员经费",
    denominator="业务支出",
    direction="context",
    facts=("staff_expense", "business_expense"),
    source="财务",
    status="background",
)
def staff_cost_share(view: FactView, _params: Params) -> Reading:
    """Staff cost / operating expense, judged by a band. National system 2020 (口径待核)."""
    return ratio(view.get("staff_expense"), view.get("business_expense"))


@indicator(
    "基层与牵头医院人均收入比",
    unit="%",
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
