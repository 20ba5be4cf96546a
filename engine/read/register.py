"""The register: institutions, memberships and who files for which reporting body, settled on their own.

`read_register` is what a place hands in once, without figures; a run settles its institutions the same way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from domain.facts import INSTITUTIONS, MEMBERSHIPS, Catalogue, Facts
from domain.institution import Tier
from domain.problems import InputProblems, Problem, Problems
from engine.read import cells, checks, tables, words
from engine.read.files import Sheet, open_sheets
from engine.read.layout import Table, find_table
from engine.read.rows import Rows
from engine.read.titles import Titles
from engine.read.units import Units

WRITTEN = [*INSTITUTIONS, "managing_unit_at"]
_UNIT = ["unit", "unit_at", "unit_name", "unit_name_at"]
MEMBERS = [*_UNIT, *(role.replace("unit", "alliance") for role in _UNIT), "from", "to", "from_at", "to_at", "source"]
_KINDS = ("institutions", "memberships", "reporters")
_TOLD = tuple(name for name in INSTITUTIONS if name not in {"unit_code", "source"})
_STAY = ("unit_code", "alliance_code", "from", "to")
_REMEDY = "改回单位登记里的样子, 或请考核主管改单位登记"
TEXT = pd.StringDtype("python", na_value=np.nan)
"""Texts of a place's tables, kept as Python has them: for so few rows that is quicker than as Arrow does."""
_CELL = re.compile(r"(.*?)(?:!([A-Z]+)(\d+))?")


@dataclass(frozen=True)
class Register:
    """Who there is. institutions, memberships: as of `Facts`; reporters: reporting body → code of the one who files.

    names: of those who file, as the table of reporters names them ("" where it does not); they need be no institution.
    """

    institutions: pd.DataFrame
    memberships: pd.DataFrame
    reporters: Mapping[str, str]
    names: Mapping[str, str]


def read_register(path: Path, catalogue: Catalogue) -> Register:
    """The register in a workbook or in a folder of CSV or Parquet; sheets of figures are passed over.

    catalogue: whose reporting bodies may be named. Raises InputProblems with every problem, in the order of the input.
    """
    sheets, problems = open_sheets(path), Problems()
    found = _found(sheets, catalogue, problems)
    for kind in _KINDS[:2]:
        if not found[kind] and not problems:
            problems.add(path.name, "TABLE-MISSING", f"缺少{words.TABLES[kind]}", "按模板填写")
    parts = [tables.institutions(table, problems) for table in found["institutions"]]
    members = joined([tables.memberships(table, problems) for table in found["memberships"]], MEMBERS)
    institutions, units = settled(joined(parts, WRITTEN), problems)
    if len(institutions):
        members["unit_code"] = units.resolve(members, "unit", problems)
        members["alliance_code"] = units.resolve(members, "alliance", problems)
        members = members[members["unit_code"].notna() & members["alliance_code"].notna()]
        members = checks.once(members, ["unit_code", "alliance_code", "from", "to"])
        forms = dict(zip(institutions["unit_code"], institutions["form"], strict=True))
        checks.memberships(members, units, problems, forms)
    told = _reporters(found["reporters"], catalogue, units, problems)
    if problems:
        raise InputProblems(ordered(problems.found, sheets))
    codes = {reporter: code for reporter, code, _ in told}
    names = {code: name or units.codes.get(code, "") for _, code, name in told}
    return Register(shaped(institutions, INSTITUTIONS, {"signing": bool}), shaped(members, MEMBERSHIPS), codes, names)


def read_reporters(path: Path, catalogue: Catalogue) -> Mapping[str, str]:
    """Only who files for which reporting body, as of `Register`; nothing where there is no such table."""
    sheets, problems = open_sheets(path), Problems()
    found = _found(sheets, catalogue, problems)["reporters"]
    told = _reporters(found, catalogue, None, problems) if found else []
    if found and problems:
        raise InputProblems(ordered(problems.found, sheets))
    return {reporter: code for reporter, code, _ in told}


def _found(sheets: list[Sheet], catalogue: Catalogue, problems: Problems) -> dict[str, list[Table]]:
    """The tables of the register by kind; what is wrong with the heading of another is nothing of it."""
    found: dict[str, list[Table]] = {kind: [] for kind in _KINDS}
    titles = Titles(catalogue)
    for sheet in sheets:
        own = Problems()
        table = find_table(sheet, titles, own)
        named = any(one in words.key(sheet.title) for kind in _KINDS for one in words.SHEET_NAMES[kind])
        if table is not None and table.kind in found:
            found[table.kind].append(table)
        elif not named:
            continue
        problems.extend(own.found)
    return found


