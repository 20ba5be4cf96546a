"""The door: the tables of people in, typed rows out, or every problem at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from domain import documents
from domain.facts import Catalogue
from domain.pay import Pay
from domain.period import Period
from domain.problems import InputProblems, Problem, Problems
from domain.step import Phrase, RunWarning, Value
from engine.pay.people import COLUMNS, KEYS, People
from engine.pay.read import earmark_checks, fact_checks, identity_checks, post_checks, tax_checks
from engine.pay.read.client import as_cumulative
from engine.pay.read.forms import FORMS, HEADINGS, TABLES, passed_over
from engine.pay.read.given import Given, Pair, at
from engine.pay.read.measures import Measures
from engine.pay.read.nameless import nameless
from engine.pay.read.rows import Part, Row, take
from engine.read import words
from engine.read.documents import standing
from engine.read.files import Sheet, open_sheets
from engine.read.layout import Table, find_table
from engine.read.register import ordered
from engine.read.units import Units

WORDS = {"earlier": "{table}有 {rows} 行早于 {period}, 不用 (如 {at})"}
_OWN = ("attendance", "leave", "person_facts", "team_facts", "earmarks", "holds", "pay_amounts", "cases")
"""Tables whose rows are of the payment's period."""


@dataclass(frozen=True)
class Roster:
    """The tables of people, and what is to be told of them that is no mistake."""

    people: People
    warnings: tuple[RunWarning, ...] = ()


def read_people(
    path: Path,
    pay: Pay,
    period: Period,
    month: str,
    *,
    catalogue: Catalogue | None = None,
    paid: Collection[Pair] | None = None,
    teams_only: bool = False,
    correcting: bool = False,
    of_month: bool = True,
) -> Roster:
    """The tables of a workbook (.xlsx, .xls) or of a folder of CSV or Parquet files.

    pay: says which measures, pools, items and kinds of leave there are, and what they need; month: of payment,
    "2026-10"; catalogue: whose money items quota rows may name (None: as written, and none is held against another);
    paid: the institutions and pools that are paid, (unit_code, pool) (None: those of the table of amounts; without one,
    every pool to every institution); teams_only: nothing is asked about people yet; correcting: the tables stand beside
    those of an earlier payment, and nothing is asked of rows that are not there; of_month: whether what the payer
    knows must be of the month of payment (else it is only carried over).
    Raises InputProblems with every problem, in the order of the input; nothing is changed.
    """
    sheets, problems = open_sheets(path), Problems()
    known = Measures(pay, catalogue.items if catalogue else None)
    parts = {kind: Part() for kind in COLUMNS}
    for sheet in sheets:
        if table := _table(as_cumulative(sheet, month, HEADINGS["tax_cumulative"], problems), known, problems):
            take(table, known, period, month, parts, problems)
    warnings = _of_period(parts, period, problems)
    _standing(parts["money"], catalogue, problems)
    _named(parts["cases"].rows, known)
    if paid is None and (stated := parts["pay_amounts"].rows):
        paid = {(row["unit_code"], row["pool"]) for row in stated}
    given = Given(
        pay,
        period,
        month,
        parts,
        problems,
        None if paid is None else frozenset(paid),
        correcting=correcting,
        teams_only=teams_only,
        of_month=of_month,
    )
    _missing(path.name, given)
    _once(given)
    _unknown(given)
    post_checks.check(given)
    fact_checks.check(given)
    earmark_checks.check(given)
    tax_checks.check(given)
    warnings += identity_checks.check(given)
    if problems:
        raise InputProblems(ordered(nameless(problems.found, given), sheets))
    return Roster(People({kind: _frame(kind, part.rows) for kind, part in parts.items()}), tuple(warnings))


def _table(sheet: Sheet, known: Measures, problems: Problems) -> Table | None:
    """The table of one sheet; None for those of a run, those that explain, and those that are a problem."""
    if passed_over(sheet.title):
        return None
    if sheet.cells.empty and not sheet.name and FORMS.kind_by_name(sheet.title):
        # an export that failed is no table that was left out
        problems.add(sheet.where, "FILE-EMPTY", "文件里没有内容", "重新导出; 本期没有这张表的, 移出文件夹")
    return find_table(sheet, known, problems)


def _of_period(parts: Mapping[str, Part], period: Period, problems: Problems) -> list[RunWarning]:
    """Keep the rows of the payment's period; what is later is a problem, what is earlier is set aside and told."""
    warnings = []
    for table in _OWN:
        part, earlier = parts[table], []
        kept = []
        for row in part.rows:
            own = Period.parse(row["period"])
            if own == period:
                kept.append(row)
            elif own.end < period.start:
                earlier.append(row)
            elif own.start > period.end:
                said = f"{own.title} 在所发期间 {period.title} 之后"
                problems.add(at(row, "period"), "PERIOD-LATER", said, "核对期间")
            else:
                said = f"期间是 {own.title}, 所发的是 {period.title}"
                problems.add(at(row, "period"), "PERIOD", said, f"写成 {period}, 按全期填写")
        part.rows = kept
        part.lost = [row for row in part.lost if row.get("period") in {None, "", str(period)}]
        if earlier:
            put_in: dict[str, Value | None] = {
                "table": TABLES[table],
                "rows": str(len(earlier)),
                "period": period.title,
                "at": at(earlier[0], "period"),
            }
            warnings.append(RunWarning("PAY-ROWS-EARLIER", Phrase("engine.pay.read.people:earlier", put_in)))
    for table, column in (("money", "period"), ("deferred", "accrual_year")):
        for row in parts[table].rows:
            if Period.parse(row[column]).start > period.end:
                said = f"{row[column]} 在所发期间 {period.title} 之后"
                problems.add(at(row, column), "PERIOD-LATER", said, "核对期间")
    return warnings


