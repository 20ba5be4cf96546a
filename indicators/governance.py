"""How the alliance is run (运行机制): checklists, appraisals, representation."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from indicators.registry import ABOVE, Params, Reading, amount, indicator, ratio
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


class ChecklistParams(Params):
    """checklist: which list; total: how many items it has where a document says so (otherwise as reported)."""

    checklist: Checklist
    total: Annotated[int, Field(strict=True, ge=1)] | None = None


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
    """Appraisals of the period; a district shows its least. Source: tianjin-2024-draft 二(一), 附件6."""
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
    """Grassroots representatives among the heads. Source: tianjin-2024-draft 三(二)6."""
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
    """Alliances that meet the standard / alliances. Source: tianjin-2024-draft 二(一), 附件7."""
    return ratio(view.get("tight_standard_met"), view.alliances())
