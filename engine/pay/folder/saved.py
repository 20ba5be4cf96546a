"""The tables of a pay folder, typed again as they were computed: money in fen, everything else as it stands."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from domain.money import parse_yuan
from engine.folder.output import frame_of

_MONEY = frozenset(
    {
        *("amount", "earmarks", "shared", "kept", "outside"),
        *("gross", "deferred", "released", "up", "down", "payable", "tax", "other", "net"),
        *("opening", "added", "forfeited", "closing", "drawn", "returned"),
        *("approved", "used_before", "used_now", "left", "moved_in", "moved_out"),
    }
)


def saved(folder: Path, table: str) -> pd.DataFrame:
    """A table of a pay folder, object columns; None where an amount was not known. Raises MoneyError, OSError."""
    read = frame_of(folder, table)
    money = {name: [parse_yuan(cell) if cell else None for cell in read[name]] for name in read if name in _MONEY}
    if table == "units":
        money["in_total"] = [parse_yuan(cell) for cell in read["in_total"]]
    made: pd.DataFrame = read.astype(object)
    for name, cells in money.items():
        made[name] = pd.Series(cells, index=made.index, dtype=object)
    return made
