"""`liangyun pay taxform`: lists for the tax client, wages and labour apart."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.commands.pay.asking import Folder
from api.commands.pay.exporting import Force, Whose, known, said, with_people
from engine.pay.exports.layout import read_layout
from engine.pay.exports.opened import of_units
from engine.pay.exports.taxform import persons_taxed, tax_book
from engine.printing.files import check_out, ends_in, write_whole


def taxform(
    folder: Folder,
    *,
    people: Whose,
    unit: Annotated[list[str] | None, typer.Option("--unit", metavar="扣缴单位", help="只要这些扣缴单位的")] = None,
    wages: Annotated[str, typer.Option("--wages", metavar="格式", help="工资薪金的列 (YAML)")] = "tax-wages",
    labour: Annotated[str, typer.Option("--labour", metavar="格式", help="劳务报酬的列 (YAML)")] = "tax-labour",
    out: Annotated[Path, typer.Option("--out", metavar="申报.xlsx", help="写到哪里")],
    force: Force = False,
) -> None:
    """Write the lists."""
    ends_in(out, ".xlsx")
    check_out(out, folder, people, force=force)
    layouts = {
        "wages": read_layout(wages, "tax_wages").layout,
        "labour": read_layout(labour, "tax_labour").layout,
    }
    paid, roster_of = with_people(folder, people)
    paid = of_units(paid, unit or ())
    write_whole(out, tax_book(paid, known(paid, roster_of, people, persons_taxed(paid)), layouts))
    said(out)
