"""The quota ledger of a payment: what it charges in the approved total (绩效工资总量), and what the approval leaves.

Charged to the institution where the work was done, whoever pays, in the year of accrual, what is deferred included;
what is released of former years is not charged again. Source: contract of pay, From amount to person 8; MONEY, Two
ledgers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from allocation.context import added, amounts
from domain.facts import MoneyItem
from domain.money import format_yuan
from domain.pay import Pay, R
from domain.period import Period
from domain.problems import Refused
from domain.step import Phrase, Place, RunWarning, Step, Words
from engine.pay.result import Split, frame
from engine.run.quota_lines import PERMITS

APPROVED, PAID = "quota_approved", "quota_paid"
_ITEMS = {
    APPROVED: MoneyItem(code=APPROVED, title="核定绩效工资总量", reporter="", kind="approval"),
    PAID: MoneyItem(code=PAID, title="总量内已发与已承诺", reporter="", kind="stock"),
}
"""Of what was paid, the row of the period speaks, else that of the year: a payment may be the first of a year."""
WORDS: dict[str, Words | str] = {
    "quota": Words(
        "总量余额",
        "核定总量 + 调入 − 调出 − 已用 − 本次占用",
        {"approved": "核定总量", "moved_in": "调入", "moved_out": "调出", "before": "已用", "now": "本次占用"},
    ),
    "paid_untold": "{unit:where} 的资金表没有{period:period}的总量内已发与已承诺 (quota_paid), 以前占用的按 0 计",
}

Charges = Mapping[str, Mapping[str, int]]
"""Fen charged in the total, by unit and pool."""


@dataclass(frozen=True)
class RunLedger:
    """The table `quota` of the run whose amounts are paid, and the alliances whose pools gave to each unit."""

    table: pd.DataFrame
    alliances: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Approval:
    """What a unit may be paid in the total, in fen, and what of it is used already. exempt: why it has no quota."""

    unit: str
    document: str
    approved: int
    before: int
    scope: str = "member"
    moved_in: int = 0
    moved_out: int = 0
    exempt: str = ""
    documents: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()

    def left(self, now: int) -> int:
        """Fen left after a payment."""
        return self.approved + self.moved_in - self.moved_out - self.before - now

    def row(self, pool: str, before: int, now: int) -> tuple[object, ...]:
        """A row of the table `quota`."""
        left = 0 if self.exempt else self.left(now) + self.before - before
        moved = self.moved_in, self.moved_out
        return (self.document, self.scope, self.unit, pool, self.approved, before, now, left, *moved, self.exempt)


@dataclass(frozen=True)
class Used:
    """The table `quota` of a payment, with the story of each balance and what was taken for nothing."""

    table: pd.DataFrame
    steps: tuple[Step, ...] = ()
    warnings: tuple[RunWarning, ...] = ()


def quota(pay: Pay, made: Split, money: pd.DataFrame, run: RunLedger | None, period: Period) -> Used:
    """What a payment uses of the approvals.

    money: the rows of people's table that stand; run: the ledger of the run whose amounts are paid: its approvals are
    then the ones, each unit's and its alliance's, and what it charged for the pools paid here is not charged twice.
    Raises Refused: PAY-NO-QUOTA (a unit charged in the total without an approval that has a document), PAY-OVER-TOTAL.
    """
    charges = _charged(made.lines)
    units = sorted(set(made.units["unit_code"]) | set(charges))
    if run is not None:
        within_alliances(run, made)
        approvals, warnings = _of_run(run.table, made.units), list[RunWarning]()
    else:
        approvals, warnings = _of_people(money, units, period)
    return _used(approvals, units, charges, _order(pay), warnings)


def quota_after(
    old: pd.DataFrame, made: Split, money: pd.DataFrame, run: RunLedger | None, period: Period
) -> pd.DataFrame:
    """The ledger after a correction of signed differences, upon that of the old folder.

    money, run: as of `quota`, of the first payment: what approves a unit that was not written then, since its
    amount did not go round, and is now. Raises Refused as `quota`.
    """
    charges = _charged(made.lines)
    rows = old[old["pool"] == ""].to_dict("records")
    approvals = {one.unit: one for one in (_approval(row, str(period.year)) for row in rows)}
    unwritten = sorted(charges.keys() - approvals.keys())
    if run is not None:
        known = _of_run(run.table, made.units)
        approvals |= {unit: known[unit] for unit in unwritten if unit in known}
    else:
        approvals |= _of_people(money, unwritten, period)[0]
    units = sorted(approvals.keys() | charges.keys())
    return _used(approvals, units, charges, sorted({pool for one in charges.values() for pool in one}), []).table


def _charged(lines: pd.DataFrame) -> Charges:
    """What lines charge in the total, by the unit charged."""
    found: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    due = lines[(lines["component"] == "due") & (lines["in_total"] == "yes")]
    for unit, pool, fen in due[["charged_unit", "pool", "amount"]].itertuples(index=False, name=None):
        found[unit][pool] += fen
    return {unit: {pool: fen for pool, fen in of.items() if fen} for unit, of in found.items() if any(of.values())}


def _order(pay: Pay) -> list[str]:
    return [*pay.order, *sorted(set(pay.pools) - set(pay.order))]


def _of_people(
    money: pd.DataFrame, units: Iterable[str], period: Period
) -> tuple[dict[str, Approval], list[RunWarning]]:
    """The approvals of the year in people's table, and what was paid under them before the period's payment."""
    rows = money[money["item"].isin(list(_ITEMS))].fillna({"document": "", "note": ""})
    year = Period(period.year, "year", 1)
    approved = amounts(rows[rows["item"] == APPROVED], _ITEMS, year)
    paid = amounts(rows[rows["item"] == PAID], _ITEMS, period)
    found, warnings = dict[str, Approval](), list[RunWarning]()
    for unit in units:
        documented = [one for one in approved.get((unit, APPROVED), ()) if one.document.strip() and not one.lacking]
        whole, before = added(documented), added(paid.get((unit, PAID), ()))
        if whole is None:
            continue
        if before is None:
            said = Phrase(f"{__name__}:paid_untold", {"unit": unit, "period": str(period)})
            warnings.append(RunWarning("PAY-QUOTA-PAID", said, Place(unit=unit)))
        cells = (*whole.cells, *(before.cells if before else ()))
        used = before.fen if before else 0
        document = whole.document
        found[unit] = Approval(unit, document, whole.fen, used, documents=whole.documents, cells=cells)
    return found, warnings


def _of_run(ledger: pd.DataFrame, paid: pd.DataFrame) -> dict[str, Approval]:
    """The approvals of a run's ledger; of what it charged, the pools that are paid to people here come off."""
    here = _here(paid)
    others: defaultdict[str, int] = defaultdict(int)
    wholes = []
    for row in ledger[ledger["scope"] == "member"].to_dict("records"):
        if not row["pool"]:
            wholes.append(row)
        elif (row["unit_code"], row["pool"]) not in here:
            others[row["unit_code"]] += row["used_now"]
    found = {}
    for row in wholes:
        unit = row["unit_code"]
        found[unit] = _approval({**row, "used_now": others[unit]}, "quota.csv")
    return found


