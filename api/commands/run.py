"""`liangyun run`: one period of one plan, from the filled-in tables to the run folder."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from api.console import period_of, print_json, progress
from api.solver import known
from domain.money import format_yuan
from domain.problems import Contradiction
from engine.exchange.written import conflict_json
from engine.folder.execute import execute
from engine.folder.others import Others
from engine.policy.configs import load_configs
from engine.run.correction_lines import POOL
from engine.run.result import Result
from engine.run.say import Speaker
from engine.run.words import say_conflict

_TOLD = 10  # pools with a rest that are told one by one


def run(
    plan: Annotated[str, typer.Argument(metavar="方案", help="方案编号或 YAML 文件")],
    data: Annotated[Path, typer.Argument(metavar="数据", help="工作簿 (.xlsx, .xls) 或 CSV/Parquet 文件夹")],
    *,
    period: Annotated[str, typer.Option("--period", metavar="期间", help="2026、2026H1、2026Q3 或 2026-07")],
    out: Annotated[
        Path,
        typer.Option(
            "--out", metavar="文件夹", help="结果文件夹; 里面是同一方案同一期间未改动的旧结果时, 整体替换, 否则不写"
        ),
    ],
    before: Annotated[
        Path | None,
        typer.Option("--before", metavar="原结果", help="更正这个结果: 另写 deltas.csv (补发和扣回), 原文件夹不变"),
    ] = None,
    earlier: Annotated[
        list[Path] | None,
        typer.Option(
            "--earlier", metavar="结果文件夹", help="本年较短期间的结果, 可写多次: 从奖励基数已支付的数由它们取"
        ),
    ] = None,
    batch: Annotated[bool, typer.Option("--batch", help="批量: 只写 Parquet 表和清单")] = False,
    solver: Annotated[
        str | None, typer.Option("--solver", help="auto、highs 或 cbc: 三者结果逐分一致 (默认 highs, 批量为 auto)")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出摘要")] = False,
) -> int:
    """Run; exit code 3 if rules contradict each other in some alliance (everything else is written)."""
    when = period_of(period)
    by = None if solver is None else known(solver)
    with progress(quiet=as_json) as report:
        others, configs = Others(before, tuple(earlier or ())), load_configs()
        result = execute(configs, plan, data, when, out, batch=batch, solver=by, others=others, progress=report)
    told = summary(result) | {"folder": str(out)}
    if as_json:
        print_json(told)
    else:
        _say(result, told)
    return Contradiction.exit_code if result.contradictions else 0


def summary(result: Result) -> dict[str, Any]:
    """What a program reads of a run: status, counts, sums in yuan, corrections, warnings, contradictions."""
    pools = result.frames["pools"]
    totals = {name: int(pools[name].sum()) for name in ("amount", "distributed", "undistributed")}
    return {
        "status": "infeasible" if result.contradictions else "done",
        "plan": result.plan_id,
        "period": str(result.period),
        "units": int(result.frames["totals"]["unit_code"].nunique()),
        "alliances": int(pools["alliance_code"].nunique()),
        "pools": len(pools),
        **{name: format_yuan(fen) for name, fen in totals.items()},
        "left": _left(result),
        **_changed(result),
        "warnings": Speaker(result.labels).warnings(result.warnings),
        "contradictions": {alliance: conflict_json(told) for alliance, told in result.contradictions.items()},
    }


def _changed(result: Result) -> dict[str, str]:
    """Of a run that corrects another: what pools pay and what is taken back in all, in yuan."""
    if "deltas" not in result.frames:
        return {}
    rows = result.frames["deltas"]
    deltas = rows.loc[rows["kind"] == POOL, "delta"]
    sums = {"supplement": deltas.clip(lower=0).sum(), "claw_back": deltas.clip(upper=0).sum()}
    return {name: format_yuan(int(fen)) for name, fen in sums.items()}


def _say(result: Result, told: dict[str, Any]) -> None:
    sys.stderr.writelines(f"警告: {warning}\n" for warning in told["warnings"])
    for alliance, conflict in result.contradictions.items():
        sys.stderr.write(f"{alliance}: 规则互相矛盾, 该医联体的资金未分配 (CONTRADICTION)\n")
        sys.stderr.writelines(f"{line}\n" for line in say_conflict(conflict))
    sys.stdout.write(f"{result.plan_title} {result.period.title}: {told['units']} 个单位评分; {_money(result, told)}\n")
    sys.stdout.writelines(_say_left(result, told["left"]))
    sys.stdout.write(f"{_corrects(told)}已写出 {told['folder']}\n")


def _left(result: Result) -> list[dict[str, str]]:
    """Every pool of which something is not paid, the largest rest first: how much, why, and where it goes."""
    speaker, pools = Speaker(result.labels), result.frames["pools"]
    notes = {(one.alliance_code, one.pool): one.notes for one in result.formations}
    rows = pools.loc[pools["undistributed"] > 0].sort_values("undistributed", ascending=False, kind="stable")
    columns = rows[["alliance_code", "pool", "undistributed"]]
    return [
        {
            "alliance_code": alliance,
            "pool": pool,
            "undistributed": format_yuan(int(fen)),
            "why": "; ".join(map(speaker.phrase, notes[alliance, pool])),
        }
        for alliance, pool, fen in columns.itertuples(index=False)
    ]


def _say_left(result: Result, left: list[dict[str, str]]) -> Iterator[str]:
    for one in left[:_TOLD]:
        yield f"  {one['alliance_code']} {result.labels.pools[one['pool']].title} ({one['pool']}): {one['why']}\n"
    if len(left) > _TOLD:
        yield f"  另有 {len(left) - _TOLD} 个资金池没有分完, 见 pools.csv\n"


def _corrects(told: dict[str, Any]) -> str:
    return f"更正: 补发 {told['supplement']} 元, 扣回 {told['claw_back']} 元\n" if "supplement" in told else ""


def _money(result: Result, told: dict[str, Any]) -> str:
    if not result.labels.pools:
        return "只评价, 不分钱"
    sums = (int(result.frames["pools"][name].sum()) for name in ("amount", "distributed", "undistributed"))
    whole, paid, left = (f"{format_yuan(fen, thousands=True)} 元" for fen in sums)
    return f"{told['alliances']} 个医联体的 {told['pools']} 个资金池共 {whole}, 已分配 {paid}, 未分配 {left}"
