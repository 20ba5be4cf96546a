"""`liangyun policy`: a plan with its packs and the catalogue as a version, by the operator of the machine."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from engine.workflow.register import import_policy

Plan = Annotated[str, typer.Argument(metavar="方案", help="方案编号或 YAML 文件")]
Publish = Annotated[bool, typer.Option("--publish", help="同时发布: 新开的批次就按这一版")]


def take_in(plan: Plan, *, publish: Publish = False) -> None:
    """Take in a plan."""
    kept = import_policy(plan, publish=publish)
    state = "已发布" if kept.state == "published" else "草稿"
    sys.stdout.write(f"{kept.title} ({kept.policy_id}) 第 {kept.number} 版, {state}\n")
