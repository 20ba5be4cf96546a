"""Income tax from file to file: a list of payments in, the same list with its tax out. Nothing else is needed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from domain.money import factor_text, format_yuan
from engine.pay.read.payments import read_payments
from engine.pay.result import TABLES
from engine.pay.tax.tables import tax_tables
from engine.pay.tax.withhold import tax
from engine.printing.files import check_out, ends_in, write_whole

_TEXTS = frozenset({"payer", "person_code", "month", "seq", "kind", "status"})


@dataclass(frozen=True)
class Listed:
    """What was written: lines, and in fen their income and tax."""

    lines: int
    income: int
    tax: int


def tax_of_list(path: Path, out: Path, *, force: bool = False) -> Listed:
    """Write the tax of the payments in `path` to `out` (CSV, UTF-8).

    Raises InputProblems with everything that is wrong; then nothing has been written.
    """
    ends_in(out, ".csv")
    check_out(out, path, force=force, earlier=_is_result)
    tables = tax_tables()
    lines = tax(read_payments(path, tables), tables)
    written = pd.DataFrame({name: _texts(name, lines[name]) for name in TABLES["tax"]})
    write_whole(out, written.to_csv(index=False, lineterminator="\n").encode())
    return Listed(len(lines), int(lines["income"].sum()), int(lines["tax"].sum()))


def _texts(name: str, column: pd.Series[Any]) -> list[str]:
    values = column.tolist()
    if name in _TEXTS:
        return list(map(str, values))
    return list(map(factor_text if name == "rate" else format_yuan, values))


def _is_result(path: Path) -> bool:
    """Whether a file is a result of this by its heading: a table carries no other mark."""
    with path.open("rb") as file:
        return file.readline(4096).decode(errors="replace").strip() == ",".join(TABLES["tax"])
