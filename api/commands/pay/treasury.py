"""`liangyun pay treasury`: 财政统发 and a draft of the vouchers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.commands.pay.asking import Folder
from api.commands.pay.exporting import Force, Some, Whose, known, said, with_people
from engine.pay.exports.budget import read_budget
from engine.pay.exports.layout import read_layout
from engine.pay.exports.opened import of_units
from engine.pay.exports.treasury import treasury_book
from engine.printing.files import check_out, ends_in, write_whole


def treasury(
    folder: Folder,
    *,
    people: Whose,
    unit: Some = None,
    layout: Annotated[str, typer.Option("--layout", metavar="格式", help="平台导入表的列 (YAML)")] = "treasury",
    budget: Annotated[Path | None, typer.Option("--budget", metavar="科目.yaml", help="科目; 不写用内置示例")] = None,
    out: Annotated[Path, typer.Option("--out", metavar="统发.xlsx", help="写到哪里")],
    force: Force = False,
) -> None:
    """Write the table and the draft."""
    ends_in(out, ".xlsx")
    check_out(out, folder, people, force=force)
    read, codes = read_layout(layout, "treasury").layout, read_budget(budget)
    paid, roster_of = with_people(folder, people)
    paid = of_units(paid, unit or ())
    roster = known(paid, roster_of, people, {str(code) for code in paid["payslips"]["person_code"]})
    write_whole(out, treasury_book(paid, roster, read, codes))
    said(out)
