"""Write docs/batch.md from the table of steps: `python -m scripts.batch`."""

from __future__ import annotations

from pathlib import Path

from domain.workflow import DUTY_TITLES
from engine.workflow.batch import GUARDS, KINDS, PAY_STEPS, STATES, STEPS, Step
from engine.workflow.roles import MAY, SIGN_IN_NEEDED, titles

PAGE = Path(__file__).resolve().parents[1] / "docs" / "batch.md"
HEAD = """# 批次的步骤

由 `python -m scripts.batch` 从 `engine/workflow/batch.py` 和 `roles.py` 生成。不满足的条件一次全部说出
(接口 `GET /api/v1/batches/{id}/transitions`, 409 的 `unmet`)。同一批次里一个自然人只办一种职责,
方案 `hands` 另有规定的除外 (见 [办理流程](workflow.md))。

"""
TITLES = "| 步骤 | 从 → 到 | 谁办 | 职责 | 条件 |\n|---|---|---|---|---|\n"
PAY = """
## 发放到人的批次

一个机构一批 (`POST /api/v1/pay`), 从收集数据开始; 交来的人员工作簿算成功后是已分配, 以后这样办:

"""


def text() -> str:
    """The page."""
    rows = [HEAD, "批次的种类: ", "、".join(f"{title} (`{code}`)" for code, title in KINDS.items()), "。\n\n"]
    rows += ["| 状态 | 代码 |\n|---|---|\n", *(f"| {title} | `{code}` |\n" for code, title in STATES.items())]
    rows += ["\n", TITLES, *map(_row, STEPS.values())]
    rows += [PAY, TITLES, *map(_row, PAY_STEPS.values())]
    rows.append("\n带 * 的须本人用密码登录办理, 不能用接口令牌。\n")
    return "".join(rows)


def _row(step: Step) -> str:
    came = "、".join(STATES[one] for one in step.sources)
    who = "; ".join(dict.fromkeys(titles(MAY[step.action(state)]) for state in step.sources))
    star = " *" if step.action(step.sources[0]) in SIGN_IN_NEEDED else ""
    asked = [GUARDS[name] for name in step.guards]
    asked += ["写明理由"] if step.reason else []
    asked += {"yes": ["会议纪要"], "published": ["得分公布后须附会议纪要"], "no": []}[step.minutes]
    duty = DUTY_TITLES[step.duty] if step.duty else ""
    said = "<br>".join(asked)
    return f"| {step.title} `{step.name}`{star} | {came} → {STATES[step.to]} | {who} | {duty} | {said} |\n"


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
