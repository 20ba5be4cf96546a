"""One table being read: its columns as they are parsed, and which of its rows have a bad cell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from domain.period import Period
from domain.problems import Problems
from engine.read.cells import Bad
from engine.read.columns import Array, Mask, objects
from engine.read.layout import Column, Table


@dataclass
class Rows:
    """One table being read: parsed columns by name, and which rows have a bad cell."""

    table: Table
    problems: Problems
    columns: dict[str, pd.Series[Any]] = field(init=False, default_factory=dict)
    bad: pd.Series[bool] = field(init=False)

    def __post_init__(self) -> None:
        self.bad = pd.Series(self.index.isin(self.table.merged), index=self.index)

    @property
    def index(self) -> pd.Index[int]:
        """The rows' own numbers."""
        return self.table.rows.index

    @property
    def frame(self) -> pd.DataFrame:
        """The columns there are by now as a frame."""
        return pd.DataFrame(self.columns, index=self.index)

    def put(self, role: str, values: Any) -> None:
        """A column of values, or of one value in every row."""
        self.columns[role] = pd.Series(values, index=self.index, dtype=object)

    def period_of_title(self, period: Period) -> str:
        """The period of a table without a column for it: what its title says, else `period`; what differs is told."""
        if other := self.table.named.differs(period):
            said = f"标题写的是{other}, 与所算期间 {period.title} 不符"
            remedy = f"标题写全数据的期间 ({period.title}), 或补上 期间 列"
            self.problems.add(self.table.sheet.where, "PERIOD", said, remedy)
        return self.table.named.period or str(period)

    def take(self, role: str, parse: Callable[[Any], Any], *, needed: bool = False) -> pd.Series[Any]:
        """One role's column parsed (blank everywhere if the table has no such column).

        needed: a blank cell is a problem.
        """
        column = self.table.columns.get(role)
        if column is None:
            self.put(role, [parse(None)] * len(self.index))
            return self.columns[role]
        values, at = self.parse(column, parse)
        self.columns[role], self.columns[f"{role}_at"] = values, at
        if needed:
            self.need(role)
        return self.columns[role]

    def need(self, role: str) -> None:
        """Blank cells of a role are problems."""
        blank = self.columns[role].map(lambda value: value is None or value == "") & ~self.bad
        for at in self.columns[f"{role}_at"][blank]:
            self.problems.add(at, "VALUE-MISSING", f"{self.table.forms.titles[role]} 没有填", "补填")
        self.bad |= blank

    def parse(self, column: Column, parse: Callable[[Any], Any]) -> tuple[pd.Series[Any], pd.Series[str]]:
        """One column parsed; bad cells become None, their rows are marked."""
        values, at, bad = self.read(column, parse)
        self.bad |= bad
        return pd.Series(values, index=self.index, dtype=object), pd.Series(at, index=self.index, dtype=object)

    def read(self, column: Column, parse: Callable[[Any], Any]) -> tuple[Array, Array, Mask]:
        """One column's values (bad cells None), where each stands, and which are bad, (rows,); bad ones are told."""
        raw = self.table.rows[column.position].tolist()
        at = self.table.at_column(column)
        texts = {cell: parse(cell) for cell in {cell for cell in raw if isinstance(cell, str)}}  # most repeat
        values = objects([texts[cell] if isinstance(cell, str) else parse(cell) for cell in raw])
        bad = np.array([isinstance(value, Bad) for value in values], dtype=bool)
        for row in np.flatnonzero(bad):
            fault = values[row]
            self.problems.add(at[row], fault.code, fault.message, fault.remedy)
            values[row] = None
        return values, objects(at), bad

    def refuse(
        self, role: str, mask: pd.Series[bool], code: str, tell: Callable[[Any], str], remedy: str, *, at: str = ""
    ) -> None:
        """A problem at the role's cell, or that of the role `at`, of every row in `mask` that is not bad already."""
        hit = mask & ~self.bad
        for place, value in zip(self.columns[f"{at or role}_at"][hit], self.columns[role][hit], strict=True):
            self.problems.add(place, code, tell(value), remedy)
        self.bad |= hit

    def good(self) -> pd.DataFrame:
        """The rows without a bad cell."""
        return self.frame[~self.bad]
