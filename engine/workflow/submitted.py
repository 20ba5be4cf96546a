"""What one filer handed in: read by the engine's own reader, compared with what is the filer's to say, corrected.

`read_submission` reads files, `read_figures` what is stored of them; `corrected` changes single cells of the latter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.facts import Catalogue, Facts
from domain.institution import Tier
from domain.pack import Pack
from domain.period import Period
from domain.plan import Plan
from domain.problems import Problem, Problems
from engine.read.cells import LONGEST_PLACE
from engine.read.csv_text import plain
from engine.read.files import Sheet
from engine.read.reader import Written, read_written
from engine.read.uploads import Upload, open_uploads
from engine.template.filers import of_tier, reported
from engine.template.workbook import DISEASES, DUTIES, needed
from engine.workflow.figures import LONGEST_CELL, TABLES, Figure, TableName, figures_of, sheets_of, shown_place

Part = tuple[str, str]
"""A unit and a reporting body (`reporter` of the catalogue): what one filer says of one unit."""
_ZONE = ZoneInfo("Asia/Shanghai")
_LONGEST_NAME = 40


@dataclass(frozen=True)
class Asked:
    """What a submission is read against.

    register: the institutions and memberships there are (`register_of`), None where the submission brings them (`*` of
    an empty register); parts: what is the filer's to say, None for everything.
    """

    catalogue: Catalogue
    plan: Plan
    period: Period
    packs: Mapping[str, Pack]
    register: Facts | None = None
    parts: Collection[Part] | None = None


@dataclass(frozen=True)
class Submitted:
    """What was handed in.

    figures: in the order of the tables; problems: in the order of the input, none of what can be accepted; findings:
    what is asked of the filer and not there (MISSING), which refuses nothing; whole: whether every filled-in row is
    among the figures, so that they can be corrected cell by cell.
    """

    figures: tuple[Figure, ...]
    problems: tuple[Problem, ...]
    findings: tuple[Problem, ...]
    whole: bool


@dataclass(frozen=True)
class Edit:
    """One cell corrected. value: as it would be filled in, "" for nothing; place: which, where several are alike.

    note: the remark that stands beside it then, None for the one that stood there.
    """

    table: TableName
    unit: str
    period: str
    code: str
    value: str
    document: str = ""
    note: str | None = None
    place: str = ""


def read_submission(uploads: Sequence[Upload], asked: Asked) -> Submitted:
    """One submission: a workbook, several tables as CSV or Parquet, or one JSON object of tables (`Upload`s)."""
    problems = Problems()
    sheets = open_uploads(uploads, problems)
    if problems:
        return Submitted((), tuple(problems.found), (), whole=False)
    return _submitted(sheets, uploads[0].known_as, asked, placed=False)


def read_figures(figures: Sequence[Figure], asked: Asked) -> Submitted:
    """What is stored of a submission, as `read_submission` would read it: each problem at the cell of its filer."""
    return _submitted(sheets_of(figures), "提交", asked, placed=True)


def _submitted(sheets: list[Sheet], name: str, asked: Asked, *, placed: bool) -> Submitted:
    read = read_written(
        sheets,
        name,
        asked.catalogue,
        asked.plan,
        asked.period,
        asked.packs,
        known=asked.register,
        placed=placed,
    )
    longest = LONGEST_PLACE if placed else LONGEST_CELL
    found = figures_of(read.tables, asked.catalogue, register=asked.register is None, longest=longest)
    figures, problems = [], list(read.problems)
    for figure in sorted(found, key=lambda one: TABLES.index(one.table)):
        if asked.parts is not None and not _within(figure, asked.parts, asked.catalogue):
            problems += [_not_yours(figure, asked)] if figure.value else []
        else:
            figures.append(figure)
    findings = tuple(_missing(figures, read, name, asked)) if read.whole else ()
    return Submitted(tuple(figures), tuple(problems), findings, read.whole)


def reporter_of(figure: Figure, catalogue: Catalogue) -> str:
    """The body that reports a figure; "" of institutions and memberships."""
    match figure.table:
        case "facts":
            return catalogue.metrics[figure.code].reporter
        case "money":
            return catalogue.items[figure.code].reporter
        case "diseases":
            return DISEASES
        case "completions":
            return DUTIES
    return ""


def outside(figures: Iterable[Figure], parts: Collection[Part], catalogue: Catalogue) -> list[Figure]:
    """The figures that belong to none of these parts: of one submission of everything, what nobody else handed in."""
    return [one for one in figures if not reporter_of(one, catalogue) or not _within(one, parts, catalogue)]


def _within(figure: Figure, parts: Collection[Part], catalogue: Catalogue) -> bool:
    reporter = reporter_of(figure, catalogue)
    if figure.table == "completions":  # tasks belong to bodies, not to units
        return any(body == reporter for _, body in parts)
    return not reporter or (figure.unit, reporter) in parts


def _not_yours(figure: Figure, asked: Asked) -> Problem:
    entry = asked.catalogue.metrics.get(figure.code) or asked.catalogue.items.get(figure.code)
    said = f"{figure.unit} {entry.title if entry else figure.code} 由别人填报 ({reporter_of(figure, asked.catalogue)})"
    return Problem(figure.place, "NOT-YOURS", said, "清空这一格, 或删去该行")


def _missing(figures: list[Figure], read: Written, name: str, asked: Asked) -> list[Problem]:
    """What the template marks as needed of the parts and has no figure of the period, each at its empty cell."""
    units, catalogue = read.tables.institutions, asked.catalogue
    wanted = needed(asked.plan, catalogue)
    facts = [figure for figure in figures if figure.table == "facts"]
    now = {text for text in {figure.period for figure in facts} if _overlap(asked.period, Period.parse(text))}
    given = {(one.unit, one.code) for one in facts if one.value and one.period in now}
    blanks = {(one.unit, one.code): one.place for one in facts if not one.value}
    found = []
    for unit, title, tier in zip(units["unit_code"], units["name"], units["tier"], strict=True):
        of = of_tier(wanted, catalogue, Tier(tier).value)
        if asked.parts is None:
            codes = of.metrics
        else:
            bodies = [body for whose, body in asked.parts if whose == unit]
            codes = tuple(code for body in bodies for code in reported(of, catalogue, body).metrics)
        for code in codes:
            if (unit, code) not in given:
                where = blanks.get((unit, code), name)
                said = f"{title} {asked.period.title} {catalogue.metrics[code].title} 没有填"
                found.append(Problem(where, "MISSING", said, "补填, 确实没有的不填", about=code))
    return found


def _overlap(one: Period, other: Period) -> bool:
    return one.contains(other) or other.contains(one)


def corrected(figures: Sequence[Figure], edits: Sequence[Edit], *, by: str, at: datetime) -> list[Figure]:
    """The figures with single cells of facts and money corrected; what never stood there is added.

    by: the person's name; at: aware. The place of a corrected figure says both, and what stood there. To be read again
    (`read_figures`) before it counts. Raises InputProblems: EDIT-TABLE, EDIT-SEVERAL (say which by its place).
    """
    found, problems = list(figures), Problems()
    for edit in edits:
        where = edit.place or f"{edit.table} {edit.unit} {edit.period} {edit.code}"
        same = [row for row, one in enumerate(found) if _meant(one, edit)]
        if edit.table not in {"facts", "money"}:
            problems.add(where, "EDIT-TABLE", "只有事实表和资金表可以逐格更正", "改好文件后重新提交")
        elif len(same) > 1:
            problems.add(where, "EDIT-SEVERAL", "有几行相同, 看不出更正哪一行", "写明来处的单元格")
        elif same:
            old = found[same[0]]
            note = old.note if edit.note is None else edit.note
            place = corrected_place(old.place, by, at, old.value)
            found[same[0]] = replace(old, value=edit.value, note=note, place=place)
        else:
            place = corrected_place("", by, at, "")
            texts = {"document": edit.document, "note": edit.note or ""}
            found.append(Figure(edit.table, edit.unit, edit.period, edit.code, edit.value, **texts, place=place))
    problems.raise_if_any()
    return found


def _meant(figure: Figure, edit: Edit) -> bool:
    key = (edit.table, edit.unit, edit.period, edit.code, edit.document)
    same = key == (figure.table, figure.unit, figure.period, figure.code, figure.document)
    return same and edit.place in {"", figure.place}


def corrected_place(place: str, by: str, at: datetime, before: str) -> str:
    """What the place of a corrected figure says: where it stood, who corrected it, when, and what stood there.

    After several corrections each is told, until that becomes too long: then those in the middle are left out.
    """
    when = at.astimezone(_ZONE).strftime("%Y-%m-%d %H:%M")
    who = plain(by)[:_LONGEST_NAME]
    stood = f"原为 {before}" if before else "原为空"
    return shown_place(f"{place} ({who} {when} 更正, {stood})" if place else f"补填 ({who} {when})", LONGEST_PLACE)
