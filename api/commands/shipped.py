"""`liangyun pack list`, `liangyun plan list`: what the program ships, by what stands in the files alone."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from api.console import print_json
from api.tables import print_table
from engine.policy.configs import load_configs
from engine.policy.files import read_pack, read_plan
from engine.policy.words import STATUS

AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]


def packs(*, as_json: AsJson = False) -> None:
    """List the packs shipped."""
    configs = load_configs()
    found = [read_pack(configs, path) for path in configs.packs.values()]
    if as_json:
        fields = {"id", "title", "number", "issuer", "region", "level", "status"}
        print_json([pack.model_dump(mode="json", include=fields) for pack in found])
        return
    rows = [(pack.id, STATUS[pack.status], pack.region, pack.number or "无文号", pack.title) for pack in found]
    print_table("政策包", ("id", "状态", "地区", "文号", "文件"), rows)


def plans(*, as_json: AsJson = False) -> None:
    """List the plans shipped, as in force today."""
    configs, today = load_configs(), datetime.now().astimezone().date()
    found = [read_plan(configs, path, today) for path in configs.plans.values()]
    if as_json:
        print_json([{"id": plan.id, "title": plan.title, "region": plan.region} for plan in found])
        return
    rows = [(plan.id, plan.region, ", ".join(used.id for used in plan.packs), plan.title) for plan in found]
    print_table("方案", ("id", "地区", "政策包", "名称"), rows)
