"""How the alliance is run (运行机制): checklists, appraisals, representation."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import reduce
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from domain.key import Key, Keys
from domain.period import Period
from domain.region import Level
from domain.values import Exact
from indicators.quantity import NOT_APPLICABLE
from indicators.registry import ABOVE, ANY, Params, Reading, amount, indicator, ratio
from indicators.view import FactView

Checklist = Literal[
    "unified_management",
    "democratic_decision",
    "service_coordination",
    "charter",
    "service_package",
    "insurance_unified",
    "incentive_policy",
]
LISTS: tuple[Checklist, ...] = (
    "unified_management",
    "democratic_decision",
    "service_coordination",
    "charter",
    "service_package",
    "insurance_unified",
    "incentive_policy",
)
KEYS: Keys = {
    "checklist": Key(
        "哪张清单",
        "",
        "charter",
        {
            "unified_management": "统一管理",
            "democratic_decision": "民主决策",
            "service_coordination": "服务协同",
            "charter": "章程",
            "service_package": "签约服务包",
            "insurance_unified": "医保统一管理",
            "incentive_policy": "激励政策",
        },
    ),
    "total": Key("总项数", "文件写明的项数; 不写的用填报的", 5),
    "metric": Key("数据", "指标目录的代码或中文名", "mechanism_established"),
    "least": Key("从多少起算", "含本数; 不写是 1", "1"),
    "among": Key("只算哪些区域", "这个是否类数据为是的", "mechanism_established"),
    "level": Key("区域级别", "不写是最低一级", "county", {"province": "省级", "city": "市级", "county": "县级"}),
    "QuarterParams.metric": Key("数据", "逐季计次的数据", "coordination_meetings"),
}


class ChecklistParams(Params):
    """checklist: which list; total: how many items it has where a document says so (otherwise as reported)."""

    checklist: Checklist
    total: Annotated[int, Field(strict=True, ge=1)] | None = None


class DistrictsParams(Params):
    """metric: what a district reports of itself; least: from here on it counts; among: only districts with yes.

    level: the districts counted (所有城市: city); left out, the lowest ones.
    """

    metric: str
    least: Exact = Fraction(1)
    among: str | None = None
    level: Level | None = None


class QuarterParams(Params):
    """metric: what is counted quarter by quarter."""

    metric: str


@indicator(
    "清单落实率",
    unit="%",
    numerator="已落实项数",
    denominator="应落实项数",
    facts=tuple(f"{name}_{part}" for name in LISTS for part in ("done", "total")),
    source="自评, 附佐证材料",
    window="期末",
    attribution="填报单位; 上一级为各单位项数之和",
    params=ChecklistParams,
)
def checklist_rate(view: FactView, params: ChecklistParams) -> Reading:
    """Items done / items. Sources: national monitoring system 2024, indicators 1 to 3; the duties of the documents."""
    done = view.get(f"{params.checklist}_done")
    if params.total is None:
        return ratio(done, view.get(f"{params.checklist}_total"))
    return ratio(done, view.get(f"{params.checklist}_done", combine="count") * params.total)


@indicator(
    "完成绩效考核次数",
    unit="次",
    numerator="本期完成的绩效考核次数",
    facts=("appraisals_completed",),
    source="考核档案",
    attribution="医联体自身; 区域取次数最少的医联体",
    status="stated",
    scopes=ABOVE,
)
def appraisals_completed(view: FactView, _params: Params) -> Reading:
    """Appraisals of the period; a district shows its least. Source: tianjin-2024 二(一), 附件6."""
    return amount(view.get("appraisals_completed", combine="min"))


@indicator(
    "负责人员中的基层代表数",
    unit="人",
    numerator="医联体负责人员中基层医疗卫生机构的代表",
    facts=("head_grassroots_representatives",),
    source="任免文件",
    window="期末",
    attribution="医联体自身; 区域取人数最少的医联体",
    status="stated",
    scopes=ABOVE,
)
def head_representatives(view: FactView, _params: Params) -> Reading:
    """Grassroots representatives among the heads. Source: tianjin-2024 三(二)6."""
    return amount(view.get("head_grassroots_representatives", combine="min"))


@indicator(
    "紧密型标准达标率",
    unit="%",
    numerator="达到紧密型标准的医联体数",
    denominator="医联体数",
    facts=("tight_standard_met",),
    source="卫生健康行政部门",
    window="期末",
    attribution="医联体为 0 或 1; 区域为达标医联体占比",
    status="stated",
    scopes=ABOVE,
)
def tight_alliance_share(view: FactView, _params: Params) -> Reading:
    """Alliances that meet the standard / alliances. Source: tianjin-2024 二(一), 附件7."""
    return ratio(view.get("tight_standard_met"), view.alliances())


@indicator(
    "落实的地区占比",
    unit="%",
    numerator="已落实的区（县、市）数",
    denominator="区（县、市）总数 (或其中指定的一类)",
    facts=ANY,
    source="卫生健康行政部门",
    window="期末",
    attribution="市为所辖区（县）之和; 区（县）自身为 0 或 1",
    status="stated",
    params=DistrictsParams,
    scopes=("district",),
)
def districts_done(view: FactView, params: DistrictsParams) -> Reading:
    """Districts that have carried something out / districts. Source: beijing-2021 (七), (十一)."""
    return ratio(*view.districts(params.metric, params.least, params.among, params.level))


@indicator(
    "每季度最少次数",
    unit="次/季",
    numerator="期内各季度次数中最少的一季",
    facts=ANY,
    source="卫生健康行政部门",
    window="期内每一个整季度",
    attribution="填报单位自身",
    status="stated",
    params=QuarterParams,
    scopes=ABOVE,
)
def least_per_quarter(view: FactView, params: QuarterParams) -> Reading:
    """The quarter with the fewest; a period without a whole quarter is not applicable. Source: beijing-2021 (二十)."""
    quarters = [Period(view.period.year, "quarter", number) for number in (1, 2, 3, 4)]
    counts = [view.at(quarter).own(params.metric) for quarter in quarters if view.period.contains(quarter)]
    if counts:
        return amount(reduce(lambda one, other: one.least(other), counts))
    none = view.number(0)
    return amount(replace(none, state=np.full(none.state.shape, NOT_APPLICABLE, dtype=np.int8)))
