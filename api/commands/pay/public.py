"""`liangyun pay public`: names and totals per pool, for display inside the institution."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.commands.pay.asking import Folder
from api.commands.pay.exporting import Force, Some, Whose, known, said, with_people
from engine.pay.exports.opened import of_units
from engine.pay.exports.public import public_book
from engine.printing.files import check_out, ends_in, write_whole


def public(
    folder: Folder,
    *,
    people: Whose,
    unit: Some = None,
    out: Annotated[Path, typer.Option("--out", metavar="公示.xlsx", help="写到哪里")],
    force: Force = False,
) -> None:
    """Write the list."""
    ends_in(out, ".xlsx")
    check_out(out, folder, people, force=force)
    paid, roster_of = with_people(folder, people)
    paid = of_units(paid, unit or ())
    roster = known(paid, roster_of, people, {str(code) for code in paid["lines"]["person_code"]})
    write_whole(out, public_book(paid, roster))
    said(out)
