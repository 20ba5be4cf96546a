"""`liangyun pay template`: the workbook of people that is filled in before a payment."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.commands.pay.asking import Earlier, MonthText, PeriodText, Plan, month_of
from api.console import period_of
from engine.pay.folder.earlier import earlier_payments
from engine.pay.folder.key import pay_key
from engine.pay.read.people import read_people
from engine.pay.scheme import scheme_of
from engine.pay.template.carry import carry
from engine.pay.template.workbook import write_pay_template
from engine.policy.configs import load_configs
from engine.policy.load import load
from engine.printing.files import check_out, ends_in
from engine.run.say import Speaker


def template(
    plan: Plan,
    *,
    period: PeriodText,
    month: MonthText,
    out: Annotated[Path, typer.Option("--out", metavar="文件.xlsx", help="写出的工作簿")],
    filled: Annotated[
        Path | None, typer.Option("--from", metavar="人员", help="由这个工作簿或文件夹带入人员、任职、账户")
    ] = None,
    earlier: Earlier = None,
    force: Annotated[bool, typer.Option("--force", help="覆盖已有的工作簿")] = False,
) -> None:
    """Write the workbook; what earlier payments paid is carried forward in the payer's figures, to be checked."""
    when, paid_in = period_of(period), month_of(month)
    ends_in(out, ".xlsx")
    check_out(out, *[one for one in (plan, filled) if one], *(earlier or ()), force=force)
    configs = load_configs()
    loaded = load(configs, plan, when.end, alone=True)
    pay, catalogue = scheme_of(loaded.plan), configs.catalogue
    before = [one.folder for one in earlier_payments(earlier, pay_key())] if earlier else []
    people = None
    if filled is not None:
        read = read_people(filled, pay, when, paid_in, catalogue=catalogue, correcting=True, of_month=False)
        people = read.people
        for said in Speaker().warnings(read.warnings):
            sys.stderr.write(f"警告: {said}\n")
    carried = carry(people, before, when, paid_in)
    write_pay_template(loaded.plan, pay, when, paid_in, out, carried=carried, catalogue=catalogue)
    marked = f", 其中 {len(carried.to_check)} 人的个税累计数待核" if carried.to_check else ""
    sys.stdout.write(f"已写出 {out}: {len(carried.people['posts'])} 个任职{marked}\n")
