"""Chronic diseases (慢性病管理): standard management, control, admissions."""

from __future__ import annotations

from typing import Literal

from domain.key import Key, Keys
from indicators.quantity import Quantity
from indicators.registry import Params, Reading, Sides, indicator, quotient, ratio
from indicators.view import FactView

Disease = Literal["hypertension", "diabetes", "both"]
KEYS: Keys = {
    "disease": Key("病种", "", "both", {"hypertension": "高血压", "diabetes": "糖尿病", "both": "两种相加"}),
    "StandardParams.base": Key("分母", "", "managed", {"managed": "在管的", "due": "应管理的"}),
    "ControlParams.base": Key("分母", "", "managed", {"standard": "规范管理的", "managed": "在管的"}),
}


class DiseaseParams(Params):
    """disease: one, or both added up."""

    disease: Disease


class StandardParams(DiseaseParams):
    """base: those under management (在管), or all who should be (应管理)."""

    base: Literal["managed", "due"]


class ControlParams(DiseaseParams):
    """base: those managed by the standard (规范管理), or all under management (在管)."""

    base: Literal["standard", "managed"]


def _facts(*kinds: str) -> tuple[str, ...]:
    return tuple(f"{disease}_{kind}" for disease in ("hypertension", "diabetes") for kind in kinds)


def _of(view: FactView, disease: Disease, kind: str) -> Quantity:
    if disease == "both":
        return view.get(f"hypertension_{kind}") + view.get(f"diabetes_{kind}")
    return view.get(f"{disease}_{kind}")


@indicator(
    "慢性病规范管理率",
    unit="%",
    span="positive",
    numerator="规范管理人数",
    denominator="在管 (或应管理) 人数, 由方案指定",
    facts=_facts("standard", "managed", "due"),
    source="公共卫生系统",
    window="年初至期末累计",
    status="background",
    params=StandardParams,
)
def chronic_standard_rate(view: FactView, params: StandardParams) -> Reading:
    """Managed by the standard / under management. Source: domain/C_indicators C.5 (口径待核)."""
    return ratio(_of(view, params.disease, "standard"), _of(view, params.disease, params.base))


@indicator(
    "慢性病控制率",
    unit="%",
    numerator="血压、血糖达标人数",
    denominator="规范管理 (或在管) 人数, 由方案指定",
    facts=_facts("controlled", "standard", "managed"),
    source="公共卫生系统",
    window="期末, 按最近一次随访",
    status="background",
    params=ControlParams,
)
def chronic_control_rate(view: FactView, params: ControlParams) -> Reading:
    """Controlled / managed. Source: domain/C_indicators C.5 (口径待核)."""
    return ratio(_of(view, params.disease, "controlled"), _of(view, params.disease, params.base))


@indicator(
    "慢性病管理人群住院率",
    unit="%",
    numerator="管理人群中住过院的人数",
    denominator="在管人数",
    direction="down",
    facts=_facts("admitted", "managed"),
    source="公共卫生系统、医保",
    window="年初至期末累计",
    status="background",
    params=DiseaseParams,
)
def chronic_admission_rate(view: FactView, params: DiseaseParams) -> Reading:
    """Admitted / managed. National monitoring system 2024, indicator 13 (口径待核)."""
    return ratio(_of(view, params.disease, "admitted"), _of(view, params.disease, "managed"))


@quotient(
    "基本药物以外慢性病药品配备比例",
    "配备的基本药物以外慢性病药品种数",
    "配备药品种数",
    source="基层医疗卫生机构",
    window="期末",
)
def chronic_drug_share() -> Sides:
    """Chronic-disease drugs beyond the essential list / all drugs kept. Source: hz-xiacheng-2018 四(一)5."""
    return "chronic_drug_kinds", "drug_kinds"
