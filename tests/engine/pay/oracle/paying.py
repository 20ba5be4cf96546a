"""What follows of the lines: payslips, tax, batches, transfers between institutions, deferred pay, the quota."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from .dividing import Divided, Line, Period
from .exact import fen, half_up
from .reading import Given, Row
from .taxing import Taxed, labour, wages

Key = tuple[str, str, str]
"""Payer, person, kind of tax."""
RESIDENT = "居民身份证"


@dataclass(frozen=True)
class Slip:
    """One payslip, in fen; tax and net are None while the tax is not known."""

    gross: int
    deferred: int
    released: int
    up: int
    down: int
    payable: int
    tax: int | None
    other: int
    net: int | None
    status: str


@dataclass
class Paid:
    """Slips and tax by payer, person and kind; batches by source, payer, kind and person."""

    slips: dict[Key, Slip] = field(default_factory=dict)
    taxed: dict[Key, Taxed] = field(default_factory=dict)
    batches: dict[tuple[str, str, str, str, str], int] = field(default_factory=dict)
    current: dict[tuple[str, ...], int] = field(default_factory=dict)


def component(lines: Iterable[Line], name: str) -> int:
    """The sum of one component."""
    return sum(line.amount for line in lines if line.component == name)


def payable(line: Line) -> bool:
    """Whether a line changes what is paid now."""
    return line.component != "forfeited"


def status_of(given: Given, key: Key, lines: list[Line], known: Row | None) -> str:
    """ok, or what keeps the tax from being reckoned."""
    payer, person, kind = key
    who = next(row for row in given.of("people") if row["person_code"] == person)
    if who["id_type"] != RESIDENT:
        return "TAX-RESIDENCE"
    if kind == "wages" and known is None:
        return "TAX-OTHER-PAYER" if all(line.unit != payer for line in lines) else "TAX-NO-DATA"
    return "ok"


def pay(given: Given, divided: Divided, changes: Mapping[Key, tuple[int, int]] | None = None) -> Paid:
    """Everything that is paid of these lines; changes: of a correction, what goes up and down."""
    made, by = Paid(), defaultdict[Key, list[Line]](list)
    for line in filter(payable, divided.lines):
        by[line.payer, line.person, line.kind].append(line)
    figures = {(row["payer"], row["person_code"]): row for row in given.of("tax_cumulative")}
    kept: dict[tuple[str, str], int] = defaultdict(int)
    for row in given.of("deductions"):
        kept[row["payer"], row["person_code"]] += fen(row["amount"])
    for key, lines in sorted(by.items()):
        total = sum(line.amount for line in lines)
        tax: int | None
        net: int | None
        known = figures.get(key[:2])
        first = "wages" if (*key[:2], "wages") in by else "labour"
        other = kept[key[:2]] if key[2] == first else 0
        if total <= 0:
            status, tax, net = "no_payment", 0, min(0, total - other if other else 0)
        elif given.pay["tax"]["mode"] == "elsewhere":
            status, tax, net = "ok", None, total - other
        elif (status := status_of(given, key, lines, known)) != "ok":
            tax = net = None
        else:
            taxed = labour(total, total, 0) if known is None or key[2] == "labour" else wages(known, given.month, total)
            made.taxed[key] = taxed
            tax, net = taxed.tax, total - taxed.tax - other
        gross, later, released = (component(lines, name) for name in ("due", "deferred", "released"))
        up = down = 0
        if changes is not None:
            gross = later = released = 0
            up, down = changes[key]
        made.slips[key] = Slip(gross, later, released, up, down, total, tax, other, net, status)
        if status == "ok":
            _batch(given, made, key, lines, (tax or 0) + other)
    _current(made, divided.lines)
    return made


def _batch(given: Given, made: Paid, key: Key, lines: list[Line], off: int) -> None:
    """One person's net by source: tax and deductions come off the pools in their order."""
    payer, person, kind = key
    order = given.pay.get("order", [])
    parts: dict[tuple[str, str], int] = defaultdict(int)
    for line in lines:
        parts[line.pool, line.document] += line.amount
    off -= sum(one for one in parts.values() if one < 0)  # what one pool takes back the others pay less
    for source in sorted(parts, key=lambda one: (order.index(one[0]), one[1])):
        less = min(off, max(0, parts[source]))
        off -= less
        if parts[source] > less:
            made.batches[(*source, payer, kind, person)] = parts[source] - less


