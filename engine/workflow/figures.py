"""What was filled in as data: one row of a table as a `Figure`, to be stored, corrected and written again.

The texts of a figure are what the reader takes back unchanged: numbers without thousands, yuan with two decimals, a
percentage that could be a share with its sign. Tables of more than one value a row hold them as JSON in `value`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, get_args

import pandas as pd

from domain.documents import WORDS, read_word
from domain.facts import FACTS, INSTITUTIONS, MEMBERSHIPS, MONEY, Catalogue, Facts
from domain.money import format_yuan
from engine.read.cells import LONGEST_PLACE
from engine.read.csv_text import plain
from engine.read.files import Sheet, sheet_of

TableName = Literal["institutions", "memberships", "facts", "money", "diseases", "completions"]
TABLES: tuple[TableName, ...] = get_args(TableName)
COLUMNS: dict[TableName, tuple[str, ...]] = {
    "institutions": tuple("place" if name == "source" else name for name in INSTITUTIONS),
    "memberships": ("unit_code", "alliance_code", "from", "to", "place"),
    "facts": ("period", "unit_code", "metric", "value", "note", "place"),
    "money": ("period", "unit_code", "item", "amount", "document", "word", "note", "place"),
    "diseases": ("period", "unit_code", "disease", "disease_name", "outbound", "cases", "place"),
    "completions": ("entry", "unit_code", "completed_on", "progress", "evidence", "note", "place"),
}
_CODE = {
    "memberships": "alliance_code",
    "facts": "metric",
    "money": "item",
    "diseases": "disease",
    "completions": "entry",
}
_VALUE = {"facts": "value", "money": "amount"}
LONGEST_CELL = LONGEST_PLACE * 2 // 3
"""Of a place, what the cell itself may take; the rest is for who corrected it."""


@dataclass(frozen=True)
class Figure:
    """One row of a table.

    unit, period, code: whose, of when, what (metric, item, alliance, disease, entry; "" where the table has none).
    value: as text; "" a cell that was left empty. word: 口径 as written. place: "file sheet!cell" where it was filled
    in, and after it who corrected it, when, and what stood there.
    """

    table: TableName
    unit: str
    period: str
    code: str
    value: str
    document: str = ""
    word: str = ""
    note: str = ""
    place: str = ""

    @property
    def key(self) -> tuple[str, ...] | None:
        """What may stand once in a dataset; None of what takes back (冲销), which may stand again."""
        said = read_word(self.word)
        if said is not None and said.word == "reversal":
            return None
        many = self.value if self.table in {"memberships", "completions"} else ""
        return self.table, self.unit, self.period, self.code, self.document, many

    def cells(self) -> dict[str, str]:
        """The row as its table's columns."""
        named = {
            "unit_code": self.unit,
            "period": self.period,
            _CODE.get(self.table, ""): self.code,
            "document": self.document,
            "word": self.word,
            "note": self.note,
            "place": self.place,
        }
        values = {_VALUE[self.table]: self.value} if self.table in _VALUE else json.loads(self.value)
        return {column: str({**named, **values}[column]) for column in COLUMNS[self.table]}


def shown_place(source: str, longest: int) -> str:
    """Where a value stands, as one line of plain text; what is too long is cut in the middle."""
    said = plain(source).lstrip("'")  # which a table may put before it, so that it is no formula
    half = longest // 2 - 1
    return said if len(said) <= longest else f"{said[:half]}…{said[-half:]}"


def value_text(value: Decimal, unit: str) -> str:
    """A fact as text. unit: what its metric is counted in; half a percent is 0.5%, which is no half."""
    return f"{value:f}%" if unit == "%" and 0 < abs(value) <= 1 else f"{value:f}"


def figures_of(tables: Facts, catalogue: Catalogue, *, register: bool, longest: int = LONGEST_PLACE) -> list[Figure]:
    """The rows of tables, and where cells were left empty.

    register: also those of institutions and memberships; longest: characters that a place may take.
    """
    titles = {code: metric.unit for code, metric in catalogue.metrics.items()}
    made: list[tuple[TableName, dict[str, Any], str, str, dict[str, str]]] = []
    if register:
        made += [("institutions", row, "", _unit(row), {}) for row in _rows(tables.institutions)]
        made += [
            ("memberships", row, row["alliance_code"], _json({"from": row["from"], "to": row["to"]}), {})
            for row in _rows(tables.memberships)
        ]
    for row in _rows(tables.facts):
        made.append(("facts", row, row["metric"], value_text(row["value"], titles[row["metric"]]), _texts(row, "note")))
    for row in _rows(tables.money):
        word = f"{WORDS[row['word']]} {row['of']}".strip() if row["word"] else ""
        more = {**_texts(row, "document", "note"), "word": word}
        made.append(("money", row, row["item"], format_yuan(int(row["amount"])), more))
    for row in _rows(tables.blanks):
        made.append(
            ("money" if row["code"] in catalogue.items else "facts", row, row["code"], "", _texts(row, "document"))
        )
    for row in _rows(tables.diseases):
        value = _json({"disease_name": row["name"], "outbound": row["outbound"], "cases": row["cases"]})
        made.append(("diseases", row, row["disease"], value, {}))
    for row in _rows(tables.completions):
        value = _json({name: row[name] for name in ("completed_on", "progress", "evidence")})
        made.append(("completions", row, row["entry"], value, _texts(row, "note")))
    found = []
    for table, row, code, value, more in made:
        place = shown_place(str(row["source"]), longest)
        found.append(Figure(table, row["unit_code"], row.get("period", ""), code, value, **more, place=place))
    return found


def _unit(row: dict[str, Any]) -> str:
    names = [name for name in INSTITUTIONS if name not in {"unit_code", "source", "signing"}]
    return _json({**{name: row[name] for name in names}, "signing": "是" if row["signing"] else "否"})


def _texts(row: dict[str, Any], *names: str) -> dict[str, str]:
    return {name: str(row[name]) for name in names}


def _rows(frame: pd.DataFrame | None) -> list[dict[str, Any]]:
    records = [] if frame is None else frame.to_dict("records")
    return [{str(name): cell for name, cell in row.items()} for row in records]


def _json(values: Mapping[str, Any]) -> str:
    texts = {name: "" if pd.isna(value) else str(value) for name, value in values.items()}
    return json.dumps(texts, ensure_ascii=False, sort_keys=True)


def sheets_of(figures: Iterable[Figure]) -> list[Sheet]:
    """The figures as sheets that the reader takes, one for every table that has some."""
    rows: dict[TableName, list[list[object]]] = {table: [] for table in TABLES}
    for figure in figures:
        rows[figure.table].append([*figure.cells().values()])
    return [sheet_of(f"{table}.csv", "", [[*COLUMNS[table]], *found]) for table, found in rows.items() if found]


def register_of(institutions: Sequence[Mapping[str, Any]], memberships: Sequence[Mapping[str, Any]]) -> Facts:
    """The register of units as tables without a figure: rows with the columns of `domain.facts`, `source` included."""
    return Facts(
        _frame(institutions, INSTITUTIONS), _frame(memberships, MEMBERSHIPS), _frame((), FACTS), _frame((), MONEY)
    )


def _frame(rows: Sequence[Mapping[str, Any]], columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame([[row[name] for name in columns] for row in rows], columns=list(columns), dtype=object)
