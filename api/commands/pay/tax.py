"""`liangyun pay tax`: the income tax of a list of payments, without a plan or a folder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.console import print_json
from domain.money import format_yuan
from engine.pay.tax.listing import tax_of_list


def tax(
    payments: Annotated[Path, typer.Argument(metavar="发放清单", help="CSV 或工作簿, 每笔发放一行, 期初数另起一行")],
    *,
    out: Annotated[Path, typer.Option("--out", metavar="结果.csv", help="写到哪里")],
    force: Annotated[bool, typer.Option("--force", help="覆盖已有的文件 (以前的结果不用写)")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出摘要")] = False,
) -> None:
    """Withhold."""
    made = tax_of_list(payments, out, force=force)
    sums = {"income": format_yuan(made.income), "tax": format_yuan(made.tax)}
    if as_json:
        print_json({"status": "done", "file": str(out), "lines": made.lines, **sums})
    else:
        sys.stdout.write(f"{made.lines} 笔发放, 收入 {sums['income']} 元, 个人所得税 {sums['tax']} 元\n已写出 {out}\n")
