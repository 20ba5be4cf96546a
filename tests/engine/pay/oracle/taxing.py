"""The section "Tax" of the contract: cumulative withholding, bonuses apart, labour; tables of the law typed in here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from .exact import fen, half_up
from .reading import Row

WAGES = ((36000, 3, 0), (144000, 10, 2520), (300000, 20, 16920), (420000, 25, 31920), (660000, 30, 52920),
         (960000, 35, 85920), (None, 45, 181920))  # fmt: skip
BONUS = ((3000, 3, 0), (12000, 10, 210), (25000, 20, 1410), (35000, 25, 2660), (55000, 30, 4410), (80000, 35, 7160),
         (None, 45, 15160))  # fmt: skip
LABOUR = ((20000, 20, 0), (50000, 30, 2000), (None, 40, 7000))
"""Up to so many yuan, percent, quick deduction in yuan. Labour: 预扣率表二."""
SUMS = ("income", "exempt", "special", "additional", "other", "relief")


@dataclass(frozen=True)
class Taxed:
    """One line of the tax table, in fen."""

    income: int
    cumulative_income: int
    basic: int
    taxable: int
    rate: int
    quick: int
    cumulative_tax: int
    withheld_before: int
    tax: int
    carried: int


def bracket(amount: Fraction, table: Iterable[tuple[int | None, int, int]]) -> tuple[int, int]:
    """Percent and quick deduction in fen of an amount in fen."""
    return next((rate, quick * 100) for upto, rate, quick in table if upto is None or amount <= upto * 100)


def by_table(taxable: int, of: Fraction, table: Iterable[tuple[int | None, int, int]]) -> tuple[int, int, int]:
    """Rate, quick deduction and tax of an amount, in the bracket of another."""
    rate, quick = bracket(of, table)
    return rate, quick, half_up(Fraction(taxable * rate, 100) - quick) if taxable > 0 else 0


def months_employed(start: str, end: str, month: str) -> int:
    """Months of the year of `month` that somebody was with this payer, up to it."""
    year, now = month[:4], int(month[5:])
    if end and end[:4] < month[:4]:
        return 0
    first = int(start[5:7]) if start[:4] == year else 1
    last = min(now, int(end[5:7])) if end and end[:4] == year else now
    return max(0, last - first + 1)


def basic_of(row: Row, month: str) -> int:
    """The basic deduction of the year so far, in fen."""
    if row["basic"] == "annual_60000":
        return 60000_00
    if row["basic"] == "first_job":
        return 5000_00 * int(month[5:])
    return 5000_00 * months_employed(row["employed_from"], row["employed_to"], month)


def withheld_so_far(sums: dict[str, int], basic: int, withheld_before: int) -> tuple[int, int, int, int, int, int]:
    """taxable, rate, quick, T, M and what is carried, of the year's sums."""
    taxable = sums["income"] - sums["exempt"] - sums["special"] - sums["additional"] - sums["other"] - basic
    rate, quick, tax = by_table(taxable, Fraction(taxable), WAGES)
    over = tax - sums["relief"] - withheld_before
    return taxable, rate, quick, tax, max(0, over), min(0, over)


def wages(row: Row, month: str, payment: int) -> Taxed:
    """A payment taxed by the payer's figures, which have this month's earlier payments in them."""
    sums = {name: fen(row[name]) for name in SUMS}
    sums["income"] += payment
    basic, before = basic_of(row, month), fen(row["withheld_before"])
    taxable, rate, quick, tax, month_s, carried = withheld_so_far(sums, basic, before)
    return Taxed(
        payment, sums["income"], basic, taxable, rate, quick, tax, before, month_s - fen(row["withheld_month"]), carried
    )


def month_before(row: Row, month: str) -> int:
    """What this month's earlier payments must have had withheld, by the figures given."""
    sums = {name: fen(row[name]) for name in SUMS}
    return withheld_so_far(sums, basic_of(row, month), fen(row["withheld_before"]))[4]


def labour(total: int, payment: int, taken: int) -> Taxed:
    """One of a month's labour payments, `total` with those before it, `taken` of which was withheld already.

    Nothing is carried over months: `withheld_before`, which is of earlier months, stays 0.
    """
    fee = 800_00 if total <= 4000_00 else half_up(Fraction(total, 5))
    taxable = total - fee
    rate, quick, tax = by_table(taxable, Fraction(taxable), LABOUR)
    return Taxed(payment, total, fee, taxable, rate, quick, tax, 0, tax - taken, 0)


def bonus_apart(payment: int) -> Taxed:
    """A year's bonus taxed apart."""
    rate, quick, tax = by_table(payment, Fraction(payment, 12), BONUS)
    return Taxed(payment, payment, 0, payment, rate, quick, tax, 0, tax, 0)
