"""`liangyun pay audit`: what an auditor asks of one or several payments."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.commands.pay.exporting import Force, said
from api.console import print_json
from engine.pay.exports.audit.book import audit_book, audited
from engine.pay.exports.opened import joined, opened, people_of
from engine.pay.exports.register import register_now
from engine.printing.files import check_out, ends_in, write_whole


def audit(
    folders: Annotated[list[Path], typer.Argument(metavar="发放结果...", help="一个或几个发放文件夹, 例如全年的")],
    *,
    people: Annotated[
        Path | None, typer.Option("--people", metavar="人员", help="另查一号多人; 证件号码只显示首尾")
    ] = None,
    person: Annotated[str, typer.Option("--person", metavar="人员编号", help="个人全年只列这个人")] = "",
    out: Annotated[Path, typer.Option("--out", metavar="审计.xlsx", help="写到哪里")],
    force: Force = False,
    as_json: Annotated[bool, typer.Option("--json", help="发现以 JSON 输出")] = False,
) -> None:
    """Write the workbook and tell the findings."""
    ends_in(out, ".xlsx")
    check_out(out, *folders, *([people] if people else []), force=force)
    payments = [opened(folder) for folder in folders]
    read = people_of(payments[0], people) if people else None
    if read is not None and people is not None:
        there = {str(code) for code in read["people"]["person_code"]}
        for paid in payments:
            joined(paid, read, people, there & {str(code) for code in paid["lines"]["person_code"]})
    registers = [register_now(folder) for folder in folders]
    found = audited(payments, registers, read)
    write_whole(out, audit_book(payments, registers, read, found, person))
    if as_json:
        print_json({"findings": [vars(one) for one in found]})
        return
    for one in found:
        whose = " ".join(filter(None, (one.unit, one.person)))
        sys.stdout.write(f"{one.where}: {whose} {one.said} ({one.code})\n")
    said(out, f": {len(found)} 项发现")
