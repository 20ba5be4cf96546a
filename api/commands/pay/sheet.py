"""`liangyun pay sheet`: the sheets of a payment, print-ready; or what somebody changed in such a workbook."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.commands.pay.asking import Folder
from api.commands.pay.exporting import Force, Some, Whose, known, said, with_people
from domain.problems import InputProblems, Problem
from engine.pay.exports.budget import read_budget
from engine.pay.exports.opened import of_units
from engine.pay.exports.sheets.book import persons_in, sheet_book
from engine.pay.exports.sheets.edited import check_edited
from engine.printing.files import check_out, ends_in, write_whole


def sheet(
    folder: Folder,
    *,
    people: Whose,
    unit: Some = None,
    budget: Annotated[
        Path | None, typer.Option("--budget", metavar="科目.yaml", help="拨付审批表的科目; 不写用内置示例")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="发放表.xlsx", help="写到哪里")] = None,
    check: Annotated[
        Path | None,
        typer.Option("--check", metavar="发放表.xlsx", help="不写文件, 逐格核对这个工作簿与发放结果是否一致"),
    ] = None,
    force: Force = False,
) -> None:
    """Write the sheets, or check a workbook against the payment."""
    if (out is None) == (check is None):
        raise InputProblems([Problem("--out", "USAGE", "--out 和 --check 写其中一个", "写出加 --out, 核对加 --check")])
    if out is not None:
        ends_in(out, ".xlsx")
        check_out(out, folder, people, force=force)
    paid, roster_of = with_people(folder, people)
    paid = of_units(paid, unit or ())
    made = sheet_book(paid, known(paid, roster_of, people, persons_in(paid)), read_budget(budget))
    if check is not None:
        check_edited(made, check)
        sys.stdout.write(f"{check} 与发放结果一致\n")
    if out is not None:
        write_whole(out, made)
        said(out)
