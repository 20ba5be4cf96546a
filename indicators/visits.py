"""Where patients are treated (分级诊疗): grassroots share, inside the county."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from domain.institution import Tier
from domain.key import Key, Keys
from indicators.quantity import NOT_APPLICABLE, OK
from indicators.registry import ABOVE, HOSPITALS, Params, Reading, Sides, TierParams, indicator, quotient, ratio
from indicators.view import FactView

KEYS: Keys = {
    "ShareParams.tiers": Key("机构层级", "分子算哪几级", ["township", "village"]),
    "pilots_only": Key("只算试点", "只算国家分级诊疗试点的; 其余不适用", example=True),
}


class ShareParams(TierParams):
    """tiers: the members whose visits are the numerator (乡村诊疗量: township and village)."""

    tiers: tuple[Tier, ...] = (Tier.TOWNSHIP, Tier.COMMUNITY, Tier.VILLAGE)


class AmongParams(Params):
    """pilots_only: only of units that are national pilots of tiered care; the others are not applicable."""

    pilots_only: bool = False


@indicator(
    "基层诊疗人次占比",
    unit="%",
    numerator="基层医疗卫生机构诊疗人次",
    denominator="全部机构诊疗人次",
    facts=("visits",),
    source="统计年报",
    attribution="医联体为成员之和, 区域为辖区机构之和",
    status="stated",
    params=ShareParams,
    scopes=ABOVE,
)
def grassroots_visit_share(view: FactView, params: ShareParams) -> Reading:
    """Grassroots visits / all visits. Source: hz-xiacheng-2018 三; tianjin-2024 四 (乡村诊疗量占比)."""
    return ratio(view.get("visits", params.names), view.get("visits"))


@quotient(
    "常见病多发病门诊占比",
    "二、三级医院门诊诊治常见病、多发病的人次",
    "二、三级医院诊疗人次",
    direction="down",
    source="统计年报",
    attribution="医院各计各的; 医联体和区域为医院之和, 不含基层",
    tiers=HOSPITALS,
)
def common_disease_share() -> Sides:
    """What hospitals treat that the grassroots could; the list of diseases is local. Source: beijing-2021 (十五)."""
    return "common_disease_visits", "visits"


@indicator(
    "县域内就诊率",
    unit="%",
    numerator="参保人员县域内就诊人次",
    denominator="参保人员总就诊人次",
    facts=("insured_visits_in_county", "insured_visits", "tiered_care_pilot"),
    source="医保",
    attribution="医联体自身; 区域以区域数为准, 未填时为医联体之和",
    params=AmongParams,
    scopes=ABOVE,
)
def within_county_visit_rate(view: FactView, params: AmongParams) -> Reading:
    """Visits inside the county / all visits of the insured. Source: jilin-city-2017 一(三); liaoning-2017 二(六)."""
    reading = ratio(view.get("insured_visits_in_county"), view.get("insured_visits"))
    if not params.pilots_only:
        return reading
    pilot = view.own("tiered_care_pilot")
    state = np.where(pilot.state != OK, pilot.state, np.where(pilot.value.num == 0, NOT_APPLICABLE, reading.state))
    noted = replace(
        reading.numerator,
        cells=reading.numerator.cells + pilot.cells,
        lacking=reading.numerator.lacking + pilot.lacking,
    )
    return replace(reading, numerator=noted, state=state.astype(np.int8))


@quotient(
    "县域内住院人次占比",
    "参保人员县域内住院人次",
    "参保人员住院总人次",
    source="医保",
    scopes=ABOVE,
    attribution="医联体自身; 区域以区域数为准, 未填时为医联体之和",
    status="background",
)
def within_county_inpatient_share() -> Sides:
    """Admissions inside the county / all admissions of the insured. National monitoring system 2024, indicator 11."""
    return "insured_admissions_in_county", "insured_admissions"


@quotient("中医类诊疗量占比", "中医类诊疗人次", "总诊疗人次", source="统计年报", status="background")
def tcm_visit_share() -> Sides:
    """Visits of Chinese medicine / all visits. National monitoring system 2024, indicator 12."""
    return "tcm_visits", "visits"
