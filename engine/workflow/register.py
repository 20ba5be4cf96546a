"""What the operator of the machine takes in: units, plans, working days; audited as `via: command`."""

from __future__ import annotations

from pathlib import Path

from domain.problems import InputProblems, Problem
from engine.storage.desk import open_desk
from engine.workflow.days import import_workdays
from engine.workflow.operations import opened, operator
from engine.workflow.policies import PolicyView, import_plan
from engine.workflow.units import Taken, import_register


def import_units(path: Path) -> Taken:
    """The register of a workbook or folder. Raises InputProblems, Refused."""
    _there(path)
    with opened() as store, open_desk(store, operator()) as desk:
        return import_register(desk, path)


def import_days(path: Path) -> int:
    """A table of working days; how many days. Raises InputProblems, Refused."""
    _there(path)
    with opened() as store, open_desk(store, operator()) as desk:
        return import_workdays(desk, path)


def import_policy(reference: str, *, publish: bool) -> PolicyView:
    """A plan with its packs and the catalogue. Raises InputProblems, Refused."""
    with opened() as store, open_desk(store, operator()) as desk:
        return import_plan(desk, reference, publish=publish)


def _there(path: Path) -> None:
    if not path.exists():
        raise InputProblems([Problem(str(path), "NO-FILE", "文件不存在", "核对路径")])