def within_alliances(run: RunLedger, made: Split) -> None:
    """Hold what is charged against the approvals of whole alliances: members together stay within them.

    made: all that the run's pools pay to people, corrections included. A unit of several alliances that is charged more
    than the run charged counts in each.
    Raises Refused (PAY-OVER-TOTAL).
    """
    charges, here, members = _charged(made.lines), _here(made.units), run.table[run.table["scope"] == "member"]
    more = {unit: sum(of.values()) for unit, of in charges.items()}
    for unit, pool, fen in members[["unit_code", "pool", "used_now"]].itertuples(index=False, name=None):
        if (unit, pool) in here:
            more[unit] = more.get(unit, 0) - int(fen)
    refused = []
    for row in run.table[run.table["scope"] == "alliance"].to_dict("records"):
        code = row["unit_code"]
        mine = {unit for unit in more if code in run.alliances.get(unit, ())}
        rest = int(row["approved"]) - int(row["used_before"]) - int(row["used_now"])
        left = rest - sum(more[unit] for unit in mine if more[unit] > 0 or len(run.alliances[unit]) == 1)
        now = sum(sum(charges.get(unit, {}).values()) for unit in mine)
        if left < 0 and now > 0:
            said = f"医联体 {code} 的成员本次占绩效工资总量 {format_yuan(now)} 元, 批复 {row['document']} 只余"
            refused.append(f"{said} {format_yuan(now + left)} 元; 先报批核增, 或核减发放额 (PAY-OVER-TOTAL)")
    if refused:
        raise Refused("\n".join(refused))


