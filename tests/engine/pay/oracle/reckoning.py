"""The whole of a payment by the contract alone: what it comes to, or why it is refused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from .correcting import correct, stood
from .dividing import Divided, Line, divide
from .exact import fen, written, yuan
from .paying import Paid, approvals, before, charged_without_approval, deferred, pay, quota, release
from .reading import Given, Tables

Table = dict[tuple[str, ...], tuple[str, ...]]
"""Rows by what names them, as texts."""


@dataclass
class Reckoned:
    """code: the exit code. why: what is refused. tables: every table of the folder, but for the batches' numbers."""

    code: int
    why: str = ""
    tables: dict[str, Table] = field(default_factory=dict)


def reckon(given: Given) -> Reckoned:
    """One payment."""
    divided = divide(given)
    release(given, divided)
    if charged_without_approval(given, divided):
        return Reckoned(4, "PAY-NO-QUOTA")
    if any(left < 0 for _, _, _, _, left in quota(given, divided).values()):
        return Reckoned(4, "PAY-OVER-TOTAL")
    paid = pay(given, divided)
    if any(slip.other and slip.payable - (slip.tax or 0) < slip.other for slip in paid.slips.values()):
        return Reckoned(2, "PAY-NET-NEGATIVE")
    return Reckoned(3 if divided.short else 0, "", tables_of(given, divided, paid))


def opt(amount: int | None) -> str:
    """Yuan, or an empty cell."""
    return "" if amount is None else yuan(amount)


def divided_tables(divided: Divided, documents: Mapping[tuple[str, str], str], case: str) -> dict[str, Table]:
    """units, teams and lines of one case, or of what is paid the first time."""
    units: Table = {}
    for (unit, pool), sums in divided.units.items():
        due = [line for line in divided.lines if (line.unit, line.pool, line.component) == (unit, pool, "due")]
        counted = sum(line.amount for line in due if line.in_total == "yes")
        outside = sum(line.amount for line in due if line.in_total != "yes")
        kept = sums["amount"] - sums["earmarks"] - sums["shared"]
        units[unit, pool, case] = (
            *(yuan(sums[one]) for one in ("amount", "earmarks", "shared")), yuan(kept), yuan(counted), yuan(outside),
            documents[unit, pool],
        )  # fmt: skip
    return {
        "units": units,
        "teams": {
            (*key, case): (written(weight), yuan(amount), held)
            for key, (weight, amount, held) in divided.teams.items()
        },
        "lines": {
            (one.unit, one.post, one.person, one.pool, one.item, one.component, case): (
                yuan(one.amount), one.unit, one.payer, one.in_total, one.document, one.held,
            )
            for one in divided.lines
        },
    }  # fmt: skip


def paid_tables(paid: Paid) -> dict[str, Table]:
    """What is paid of the lines."""
    waiting: Table = {
        key: (yuan(slip.payable), *[""] * 9) for key, slip in paid.slips.items() if slip.status.startswith("TAX-")
    }
    tables: dict[str, Table] = {
        "payslips": {
            key: (
                *(yuan(one) for one in (slip.gross, slip.deferred, slip.released, slip.up, slip.down, slip.payable)),
                opt(slip.tax), yuan(slip.other), opt(slip.net), slip.status,
            )
            for key, slip in paid.slips.items()
        },
        "tax": waiting
        | {
            key: (
                yuan(one.income), yuan(one.cumulative_income), yuan(one.basic), yuan(one.taxable), str(one.rate),
                *(yuan(each) for each in (one.quick, one.cumulative_tax, one.withheld_before, one.tax, one.carried)),
            )
            for key, one in paid.taxed.items()
        },
        "batches": {key: (yuan(amount),) for key, amount in paid.batches.items()},
        "current_account": {key: (yuan(amount),) for key, amount in paid.current.items()},
    }  # fmt: skip
    return tables


def tables_of(given: Given, divided: Divided, paid: Paid) -> dict[str, Table]:
    """The folder's tables."""
    return {
        **divided_tables(divided, divided.documents, ""),
        **paid_tables(paid),
        "deferred": {key: tuple(map(yuan, sums)) for key, sums in deferred(given, divided).items()},
        "quota": {key: (document, *map(yuan, sums)) for key, (document, *sums) in quota(given, divided).items()},
        "recovery": {},
        "reserves": {},
    }


def over_total(old: Given, changes: list[Line]) -> str:
    """Why what is charged more may not be: nothing approved, or beyond what the payment left; empty where it may."""
    known = approvals(old)
    left = {unit: fen(row["amount"]) - before(old).get(unit, 0) for unit, row in known.items()}
    for line in divide(old).lines:
        if (line.component, line.in_total) == ("due", "yes") and line.unit in left:
            left[line.unit] -= line.amount
    more: dict[str, int] = defaultdict(int)
    for line in changes:
        if (line.component, line.in_total) == ("due", "yes"):
            more[line.unit] += line.amount
    if any(amount and unit not in left for unit, amount in more.items()):
        return "PAY-NO-QUOTA"
    return "PAY-OVER-TOTAL" if any(amount > left[unit] for unit, amount in more.items() if amount) else ""


def deferred_after(old: Given, changes: list[Line]) -> Table:
    """The balances that a correction moves: from what the payment left, by what its lines add, release and forfeit."""
    rows: dict[tuple[str, str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for key, sums in deferred(old, stood(old)).items():
        rows[key][0] = sums[-1]
    years = {
        (row["unit_code"], row["person_code"], row["pool"]): row["accrual_year"]
        for row in old.of("deferred")
        if row["accrual_year"] < old.period[:4]
    }
    for line in changes:
        of = (line.unit, line.person, line.pool)
        if line.component == "deferred":
            rows[(*of, old.period[:4])][1] -= line.amount
        elif line.component in ("released", "forfeited"):
            rows[(*of, years[of])][2 if line.component == "released" else 3] += line.amount
    return {key: tuple(map(yuan, (*one, one[0] + one[1] - one[2] - one[3]))) for key, one in rows.items()}


def put_right(old: Given, brought: Tables, month: str) -> Reckoned:
    """The correction of a payment."""
    made = correct(old, brought, month)
    if refused := over_total(old, [line for change in made.changes for line in change.lines]):
        return Reckoned(4, refused)
    if made.why:
        return Reckoned(4, made.why)
    tables = paid_tables(made.paid)
    documents = divide(old).documents
    for change in made.changes:
        divided = Divided(change.units, change.teams, change.lines)
        for name, table in divided_tables(divided, documents, change.case).items():
            tables.setdefault(name, {}).update(table)
    tables["deferred"] = deferred_after(old, [line for change in made.changes for line in change.lines])
    tables["recovery"] = {(person,): tuple(map(yuan, sums)) for person, sums in made.recovery.items()}
    tables["reserves"] = {
        (name,): tuple(map(yuan, (opening, drawn, returned, opening - drawn + returned)))
        for name, (opening, drawn, returned) in made.reserves.items()
    }
    return Reckoned(3 if made.short else 0, "", tables)
