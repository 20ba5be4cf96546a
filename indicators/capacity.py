"""Capacity and reach (服务能力与覆盖): doctors, facilities, standards, who has joined."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from domain.institution import Form, Tier
from domain.key import Key, Keys
from domain.values import Exact
from indicators.quantity import OK
from indicators.ratios import Ratios
from indicators.registry import (
    EVERY,
    AnyTierParams,
    Params,
    Reading,
    Sides,
    TierParams,
    amount,
    indicator,
    quotient,
    ratio,
)
from indicators.view import FactView

Standardised = Literal["community", "township", "village"]
_STANDARD: dict[Standardised, tuple[str, str]] = {
    "community": ("standardised_community_centres", "community_centre_count"),
    "township": ("standardised_township_centres", "township_centre_count"),
    "village": ("standardised_village_clinics", "village_clinic_count"),
}
KEYS: Keys = {
    "form": Key("医联体形式", "只算一种形式的; 不写是全部", "county"),
    "public_only": Key("只算公立的层级", "这几级只算公立的", ["community"]),
    "low": Key("下限", "一个中心服务的居民数, 含本数", "30000"),
    "high": Key("上限", "含本数", "100000"),
    "kind": Key(
        "哪种机构", "", "township", {"community": "社区卫生服务中心", "township": "乡镇卫生院", "village": "村卫生室"}
    ),
    "DutyParams.tiers": Key("机构层级", "哪几级医院的任务", ["county", "lead"]),
}


class CentreParams(Params):
    """low, high: residents per centre that are enough where a street has none of its own (both included)."""

    low: Exact
    high: Exact

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not 0 < self.low <= self.high:
            raise ValueError("low (下限) 须大于 0 且不大于 high (上限)")
        return self


class StandardParams(Params):
    """kind: community centres, township hospitals or village clinics."""

    kind: Standardised


class FormParams(Params):
    """form: alliances of one form only (left out: all)."""

    form: Form | None = None


class CoverageParams(TierParams):
    """tiers: the institutions that are to join. public_only: those tiers of which only public ones are."""

    public_only: tuple[Tier, ...] = ()

    @model_validator(mode="after")
    def _among(self) -> Self:
        if not set(self.public_only) <= set(self.tiers):
            raise ValueError("public_only (只计公立的) 须在 tiers 之中")
        return self

    @property
    def public(self) -> tuple[str, ...]:
        """`public_only` as the tables write them."""
        return tuple(tier.value for tier in self.public_only)


class DutyParams(TierParams):
    """tiers: the hospitals the duty is for."""

    tiers: tuple[Tier, ...] = (Tier.COUNTY, Tier.LEAD)


@quotient(
    "每万居民全科医生数",
    "合格全科医生数",
    "常住人口 ÷ 10000",
    unit="人/万人",
    source="卫生统计",
    window="期末",
    per=10_000,
)
def gp_per_10k() -> Sides:
    """General practitioners per 10,000 residents. Source: hz-xiacheng-2018 四(二)1."""
    return "general_practitioners", "resident_population"


@quotient(
    "每街道（乡镇）社区卫生服务中心数",
    "社区卫生服务中心数",
    "街道（乡镇）数",
    unit="个",
    source="卫生健康行政部门",
    window="期末",
    attribution="区域",
    scopes=("district",),
)
def centres_per_street() -> Sides:
    """Centres over streets: several in one hide a street without (`street_centre_share`). Source: beijing-2021 (五)."""
    return "community_centre_count", "street_count"


@quotient(
    "设有社区卫生服务中心的街道（乡镇）占比",
    "有社区卫生服务中心的街道（乡镇）数",
    "街道（乡镇）数",
    source="卫生健康行政部门",
    window="期末",
    attribution="区域",
    scopes=("district",),
)
def street_centre_share() -> Sides:
    """Streets with a community health centre of their own. Source: beijing-2021 (五)."""
    return "streets_with_centre", "street_count"


@quotient(
    "每中心服务居民数",
    "常住人口",
    "社区卫生服务中心数",
    unit="人",
    direction="context",
    source="卫生健康行政部门",
    window="期末",
    attribution="区域",
    scopes=("district",),
)
def residents_per_centre() -> Sides:
    """Residents per community health centre. Source: hz-xiacheng-2018 四(一)2 (3–10万)."""
    return "resident_population", "community_centre_count"


@indicator(
    "社区卫生服务中心设置达标",
    unit="是否",
    numerator="每街道至少一所中心, 或每中心服务居民数在规定区间内, 则为 1",
    facts=("community_centre_count", "street_count", "resident_population"),
    source="卫生健康行政部门",
    window="期末",
    attribution="区域",
    status="stated",
    params=CentreParams,
    scopes=("district",),
)
def centre_provision(view: FactView, params: CentreParams) -> Reading:
    """1 if either criterion holds, else 0. Source: hz-xiacheng-2018 四(一)2."""
    centres, streets = view.get("community_centre_count"), view.get("street_count")
    people = view.get("resident_population")
    per_street = (centres.value >= streets.value) & (streets.value > 0)  # without streets the first way says nothing
    in_band = (centres.value * params.low <= people.value) & (people.value <= centres.value * params.high)
    both = centres + streets + people
    return amount(replace(both, value=Ratios.where((per_street | in_band) & (both.state == OK), 1, 0)))


@quotient(
    "每社区卫生服务站数",
    "社区卫生服务站数",
    "社区（居委会）数",
    unit="个",
    source="卫生健康行政部门",
    window="期末",
    attribution="区域",
    scopes=("district",),
)
def stations_per_community() -> Sides:
    """Stations per residential community. Source: beijing-2021 (五)."""
    return "community_station_count", "residential_community_count"


@quotient(
    "每站服务居民数",
    "常住人口",
    "社区卫生服务站数",
    unit="人",
    direction="context",
    source="卫生健康行政部门",
    window="期末",
    attribution="区域",
    scopes=("district",),
)
def residents_per_station() -> Sides:
    """Residents per community health station. Source: hz-xiacheng-2018 四(一)2 (3000–5000)."""
    return "resident_population", "community_station_count"


@indicator(
    "标准化建设达标率",
    unit="%",
    numerator="标准化建设达标的机构数",
    denominator="同类机构总数",
    facts=tuple(code for pair in _STANDARD.values() for code in pair),
    source="卫生健康行政部门",
    window="期末",
    attribution="中心和卫生院为区域数; 村卫生室由基层机构填报后相加",
    params=StandardParams,
    scopes=EVERY,
)
def standardisation_rate(view: FactView, params: StandardParams) -> Reading:
    """Standardised / all institutions of a kind. Source: liaoning-2017 二(八)."""
    done, total = _STANDARD[params.kind]
    return ratio(view.get(done), view.get(total))


@quotient(
    "村卫生室基本药物制度覆盖率",
    "实施国家基本药物制度的村卫生室",
    "村卫生室总数",
    source="基层医疗卫生机构",
    window="期末",
)
def essential_drug_coverage() -> Sides:
    """Village clinics with the essential-drug system. Source: tianjin-2024 三(一)4."""
    return "village_clinics_essential_drugs", "village_clinic_count"


@indicator(
    "医联体成员覆盖率",
    unit="%",
    numerator="已加入医联体的机构数",
    denominator="辖区这些类别的机构数",
    facts=(),
    source="机构表、成员表",
    window="期末",
    attribution="区域; 由机构表和成员表得出, 不另填报",
    params=CoverageParams,
    scopes=("district",),
)
def alliance_coverage(view: FactView, params: CoverageParams) -> Reading:
    """Institutions in an alliance / all of the district. Source: tianjin-2024 附件2; jilin-city-2017 一(三)."""
    counted = params.names, params.public
    return ratio(view.joined(*counted), view.members(*counted))


@indicator(
    "医联体个数",
    unit="个",
    numerator="区域内医联体数",
    facts=(),
    source="机构表",
    window="期末",
    attribution="区域; 由机构表得出, 不另填报",
    params=FormParams,
    scopes=("district",),
)
def alliance_count(view: FactView, params: FormParams) -> Reading:
    """Alliances of the district. Source: tianjin-2024 三(一)2; jilin-city-2017 一(三), 二(一)."""
    return amount(view.alliances(params.form.value if params.form else ""))


@indicator(
    "成员机构数",
    unit="家",
    numerator="医联体内某几级的成员机构数",
    facts=(),
    source="机构表、成员关系表",
    window="期末",
    attribution="医联体; 由成员关系表得出, 不另填报",
    params=TierParams,
    scopes=("alliance",),
)
def member_count(view: FactView, params: TierParams) -> Reading:
    """Members of these tiers on the last day, 0 if there are none. Source: jilin-city-2017 二(一)1."""
    count = view.members(params.names)
    return amount(replace(count, state=np.zeros_like(count.state)))


@indicator(
    "全科医学科设立率",
    unit="%",
    numerator="设立全科医学科的综合医院数",
    denominator="综合医院数",
    facts=("gp_department", "general_hospital"),
    source="上级医院",
    window="期末",
    params=DutyParams,
)
def gp_department_share(view: FactView, params: DutyParams) -> Reading:
    """General hospitals with a department of general practice / all of them. Source: tianjin-2024 三(三)12."""
    return ratio(view.get("gp_department", params.names), view.get("general_hospital", params.names))


@indicator(
    "分时段预约和实名制就医覆盖率",
    unit="%",
    numerator="实施分时段预约和实名制就医的医院数",
    denominator="应实施的医院数",
    facts=("appointment_real_name",),
    source="上级医院",
    window="期末",
    params=DutyParams,
)
def appointment_real_name_share(view: FactView, params: DutyParams) -> Reading:
    """Hospitals with timed appointments under real names. Source: liaoning-2017 二(十)."""
    return ratio(view.get("appointment_real_name", params.names), view.members(params.names))


@indicator(
    "床位使用率",
    unit="%",
    span="positive",
    numerator="实际占用总床日",
    denominator="实际开放总床日",
    direction="context",
    facts=("bed_days_used", "bed_days_open"),
    source="统计年报",
    status="background",
    params=AnyTierParams,
)
def bed_use_rate(view: FactView, params: AnyTierParams) -> Reading:
    """Bed-days used / open. National monitoring system 2020: of the grassroots (口径待核)."""
    return ratio(view.get("bed_days_used", params.names), view.get("bed_days_open", params.names))
