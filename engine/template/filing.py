"""The workbook of one filer: what is asked in it, and the rows of a region's tables that belong in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from domain.facts import Catalogue, Facts
from domain.institution import Tier
from domain.pack import Pack
from domain.period import Period
from domain.plan import Plan
from engine.template.filers import of_tier, reported
from engine.template.workbook import DISEASES, DUTIES, Needed, needed, write_template


def write_filing(
    plan: Plan,
    catalogue: Catalogue,
    period: Period,
    out: Path,
    parts: Iterable[tuple[str, str]],
    *,
    facts: Facts,
    packs: Mapping[str, Pack] | None = None,
) -> None:
    """Write the workbook of one filer. Raises InputProblems or OSError as `write_template`.

    parts: (unit, reporting body) that it files, as of `assignments`; facts: the institutions and memberships of the
    region, and what is to be filled in already; packs: whose duties are asked of a district's health bureau.
    """
    parts = frozenset(parts)
    asked = packs if asks_duties(facts.institutions, parts) else None
    wanted = filer_needs(plan, catalogue, facts.institutions, parts)
    write_template(plan, catalogue, period, out, of_filer(facts, catalogue, parts), asked, wanted=wanted)


def filer_needs(
    plan: Plan, catalogue: Catalogue, institutions: pd.DataFrame, parts: Iterable[tuple[str, str]]
) -> Needed:
    """What is asked of a filer. parts: what it files, as of `assignments`."""
    parts, wanted = frozenset(parts), needed(plan, catalogue)
    tiers = dict(zip(institutions["unit_code"], institutions["tier"].astype(str), strict=True))
    some = [
        reported(of_tier(wanted, catalogue, tier), catalogue, reporter)
        for tier, reporter in {(tiers[unit], reporter) for unit, reporter in parts}
    ]
    metrics = {code for one in some for code in one.metrics}
    items = {code for one in some for code in one.items}
    return Needed(
        tuple(code for code in wanted.metrics if code in metrics),
        tuple(code for code in wanted.items if code in items),
        parts,
    )


def filed(facts: Facts, catalogue: Catalogue) -> set[tuple[str, str]]:
    """(unit, reporting body) of everything that is filled in."""
    metrics = facts.facts["metric"].map({code: one.reporter for code, one in catalogue.metrics.items()})
    items = facts.money["item"].map({code: one.reporter for code, one in catalogue.items.items()})
    found = {*zip(facts.facts["unit_code"], metrics, strict=True), *zip(facts.money["unit_code"], items, strict=True)}
    for table, reporter in ((facts.diseases, DISEASES), (facts.completions, DUTIES)):
        found |= set() if table is None else {(unit, reporter) for unit in table["unit_code"]}
    return found


def of_filer(facts: Facts, catalogue: Catalogue, parts: frozenset[tuple[str, str]]) -> Facts:
    """The rows of these parts, and the institutions that they are about, with their alliances and who manages them."""
    units = {unit for unit, _ in parts}
    people = facts.memberships[facts.memberships["unit_code"].isin(units)].reset_index(drop=True)
    known = facts.institutions
    managers = known.loc[known["unit_code"].isin(units), "managing_unit"]
    here = known["unit_code"].isin({*units, *people["alliance_code"], *managers})

    def own(table: pd.DataFrame, code: str, bodies: Mapping[str, str]) -> pd.DataFrame:
        mine = [pair in parts for pair in zip(table["unit_code"], table[code].map(bodies), strict=True)]
        return table[pd.Series(mine, index=table.index, dtype=bool)].reset_index(drop=True)

    def whole(table: pd.DataFrame | None, reporter: str) -> pd.DataFrame | None:
        mine = {unit for unit, one in parts if one == reporter}
        return None if table is None or not mine else table[table["unit_code"].isin(mine)].reset_index(drop=True)

    return Facts(
        known[here].reset_index(drop=True),
        people,
        own(facts.facts, "metric", {code: one.reporter for code, one in catalogue.metrics.items()}),
        own(facts.money, "item", {code: one.reporter for code, one in catalogue.items.items()}),
        whole(facts.diseases, DISEASES),
        None,
        whole(facts.completions, DUTIES),
    )


def asks_duties(institutions: pd.DataFrame, parts: Iterable[tuple[str, str]]) -> bool:
    """Whether these parts are those of a district's health bureau, which is asked for the duties of the packs."""
    tiers = dict(zip(institutions["unit_code"], institutions["tier"].astype(str), strict=True))
    return any(reporter == DUTIES and tiers[unit] == Tier.DISTRICT.value for unit, reporter in parts)
