"""One typing mistake in the sheets of a workbook, as a clerk makes it: sheets in, sheets with other cells out.

A mistake is made in the cells as they are read, so it takes the way that the cell of a file takes. Error values and
formulas that no program has worked out are what the reader makes of such cells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from random import Random

from domain.facts import Catalogue, Facts
from engine.read.files import Sheet
from engine.read.values import UNCALCULATED, Fault, Percent
from engine.read.words import fold

At = tuple[int, int, int]
"""A cell: sheet, 1-based row, 0-based column."""
_CELL = re.compile(r"(.*)!([A-Z]+)([0-9]+)")
_YEAR = re.compile(r"(?<![0-9])20[0-9]{2}(?![0-9])")
_QUARTER = re.compile(r"(?<=Q)[1-4]")
_SPOKEN = re.compile(r"[一二三四](?=季度)")
_TITLES = 2  # rows above a heading
_PERIODS = ("所属期间", "年度", "period")


@dataclass(frozen=True)
class Number:
    """A number of a sheet: whose, of what, in which measure, and as it stands there."""

    unit: str
    code: str
    measure: str
    value: Decimal


@dataclass(frozen=True)
class Book:
    """A workbook: its sheets and the cells of its facts and money. numbers: by cell."""

    sheets: Sequence[Sheet]
    numbers: Mapping[At, Number]

    @classmethod
    def of(cls, sheets: Sequence[Sheet], facts: Facts, catalogue: Catalogue) -> Book:
        """The book of sheets that were read as `facts`."""
        order = {sheet.where: at for at, sheet in enumerate(sheets)}
        tables = ((facts.facts, "metric"), (facts.money, "item"))
        numbers = {}
        for table, name in tables:
            for source, unit, code in zip(table["source"], table["unit_code"], table[name], strict=True):
                match = _CELL.fullmatch(str(source))
                assert match, source
                at = (order[match[1]], int(match[3]), _position(match[2]))
                value = _number(sheets[at[0]].cells.at[at[1], at[2]])
                if value is not None:
                    metric = catalogue.metrics.get(str(code))
                    numbers[at] = Number(str(unit), str(code), metric.unit if metric else "元", value)
        return cls(sheets, numbers)

    def changed(self, cells: Mapping[At, object]) -> list[Sheet]:
        """The sheets with other cells."""
        sheets = list(self.sheets)
        for (at, row, position), value in cells.items():
            frame = sheets[at].cells.copy() if sheets[at] is self.sheets[at] else sheets[at].cells
            frame.at[row, position] = value
            sheets[at] = replace(sheets[at], cells=frame)
        return sheets

    def cell(self, at: At) -> str:
        """A cell as sources name it."""
        sheet, row, position = at
        return self.sheets[sheet].cell(row, position)


@dataclass(frozen=True)
class Mistake:
    """One mistake. said: what was typed for what; cells: what the sheets hold instead; units: whom it is about."""

    kind: str
    said: str
    cells: Mapping[At, object]
    units: frozenset[str]


def _position(column: str) -> int:
    found = 0
    for letter in column:
        found = found * 26 + ord(letter) - 64
    return found - 1


def _number(cell: object) -> Decimal | None:
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, int | float):
        return Decimal(repr(cell))
    if isinstance(cell, Percent):
        return cell.shown
    try:
        return Decimal(fold(str(cell)).strip("¥￥%元 ").replace(",", ""))
    except InvalidOperation:
        return None


def _typed(value: Decimal) -> object:
    return float(value)


def _one(kind: str, book: Book, at: At, cell: object) -> Mistake:
    number = book.numbers[at]
    said = f"{book.cell(at)} {number.unit} {number.code} {number.value}: {cell}"
    return Mistake(kind, said, {at: cell}, frozenset({number.unit}))


def _counted(book: Book) -> list[At]:
    """The numbers that count or measure something: of yes or no and of days there is no tenfold."""
    return [at for at, one in book.numbers.items() if one.value and one.measure not in {"是否", "日期", "级"}]


def magnitude(book: Book, chance: Random) -> Mistake:
    """A digit or four too many or too few."""
    at = chance.choice(_counted(book))
    factor = chance.choice(["10", "0.1", "100", "0.01", "10000", "0.0001"])
    typed = book.numbers[at].value * Decimal(factor)
    if typed >= 1 and chance.random() < 0.5:
        typed = Decimal(int(typed))  # digits that are left out are not typed behind a point
    return _one("magnitude", book, at, _typed(typed))


def sign(book: Book, chance: Random) -> Mistake:
    """A minus before a number, or none."""
    at = chance.choice(_counted(book))
    return _one("sign", book, at, _typed(-book.numbers[at].value))


def _beside(book: Book, step: tuple[int, int], chance: Random) -> tuple[At, At]:
    """Two numbers beside each other, in one column or in one row, in either order."""
    pairs = [
        (at, other)
        for at in book.numbers
        if (other := (at[0], at[1] + step[0], at[2] + step[1])) in book.numbers
        and book.numbers[at].value != book.numbers[other].value
    ]
    one, other = chance.choice(pairs)
    return (one, other) if chance.random() < 0.5 else (other, one)


def _moved(kind: str, step: tuple[int, int], book: Book, chance: Random) -> Mistake:
    """A number in the place beside its own, which keeps what it holds or stays blank."""
    own, other = _beside(book, step, chance)
    cells = {other: book.sheets[own[0]].cells.at[own[1], own[2]]}
    if chance.random() < 0.5:
        cells[own] = None
    mistake = _one(kind, book, other, cells[other])
    return replace(mistake, cells=cells, units=mistake.units | {book.numbers[own].unit})


def row(book: Book, chance: Random) -> Mistake:
    """A number one row off."""
    return _moved("row", (1, 0), book, chance)


def column(book: Book, chance: Random) -> Mistake:
    """A number one column off."""
    return _moved("column", (0, 1), book, chance)


def swapped(book: Book, chance: Random) -> Mistake:
    """Two numbers beside each other in each other's place."""
    own, other = _beside(book, chance.choice([(1, 0), (0, 1)]), chance)
    cells = {a: book.sheets[b[0]].cells.at[b[1], b[2]] for a, b in ((own, other), (other, own))}
    mistake = _one("swapped", book, other, cells[other])
    return replace(mistake, cells=cells, units=mistake.units | {book.numbers[own].unit})


