"""A payment out of what its folder keeps: the one way for `pay run`, `pay verify` and everything that asks again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from domain.pay import Pay
from domain.period import Period
from domain.plan import Plan
from domain.problems import InputProblems, Problem, Problems
from engine.folder.saved_inputs import saved_plan
from engine.pay.balances import balances
from engine.pay.folder.from_run import AMOUNTS, RUN, taken_from_run
from engine.pay.folder.gather import PEOPLE
from engine.pay.people import People
from engine.pay.quota import RunLedger, quota
from engine.pay.read.kept import from_tables
from engine.pay.reconciliation import reconcile
from engine.pay.result import Payment, Split, frame
from engine.pay.scheme import counted, scheme_of
from engine.pay.slips import slips
from engine.pay.split.split import split
from engine.pay.tax.tables import tax_tables

TAX = "tax"


@dataclass(frozen=True)
class Asked:
    """What is paid: of which period, in which month ("2026-10"), to which institutions (none: all with posts)."""

    period: Period
    month: str
    units: tuple[str, ...] = ()


@dataclass(frozen=True)
class Given:
    """What a payment stands on, as its inputs keep it. run_quota: of the run its amounts came from."""

    plan: Plan
    pay: Pay
    people: People
    amounts: pd.DataFrame
    run_quota: RunLedger | None


def given_in(inputs: Path, asked: Asked) -> Given:
    """What a payment's inputs hold. Raises InputProblems."""
    _, loaded = saved_plan(inputs, asked.period)
    plan, pay = loaded.plan, scheme_of(loaded.plan)
    people = from_tables(inputs / PEOPLE)
    problems = Problems()
    amounts, run_quota = amounts_in(inputs, people, plan, pay, asked, problems)
    if not len(amounts) and run_quota is None:
        said = f"没有 {asked.period} 的机构发放额, 也没有给 --run"
        problems.add("机构发放额", "PAY-NO-AMOUNTS", said, "填 机构发放额 表, 或写 --run 结果文件夹")
    problems.raise_if_any()
    return Given(plan, pay, people, _of(amounts, asked.units), run_quota)


def amounts_in(
    inputs: Path, people: People, plan: Plan, pay: Pay, asked: Asked, problems: Problems
) -> tuple[pd.DataFrame, RunLedger | None]:
    """The period's amounts of institutions, AMOUNTS, and the quota of the run they are of (None: of the table).

    Notes PAY-AMOUNTS-TWICE where the table and a run both have them. Raises InputProblems as `taken_from_run`.
    """
    stated = people["pay_amounts"]
    stated = stated.loc[stated["period"] == str(asked.period), list(AMOUNTS)]
    if not (inputs / RUN).is_dir():
        return stated, None
    if len(stated):
        said = "机构发放额表里有本期的数, 又给了 --run: 金额只从一处来"
        problems.add(str(stated["source"].iloc[0]), "PAY-AMOUNTS-TWICE", said, "删去一处")
    taken = taken_from_run(inputs, pay, plan.id, plan.region, asked.period)
    return taken.amounts, taken.quota


def _of(amounts: pd.DataFrame, units: Collection[str]) -> pd.DataFrame:
    return (amounts[amounts["unit_code"].isin(list(units))] if units else amounts).reset_index(drop=True)


def divided(given: Given, asked: Asked, *, upto: Literal["teams", "posts"] = "posts") -> Split:
    """Amounts divided among people, or only among teams. Raises InputProblems, among them PAY-NO-POSTS."""
    there = set(given.people["posts"]["unit_code"])
    without = [unit for unit in asked.units if unit not in there]
    if without:
        said = "点名要发的机构在任职表里没有一个任职"
        raise InputProblems(Problem(f"--unit {unit}", "PAY-NO-POSTS", said, "补任职表, 或去掉它") for unit in without)
    counts = counted(given.plan, given.pay)
    return split(given.pay, given.people, given.amounts, asked.period, counts, upto=upto)


def of_teams(inputs: Path, asked: Asked) -> Payment:
    """What institutions and teams have, of a folder's inputs; no person. Raises InputProblems."""
    given = given_in(inputs, asked)
    made = divided(given, asked, upto="teams")
    steps = tuple(step for step in made.steps if not step.place.post)
    tables = {"units": made.units, "teams": made.teams}
    return Payment(given.plan.id, str(asked.period), asked.month, tables, steps, made.warnings, made.unmet)


def paid(inputs: Path, asked: Asked) -> Payment:
    """The payment that a folder's inputs make. Raises InputProblems, Refused."""
    given = given_in(inputs, asked)
    made = divided(given, asked)
    used = quota(given.pay, made, given.people["money"], given.run_quota, asked.period)
    slipped = slips(given.pay, given.people, made.lines, asked.month, tax_tables(inputs / TAX))
    deferred = balances(given.pay, given.people, made.lines, asked.period)
    tables = {
        "units": made.units,
        "teams": made.teams,
        "lines": made.lines,
        "payslips": slipped.payslips,
        "tax": slipped.tax,
        "quota": used.table,
        "current_account": slipped.current_account,
        "deferred": deferred,
        "recovery": frame("recovery", []),
        "reserves": frame("reserves", []),
        "batches": slipped.batches,
    }
    tables["reconciliation"] = reconcile(tables, given.people["posts"])
    return Payment(
        given.plan.id,
        str(asked.period),
        asked.month,
        tables,
        (*made.steps, *used.steps, *slipped.steps),
        (*made.warnings, *used.warnings, *slipped.warnings),
        made.unmet,
    )
