"""`pay complete`: what could not be paid for want of data, with the same amounts, once they are there.

The new folder has lines, payslips, tax and batches of those persons alone; institutions' amounts, quota and deferred
balances were told in the folder that it completes, and are not told twice.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from domain.pay import Pay
from domain.period import Period
from domain.problems import InputProblems, Problem, Refused
from engine.folder.intact import intact
from engine.folder.output import INPUTS, PAYMENT, frame_of
from engine.folder.saved_inputs import saved_plan
from engine.folder.staging import staged
from engine.pay.folder.compute import TAX, Asked
from engine.pay.folder.done import Done, done
from engine.pay.folder.earlier import Earlier, earlier_payments, same_key
from engine.pay.folder.gather import BEFORE, first_inputs, keep_before, keep_people, people_in
from engine.pay.folder.key import pay_key
from engine.pay.folder.output import Origin, write_payment
from engine.pay.folder.saved import saved
from engine.pay.kinds import kinds_of
from engine.pay.people import People
from engine.pay.read.people import read_people
from engine.pay.reconciliation import reconcile
from engine.pay.result import TABLES, Payment, frame
from engine.pay.scheme import scheme_of
from engine.pay.slips import slips
from engine.pay.tax.tables import tax_tables

DONE = frozenset({"ok", "no_payment"})
_WHO = ["payer", "person_code", "kind"]


def pay_complete(old: Path, people: Path, out: Path, *, earlier: Iterable[Path] = ()) -> Done:
    """Pay what of the pay folder `old` is still open, and write the pay folder `out`.

    people: the tables with the data that were missing, nothing else is needed; earlier: folders in which some of it may
    stand already.
    Raises InputProblems (PAY-NOTHING-OPEN among them) and Refused (PAY-PAID, PAY-KEY).
    """
    key, manifest = pay_key(), intact(old, PAYMENT)
    same_key(manifest, key, old)
    period, month = Period.parse(str(manifest["period"])), str(manifest["month"])
    others = earlier_payments(earlier, key)
    with staged(out) as folder:
        inputs = folder / INPUTS
        inputs.mkdir()
        keep_before(old, inputs)
        configs, loaded = saved_plan(first_inputs(inputs), period)
        pay = scheme_of(loaded.plan)
        read = read_people(people, pay, period, month, catalogue=configs.catalogue, correcting=True)
        keep_people(read.people, key, inputs)
        shutil.copytree(inputs / BEFORE / INPUTS / TAX, inputs / TAX)
        payment = completed(inputs, Asked(period, month))
        _check_once(str(manifest["digest"]), payment, others)
        digests = tuple(one.digest for one in others)
        write_payment(payment, Origin(key.fingerprint, completes=str(manifest["digest"]), earlier=digests), folder)
    return done(payment, read)


def completed(inputs: Path, asked: Asked) -> Payment:
    """The payment of what the folder kept under inputs/before left open. Raises InputProblems."""
    part = inputs / BEFORE
    _, loaded = saved_plan(first_inputs(inputs), asked.period)
    pay, posts = scheme_of(loaded.plan), people_in(part / INPUTS)["posts"]  # what was wages stays wages
    people = People({**people_in(inputs).tables, "posts": posts})
    lines = _open(part, pay, posts)
    if lines.empty:
        problem = Problem(str(part.name), "PAY-NOTHING-OPEN", "没有因缺数据而未付的人", "不需要补付")
        raise InputProblems([problem])
    slipped = slips(pay, people, lines, asked.month, tax_tables(inputs / TAX))
    tables = {name: frame(name, []) for name in TABLES} | {
        "lines": lines,
        "payslips": slipped.payslips,
        "tax": slipped.tax,
        "current_account": slipped.current_account,
        "batches": slipped.batches,
    }
    tables["reconciliation"] = reconcile(tables, posts)
    return Payment(loaded.plan.id, str(asked.period), asked.month, tables, slipped.steps, slipped.warnings, {})


def _open(part: Path, pay: Pay, posts: pd.DataFrame) -> pd.DataFrame:
    """The lines of everybody whose payslip was neither paid nor empty, amounts in fen."""
    payslips, lines = saved(part, "payslips"), saved(part, "lines")
    left = {tuple(row) for row in payslips.loc[~payslips["status"].isin(DONE), _WHO].itertuples(index=False)}
    who = zip(lines["paid_through"], lines["person_code"], kinds_of(pay, posts, lines), strict=True)
    return lines[[one in left for one in who]].reset_index(drop=True)


def _check_once(old: str, payment: Payment, others: Iterable[Earlier]) -> None:
    """Refuse what an earlier completion of the same folder pays already (PAY-PAID)."""
    mine = set(payment.tables["payslips"][_WHO].itertuples(index=False, name=None))
    for one in others:
        if one.manifest.get("completes") == old:
            theirs = set(frame_of(one.folder, "payslips")[_WHO].itertuples(index=False, name=None))
            if both := sorted(mine & theirs):
                named = "、".join(person for _, person, _ in both)
                raise Refused(f"{named} 的未付款已在 {one.folder} 补付, 不重复发放 (PAY-PAID)")
