"""What each payer pays each person: payslips, tax, what institutions owe each other, batches for the bank.

Source: contract of pay, Tax and DIR. What is paid to one person of one kind in the month by one payer is one payment.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pandas as pd

from domain.money import format_yuan
from domain.pay import Pay
from domain.period import Period
from domain.problems import InputProblems, Problem, Problems
from engine.pay.batches import batches_of
from engine.pay.kinds import LABOUR, WAGES, kinds_of
from engine.pay.people import People
from engine.pay.result import TABLES, Slips, frame
from engine.pay.tax.cumulative import Taxed, taxed_labour, taxed_wages
from engine.pay.tax.tables import Rules, TaxTables
from engine.pay.told import Slip, steps_of, warnings_of

OK, NO_PAYMENT = "ok", "no_payment"
NO_DATA, OTHER_PAYER, RESIDENCE = "TAX-NO-DATA", "TAX-OTHER-PAYER", "TAX-RESIDENCE"
PARTS = ("gross", "deferred", "released", "up", "down")
_KEY = ["payer", "person_code", "kind"]
_COMPONENTS = {"due": "gross", "deferred": "deferred", "released": "released"}


def slips(pay: Pay, people: People, lines: pd.DataFrame, month: str, tables: TaxTables) -> Slips:
    """What lines come to. month: of payment, "2026-10"; lines of a case go to what is paid more or taken back.

    Raises InputProblems where deductions are more than there is (PAY-NET-NEGATIVE), or no tax table holds (TAX-MONTH).
    """
    paid = _paid(pay, people["posts"], lines)
    of = Period.parse(month)
    rules = tables.of(of.year, of.start.month)
    if pay.tax.mode == "cumulative" and (rules.wages is None or rules.labour is None):
        raise InputProblems([Problem("--month", "TAX-MONTH", f"{month} 没有现行的税率表", "核对发放月份")])
    found = _statuses(pay, people, _summed(paid), paid, month, rules)
    found = _deducted(found, people["deductions"], month)
    taxed = _taxed(pay, people, found, month, tables)
    made = [_slip(row, taxed.get(at)) for at, row in enumerate(found.to_dict("records"))]
    _negative(made, people["deductions"], month)
    stated = [one for one in made if pay.tax.mode == "cumulative" and one.status != NO_PAYMENT]
    return Slips(
        frame("payslips", [_payslip(one, month) for one in made]),
        frame("tax", [_tax_line(one, month) for one in stated]),
        _current_account(paid),
        batches_of(pay, paid, made, month),
        steps_of(made, month, rules),
        warnings_of(made, _unused(found, people["deductions"], month)),
    )


def _paid(pay: Pay, posts: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """The lines that are paid, with payer, kind, and to which part of a payslip each goes."""
    paid = lines[lines["component"] != "forfeited"]
    paid = paid.assign(
        kind=kinds_of(pay, posts, paid), payer=paid["paid_through"], amount=paid["amount"].astype("int64")
    )
    ordinary = paid["case"] == ""
    together = paid.groupby([*_KEY, "case", "post_no", "pool"], sort=False)["amount"].transform("sum")
    of_case = (together >= 0).map({True: "up", False: "down"})
    return paid.assign(part=paid["component"].map(_COMPONENTS).where(ordinary, of_case))


def _summed(paid: pd.DataFrame) -> pd.DataFrame:
    """One row per payer, person and kind: the parts and `payable`, int fen."""
    parts = paid.pivot_table(index=_KEY, columns="part", values="amount", aggfunc="sum", fill_value=0)
    parts = parts.reindex(columns=list(PARTS), fill_value=0).astype("int64")
    return parts.assign(payable=parts.sum(axis=1)).reset_index()


def _statuses(
    pay: Pay, people: People, summed: pd.DataFrame, paid: pd.DataFrame, month: str, rules: Rules
) -> pd.DataFrame:
    """The rows with their status, and the place of their figures among tax_cumulative (None: there are none)."""
    cumulative = people["tax_cumulative"]
    of_month = cumulative[cumulative["month"] == month]
    figures = {(row.payer, row.person_code): row.Index for row in of_month.itertuples()}
    id_types = dict(zip(people["people"]["person_code"], people["people"]["id_type"], strict=True))
    own = set(paid.loc[paid["unit_code"] == paid["payer"], _KEY].itertuples(index=False, name=None))

    def status(row: Any) -> str:
        key = (row.payer, row.person_code, row.kind)
        if row.payable <= 0:
            return NO_PAYMENT
        if pay.tax.mode == "elsewhere":
            return OK
        if id_types.get(row.person_code) not in rules.id_types:
            return RESIDENCE
        if row.kind == LABOUR or key[:2] in figures:
            return OK
        return NO_DATA if key in own else OTHER_PAYER

    rows = list(summed.itertuples(index=False))
    at = [figures.get((row.payer, row.person_code)) if row.kind == WAGES else None for row in rows]
    return summed.assign(status=pd.Series(list(map(status, rows)), dtype=object), figures=pd.Series(at, dtype=object))


def _deducted(found: pd.DataFrame, deductions: pd.DataFrame, month: str) -> pd.DataFrame:
    """The rows with `other`: what is taken off besides tax, once per payer and person: of wages before labour."""
    of_month = deductions[deductions["month"] == month]
    sums = of_month.groupby(["payer", "person_code"])["amount"].sum().to_dict()
    left = {key: int(fen) for key, fen in sums.items()}
    order = found.assign(nothing=found["status"] == NO_PAYMENT, later=found["kind"] != WAGES)
    taken = {}
    for row in order.sort_values(["nothing", "later"], kind="stable").itertuples():
        taken[row.Index] = left.pop((row.payer, row.person_code), 0)
    return found.assign(other=pd.Series(taken, dtype="int64").reindex(found.index))


def _taxed(
    pay: Pay, people: People, found: pd.DataFrame, month: str, tables: TaxTables
) -> Mapping[int, tuple[Mapping[str, Any], int, int, str]]:
    """Of each row whose tax is reckoned here, by its place: numbers of TAX, relief, withheld this month, source."""
    if pay.tax.mode == "elsewhere":
        return {}
    made: dict[int, tuple[Mapping[str, Any], int, int, str]] = {}

    def keep(rows: pd.DataFrame, taxed: Taxed, sources: list[str]) -> None:
        each = zip(rows.index, taxed.numbers.to_dict("records"), taxed.relief, taxed.earlier, sources, strict=True)
        for at, numbers, relief, earlier, source in each:
            made[int(at)] = ({str(name): one for name, one in numbers.items()}, relief, earlier, source)

    mine = found[found["status"] == OK]
    wages, labour = mine[mine["kind"] == WAGES], mine[mine["kind"] == LABOUR]
    if len(wages):
        figures = people["tax_cumulative"].loc[list(wages["figures"])]
        keep(wages, taxed_wages(figures, wages["payable"].tolist(), month, tables), figures["source"].tolist())
    if len(labour):
        keep(labour, taxed_labour(labour, month, tables), [""] * len(labour))
    return made


def _slip(row: Mapping[Any, Any], taxed: tuple[Mapping[str, Any], int, int, str] | None) -> Slip:
    numbers, relief, earlier, source = taxed or ({}, 0, 0, "")
    parts = {name: int(row[name]) for name in PARTS}
    status, payable, other = str(row["status"]), int(row["payable"]), int(row["other"])
    tax = int(numbers["tax"]) if numbers else 0 if status == NO_PAYMENT else None
    if status == NO_PAYMENT:
        net: int | None = -other  # 0, or more is deducted than there is
    else:
        net = payable - (tax or 0) - other if status == OK else None
    who = (str(row["payer"]), str(row["person_code"]), str(row["kind"]))
    return Slip(*who, parts, payable, tax, other, net, status, numbers, relief, earlier, source)


def _negative(made: list[Slip], deductions: pd.DataFrame, month: str) -> None:
    """Refuse every payslip that would come to less than nothing, at what is deducted."""
    of_month = deductions[deductions["month"] == month]
    places = dict(zip(zip(of_month["payer"], of_month["person_code"], strict=True), of_month["source"], strict=True))
    problems = Problems()
    for one in made:
        left = one.payable - (one.tax or 0) - one.other if one.status != NO_PAYMENT else -one.other
        if left < 0:
            where = str(places.get((one.payer, one.person), f"{one.payer}/{one.person}"))
            said = f"应发 {format_yuan(max(one.payable, 0))} 元, 扣个税和代扣后为 {format_yuan(left)} 元"
            problems.add(where, "PAY-NET-NEGATIVE", said, "减少本次代扣, 不足部分下次扣或另行收取")
    problems.raise_if_any()


def _payslip(one: Slip, month: str) -> tuple[object, ...]:
    parts = (one.parts[name] for name in PARTS)
    return (month, one.payer, one.person, one.kind, *parts, one.payable, one.tax, one.other, one.net, one.status)


def _tax_line(one: Slip, month: str) -> tuple[object, ...]:
    known = {"payer": one.payer, "person_code": one.person, "month": month, "seq": 1, "kind": one.kind}
    known |= {"income": one.payable, "status": one.status}
    numbers = {name: each if isinstance(each, Fraction) else int(each) for name, each in one.numbers.items()}
    return tuple((numbers | known).get(name) for name in TABLES["tax"])


def _current_account(paid: pd.DataFrame) -> pd.DataFrame:
    """What the institution charged owes to the one that pays for it, by pool."""
    away = paid[paid["charged_unit"] != paid["payer"]]
    sums = away.groupby(["charged_unit", "payer", "pool"], sort=True)["amount"].sum().reset_index()
    rows = sums.itertuples(index=False, name=None)
    return frame("current_account", [(*key, int(fen)) for *key, fen in rows if fen])


def _unused(found: pd.DataFrame, deductions: pd.DataFrame, month: str) -> list[tuple[str, str]]:
    """Payer and person of deductions of whom this payment has no payslip."""
    of_month = deductions[deductions["month"] == month]
    known = set(zip(found["payer"], found["person_code"], strict=True))
    return sorted(set(zip(of_month["payer"], of_month["person_code"], strict=True)) - known)
