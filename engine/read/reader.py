"""The door: files in, Facts out, or every problem at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pandas as pd

from domain.facts import (
    BLANKS,
    COMPLETIONS,
    DISEASES,
    FACTS,
    INSTITUTIONS,
    MEMBERSHIPS,
    MONEY,
    Catalogue,
    Facts,
)
from domain.institution import Tier
from domain.pack import Pack
from domain.period import Period
from domain.plan import Plan
from domain.problems import InputProblems, Problem, Problems
from domain.region import contains
from engine.read import amounts, checks, documents, tables, words
from engine.read import completions as completed
from engine.read.files import Sheet, open_sheets
from engine.read.layout import Table, Titles, find_table
from engine.read.register import MEMBERS, WRITTEN, joined, ordered, settled, shaped
from engine.read.units import Units

Later = Literal["refuse", "drop"]
_UNITS = ["unit", "unit_at", "unit_name", "unit_name_at"]
_DOCUMENTS = ["document", "document_at", "word", "word_at", "of", "note"]


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
    told = (table for sheet in sheets if (table := find_table(sheet, titles, problems)))
    found = [table for table in told if table.kind != "reporters"]  # who files is nothing of a run
    parts = _parts(found, titles, problems, period)
    _missing(name, parts, sheets, plan, problems)
    _empty(found, parts, plan, problems)
    member_sheets = {table.sheet.where for table in found if table.kind == "memberships"}
    if later == "drop":
        parts |= {kind: _until(parts[kind], period) for kind in ("facts", "money")}
    around = not own or later == "drop"
    facts = _checked(
        parts, catalogue, plan, period, packs, problems=problems, member_sheets=member_sheets, around=around
    )
    if problems:
        raise InputProblems(ordered(_of_here(problems.found), sheets))
    return replace(facts, blanks=_blanks(found, Units(facts.institutions)))


def _of_here(found: list[Problem]) -> list[Problem]:
    """The problems without the tables that a plan lacks in the workbook of another place: they are not asked of it."""
    if not any(problem.code == "REGION-OTHER" for problem in found):
        return found
    return [problem for problem in found if problem.code not in {"TABLE-MISSING", "TABLE-EMPTY"}]


def _until(parts: list[pd.DataFrame], period: Period) -> list[pd.DataFrame]:
    """The rows that do not begin after the period."""
    kept = (part[[Period.parse(text).start <= period.end for text in part["period"]]] for part in parts if len(part))
    return list(kept)


def _blanks(found: list[Table], units: Units) -> pd.DataFrame:
    """Where facts and money were asked for and nothing was filled in; rows of units that are nobody's are left out."""
    blanks = joined([part for table in found for part in table.blanks], [*_UNITS, *BLANKS])
    blanks["unit_code"] = units.resolve(blanks, "unit", Problems())
    return shaped(blanks[blanks["unit_code"].notna()].fillna({"document": ""}), BLANKS)


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
        at = {table.sheet.where for table in there}
        if any(problem.where.partition("!")[0] in at for problem in problems.found):
            continue  # its rows are bad, not absent: told at their cells
        said = "是空的" if all(table.rows.empty for table in there) else "没有填一个数"
        problems.add(there[0].sheet.where, "TABLE-EMPTY", f"{words.TABLES[kind]}{said}", "填写后再运行")


