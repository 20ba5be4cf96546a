"""What a payer has withheld of each person up to now (`tax_cumulative`), and what it withholds of one payment more.

Of each row three payments are made up: what was withheld up to the month before, this month's earlier payments with all
sums of the year, and the payment of this folder. So the rule stands in one place, and says as well what this month's
earlier payments must have withheld. Source: contract of pay, Tax.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from domain.money import format_yuan
from domain.problems import Problems
from engine.pay.tax.checks import check
from engine.pay.tax.payments import MONEY, PAYMENTS, payments_of
from engine.pay.tax.tables import TaxTables, tax_tables
from engine.pay.tax.withhold import withheld

_SUMS = ("income", "exempt", "special", "additional", "other", "relief")
_SAME = ("basic", "employed_from", "employed_to")
_TURNS = 3


@dataclass(frozen=True)
class Taxed:
    """What is withheld of payments: columns of TAX as int fen (`rate` a Fraction in percent), one row per payment.

    relief: of the year so far; earlier: what this month's earlier payments withheld.
    """

    numbers: pd.DataFrame
    relief: list[int]
    earlier: list[int]


def taxed_wages(rows: pd.DataFrame, payable: list[int], month: str, tables: TaxTables) -> Taxed:
    """The tax of one payment more of each row of tax_cumulative. payable: fen, per row."""
    found = _found(_made(rows, payable, month), tables)
    earlier = found["tax"].to_numpy()[1::_TURNS].tolist()
    numbers = found.iloc[2::_TURNS].reset_index(drop=True)
    return Taxed(numbers, [_fen(one) for one in rows["relief"]], earlier)


def taxed_labour(rows: pd.DataFrame, month: str, tables: TaxTables) -> Taxed:
    """The tax of one payment of labour of each row. rows: payer, person_code, payable (fen)."""
    columns = {"payer": rows["payer"].tolist(), "person_code": rows["person_code"].tolist()}
    made = _frame({**columns, "income": rows["payable"].tolist(), "kind": "labour", "month": month, "seq": 1})
    return Taxed(_found(made, tables), [0] * len(rows), [0] * len(rows))


def check_cumulative(
    rows: pd.DataFrame,
    month: str,
    problems: Problems,
    *,
    residents: Collection[str] | None = None,
    tables: TaxTables | None = None,
) -> None:
    """Note what is wrong with rows of tax_cumulative: TAX-MONTH, TAX-METHOD, TAX-WITHHELD, dates, at their cells.

    rows: with `COLUMN_at` where cells are known, else at `source`. month: of the payment. residents: the persons whose
    tax goes by these rules (None: all).
    """
    dated = tax_tables() if tables is None else tables
    for at, row in zip(rows.index, rows.to_dict("records"), strict=True):
        if row["month"] != month:
            said = f"累计数是 {row['month']} 的, 本次发放月份是 {month}"
            problems.add(_place(rows, at, "month"), "TAX-MONTH", said, "换成发放当月的累计数, 或改 --month")
    mine = rows[rows["month"] == month]
    mine = mine if residents is None else mine[mine["person_code"].isin(list(residents))]
    if mine.empty:
        return
    mine = mine.drop_duplicates(["payer", "person_code"])  # who stands twice is told by who reads the table
    made = _made(mine, [0] * len(mine), month)
    earlier = made.iloc[1::_TURNS].reset_index(drop=True)
    columns = {**{name: name for name in (*_SUMS, *_SAME)}, "withheld": "withheld_before"}
    places = {f"{own}_at": _places(mine, name) for own, name in columns.items()}
    told = len(problems.found)
    check(earlier.assign(**places), payments_of(earlier), dated, problems)
    wrong = {problem.where for problem in problems.found[told:]}
    due = _found(made, dated)["tax"].to_numpy()[1::_TURNS].tolist()
    for at, row, fen, *own in zip(mine.index, mine.to_dict("records"), due, *places.values(), strict=True):
        if _fen(row["withheld_month"]) != fen and wrong.isdisjoint(own):
            said = f"本月已预扣 {format_yuan(_fen(row['withheld_month']))} 元, 按累计数应为 {format_yuan(fen)} 元"
            remedy = "核对累计数和两个已预扣数: 累计数含本月此前发放的, 上月止已预扣不含"
            problems.add(_place(mine, at, "withheld_month"), "TAX-WITHHELD", said, remedy)


def _made(rows: pd.DataFrame, payable: list[int], month: str) -> pd.DataFrame:
    """Three payments of each row: opening, this month's earlier ones with the sums of the year, this one."""
    each = np.repeat(np.arange(len(rows)), _TURNS)
    turn = np.tile(np.arange(_TURNS), len(rows))
    taken = rows.iloc[each]
    made: dict[str, Any] = {name: taken[name].to_numpy(dtype=object) for name in ("payer", "person_code", *_SAME)}
    made |= {name: np.where(turn == 1, [_fen(one) for one in taken[name]], 0) for name in _SUMS}
    made["income"] = np.where(turn == 2, np.array(payable, dtype=np.int64)[each], made["income"])
    made["withheld"] = np.where(turn == 0, [_fen(one) for one in taken["withheld_before"]], 0)
    made |= {"kind": np.where(turn == 0, "opening", "wages").astype(object), "month": month, "seq": turn}
    return _frame(made)


def _frame(columns: Mapping[str, Any]) -> pd.DataFrame:
    usual: dict[str, Any] = {name: 0 if name in MONEY else "" for name in PAYMENTS} | dict.fromkeys(_SAME[1:])
    rows = len(columns["payer"])
    made = {name: pd.Series(columns.get(name, usual[name]), index=range(rows), dtype=object) for name in PAYMENTS}
    return pd.DataFrame(made)


def _found(payments: pd.DataFrame, tables: TaxTables) -> pd.DataFrame:
    """The numbers of TAX in the order of the list."""
    rows = payments_of(payments)
    return pd.DataFrame(withheld(rows, tables), index=rows.at).sort_index().reset_index(drop=True)


def _fen(amount: Any) -> int:
    return 0 if amount is None or pd.isna(amount) else int(amount)


def _place(rows: pd.DataFrame, at: Any, column: str) -> str:
    return _places(rows.loc[[at]], column)[0]


def _places(rows: pd.DataFrame, column: str) -> list[str]:
    """Where the cells of a column stand, the row's own place where they are not known."""
    named = f"{column}_at"
    cells = zip(rows[named] if named in rows else rows["source"], rows["source"], strict=True)
    return [str(cell if isinstance(cell, str) else row) for cell, row in cells]