def _standing(part: Part, catalogue: Catalogue | None, problems: Problems) -> None:
    """Keep the quota rows that count once their words are heeded, as of a run (one figure, one document)."""
    rows = [{**row, "word": row["word"].word, "of": row["word"].of} for row in part.rows]
    if catalogue is not None and rows:
        codes = pd.DataFrame({"unit_code": [*dict.fromkeys(row["unit_code"] for row in rows)]}, dtype=object)
        units = Units(codes.assign(name=codes["unit_code"], tier="", region=""))
        columns = [
            "period",
            "unit_code",
            "item",
            "amount",
            "document",
            "document_at",
            "word",
            "word_at",
            "of",
            "source",
        ]
        money = pd.DataFrame(rows, columns=columns, dtype=object).assign(at=range(len(rows)))
        broken = pd.DataFrame(part.lost, columns=["unit_code", "item"], dtype=object)
        rows = [rows[one] for one in standing(money, catalogue, units, broken, problems)["at"]]
    part.rows = [{**row, "word": _written(row["word"], row["of"])} for row in rows]


def _named(cases: list[Row], known: Measures) -> None:
    """Tables and columns that cases name by their Chinese names, by their codes."""
    kinds = {words.key(name): kind for kind, name in TABLES.items()} | {words.key(kind): kind for kind in TABLES}
    for row in cases:
        kind = kinds.get(words.key(row["table"]), "")
        if kind:
            field = words.key(row["field"])
            row["table"] = kind
            row["field"] = known.of.get(kind, {}).get(field) or FORMS.role(kind, words.key(field)) or row["field"]


def _written(word: str, of: str) -> str:
    return f"{documents.WORDS[word]} {of}".strip() if word in documents.WORDS else ""


def _missing(name: str, given: Given) -> None:
    """Tables that are needed and not there (a sheet that was not understood was told already)."""
    if given.correcting:
        return
    by_person = given.pay.tax.mode != "elsewhere" and not given.teams_only
    for table in ["posts", *["people"] * by_person]:
        part = given.parts[table]
        if not part.sheets and not any(_titled(one, table) for one in given.problems.found):
            said, remedy = f"缺少{TABLES[table]}", "用 liangyun pay template 写出模板, 按模板填写"
            given.problems.add(name, "TABLE-MISSING", said, remedy)
        elif part.sheets and not part.rows and not part.lost:
            given.problems.add(part.sheets[0], "TABLE-EMPTY", f"{TABLES[table]}是空的", "填写后再发放")


def _titled(problem: Problem, table: str) -> bool:
    """Whether a problem is of a sheet that goes by a table's name."""
    sheet = problem.where.partition("!")[0]
    return any(FORMS.kind_by_name(one) == table for one in (sheet.rpartition(" ")[2], Path(sheet).stem))


def _once(given: Given) -> None:
    """Keep the first row of every key; days of an earmark are looked at as days."""
    for table, keys in KEYS.items():
        if table == "earmarks":
            continue
        first: dict[tuple[str, ...], Row] = {}
        for row in given.rows(table):
            other = first.setdefault(tuple(row[key] for key in keys), row)
            if other is not row:
                said = f"{TABLES[table]}的这一行与 {at(other, keys[-1])} 重复"
                given.problems.add(at(row, keys[-1]), "DUPLICATE", said, "只留一行")
        given.parts[table].rows = [*first.values()]


def _unknown(given: Given) -> None:
    """Posts and persons that nobody knows."""
    if given.correcting:
        return
    posts, people = given.parts["posts"], given.parts["people"]
    persons = {row["person_code"] for row in people.rows}
    known = persons | {row["person_code"] for row in posts.rows}
    of_posts = ("attendance", "leave", "person_facts", "earmarks", "holds")
    for table in of_posts if posts.sheets else ():  # else nothing could be known
        told: set[str] = set()
        for row in given.rows(table):
            post = row["post_no"]
            if post in given.by_number or posts.loses(post_no=post) or (at(row, "post_no") in told):
                continue
            told.add(at(row, "post_no"))
            given.problems.add(at(row, "post_no"), "POST-UNKNOWN", f"任职表没有 {post}", "改正任职编号, 或补入任职表")
    if not people.rows:
        return
    for table in ("posts", "tax_cumulative", "deductions", "deferred", "accounts", "next_payments"):
        for row in given.rows(table):
            code = row["person_code"]
            if code in (persons if table == "posts" else known) or people.loses(person_code=code):
                continue
            said = f"人员表没有 {code}"
            given.problems.add(at(row, "person_code"), "PERSON-UNKNOWN", said, "改正人员编号, 或补入人员表")


def _frame(table: str, rows: list[Row]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[*COLUMNS[table], "source"], dtype=object)
