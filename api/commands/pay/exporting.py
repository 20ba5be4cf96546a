"""What the exports of a payment ask alike."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from domain.problems import InputProblems, Problem
from engine.pay.exports.opened import joined, opened, people_of
from engine.pay.exports.paid import Paid
from engine.pay.exports.roster import Roster
from engine.pay.people import People

Whose = Annotated[
    Path,
    typer.Option(
        "--people", metavar="人员", help="发放时的人员工作簿或文件夹: 姓名、证件号码、账号由它来, 按校验值核对"
    ),
]
Force = Annotated[bool, typer.Option("--force", help="覆盖已有的文件")]
Some = Annotated[list[str] | None, typer.Option("--unit", metavar="机构", help="只要这些机构的, 可写多次")]


def with_people(folder: Path, people: Path) -> tuple[Paid, People]:
    """A pay folder and PEOPLE. Raises InputProblems."""
    if not people.exists():
        raise InputProblems([Problem(str(people), "NO-FILE", "人员文件不存在", "核对路径")])
    paid = opened(folder)
    return paid, people_of(paid, people)


def known(paid: Paid, people: People, path: Path, codes: Iterable[str]) -> Roster:
    """Whose codes they are; tells how many could not be checked. Raises InputProblems and Refused."""
    found = joined(paid, people, path, codes)
    if unchecked := len(set(found.persons) - paid.checked):
        sys.stderr.write(f"警告: {unchecked} 人发放时没有证件号码, 身份没有核对 (PAY-ID)\n")
    return found


def parameters(given: Iterable[str]) -> Mapping[str, str]:
    """The words `NAME=VALUE` of `--set`. Raises InputProblems (USAGE)."""
    found = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name or not value:
            raise InputProblems([Problem("--set", "USAGE", f"{one} 不是 名称=值", "写成 --set agreement=00012")])
        found[name] = value
    return found


def said(out: Path, more: str = "") -> None:
    """Tell what was written."""
    sys.stdout.write(f"已写出 {out}{more}\n")


def warn(warnings: Iterable[str]) -> None:
    """Tell what the register of all folders has to say."""
    sys.stderr.writelines(f"警告: {one}\n" for one in warnings)
