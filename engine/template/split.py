"""The template in parts, one workbook for each who fills in: read as one again (`engine.read`), whoever filled which.

unit        a workbook per institution: its own rows, with what its level is asked
reporter    a workbook per reporting body (`reporter` of the catalogue): its metrics and items of all institutions
filer       a workbook per institution and reporting body
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import pandas as pd

from domain.facts import Catalogue, Facts
from domain.institution import Tier
from domain.pack import Pack
from domain.period import Period
from domain.plan import Plan
from domain.problems import InputProblems, Problem
from engine.template.workbook import Needed, needed, write_template

By = Literal["unit", "reporter", "filer"]
_UNFIT = re.compile(r'[\\/:*?"<>|\s]+')
_DISEASES, _DUTIES = "医保部门", "卫生健康行政部门"  # who fills in the tables that belong to no metric


@dataclass(frozen=True)
class _Part:
    """One workbook: its name, what is asked in it, the tables it begins with, whether duties are asked for."""

    name: str
    wanted: Needed
    facts: Facts | None
    duties: bool


def write_split(
    plan: Plan,
    catalogue: Catalogue,
    period: Period,
    out: Path,
    by: By,
    *,
    facts: Facts | None = None,
    packs: Mapping[str, Pack] | None = None,
) -> list[Path]:
    """Write the workbooks into the folder `out`, which is made; returns them by name.

    facts: tables to fill in; by unit and by filer they say which institutions there are. Raises InputProblems:
    SPLIT-UNITS (nobody says which), OUT-EXISTS, and as `write_template`.
    """
    if facts is None and by != "reporter":
        remedy = "用 --from 给出有机构表的工作簿, 或写 --split reporter"
        raise InputProblems([Problem("--split", "SPLIT-UNITS", "按单位拆分要知道有哪些单位", remedy)])
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputProblems([Problem(str(out), "OUT-EXISTS", "已存在, 不写进去", "换一个空的或新的文件夹")])
    made = out.exists()
    out.mkdir(exist_ok=True)
    written: list[Path] = []
    try:
        for part in _parts(plan, catalogue, by, facts):
            path = out / f"{_UNFIT.sub('_', part.name)}.xlsx"
            asked = packs if part.duties else None
            write_template(plan, catalogue, period, path, part.facts, asked, wanted=part.wanted)
            written.append(path)
    except BaseException:  # half a set would look like a whole one
        for path in written:
            path.unlink(missing_ok=True)
        if not made:
            out.rmdir()
        raise
    return written


def _parts(plan: Plan, catalogue: Catalogue, by: By, facts: Facts | None) -> Iterator[_Part]:
    wanted = needed(plan, catalogue)
    if by == "reporter" or facts is None:
        for reporter in _reporters(wanted, catalogue):
            asked = _reported(wanted, catalogue, reporter)
            own = None if facts is None else _of_reporter(facts, asked, reporter)
            yield _Part(reporter, asked, own, duties=reporter == _DUTIES)
        return
    units = facts.institutions
    for unit, name, tier in zip(units["unit_code"], units["name"], units["tier"].astype(str), strict=True):
        own, asked = _of_unit(facts, unit), _of_tier(wanted, catalogue, tier)
        if by == "unit":
            yield _Part(f"{unit}-{name}", asked, own, duties=tier == Tier.DISTRICT.value)
            continue
        for reporter in _reporters(asked, catalogue):
            some = _reported(asked, catalogue, reporter)
            yield _Part(f"{unit}-{name}-{reporter}", some, _of_reporter(own, some, reporter), duties=False)


def _reporters(wanted: Needed, catalogue: Catalogue) -> list[str]:
    """Who reports what is needed, in the order of the catalogue."""
    found = [catalogue.metrics[code].reporter for code in wanted.metrics]
    return list(dict.fromkeys([*found, *(catalogue.items[code].reporter for code in wanted.items)]))


def _reported(wanted: Needed, catalogue: Catalogue, reporter: str) -> Needed:
    return Needed(
        tuple(code for code in wanted.metrics if catalogue.metrics[code].reporter == reporter),
        tuple(code for code in wanted.items if catalogue.items[code].reporter == reporter),
    )


def _of_tier(wanted: Needed, catalogue: Catalogue, tier: str) -> Needed:
    """What institutions of a level are asked; no scopes mean all members."""
    member = tier not in (Tier.ALLIANCE.value, Tier.DISTRICT.value)

    def asked(scopes: tuple[str, ...]) -> bool:
        return tier in scopes or (member and not scopes)

    return Needed(
        tuple(code for code in wanted.metrics if asked(catalogue.metrics[code].scopes)),
        tuple(code for code in wanted.items if asked(catalogue.items[code].scopes)),
    )


def _of_unit(facts: Facts, unit: str) -> Facts:
    """The rows of one unit, and the alliances it belongs to."""
    people = facts.memberships[facts.memberships["unit_code"] == unit].reset_index(drop=True)
    units = facts.institutions
    here = units[units["unit_code"].isin([unit, *people["alliance_code"]])].reset_index(drop=True)

    def own(table: pd.DataFrame) -> pd.DataFrame:
        return table[table["unit_code"] == unit].reset_index(drop=True)

    diseases = None if facts.diseases is None else own(facts.diseases)
    done = None if facts.completions is None else own(facts.completions)
    return Facts(here, people, own(facts.facts), own(facts.money), diseases, None, done)


def _of_reporter(facts: Facts, wanted: Needed, reporter: str) -> Facts:
    """The rows that one body reports."""
    return replace(
        facts,
        facts=facts.facts[facts.facts["metric"].isin(wanted.metrics)].reset_index(drop=True),
        money=facts.money[facts.money["item"].isin(wanted.items)].reset_index(drop=True),
        diseases=facts.diseases if reporter == _DISEASES else None,
        completions=facts.completions if reporter == _DUTIES else None,
    )
