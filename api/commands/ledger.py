"""`liangyun ledger`: every task of a plan's packs with its owner, deadline and state on a day."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from api.console import period_of, print_json
from api.tables import print_table
from domain.problems import InputProblems, Problem, Problems
from engine.ledger.lines import HEADINGS, Ledger, table
from engine.ledger.make import SOON, make_ledger
from engine.ledger.period import figures
from engine.policy.configs import load_configs
from engine.policy.load import load
from engine.printing.files import check_out, write_whole
from engine.run.say import Speaker


def ledger(
    plan: Annotated[str, typer.Argument(metavar="方案", help="方案编号或 YAML 文件")],
    data: Annotated[Path, typer.Argument(metavar="数据", help="工作簿 (.xlsx, .xls) 或 CSV/Parquet 文件夹")],
    *,
    as_of: Annotated[str, typer.Option("--as-of", metavar="日期", help="截至哪一天, 如 2017-11-20")],
    period: Annotated[
        str | None, typer.Option("--period", metavar="期间", help="用哪个期间的数据 (不写为数据所属的期间)")
    ] = None,
    within: Annotated[int, typer.Option("--within", metavar="天数", min=0, help="期限前多少天起算即将到期")] = SOON,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="文件", help="另写成 .xlsx 台账, 或 .svg、.png 时间轴")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="覆盖已有的文件")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """Show the ledger, and write it as a workbook or a picture if asked."""
    day, when = _day(as_of), period_of(period) if period else None
    if out is not None:
        _check(out)
        check_out(out, plan, data, force=force)
    configs = load_configs()
    loaded, catalogue = load(configs, plan, day, money=False), configs.catalogue
    if not data.exists():
        raise InputProblems([Problem(str(data), "NO-FILE", "数据文件不存在", "核对路径")])
    facts, when = figures(data, catalogue, loaded, day, when)
    cautions = Speaker().warnings(loaded.warnings)
    made = make_ledger(loaded.plan, loaded.packs, facts, catalogue, day, when, within=within, warnings=cautions)
    if out is not None:
        write_whole(out, _content(made, out.suffix.lower()))
    if as_json:
        print_json(
            {
                "plan": made.plan_id,
                "as_of": made.as_of.isoformat(),
                "period": made.period,
                "counts": made.counts,
                "unreported": made.unreported,
                "warnings": list(made.warnings),
                "lines": [line.as_json() for line in made.lines],
            }
        )
        return
    sys.stderr.writelines(f"警告: {warning}\n" for warning in made.warnings)
    print_table(f"{made.plan_title} 任务台账, 截至 {made.as_of} (数据期间 {made.period})", HEADINGS, list(table(made)))
    sys.stdout.write(f"{len(made.lines)} 项: {made.summary}\n" + (f"已写出 {out}\n" if out else ""))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputProblems([Problem("--as-of", "USAGE", f"{text} 不是日期", "写成 2017-11-20")]) from error


def _check(out: Path) -> None:
    """Refuse an ending or picture that cannot be written before anything is computed."""
    problems = Problems()
    suffix = out.suffix.lower()
    if suffix in {".svg", ".png"}:
        from engine.printing.pictures import check_picture  # noqa: PLC0415  (only pictures need it)

        check_picture(out, problems)
    elif suffix != ".xlsx":
        problems.add(out.name, "LEDGER-OUT", "台账只能写成 .xlsx、.svg 或 .png", "改文件名的后缀")
    problems.raise_if_any()


def _content(made: Ledger, suffix: str) -> bytes:
    if suffix == ".xlsx":
        from engine.ledger.sheet import ledger_workbook  # noqa: PLC0415  (only workbooks need it)

        return ledger_workbook(made)
    from engine.ledger.picture import draw_ledger  # noqa: PLC0415  (brings the drawing library)

    return draw_ledger(made, suffix)