def _current(made: Paid, lines: list[Line]) -> None:
    sums: dict[tuple[str, ...], int] = defaultdict(int)
    for line in lines:
        if payable(line) and line.unit != line.payer:
            sums[line.unit, line.payer, line.pool] += line.amount
    made.current = {key: amount for key, amount in sums.items() if amount}


def release(given: Given, divided: Divided) -> None:
    """Lines of deferred pay of earlier years that is due now, and of what is not due any more."""
    period = Period(given)
    for row in given.of("deferred"):
        unit, person, pool = row["unit_code"], row["person_code"], row["pool"]
        rule = given.pay["pools"][pool].get("defer") or {}
        if "release" not in rule or row["accrual_year"] >= given.period[:4] or (unit, pool) not in divided.units:
            continue
        posts = [one for one in period.posts if (one["unit_code"], one["person_code"]) == (unit, person)]
        of_none = {"post_no": "", "paid_through": unit, "tax_kind": "wages"}
        post = min(posts, key=lambda one: one["post_no"], default=of_none)
        balance = fen(row["balance"])
        paid = half_up(balance * Fraction(rule["release"]))
        for name, amount in (("released", paid), ("forfeited", balance - paid)):
            if amount:
                counted, document = given.pay["pools"][pool].get("in_total", "yes"), divided.documents[unit, pool]
                divided.lines.append(
                    Line(unit, post["post_no"], person, pool, "points", name, amount, post["paid_through"], counted,
                         document, "", post["tax_kind"])
                )  # fmt: skip


def deferred(given: Given, divided: Divided) -> dict[tuple[str, str, str, str], tuple[int, int, int, int, int]]:
    """opening, added, released, forfeited, closing by unit, person, pool and year of accrual."""
    rows: dict[tuple[str, str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for row in given.of("deferred"):
        rows[row["unit_code"], row["person_code"], row["pool"], row["accrual_year"]][0] += fen(row["balance"])
    for line in divided.lines:
        key = (line.unit, line.person, line.pool)
        if line.component == "deferred":
            rows[(*key, given.period[:4])][1] -= line.amount
        elif line.component in ("released", "forfeited"):
            year = next(
                row["accrual_year"]
                for row in given.of("deferred")
                if (row["unit_code"], row["person_code"], row["pool"]) == key and row["accrual_year"] < given.period[:4]
            )
            rows[(*key, year)][2 if line.component == "released" else 3] += line.amount
    return {key: (one[0], one[1], one[2], one[3], one[0] + one[1] - one[2] - one[3]) for key, one in rows.items()}


def approvals(given: Given) -> dict[str, Row]:
    """The approval of the year by unit."""
    return {
        row["unit_code"]: row
        for row in given.of("money")
        if row["item"] == "quota_approved" and row["period"] == given.period[:4]
    }


def before(given: Given) -> dict[str, int]:
    """What was paid in the total before, by unit."""
    return {
        row["unit_code"]: fen(row["amount"])
        for row in given.of("money")
        if row["item"] == "quota_paid" and row["period"] == given.period
    }


def quota(given: Given, divided: Divided) -> dict[tuple[str, str], tuple[str, int, int, int, int]]:
    """document, approved, used before, used now and left by unit and pool ("": the sum) of what counts in the total."""
    paid_before = before(given)
    rows: dict[tuple[str, str], tuple[str, int, int, int, int]] = {}
    for unit, row in approvals(given).items():
        used, whole, now = paid_before.get(unit, 0), fen(row["amount"]), 0
        for pool in given.pay.get("order", []):
            taken = sum(
                line.amount
                for line in divided.lines
                if (line.unit, line.pool, line.component, line.in_total) == (unit, pool, "due", "yes")
            )
            if taken:
                rows[unit, pool] = row["document"], whole, used + now, taken, whole - used - now - taken
            now += taken
        if now:
            rows[unit, ""] = row["document"], whole, used, now, whole - used - now
    return rows


def charged_without_approval(given: Given, divided: Divided) -> bool:
    """Whether something counts in a total that nobody approved."""
    known = approvals(given)
    return any(
        line.in_total == "yes" and line.component == "due" and line.amount and line.unit not in known
        for line in divided.lines
    )
