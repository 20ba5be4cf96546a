"""`liangyun pay run`: a period's amounts to people, as a new pay folder; `pay complete` and `pay teams` beside it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from api.commands.pay.asking import (
    AsJson,
    Earlier,
    Folder,
    MonthText,
    Out,
    People,
    PeriodText,
    Plan,
    Run,
    Units,
    month_of,
)
from api.console import period_of, print_json
from domain.money import format_yuan
from domain.problems import Contradiction
from engine.pay.folder.complete import pay_complete
from engine.pay.folder.compute import Asked
from engine.pay.folder.correct import pay_correct
from engine.pay.folder.done import Done
from engine.pay.folder.execute import Against, pay_run, pay_teams
from engine.pay.result import Payment
from engine.policy.configs import load_configs
from engine.run.say import Speaker

_FIRST = Annotated[bool, typer.Option("--first", help="确无以前的发放; 清单和表上注明 未对照以前发放")]


def run(
    plan: Plan,
    people: People,
    *,
    period: PeriodText,
    month: MonthText,
    out: Out,
    run: Run = None,
    earlier: Earlier = None,
    before: Annotated[
        Path | None,
        typer.Option("--before", metavar="发放结果", help="更正这个发放结果: 按更正表写出补发和扣回, 原文件夹不变"),
    ] = None,
    first: _FIRST = False,
    unit: Units = None,
    as_json: AsJson = False,
) -> int:
    """Pay; exit code 3 if the amount of some institution cannot be divided (all others are written)."""
    asked = Asked(period_of(period), month_of(month), tuple(unit or ()))
    against = Against(tuple(earlier or ()), before, first)
    against.check()
    if before is not None:
        done = pay_correct(load_configs(), plan, people, asked, out, before=before, run=run)
    else:
        done = pay_run(load_configs(), plan, people, asked, out, run=run, against=against)
    return _told(done, out, as_json=as_json)


def complete(folder: Folder, people: People, *, out: Out, earlier: Earlier = None, as_json: AsJson = False) -> int:
    """Pay what was open for want of data."""
    return _told(pay_complete(folder, people, out, earlier=earlier or ()), out, as_json=as_json)


def teams(
    plan: Plan,
    people: People,
    *,
    period: PeriodText,
    month: MonthText,
    out: Out,
    run: Run = None,
    unit: Units = None,
    as_json: AsJson = False,
) -> int:
    """Divide among teams alone."""
    asked = Asked(period_of(period), month_of(month), tuple(unit or ()))
    return _told(pay_teams(load_configs(), plan, people, asked, out, run=run), out, as_json=as_json)


def summary(payment: Payment) -> dict[str, Any]:
    """What a program reads of a payment: sums in yuan, payslips by status, warnings, what could not be divided."""
    units = payment.tables["units"]
    said: dict[str, Any] = {
        "status": "infeasible" if payment.unmet else "done",
        "plan": payment.plan_id,
        "period": payment.period,
        "month": payment.month,
        "units": int((units if len(units) else payment.tables["lines"])["unit_code"].nunique()),
        **{name: format_yuan(sum(units[name])) for name in ("amount", "earmarks", "shared", "kept")},
        "warnings": Speaker().warnings(payment.warnings),
        "unmet": {unit: [one.as_json() for one in told] for unit, told in payment.unmet.items()},
    }
    slips = payment.tables.get("payslips")
    if slips is not None:
        known = [fen for fen in slips["net"] if fen is not None]
        said |= {
            "people": int(slips["person_code"].nunique()),
            "payable": format_yuan(sum(slips["payable"])),
            "net": format_yuan(sum(known)),
            "payslips": {
                str(status): int(count) for status, count in slips["status"].value_counts().sort_index().items()
            },
        }
    return said


def _told(done: Done, out: Path, *, as_json: bool) -> int:
    payment = done.payment
    told = summary(payment)
    told["warnings"] = [*Speaker().warnings(done.warnings), *told["warnings"]]
    if as_json:
        print_json(told | {"folder": str(out)})
    else:
        _say(payment, told, out)
    return Contradiction.exit_code if payment.unmet else 0


def _say(payment: Payment, told: Mapping[str, Any], out: Path) -> None:
    sys.stderr.writelines(f"警告: {warning}\n" for warning in told["warnings"])
    for unit, problems in payment.unmet.items():
        sys.stderr.write(f"{unit}: 金额不能分到人, 该机构没有写出\n")
        sys.stderr.writelines(f"  {one}\n" for one in problems)
    sums = "、".join(
        f"{title} {told[name]} 元" for name, title in (("earmarks", "专项"), ("shared", "已分"), ("kept", "留存"))
    )
    if len(payment.tables["units"]):
        sys.stdout.write(f"{payment.period} {told['units']} 个机构共 {told['amount']} 元: {sums}\n")
    else:
        sys.stdout.write(f"{payment.period} 补付 {told['units']} 个机构的未付款\n")
    if "people" in told:
        slips = sum(told["payslips"].values())
        more = f" {slips} 条工资条 (由几个单位发放的、兼有劳务费的各一条)" if slips != told["people"] else ""
        sys.stdout.write(f"{told['people']} 人{more}应发 {told['payable']} 元, 可付实发 {told['net']} 元\n")
        for status, count in told["payslips"].items():
            if status not in ("ok", "no_payment"):
                sys.stdout.write(f"  {count} 人次待补数据, 未进代发批次 ({status})\n")
    sys.stdout.write(f"已写出 {out}\n")
