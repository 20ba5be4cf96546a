"""Who files what of a period: one assignment per filer, with all that it files for whom.

A filer is a unit or a bureau, by its code. Who it is for a reporting body (`reporter` of the catalogue): what the
register's table of reporters says, else what the plan's `filers` say, else the institution itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Self

import pandas as pd

from domain.facts import Catalogue
from domain.institution import Tier
from domain.period import Period
from domain.plan import Plan
from domain.workflow import CENTRE
from engine.template.workbook import DISEASES, Needed, by_disease, needed

_AGGREGATES = frozenset({Tier.ALLIANCE.value, Tier.DISTRICT.value})


@dataclass(frozen=True)
class Filers:
    """told: by reporting body a code or `centre`; managing: by unit the code of the institution that manages it."""

    told: Mapping[str, str]
    managing: Mapping[str, str]

    @classmethod
    def of_plan(cls, plan: Plan, institutions: pd.DataFrame, reporters: Mapping[str, str]) -> Self:
        """What a plan and a register say; institutions, reporters: as of `engine.read.register.Register`."""
        managed = zip(institutions["unit_code"], institutions["managing_unit"], strict=True)
        return cls({**plan.filers, **reporters}, {unit: code for unit, code in managed if code})

    def filer(self, unit: str, reporter: str) -> str:
        """Who files a reporting body's figures of a unit; itself where nobody manages it."""
        told = self.told.get(reporter, unit)
        return self.managing.get(unit, unit) if told == CENTRE else told


def assignments(
    plan: Plan,
    catalogue: Catalogue,
    institutions: pd.DataFrame,
    memberships: pd.DataFrame,
    reporters: Mapping[str, str],
    period: Period,
) -> dict[str, list[tuple[str, str]]]:
    """By filer, in the order of codes, what it files: (unit, reporting body), sorted.

    Asked are alliances, districts and the members of some day of the period (every institution where there are no
    memberships at all) for what the plan needs of their tier.
    """
    filers, wanted = Filers.of_plan(plan, institutions, reporters), needed(plan, catalogue)
    asked = {tier: reporters_of(of_tier(wanted, catalogue, tier), catalogue) for tier in map(str, Tier)}
    if by_disease(plan):
        asked |= {tier: [*dict.fromkeys([*asked[tier], DISEASES])] for tier in _AGGREGATES}
    found: dict[str, list[tuple[str, str]]] = {}
    for unit, tier in _present(institutions, memberships, period):
        for reporter in asked[tier]:
            found.setdefault(filers.filer(unit, reporter), []).append((unit, reporter))
    return {filer: sorted(found[filer]) for filer in sorted(found)}


def _present(institutions: pd.DataFrame, memberships: pd.DataFrame, period: Period) -> Iterator[tuple[str, str]]:
    """(unit, tier) of everybody who is asked in a period."""
    spans = zip(memberships["unit_code"], memberships["from"], memberships["to"], strict=True)
    members = {
        unit
        for unit, since, until in spans
        if since <= period.end and (until if isinstance(until, date) else date.max) >= period.start
    }
    for unit, tier in zip(institutions["unit_code"], institutions["tier"].astype(str), strict=True):
        if tier in _AGGREGATES or unit in members or memberships.empty:
            yield unit, tier


def reporters_of(wanted: Needed, catalogue: Catalogue) -> list[str]:
    """Who reports what is needed, in the order of the catalogue."""
    found = [catalogue.metrics[code].reporter for code in wanted.metrics]
    return list(dict.fromkeys([*found, *(catalogue.items[code].reporter for code in wanted.items)]))


def of_tier(wanted: Needed, catalogue: Catalogue, tier: str) -> Needed:
    """What institutions of a level are asked; no scopes mean all members."""

    def asked(scopes: tuple[str, ...]) -> bool:
        return tier in scopes or (tier not in _AGGREGATES and not scopes)

    return Needed(
        tuple(code for code in wanted.metrics if asked(catalogue.metrics[code].scopes)),
        tuple(code for code in wanted.items if asked(catalogue.items[code].scopes)),
    )


def reported(wanted: Needed, catalogue: Catalogue, reporter: str) -> Needed:
    """What one body reports of it."""
    return Needed(
        tuple(code for code in wanted.metrics if catalogue.metrics[code].reporter == reporter),
        tuple(code for code in wanted.items if catalogue.items[code].reporter == reporter),
    )
