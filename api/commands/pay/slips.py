"""`liangyun pay slips`: each person's own slip as PDF."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.commands.pay.asking import Folder
from api.commands.pay.exporting import Force, Some, Whose, known, said, with_people
from domain.problems import InputProblems, Problem
from engine.pay.exports.opened import of_units
from engine.pay.exports.slips import slip_pdfs, slips_pdf
from engine.printing.files import check_apart, check_out, write_whole, writing_to
from engine.printing.system import made_private


def slips(
    folder: Folder,
    *,
    people: Whose,
    unit: Some = None,
    out: Annotated[
        Path,
        typer.Option(
            "--out", metavar="工资条.pdf", help="全部印在一个 .pdf 里; 写文件夹则每人一个文件, 以人员编号为名"
        ),
    ],
    force: Force = False,
) -> None:
    """Write the slips."""
    together = out.suffix.lower() == ".pdf"
    if together:
        check_out(out, folder, people, force=force)
    else:
        check_apart(out, folder, people)
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise InputProblems([Problem(str(out), "OUT-EXISTS", "已存在且不是空文件夹, 不覆盖", "换一个文件夹名")])
    paid, roster_of = with_people(folder, people)
    paid = of_units(paid, unit or ())
    roster = known(paid, roster_of, people, {str(code) for code in paid["payslips"]["person_code"]})
    if together:
        write_whole(out, slips_pdf(paid, roster))
        persons = paid["payslips"]["person_code"].nunique()
        more = ": 由几个单位发放的、兼有劳务费的各一条" if persons != len(paid["payslips"]) else ""
        said(out, f" ({persons} 人, {len(paid['payslips'])} 条{more})")
        return
    made = slip_pdfs(paid, roster)
    with writing_to(out), made_private():
        out.mkdir(parents=True, exist_ok=True)
    for code, content in made.items():
        write_whole(out / f"{code}.pdf", content)
    said(out, f" ({len(made)} 人)")
