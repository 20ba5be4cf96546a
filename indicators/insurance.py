"""The insurance fund (医保基金): where it is spent, what is left, how it is paid."""

from __future__ import annotations

from domain.institution import Tier
from domain.key import Key, Keys
from indicators.quantity import Quantity
from indicators.registry import ABOVE, Params, Reading, TierParams, amount, indicator, ratio
from indicators.view import FactView

_AREA = ("fund_spend", "fund_spend_pharmacy", "fund_spend_out_of_area")
_WHOSE = "医联体自身; 区域为医联体之和"
KEYS: Keys = {"PaidParams.tiers": Key("机构层级", "应按这种方式付费的医院", ["county", "lead"])}


class PaidParams(TierParams):
    """tiers: the hospitals that should be paid this way."""

    tiers: tuple[Tier, ...] = (Tier.COUNTY, Tier.LEAD)


def _institutions(view: FactView) -> Quantity:
    """Spending at institutions: pharmacies are left out (不含药店)."""
    return view.get("fund_spend") - view.get("fund_spend_pharmacy")


@indicator(
    "医保基金县域内支出占比",
    unit="%",
    numerator="实际支出 − 药店支出 − 县域外支出",
    denominator="实际支出 − 药店支出",
    facts=_AREA,
    source="医保",
    attribution=_WHOSE,
    status="background",
    scopes=ABOVE,
)
def fund_in_county_share(view: FactView, _params: Params) -> Reading:
    """Fund spent inside the county, without pharmacies. National monitoring system 2024, indicator 8 (口径待核)."""
    spent = _institutions(view)
    return ratio(spent - view.get("fund_spend_out_of_area"), spent)


@indicator(
    "基层医保基金占比",
    unit="%",
    numerator="基层医疗卫生机构医保基金支出",
    denominator="县域内医疗机构医保基金支出",
    facts=(*_AREA, "fund_spend_grassroots"),
    source="医保",
    attribution=_WHOSE,
    status="background",
    scopes=ABOVE,
)
def fund_grassroots_share(view: FactView, _params: Params) -> Reading:
    """Grassroots share of the fund inside the county. National monitoring system 2024, indicator 9 (口径待核)."""
    inside = _institutions(view) - view.get("fund_spend_out_of_area")
    return ratio(view.get("fund_spend_grassroots"), inside)


@indicator(
    "医保基金结余率",
    unit="%",
    span="any",
    numerator="预算 − 实际支出 (含县域外)",
    denominator="预算",
    direction="context",
    facts=("fund_budget", "fund_spend"),
    source="医保",
    attribution=_WHOSE,
    scopes=ABOVE,
)
def surplus_rate(view: FactView, _params: Params) -> Reading:
    """What the budget leaves; below 0 for overspending. Source: domain/C_indicators C.5."""
    budget = view.get("fund_budget")
    return ratio(budget - view.get("fund_spend"), budget)


@indicator(
    "参加医保按人头总额付费",
    unit="个",
    numerator="参加的为 1, 否则为 0; 区域为参加的医联体数",
    facts=("capitation_joined",),
    source="医保",
    window="期末",
    attribution=_WHOSE,
    status="stated",
    scopes=ABOVE,
)
def capitation_joined(view: FactView, _params: Params) -> Reading:
    """Whether the alliance is paid by capitation. Source: tianjin-2024 二(一), 附件4."""
    return amount(view.get("capitation_joined"))


@indicator(
    "DRG、DIP付费覆盖率",
    unit="%",
    numerator="实行 DRG 或 DIP 付费的医院数",
    denominator="应实行的医院数",
    facts=("drg_dip_paid",),
    source="医保",
    window="期末",
    params=PaidParams,
)
def drg_dip_share(view: FactView, params: PaidParams) -> Reading:
    """Hospitals paid by DRG or DIP. Source: tianjin-2024 三(四)18."""
    return ratio(view.get("drg_dip_paid", params.names), view.members(params.names))
