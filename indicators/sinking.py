"""Resources moved down to the grassroots (资源下沉): postings, reserved resources, shared centres."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Literal

from domain.institution import Tier
from domain.key import Key, Keys
from indicators.quantity import Quantity
from indicators.registry import (
    ABOVE,
    CENTRES,
    Params,
    Reading,
    Sides,
    TierParams,
    UpperParams,
    amount,
    indicator,
    quotient,
    ratio,
)
from indicators.view import Combine, FactView

Centre = Literal["imaging", "ecg", "laboratory", "pathology", "sterilisation", "pharmacy", "telemedicine"]
_USE: dict[Centre, str] = {
    "imaging": "imaging_reports",
    "ecg": "ecg_reports",
    "laboratory": "laboratory_reports",
    "pathology": "pathology_reports",
    "sterilisation": "sterilisation_batches",
    "pharmacy": "pharmacy_prescriptions",
    "telemedicine": "telemedicine_sessions",
}
_RESERVED = {  # resource: what is reserved, out of what
    "all_slots": ("all_slots_reserved", "all_slots_total"),
    "slots": ("expert_slots_reserved", "expert_slots_total"),
    "booked_slots": ("appointment_slots_released", "appointment_slots_total"),
    "specialty_slots": ("specialty_expert_slots_remote", "specialty_expert_slots"),
    "beds": ("beds_reserved", "beds_total"),
    "exams": ("exams_reserved", "exams_total"),
}
_COVERED: dict[Centre, str] = {centre: f"{centre}_covered" for centre in _USE}
KEYS: Keys = {
    "whose": Key("算在谁名下", "", "host", {"host": "派驻到的机构", "sender": "派人的医院"}),
    "PostedParams.kind": Key("数哪种人", "", "attending", {"attending": "主治及以上", "managers": "管理人员"}),
    "lower": Key("只算下级", "医联体的不算级别最高的医院", example=True),
    "resource": Key(
        "哪种资源",
        "",
        "slots",
        {
            "slots": "专家号源",
            "beds": "床位",
            "exams": "检查",
            "least": "三项中最少的",
            "all_slots": "全部号源",
            "booked_slots": "预约号源",
            "specialty_slots": "专科医联体专家号源",
        },
    ),
    "per": Key("按", "", "day", {"day": "每个星期六、星期日", "weekend": "每个周末"}),
    "centre": Key(
        "哪个共享中心",
        "",
        "imaging",
        {
            "imaging": "影像",
            "ecg": "心电",
            "laboratory": "检验",
            "pathology": "病理",
            "sterilisation": "消毒供应",
            "pharmacy": "中心药房",
            "telemedicine": "远程医疗",
        },
    ),
}


class SentParams(TierParams):
    """tiers: the members that people are posted to.

    whose: of a member the figure of its own (host), or as the hospital that posts, that of all below it in the
    alliances that it heads (sender): where a document binds the upper hospital, nobody else answers for its postings.
    """

    whose: Literal["host", "sender"] = "host"

    def read(self, view: FactView, code: str, combine: Combine = "sum") -> Quantity:
        """A metric of those who are posted to."""
        return (view.sent if self.whose == "sender" else view.get)(code, self.names, combine)


class PostedParams(SentParams):
    """kind: whom to count; tiers, whose: as of `SentParams`.

    lower: of an alliance only those below its highest level (下级医院), for nobody is posted to its upper hospital.
    """

    kind: Literal["attending", "managers"] = "attending"
    lower: bool = False


class ReserveParams(UpperParams):
    """resource: slots (专家号源), beds (床位), exams (检查), the least of these three (三项均须达到), or all_slots.

    all_slots: the slots of every doctor (号源), where a document does not speak of experts. booked_slots: those that
    can be booked (预约号源) and are given to the grassroots of the alliance. specialty_slots: of the experts of a
    specialty alliance (专科医联体), those kept for partners far away.
    """

    resource: Literal["slots", "beds", "exams", "least", "all_slots", "booked_slots", "specialty_slots"] = "least"


class WeekendParams(UpperParams):
    """per: what the experts are counted over, each Saturday and each Sunday (day) or both together (weekend)."""

    per: Literal["day", "weekend"] = "day"


class CentreParams(TierParams):
    """centre: which shared centre; tiers: the members that should be covered."""

    centre: Centre
    tiers: tuple[Tier, ...] = (Tier.TOWNSHIP,)


class CentreUseParams(Params):
    """centre: which shared centre."""

    centre: Centre


@indicator(
    "派驻覆盖率",
    unit="%",
    numerator="有牵头医院人员常年派驻的机构数",
    denominator="应派驻的成员机构数",
    facts=("resident_posting",),
    source="人事",
    window="期末",
    params=TierParams,
)
def posting_coverage(view: FactView, params: TierParams) -> Reading:
    """Members with a resident posting / members of these tiers. Source: tianjin-2024 二(一), 附件3."""
    return ratio(view.get("resident_posting", params.names), view.members(params.names))


@indicator(
    "每个机构常年派驻人数 (最少者)",
    unit="人",
    numerator="各成员机构常年派驻的主治及以上人员 (或管理人员) 数, 取最少的机构",
    facts=("posted_attending", "posted_managers"),
    source="人事",
    window="期末",
    attribution="成员单位为本机构人数, 按派出方计的为其派往各机构中最少的人数; 医联体和区域取人数最少的成员",
    status="stated",
    params=PostedParams,
)
def posted_per_member(view: FactView, params: PostedParams) -> Reading:
    """The member with the fewest decides. Source: tianjin-2024 三(二)8; jilin-city-2017 二(三)1."""
    code = f"posted_{params.kind}"
    if params.lower and params.whose == "host":
        return amount(view.below(code, params.names, combine="min"))
    return amount(params.read(view, code, "min"))


@indicator(
    "中级及以上医师派驻满6个月人数",
    unit="人",
    numerator="统计年度内派驻满 183 天的中级及以上医师",
    facts=("posted_six_months_mid_title",),
    source="人事",
    window="年初至期末累计, 一人只计一次",
)
def long_posting_count(view: FactView, _params: Params) -> Reading:
    """Persons, not person-times. Source: national monitoring system 2024, indicator 4."""
    return amount(view.get("posted_six_months_mid_title"))


@indicator(
    "派驻满6个月占比",
    unit="%",
    numerator="派驻满 6 个月的人员",
    denominator="本年派驻人员",
    facts=("posted_six_months", "posted_staff"),
    source="人事",
    window="年初至期末累计",
    attribution="成员单位为派驻到本机构的, 按派出方计的为其派往各机构的合计; 医联体和区域为成员之和",
    params=SentParams,
)
def long_posting_share(view: FactView, params: SentParams) -> Reading:
    """Share of posted staff who stay half a year. Source: tianjin-2024 三(一)4 (一般应)."""
    return ratio(params.read(view, "posted_six_months"), params.read(view, "posted_staff"))


@indicator("派驻人天", unit="人天", numerator="本期派驻的人天之和", facts=("posting_days",), source="人事")
def posting_days(view: FactView, _params: Params) -> Reading:
    """Person-days posted. Source: domain/C_indicators C.5."""
    return amount(view.get("posting_days"))


@indicator(
    "城市三级医院常年驻守专家数 (最少者)",
    unit="人",
    numerator="各家帮扶的城市公立三级医院派驻医共体的常年驻守专家数, 取最少的一家",
    facts=("tertiary_experts_resident",),
    source="人事",
    window="期末",
    attribution="医联体自身; 区域取人数最少的医联体",
    status="stated",
    scopes=ABOVE,
)
def tertiary_experts(view: FactView, _params: Params) -> Reading:
    """The helping hospital with the fewest experts resident in the alliance decides. Source: tianjin-2024 三(一)3."""
    return amount(view.get("tertiary_experts_resident", combine="min"))


@indicator(
    "周末每日派出专家数",
    unit="人",
    numerator="星期六、星期日派出的专家人次",
    denominator="本期星期六、星期日的天数 (按日历, 不计调休; 合计每个周末时为天数的一半)",
    facts=("weekend_expert_visits",),
    source="人事",
    attribution="派出方; 医联体为上级医院之和 (或其中级别最高的), 区域为上级医院之和",
    params=WeekendParams,
)
def weekend_experts(view: FactView, params: WeekendParams) -> Reading:
    """Experts per weekend day, or per weekend, on average. Source: jilin-city-2017 二(三)1."""
    days = (view.period.start + timedelta(days=step) for step in range(view.period.days))
    weekend = Fraction(sum(day.weekday() >= 5 for day in days), 2 if params.per == "weekend" else 1)
    return ratio(params.of(view, "weekend_expert_visits"), view.number(weekend))


@indicator(
    "转诊资源预留率",
    unit="%",
    numerator="预留或投放给基层的号源 (或专家号源)、床位或预约检查",
    denominator="号源 (或专家号源)、床位或预约检查总量",
    facts=tuple(code for pair in _RESERVED.values() for code in pair),
    source="HIS",
    window="号源、检查为本期, 床位为期末",
    attribution="上级医院; 医联体为上级医院之和 (或其中级别最高的), 区域为上级医院之和",
    params=ReserveParams,
)
def reserve_rate(view: FactView, params: ReserveParams) -> Reading:
    """One of the shares, or the least of three.

    Source: tianjin-2024 三(三)12; jilin-city-2017 二(六); beijing-2021 (八).
    """
    wanted = ["slots", "beds", "exams"] if params.resource == "least" else [params.resource]
    read = view.highest if params.upper == "highest" else view.get
    shares = [ratio(read(part), read(whole)) for part, whole in (_RESERVED[kind] for kind in wanted)]
    least = shares[0]
    for share in shares[1:]:
        least = least.least(share)
    return least


@indicator(
    "共享中心覆盖率",
    unit="%",
    numerator="共享中心 (或远程医疗) 覆盖的成员机构数",
    denominator="应覆盖的成员机构数",
    facts=tuple(_COVERED.values()),
    source="共享中心平台",
    window="期末",
    params=CentreParams,
)
def centre_coverage(view: FactView, params: CentreParams) -> Reading:
    """Members covered / members of these tiers (township hospitals only, unless the plan says more).

    Source: tianjin-2024 二(一), 附件5; jilin-city-2017 二(一)5.
    """
    return ratio(view.get(_COVERED[params.centre], params.names), view.members(params.names))


@indicator(
    "共享中心服务量",
    unit="次",
    numerator="共享中心为基层出具的报告、服务批次或远程会诊例数",
    facts=tuple(_USE.values()),
    source="共享中心平台",
    attribution="提供服务的牵头医院; 医联体和区域为牵头医院之和",
    status="background",
    params=CentreUseParams,
)
def centre_use(view: FactView, params: CentreUseParams) -> Reading:
    """What the centre did for the grassroots. Source: national monitoring system 2024, indicator 5."""
    return amount(view.get(_USE[params.centre]))


@quotient(
    "心电设备村级覆盖率",
    "有心电设备的村卫生室",
    "村卫生室总数",
    source="基层医疗卫生机构",
    window="期末",
    status="background",
    tiers=CENTRES,
)
def village_ecg_coverage() -> Sides:
    """Village clinics with an ECG device. Source: national monitoring system 2024, indicator 5."""
    return "village_clinics_with_ecg", "village_clinic_count"