def _checked(
    parts: dict[str, list[pd.DataFrame]],
    catalogue: Catalogue,
    plan: Plan,
    period: Period,
    packs: Mapping[str, Pack] | None,
    *,
    problems: Problems,
    member_sheets: set[str],
    around: bool,
) -> Facts:
    """Units settled, everything checked, the tables in shape."""
    institutions, units = settled(joined(parts["institutions"], WRITTEN), problems)
    members = joined(parts["memberships"], MEMBERS)
    facts = joined(parts["facts"], ["period", *_UNITS, "metric", "value", "note", "source"])
    money = joined(parts["money"], ["period", *_UNITS, "item", "amount", *_DOCUMENTS, "source"])
    diseases = joined(parts["diseases"], [*_UNITS, *DISEASES])
    done = joined(parts["completions"], [*_UNITS, "entry_at", *COMPLETIONS])
    if len(institutions):
        members["unit_code"] = units.resolve(members, "unit", problems)
        members["alliance_code"] = units.resolve(members, "alliance", problems)
        facts["unit_code"] = units.resolve(facts, "unit", problems)
        money["unit_code"] = units.resolve(money, "unit", problems)
        members = members[members["unit_code"].notna() & members["alliance_code"].notna()]
        broken = _broken(parts["broken"], money, units)
        facts, money = facts[facts["unit_code"].notna()], money[money["unit_code"].notna()]
        forms = dict(zip(institutions["unit_code"], institutions["form"], strict=True))
        members = checks.once(members, ["unit_code", "alliance_code", "from", "to"])
        checks.memberships(members, units, problems, forms)
        _forms(institutions, plan, problems)
        elsewhere = _elsewhere(institutions, plan, problems)
        if len(diseases):
            diseases["unit_code"] = units.resolve(diseases, "unit", problems)
            diseases = diseases[diseases["unit_code"].notna()]
            checks.diseases(diseases, units, problems)
        if not elsewhere:  # another place's tasks are not this plan's: no need to say it of each
            done = completed.settled(done, packs, units, plan.region, problems)
        checks.facts(facts, catalogue, units, problems)
        checks.money(money, catalogue, units, problems)
        money = documents.standing(money, catalogue, units, broken, problems)
        amounts.impossible(money, facts, catalogue, units, period, problems=problems, broken=broken)
        nothing = checks.foreign(facts, money, catalogue, period, members["to"], around=around)
        if elsewhere:
            pass  # nor is what the plan and the period ask for
        elif len(nothing):  # what the period lacks besides would only bury that
            checks.none_of(nothing, period, problems)
        else:
            amounts.pools(money, plan, period, problems)
            amounts.alone(money, members, units, plan, period, problems)
            checks.later(facts, money, period, problems)
            # Who is a member cannot be said while the memberships themselves are in doubt.
            doubtful = any(problem.where.partition("!")[0] in member_sheets for problem in problems.found)
            if len(members) and not doubtful:
                checks.members_only(facts, members, units, period, problems)
    return Facts(
        shaped(institutions, INSTITUTIONS, {"signing": bool}),
        shaped(members, MEMBERSHIPS),
        shaped(facts, FACTS),
        shaped(money, MONEY, {"amount": "int64"}),
        shaped(diseases, DISEASES, {"outbound": "int64", "cases": "int64"}) if parts["diseases"] else None,
        completions=shaped(done, COMPLETIONS, {"completed_on": object}) if parts["completions"] else None,
    )


def _broken(parts: list[pd.DataFrame], money: pd.DataFrame, units: Units) -> pd.DataFrame:
    """unit_code and item of the rows of money that could not be read or are nobody's, None where that is not known."""
    bad = joined(parts, [*_UNITS, "item"])
    bad["unit_code"] = units.resolve(bad.fillna({"unit": "", "unit_name": ""}), "unit", Problems())
    both = pd.concat([bad, money[money["unit_code"].isna()]])[["unit_code", "item"]].astype(object)
    return both.where(both.notna() & (both != ""), None)


def _elsewhere(institutions: pd.DataFrame, plan: Plan, problems: Problems) -> bool:
    """Whether the table is another place's: it has no unit of the plan's region."""
    regions = [str(code) for code in institutions["region"] if code]
    elsewhere = bool(regions) and not any(contains(plan.region, code) for code in regions)
    if elsewhere:
        said = f"没有一个单位在方案的区域 {plan.region} 之内 (表中是 {'、'.join(sorted(set(regions))[:5])})"
        where = str(institutions["source"].iloc[0]).partition("!")[0]
        problems.add(where, "REGION-OTHER", said, "核对数据文件与方案是否相配, 或改正行政区划代码")
    return elsewhere


def _forms(institutions: pd.DataFrame, plan: Plan, problems: Problems) -> None:
    """Where a plan speaks of forms, every alliance must state its own."""
    items = [item for card in plan.scorecards for dimension in card.dimensions for item in dimension.items]
    named = [one.forms for one in plan.scorecards] + [one.forms for one in items] + [one.forms for one in plan.pools]
    if not any(named):
        return
    blank = institutions[(institutions["tier"] == Tier.ALLIANCE.value) & (institutions["form"] == "")]
    for where, name in zip(blank["source"], blank["name"], strict=True):
        problems.add(str(where), "FORM-MISSING", f"{name} 没有填医联体形式", "在机构表的 医联体形式 列补填")