def _here(paid: pd.DataFrame) -> set[tuple[str, str]]:
    """The units and pools that are paid to people, as a run's ledger calls them."""
    return {(unit, PERMITS if pool == R else pool) for unit, pool in zip(paid["unit_code"], paid["pool"], strict=True)}


def _approval(row: Mapping[Any, Any], where: str) -> Approval:
    """A row of a ledger, after what it used."""
    fen = {name: int(row[name]) for name in ("approved", "used_before", "used_now", "moved_in", "moved_out")}
    used = fen["used_before"] + fen["used_now"]
    names = row["unit_code"], row["document"], fen["approved"], used, row["scope"]
    moved = fen["moved_in"], fen["moved_out"]
    return Approval(*names, *moved, row["exempt"], tuple(filter(None, [row["document"]])), (where,))


def _used(
    approvals: Mapping[str, Approval],
    units: Iterable[str],
    charges: Charges,
    order: Sequence[str],
    warnings: Sequence[RunWarning],
) -> Used:
    """The ledger: of each unit a row per pool, then the sum. Raises Refused with everything that stands against it."""
    rows, steps, refused = list[tuple[object, ...]](), list[Step](), list[str]()
    for unit in units:
        of, approval = charges.get(unit, {}), approvals.get(unit)
        now = sum(of.values())
        if approval is None:
            if of:
                refused.append(
                    f"{unit} 有 {format_yuan(now)} 元占绩效工资总量, 没有本年核定总量的批复文号 (PAY-NO-QUOTA)"
                )
            continue
        if approval.left(now) < 0 and not approval.exempt and now > 0:
            least = approval.approved + approval.moved_in - approval.moved_out - approval.before
            said = f"{unit} 本次占绩效工资总量 {format_yuan(now)} 元, 批复只余 {format_yuan(least)} 元"
            refused.append(f"{said}; 先报批核增, 或核减发放额 (PAY-OVER-TOTAL)")
        rows += _rows(approval, of, order)
        if not approval.exempt:
            steps.append(_step(approval, now))
    if refused:
        raise Refused("\n".join(refused))
    return Used(frame("quota", rows), tuple(steps), tuple(warnings))


def _rows(approval: Approval, of: Mapping[str, int], order: Sequence[str]) -> Iterator[tuple[object, ...]]:
    before = approval.before
    for pool in order:
        if pool in of:
            yield approval.row(pool, before, of[pool])
            before += of[pool]
    yield approval.row("", approval.before, sum(of.values()))


def _step(approval: Approval, now: int) -> Step:
    moved = {"moved_in": approval.moved_in, "moved_out": approval.moved_out}
    return Step(
        "quota",
        Place(unit=approval.unit, line="pay"),
        f"{__name__}:quota",
        approval.left(now),
        {
            "approved": approval.approved,
            **{name: fen for name, fen in moved.items() if fen},
            "before": approval.before,
            "now": now,
        },
        rule="quota",
        cites=approval.documents,
        cells=approval.cells,
    )
