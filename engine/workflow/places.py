"""What belongs to the unit that a grant names: the alliance's members, the units it manages, a region's units."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import reduce

from domain.region import stem
from engine.storage.desk import Desk
from engine.storage.query import among, begins, begun, either, lasting
from engine.storage.scope import EVERYWHERE, NOWHERE, Scope
from engine.storage.tables.place import Membership, Reporter, Unit

WHOLE = "000000"
"""The country: the place of what belongs to no region."""


def is_region(code: str) -> bool:
    """Whether a code is formed as a region's."""
    return len(code) == 6 and code.isdecimal()


def is_known(desk: Desk, code: str) -> bool:
    """Whether the register knows a code: of a unit, an alliance, a filer, or a region that one of its units lies in.

    While the register is empty nothing is unknown.
    """
    if not code or not desk.count(Unit):
        return True
    if desk.count(Unit, Unit.unit == code) or desk.count(Membership, Membership.alliance == code):
        return True
    if desk.count(Reporter, Reporter.unit == code):
        return True
    return is_region(code) and bool(desk.count(Unit, begins(Unit.region, stem(code))))


def scope_of(desk: Desk, code: str, day: date) -> Scope:
    """The places that a grant for a code gives on a day (empty: everywhere). The desk must see everything.

    A unit gives itself and what it manages, an alliance itself and its members of the day with what these manage, a
    region all that lies in it.
    """
    if not code:
        return EVERYWHERE
    rows = desk.values([Unit.unit, Unit.region, Unit.kind], either(Unit.unit == code, Unit.managing_unit == code))
    kind = next((kind for unit, _, kind in rows if unit == code), "")
    if is_region(code) and kind in {"", "district"}:
        return Scope(regions=frozenset({code}))
    found, homes = {code}, {region for _, region, _ in rows}
    new = {unit for unit, _, _ in rows} - found
    if not kind:
        homes |= {region for (region,) in desk.values([Reporter.region], Reporter.unit == code)}
    if kind in {"", "alliance"}:
        during = (Membership.alliance == code, begun(Membership.since, day), lasting(Membership.until, day))
        for unit, region in desk.values([Membership.unit, Membership.region], *during):
            new.add(unit)
            homes.add(region)
    while new := new - found:
        found |= new
        managed = desk.values([Unit.unit, Unit.region], among(Unit.managing_unit, new))
        new = {unit for unit, _ in managed}
        homes |= {region for _, region in managed}
    return Scope(units=frozenset(found), homes=frozenset(homes))


def together(scopes: Iterable[Scope]) -> Scope:
    """All that any of these gives."""
    return reduce(_both, scopes, NOWHERE)


def _both(one: Scope, other: Scope) -> Scope:
    return Scope(
        everywhere=one.everywhere or other.everywhere,
        regions=one.regions | other.regions,
        units=one.units | other.units,
        homes=one.homes | other.homes,
    )
