"""The door: files in, Facts out, or every problem at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import pandas as pd

from domain.facts import Catalogue, Facts
from domain.pack import Pack
from domain.period import Period
from domain.plan import Plan
from domain.problems import InputProblems, Problem, Problems
from engine.read import completions as completed
from engine.read import tables, words
from engine.read.files import Sheet, open_sheets
from engine.read.gathered import blanks, checked, gathered
from engine.read.layout import Table, find_table
from engine.read.register import ordered
from engine.read.titles import Titles

Later = Literal["refuse", "drop"]


def read(
    path: Path,
    catalogue: Catalogue,
    plan: Plan,
    period: Period,
    packs: Mapping[str, Pack] | None = None,
    *,
    later: Later = "refuse",
    own: bool = True,
) -> Facts:
    """The tables of a workbook (.xlsx, .xls) or of a folder of CSV / Parquet files.

    path: the workbook or folder; catalogue: the metrics and money items that may be filled in; plan: says how large a
    change needs an explanation and whether money is needed; period: what is computed, and the period of sheets that
    name none; packs: whose entries the table of completions may name (None: they are taken as written); later: whether
    figures of a period after that one are refused or left out; own: whether something must be of the period itself, or
    may belong to a longer one around it (a form filled in from earlier figures). Units may be named by code or by
    unique name. Sources are "file sheet!cell" ("facts.csv!D17").
    Raises InputProblems with every problem, in the order of the input; nothing is changed.
    """
    return read_sheets(open_sheets(path), path.name, catalogue, plan, period, packs, later=later, own=own)


def read_sheets(
    sheets: list[Sheet],
    name: str,
    catalogue: Catalogue,
    plan: Plan,
    period: Period,
    packs: Mapping[str, Pack] | None = None,
    *,
    later: Later = "refuse",
    own: bool = True,
) -> Facts:
    """The tables of sheets as `open_sheets` gives them. name: the workbook or folder. Everything else as `read`."""
    problems = Problems()
    titles = Titles(catalogue)
    found = _tables(sheets, titles, problems)
    parts = _parts(found, titles, problems, period)
    _missing(name, parts, sheets, plan, problems)
    _empty(found, parts, plan, problems)
    member_sheets = _sheets(found, "memberships")
    if later == "drop":
        parts |= {kind: _until(parts[kind], period) for kind in ("facts", "money")}
    around = not own or later == "drop"
    read = gathered(parts, plan, packs, problems)
    facts = checked(read, catalogue, plan, period, problems, member_sheets=member_sheets, around=around)
    if problems:
        raise InputProblems(ordered(_of_here(problems.found), sheets))
    return replace(facts, blanks=blanks(found, read.units))


@dataclass(frozen=True)
class Written:
    """What was filled in, with all that is wrong with it.

    tables: the rows that could be read, of money also those that another document replaces; problems: in the order of
    the input; whole: whether no filled-in row was lost because one of its cells could not be read.
    """

    tables: Facts
    problems: tuple[Problem, ...]
    whole: bool


def read_written(
    sheets: list[Sheet],
    name: str,
    catalogue: Catalogue,
    plan: Plan,
    period: Period,
    packs: Mapping[str, Pack] | None = None,
    *,
    known: Facts | None = None,
    placed: bool = False,
) -> Written:
    """What sheets hold, problems beside the rows; everything else as `read_sheets`.

    placed: whether the tables may say where their rows came from: of what people hand in that is known already.
    known: the institutions and memberships there are. The sheets then hold a part of their figures; the institutions
    and memberships that they name must be rows of these, and nothing is asked of them that only a whole table has.
    """
    problems = Problems()
    titles = Titles(catalogue)
    found = _tables(sheets, titles, problems)
    if not placed:
        found = [_placeless(table, problems) for table in found]
    parts = _parts(found, titles, problems, period)
    if known is None:
        _missing(name, parts, sheets, plan, problems)
        _empty(found, parts, plan, problems)
    elif not found and not problems:
        said = "没有机构表、成员关系表、事实表、资金表中的任何一张"
        problems.add(name, "TABLE-MISSING", said, "用 liangyun template 写出模板, 按模板填写")
    read = gathered(parts, plan, packs, problems, known=known)
    whole = not problems
    counted = checked(
        read,
        catalogue,
        plan,
        period,
        problems,
        member_sheets=_sheets(found, "memberships"),
        around=known is not None,
        known=known,
    )
    tables = replace(read.tables(counted.memberships, read.money), blanks=blanks(found, read.units))
    return Written(tables, tuple(ordered(_of_here(problems.found), sheets)), whole)


def _placeless(table: Table, problems: Problems) -> Table:
    """The table without the places that it gives its rows, which is a problem."""
    if "place" in table.columns:
        said = f"列 {table.columns['place'].heading} 由程序填写, 交来的表没有这一列"
        problems.add(table.sheet.where, "PLACE-GIVEN", said, "删去该列")
    return replace(table, places={})


def _sheets(found: list[Table], kind: str) -> set[str]:
    """The sheets in which the cells of one kind of table are said to stand."""
    return {sheet for table in found if table.kind == kind for sheet in table.sheets}


def _tables(sheets: list[Sheet], titles: Titles, problems: Problems) -> list[Table]:
    """The tables that are read; who files what is nothing of a run."""
    found = (table for sheet in sheets if (table := find_table(sheet, titles, problems)))
    return [table for table in found if table.kind != "reporters"]


def _of_here(found: list[Problem]) -> list[Problem]:
    """The problems without the tables that a plan lacks in the workbook of another place: they are not asked of it."""
    if not any(problem.code == "REGION-OTHER" for problem in found):
        return found
    return [problem for problem in found if problem.code not in {"TABLE-MISSING", "TABLE-EMPTY"}]


def _until(parts: list[pd.DataFrame], period: Period) -> list[pd.DataFrame]:
    """The rows that do not begin after the period."""
    kept = (part[[Period.parse(text).start <= period.end for text in part["period"]]] for part in parts if len(part))
    return list(kept)


def _parts(found: list[Table], titles: Titles, problems: Problems, period: Period) -> dict[str, list[pd.DataFrame]]:
    """The frames of every kind; a kind without any sheet has an empty list. broken: money that could not be read."""
    parts: dict[str, list[pd.DataFrame]] = {kind: [] for kind in words.HEADINGS}
    for table in found:
        if table.kind == "institutions":
            parts["institutions"].append(tables.institutions(table, problems))
        elif table.kind == "memberships":
            parts["memberships"].append(tables.memberships(table, problems))
        elif table.kind == "facts":
            parts["facts"].append(tables.facts(table, titles, problems, period))
        elif table.kind == "money":
            parts["money"].append(tables.money(table, titles, problems, period))
        elif table.kind == "diseases":
            parts["diseases"].append(tables.diseases(table, problems, period))
        elif table.kind == "completions":
            parts["completions"].append(completed.completions(table, problems))
        else:
            facts, money = tables.wide(table, titles, problems, period)
            parts["facts"].append(facts)
            if any(code in titles.catalogue.items for code in table.wide):
                parts["money"].append(money)
    return parts | {"broken": [part for table in found for part in table.broken]}


def _missing(
    name: str, parts: dict[str, list[pd.DataFrame]], sheets: list[Sheet], plan: Plan, problems: Problems
) -> None:
    """Tables that are needed and not there (a sheet that names the table was told already)."""
    named = {
        kind
        for sheet in sheets
        for kind, names in words.SHEET_NAMES.items()
        if words.key(sheet.title).startswith(names)
    }
    needed = {"institutions": True, "memberships": True, "facts": bool(plan.scorecards), "money": bool(plan.pools)}
    for kind, asked in needed.items():
        if asked and not parts[kind] and (kind not in named or not problems):
            problems.add(
                name, "TABLE-MISSING", f"缺少{words.TABLES[kind]}", "用 liangyun template 写出模板, 按模板填写"
            )


def _empty(found: list[Table], parts: dict[str, list[pd.DataFrame]], plan: Plan, problems: Problems) -> None:
    """Tables that are needed and stand there without one row that was filled in, each once."""
    of_members = any(card.scope == "member" for card in plan.scorecards)  # an alliance is scored without them
    needed = {
        "institutions": True,
        "memberships": bool(plan.pools) or of_members,
        "facts": bool(plan.scorecards),
        "money": bool(plan.pools),
    }
    for kind, asked in needed.items():
        if not asked or not parts[kind] or any(len(part) for part in parts[kind]):
            continue
        there = [table for table in found if table.kind == kind] or [table for table in found if table.kind == "wide"]
        at = {sheet for table in there for sheet in table.sheets}
        if any(problem.where.partition("!")[0] in at for problem in problems.found):
            continue  # its rows are bad, not absent: told at their cells
        said = "是空的" if all(table.rows.empty for table in there) else "没有填一个数"
        problems.add(there[0].sheet.where, "TABLE-EMPTY", f"{words.TABLES[kind]}{said}", "填写后再运行")
