"""Two-way referral (双向转诊): up, down, precise, closed, and what still leaves the county."""

from __future__ import annotations

from typing import Literal

from domain.key import Key, Keys
from indicators.registry import CENTRES, Params, Reading, Sides, UpperParams, growth, indicator, quotient, ratio
from indicators.view import FactView

KEYS: Keys = {"side": Key("哪一方的数", "两方的数不同, 必须写明", "sender", {"sender": "转出方", "receiver": "接收方"})}


class ClosureParams(Params):
    """side: the sender's referrals or the receiver's. The two differ, so a plan must say which."""

    side: Literal["sender", "receiver"]


@quotient(
    "上转率",
    "上转人次",
    "基层诊疗人次",
    direction="context",
    source="转诊平台",
    attribution="转出方 (基层); 医联体和区域为基层成员之和",
    tiers=CENTRES,
)
def up_referral_rate() -> Sides:
    """Referrals up / grassroots visits. Source: domain/C_indicators C.5."""
    return "up_referrals", "visits"


@indicator(
    "下转率",
    unit="%",
    numerator="下转人次",
    denominator="上级医院出院人次",
    facts=("down_referrals", "discharges"),
    source="转诊平台",
    attribution="转出方 (上级医院); 医联体为上级医院之和 (或其中级别最高的), 区域为上级医院之和",
    params=UpperParams,
)
def down_referral_rate(view: FactView, params: UpperParams) -> Reading:
    """Referrals down / discharges of the upper hospitals. Source: domain/C_indicators C.5."""
    return ratio(params.of(view, "down_referrals"), params.of(view, "discharges"))


@indicator(
    "下转人次增长率",
    unit="%",
    span="any",
    numerator="本期下转人次 − 对比期下转人次",
    denominator="对比期下转人次",
    facts=("down_referrals",),
    source="转诊平台",
    window="本期与对比期",
    attribution="转出方 (上级医院, 医联体可只计级别最高的); 对比期按当时的成员",
    params=UpperParams,
)
def down_referral_growth(view: FactView, params: UpperParams) -> Reading:
    """Growth of referrals down. Source: jilin-city-2017 二(五)3."""
    return growth(params.of(view, "down_referrals"), params.of(view.before, "down_referrals"))


@quotient(
    "精准转诊占比",
    "精准转诊到市级医联体医院服务人次",
    "医保备案转诊服务人次",
    source="医保、转诊平台",
    attribution="转出方 (基层); 医联体和区域为基层成员之和",
    status="stated",
)
def precise_referral_share() -> Sides:
    """The one ratio whose two sides are printed. Source: hz-xiacheng-2018 三."""
    return "precise_referrals", "registered_referrals"


@indicator(
    "转诊结案率",
    unit="%",
    numerator="已结案的转诊",
    denominator="转出 (或接收) 的转诊",
    facts=("referrals_sent", "referrals_sent_closed", "referrals_received", "referrals_received_closed"),
    source="转诊平台",
    attribution="按方案指定的转出方或接收方",
    params=ClosureParams,
)
def referral_closure_rate(view: FactView, params: ClosureParams) -> Reading:
    """Closed / all referrals of one side. Source: domain/C_indicators C.5, definition traps."""
    all_of = {"sender": "referrals_sent", "receiver": "referrals_received"}[params.side]
    return ratio(view.get(f"{all_of}_closed"), view.get(all_of))
