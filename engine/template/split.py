"""The template in parts, one workbook for each who fills in: read as one again (`engine.read`), whoever filled which.

unit        a workbook per institution: its own rows, with what its level is asked
reporter    a workbook per reporting body (`reporter` of the catalogue): its metrics and items of all institutions
filer       a workbook per filer (`engine.template.filers`): all that it files, for whomever
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
from engine.template.filers import Filers, assignments, of_tier, reported, reporters_of
from engine.template.filing import asks_duties, filed, filer_needs, of_filer
from engine.template.workbook import DISEASES, DUTIES, Needed, needed, write_template

By = Literal["unit", "reporter", "filer"]
_UNFIT = re.compile(r'[\\/:*?"<>|\s]+')


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
    reporters: Mapping[str, str] | None = None,
) -> list[Path]:
    """Write the workbooks into the folder `out`, which is made; returns them by name.

    facts: tables to fill in; by unit and by filer they say which institutions there are. reporters: by filer, who files
    for which reporting body before the plan's `filers` (`engine.read.register`). Raises InputProblems:
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
        parts = (
            _by_filer(plan, catalogue, period, facts, reporters or {})
            if by == "filer" and facts is not None
            else _parts(plan, catalogue, by, facts)
        )
        for part in parts:
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
        for reporter in reporters_of(wanted, catalogue):
            asked = reported(wanted, catalogue, reporter)
            own = None if facts is None else _of_reporter(facts, asked, reporter)
            yield _Part(reporter, asked, own, duties=reporter == DUTIES)
        return
    units = facts.institutions
    for unit, name, tier in zip(units["unit_code"], units["name"], units["tier"].astype(str), strict=True):
        own, asked = _of_unit(facts, unit), of_tier(wanted, catalogue, tier)
        yield _Part(f"{unit}-{name}", asked, own, duties=tier == Tier.DISTRICT.value)


def _by_filer(
    plan: Plan, catalogue: Catalogue, period: Period, facts: Facts, reporters: Mapping[str, str]
) -> Iterator[_Part]:
    """A workbook for everybody who is asked or has filed something: every given row is in one of them."""
    asked = assignments(plan, catalogue, facts.institutions, facts.memberships, reporters, period)
    filers = Filers.of_plan(plan, facts.institutions, reporters)
    given: dict[str, set[tuple[str, str]]] = {}
    for unit, reporter in filed(facts, catalogue):  # what is reported of no unit is its reporting body's own
        given.setdefault(filers.filer(unit, reporter) or reporter, set()).add((unit, reporter))
    names = dict(zip(facts.institutions["unit_code"], facts.institutions["name"], strict=True))
    for filer in sorted({*asked, *given}):
        parts = asked.get(filer, [])
        every = frozenset({*parts, *given.get(filer, ())})
        bodies = "、".join(sorted({reporter for _, reporter in every}))
        wanted = filer_needs(plan, catalogue, facts.institutions, parts)
        own = of_filer(facts, catalogue, every)
        duties = asks_duties(facts.institutions, parts) or (own.completions is not None and len(own.completions) > 0)
        yield _Part(f"{filer}-{names.get(filer, bodies)}", wanted, own, duties=duties)


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
        diseases=facts.diseases if reporter == DISEASES else None,
        completions=facts.completions if reporter == DUTIES else None,
    )