def period(book: Book, chance: Random) -> Mistake:
    """Another year or quarter in the title of a sheet or in a row."""
    at, text, row_alone = chance.choice(list(_periods(book)))
    other = _another(text, chance)
    units = {one.unit for cell, one in book.numbers.items() if cell[0] == at[0] and (cell[1] == at[1] or not row_alone)}
    cell = float(other) if isinstance(book.sheets[at[0]].cells.at[at[1], at[2]], float) else other
    return Mistake("period", f"{book.cell(at)} {text}: {other}", {at: cell}, frozenset(units))


def _another(text: str, chance: Random) -> str:
    """The same with another year or, where it has one, quarter."""
    forms = [form for form in (_QUARTER, _SPOKEN) if form.search(text)]
    by = chance.choice([-1, 1])
    if forms and chance.random() < 0.5:
        quarters = "1234" if forms[0] is _QUARTER else "一二三四"
        return forms[0].sub(lambda found: quarters[(quarters.index(found[0]) + by) % 4], text, count=1)
    return _YEAR.sub(lambda found: str(int(found[0]) + by), text, count=1)


def _periods(book: Book) -> Iterator[tuple[At, str, bool]]:
    """Where a period stands: cell, text, whether it is of its row alone. Titles as often as rows."""
    rows, titles = [], []
    for at, sheet in enumerate(book.sheets):
        places = {row for cell, row, _ in book.numbers if cell == at}
        if not places:
            continue
        above = sheet.cells.loc[: min(places) - 1]
        for row, cells in above.iterrows():
            for position, cell in cells.items():
                text = _written(cell)
                if text in _PERIODS:
                    column = sheet.cells[position]
                    rows += [((at, own, int(str(position))), _written(column[own])) for own in sorted(places)]
                elif _YEAR.search(text) and int(str(row)) <= _TITLES:
                    titles.append(((at, int(str(row)), int(str(position))), text))
    for found, alone in ((rows, True), (titles, False)):
        kept = [(at, text) for at, text in found if _YEAR.search(text)]
        if kept:
            many = max(1, len(rows) // len(kept))
            yield from [(at, text, alone) for at, text in kept] * many


def _written(cell: object) -> str:
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else ""
    return str(cell or "")


def unit(book: Book, chance: Random) -> Mistake:
    """万元 for 元 above a sheet or a column, or a number in ten thousands, with the word for it or without."""
    headings = list(_headings(book))
    if headings and chance.random() < 0.3:
        at, text, units = chance.choice(headings)
        other = text.replace("万元", "元") if "万元" in text else text.replace("元", "万元")
        return Mistake("unit", f"{book.cell(at)} {text}: {other}", {at: other}, frozenset(units))
    at = chance.choice(_counted(book))
    number = book.numbers[at]
    typed = number.value / 10000
    typed = typed.quantize(Decimal(chance.choice(["0.01", "0.0001"]))) or typed  # nobody rounds to nothing
    if chance.random() < 0.2:
        return _one("unit", book, at, f"{typed}万")
    return _one("unit", book, at, _typed(typed))


def _headings(book: Book) -> Iterator[tuple[At, str, set[str]]]:
    """Where the measure of amounts stands, with the units that have amounts under it."""
    for at, sheet in enumerate(book.sheets):
        money = {cell: one for cell, one in book.numbers.items() if cell[0] == at and one.measure == "元"}
        if not money:
            continue
        for row, cells in sheet.cells.loc[: min(row for _, row, _ in money) - 1].iterrows():
            for position, cell in cells.items():
                if isinstance(cell, str) and ("单位：元" in cell or "（元）" in cell or "万元" in cell):
                    place = (at, int(str(row)), int(str(position)))
                    yield place, cell, {one.unit for one in money.values()}


def percent(book: Book, chance: Random) -> Mistake:
    """A share for a percentage or the reverse; the format of a percentage on a number, or its sign behind it."""
    shares = [at for at, one in book.numbers.items() if one.measure == "%"]
    at = chance.choice(shares or _counted(book))
    value = book.numbers[at].value
    forms: list[object] = [Percent(float(value)), f"{value}%", _typed(value / 100)]
    if shares:
        forms = [_typed(value / 100), _typed(value * 100), Percent(float(value)), f"{value / 100}%", f"{value * 100}%"]
    return _one("percent", book, at, chance.choice(forms))


def error(book: Book, chance: Random) -> Mistake:
    """An error value of a spreadsheet."""
    at = chance.choice(list(book.numbers))
    text = chance.choice(["#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!"])
    return _one("error", book, at, text if _text_alone(book, at) else Fault(text))


def stale(book: Book, chance: Random) -> Mistake:
    """A formula that no program has worked out. Text files have none: what writes them works formulas out."""
    cells = [at for at in book.numbers if not _text_alone(book, at)]
    return _one("stale", book, chance.choice(cells), UNCALCULATED) if cells else error(book, chance)


def _text_alone(book: Book, at: At) -> bool:
    return not book.sheets[at[0]].name


KINDS: Mapping[str, Callable[[Book, Random], Mistake]] = {
    "magnitude": magnitude,
    "sign": sign,
    "period": period,
    "unit": unit,
    "percent": percent,
    "error": error,
    "stale": stale,
    "row": row,
    "column": column,
    "swapped": swapped,
}