def _reporters(
    found: list[Table], catalogue: Catalogue, units: Units | None, problems: Problems
) -> list[tuple[str, str, str]]:
    """(reporting body, code, name) of every row; an institution's name must be its own."""
    known = {one.reporter for one in catalogue.metrics.values()} | {one.reporter for one in catalogue.items.values()}
    told: list[tuple[str, str, str]] = []
    seen: dict[str, str] = {}
    for table in found:
        rows = Rows(table, problems)
        rows.take("reporter", cells.text, needed=True)
        rows.take("unit_code", cells.unit_code, needed=True)
        rows.take("name", cells.text)
        for row in rows.good().to_dict("records"):
            reporter, code, name = str(row["reporter"]), str(row["unit_code"]), str(row["name"])
            at, its = str(row["reporter_at"]), units.codes.get(code, "") if units else ""
            if reporter not in known:
                problems.add(
                    at, "REPORTER-UNKNOWN", f"指标目录没有填报部门 {reporter}", f"可用: {'、'.join(sorted(known))}"
                )
            elif reporter in seen:
                problems.add(at, "DUPLICATE", f"填报部门 {reporter} 与 {seen[reporter]} 重复", "每个填报部门一行")
            elif name and its and words.key(name) != words.key(its):
                problems.add(
                    str(row["name_at"]),
                    "UNIT-MISMATCH",
                    f"代码 {code} 在机构表中是 {its}, 不是 {name}",
                    "核对代码和名称",
                )
            else:
                told.append((reporter, code, name))
            seen.setdefault(reporter, at)
    return told


def settled(written: pd.DataFrame, problems: Problems) -> tuple[pd.DataFrame, Units]:
    """The institutions of the joined rows, each once, with the codes of those that manage them, and who is who."""
    institutions = checks.institutions(written, problems)
    units = Units(institutions, written)
    if (institutions["managing_unit"] != "").any():
        institutions = institutions.assign(managing_unit=_managing(institutions, units, problems))
    return institutions, units


def _managing(institutions: pd.DataFrame, units: Units, problems: Problems) -> pd.Series[str]:
    """Codes for what stands in 管理机构; it must be an institution, and not the one it manages."""
    written = institutions[institutions["managing_unit"] != ""]
    frame = pd.DataFrame({"unit": written["managing_unit"], "unit_at": written["managing_unit_at"]})
    codes = units.resolve(frame.assign(unit_name="", unit_name_at=""), "unit", problems)
    for code, own, at in zip(codes, written["unit_code"], written["managing_unit_at"], strict=True):
        if code == own:
            problems.add(str(at), "MANAGING-UNIT", "管理机构是本单位自己", "没有管理机构的不填")
        elif units.tiers.get(code) in tables.UNNAMED_TIERS:
            said = f"管理机构 {units.codes[code]} 是{Tier(units.tiers[code]).chinese}, 不是机构"
            problems.add(str(at), "MANAGING-UNIT", said, "填管理它的乡镇卫生院、社区卫生服务中心或医院")
    return institutions["managing_unit"].where(institutions["managing_unit"] == "", codes).fillna("")


def differing(written: pd.DataFrame, members: pd.DataFrame, known: Facts, problems: Problems) -> None:
    """What differs from the register, or is not in it, is told at its row.

    written: institutions as filled in; members: their memberships, with the codes of units and alliances.
    """
    units = Units(known.institutions)
    registered = {row["unit_code"]: row for row in known.institutions.to_dict("records")}
    for row in written.to_dict("records"):
        code, its = row["unit_code"], registered.get(row["unit_code"])
        if its is None:
            problems.add(str(row["source"]), "REGISTER-UNKNOWN", f"单位登记里没有 {code}", _REMEDY)
            continue
        managed = row["managing_unit"]  # by code or name; a table need not say it
        row["managing_unit"] = units.find(managed) if managed else its["managing_unit"]
        other = [words.ROLE_TITLES[name] for name in _TOLD if row[name] != its[name]]
        if other:
            said = f"{code} 的{'、'.join(other)}与单位登记不同"
            problems.add(str(row["source"]), "REGISTER-DIFFERS", said, _REMEDY)
    stays = set(_stays(known.memberships))
    for stay, source in zip(_stays(members), members["source"], strict=True):
        if stay not in stays:
            said = f"{stay[0]} 在 {stay[1]} 的起止日期与单位登记不同"
            problems.add(str(source), "REGISTER-DIFFERS", said, _REMEDY)


def _stays(members: pd.DataFrame) -> list[tuple[str, ...]]:
    """The memberships as texts; a last day that is not there is "", whatever holds its place."""
    columns = [["" if pd.isna(cell) else str(cell) for cell in members[name]] for name in _STAY]
    return list(zip(*columns, strict=True))


def joined(parts: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    """The rows of all parts, as objects, in these columns."""
    filled = [part.reindex(columns=columns) for part in parts if len(part)]
    made = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=columns)
    return made.astype(object)


def shaped(frame: pd.DataFrame, columns: tuple[str, ...], types: dict[str, Any] | None = None) -> pd.DataFrame:
    """The columns in order with a RangeIndex; texts as TEXT, everything else objects but for `types`."""
    shaped = frame.reindex(columns=list(columns)).reset_index(drop=True)
    texts = {name: TEXT for name in columns if name not in {"from", "to", "value", *(types or {})}}
    return shaped.astype({**texts, **(types or {})})


def ordered(problems: list[Problem], sheets: list[Sheet]) -> list[Problem]:
    """The problems in the order of the input: sheet, row, column; each once."""
    order = {sheet.where: place for place, sheet in enumerate(sheets, start=1)}

    def place(problem: Problem) -> tuple[int, int, int, str]:
        match = _CELL.fullmatch(problem.where)
        sheet, column, row = match.groups() if match else (problem.where, None, None)
        return order.get(sheet, 0), int(row or 0), len(column or ""), column or ""

    return sorted(dict.fromkeys(problems), key=place)
