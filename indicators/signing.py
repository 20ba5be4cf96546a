"""Family-doctor signing (家庭医生签约): coverage, renewal, fulfilment, the fee."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from domain.key import Key, Keys
from indicators.ratios import Ratios
from indicators.registry import Params, Reading, Sides, amount, indicator, quotient, ratio
from indicators.view import FactView

Group = Literal["key", "elderly", "chronic", "mental", "maternal", "child", "disabled", "poor", "special_family"]
GROUPS: tuple[Group, ...] = (
    "key",
    "elderly",
    "chronic",
    "mental",
    "maternal",
    "child",
    "disabled",
    "poor",
    "special_family",
)
_GROUP_FACTS = tuple(code for group in GROUPS for code in (f"signed_{group}", f"{group}_population"))
KEYS: Keys = {
    "base": Key("分母", "文件没有写明一般人群", "all", {"all": "全体居民", "non_key": "重点人群以外"}),
    "group": Key(
        "人群",
        "",
        "key",
        {
            "key": "重点人群",
            "elderly": "老年人",
            "chronic": "慢病患者",
            "mental": "严重精神障碍患者",
            "maternal": "孕产妇",
            "child": "儿童",
            "disabled": "残疾人",
            "poor": "低收入人口",
            "special_family": "计划生育特殊家庭",
        },
    ),
    "who": Key(
        "哪个标准",
        "",
        "least",
        {"key": "重点人群", "general": "其他人群", "least": "两者中低的", "unified": "两者相同的 (不同为 0)"},
    ),
}


class GeneralParams(Params):
    """base: all residents, or those outside the key groups. The documents leave 普通人群 open."""

    base: Literal["all", "non_key"]


class GroupParams(Params):
    """group: the key groups together, or one of them."""

    group: Group = "key"


class FeeParams(Params):
    """who: key groups, others, the lower of the two standards, or the one standard of both (0 where they differ)."""

    who: Literal["key", "general", "least", "unified"] = "least"


@indicator(
    "居民签约率",
    unit="%",
    numerator="签约居民 (或重点人群以外的签约居民)",
    denominator="常住人口 (或重点人群以外的常住人口)",
    facts=("signed_residents", "resident_population", "signed_key", "key_population"),
    source="签约系统",
    window="期末",
    params=GeneralParams,
)
def general_signing_rate(view: FactView, params: GeneralParams) -> Reading:
    """Signed residents / residents. Source: liaoning-2017 二(三)."""
    signed, people = view.get("signed_residents"), view.get("resident_population")
    if params.base == "non_key":
        signed, people = signed - view.get("signed_key"), people - view.get("key_population")
    return ratio(signed, people)


@indicator(
    "重点人群签约率",
    unit="%",
    numerator="签约重点人群 (或其中一类)",
    denominator="重点人群 (或其中一类)",
    facts=_GROUP_FACTS,
    source="签约系统",
    window="期末",
    params=GroupParams,
)
def key_group_signing_rate(view: FactView, params: GroupParams) -> Reading:
    """Signed / all of the key groups. Source: hz-xiacheng-2018 三; liaoning-2017 二(三); jilin-city-2017 二(六)."""
    return ratio(view.get(f"signed_{params.group}"), view.get(f"{params.group}_population"))


@quotient("续签率", "续签人数", "到期签约人数", source="签约系统")
def renewal_rate() -> Sides:
    """Renewed / due contracts. Source: domain/C_indicators C.5."""
    return "contracts_renewed", "contracts_due"


@quotient("履约率", "已完成的服务包项目", "应完成的服务包项目", source="履约记录")
def fulfilment_rate() -> Sides:
    """Service items done / due. Source: domain/C_indicators C.5."""
    return "service_items_done", "service_items_due"


@quotient("重点人群预约服务比例", "通过预约享受服务的重点人群", "重点人群", source="签约系统", window="年初至期末累计")
def appointment_share() -> Sides:
    """Key-group residents served by appointment. Source: hz-xiacheng-2018 四(二)3(3)."""
    return "key_served_by_appointment", "key_population"


@indicator(
    "签约服务补偿标准",
    unit="元/人年",
    numerator="重点人群与普通人群的补偿标准, 取低者 (或指定一类; 要求统一时两类不同记 0)",
    facts=("signing_fee_standard_key", "signing_fee_standard_general"),
    source="卫生健康行政部门",
    window="期末执行的标准",
    attribution="区域自身执行的标准, 不相加",
    status="stated",
    params=FeeParams,
    scopes=("district",),
)
def signing_fee_standard(view: FactView, params: FeeParams) -> Reading:
    """Yuan per signed person and year, as set; one standard for both groups. Source: beijing-2021 (十六)."""
    key, general = view.own("signing_fee_standard_key"), view.own("signing_fee_standard_general")
    least = key.least(general)
    unified = replace(least, value=Ratios.where(key.value.same(general.value), least.value, 0))
    return amount({"key": key, "general": general, "least": least, "unified": unified}[params.who])


@indicator(
    "签约服务费人年均收入",
    unit="元/人年",
    numerator="签约服务费收入",
    denominator="签约人年 (签约人月 ÷ 12)",
    facts=("signing_fee_income", "signed_person_months"),
    source="财务",
)
def signing_fee_per_person(view: FactView, _params: Params) -> Reading:
    """Yuan received per signed person-year. Source: beijing-2021 (十六), as carried out."""
    return ratio(view.get("signing_fee_income"), view.get("signed_person_months").over(12))
