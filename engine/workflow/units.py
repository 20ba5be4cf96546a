"""The register of units: who there is, who belonged to which alliance when, and who files for which reporting body.

It is handed in as tables (`engine.read.register`) and never shrinks: who is not in a newer table stays, for what was
counted before; a membership ends by its last day, never by being left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict

from domain.facts import Catalogue, Facts
from domain.institution import Tier
from domain.problems import Problem, Problems
from domain.region import contains, stem
from engine.policy.configs import load_configs
from engine.read.register import Register, read_register
from engine.storage.audit import Record
from engine.storage.desk import Desk
from engine.storage.query import among, begins, over
from engine.storage.tables.period import Batch
from engine.storage.tables.place import Membership, Reporter, Unit
from engine.workflow.figures import register_of
from engine.workflow.roles import require

_KINDS = {Tier.ALLIANCE.value: "alliance", Tier.DISTRICT.value: "district"}
_OWN = ("name", "tier", "ownership", "managing_unit", "credit_code")
"""Columns of institutions that the table of units has too; the others are its `more`."""
_MORE = ("region", "signing", "form", "source")


class StayView(BaseModel):
    """A membership."""

    model_config = ConfigDict(frozen=True)

    alliance: str
    since: date | None
    until: date | None


class UnitView(BaseModel):
    """A unit of the register."""

    model_config = ConfigDict(frozen=True)

    unit: str
    name: str
    kind: str
    tier: str
    region: str
    ownership: str
    credit_code: str
    managing_unit: str
    memberships: list[StayView]


@dataclass(frozen=True)
class Taken:
    """What was taken in: how many units; warnings: what will be awkward about it."""

    units: int
    warnings: tuple[Problem, ...]


def import_register(desk: Desk, path: Path, catalogue: Catalogue | None = None) -> Taken:
    """Take in the register of a workbook or folder.

    catalogue: whose reporting bodies may be named (None: the shipped one). Raises NotAllowed (for the area that the
    units lie in), InputProblems with every problem of the tables, and MEMBERSHIP-GONE.
    """
    read = read_register(path, catalogue or load_configs().catalogue)
    area = _area(str(code) for code in read.institutions["region"])
    require(desk.actor, "unit.change", area, area)
    return Taken(_write(desk, read, area), tuple(_warnings(read)))


def _warnings(read: Register) -> Iterable[Problem]:
    """Clinics that nobody manages would each be asked for a workbook of its own."""
    units = read.institutions
    alone = int(((units["tier"] == Tier.VILLAGE.value) & (units["managing_unit"].astype(str) == "")).sum())
    if alone:
        said = f"{alone} 家村卫生室没有写管理机构, 开批次时每家各有一项填报任务"
        yield Problem(
            "机构表",
            "UNITS-UNMANAGED",
            said,
            "加一列“管理机构”, 写代它填报的卫生院或社区卫生服务中心的编码, 再导入一次",
        )


def adopt(desk: Desk, folder: Path, catalogue: Catalogue) -> None:
    """Make the two tables of a dataset the register, where there is none yet."""
    read = read_register(folder, catalogue)
    with desk.beyond():
        _write(desk, read, _area(str(code) for code in read.institutions["region"]))


def register(desk: Desk, region: str) -> Facts:
    """The institutions of a region and the alliances that any of them was ever in, with their memberships; no figures.

    The whole of it, whoever asks: the program must know it to open a batch and to read what was handed in.
    """
    with desk.beyond():
        units = [one for one in desk.rows(Unit, begins(Unit.region, stem(region)), order=Unit.unit) if one.tier]
        codes = {one.unit for one in units}
        stays = [one for one in desk.rows(Membership, order=(Membership.unit, Membership.since)) if one.unit in codes]
        alliances = {stay.alliance for stay in stays} - codes
        units += desk.rows(Unit, among(Unit.unit, alliances)) if alliances else []
    rows = [
        {"unit_code": one.unit, **{name: getattr(one, name) for name in _OWN}, **dict(one.more or {})}
        for one in sorted(units, key=lambda one: one.unit)
    ]
    return register_of(rows, [_stay(one) for one in stays])


def reporters(desk: Desk, region: str) -> dict[str, str]:
    """Who files for which reporting body in a region: what is said of the smallest area around it holds."""
    with desk.beyond():
        rows = desk.rows(Reporter)
    around = sorted((row for row in rows if contains(row.region, region)), key=lambda row: len(stem(row.region)))
    inside = {row.reporter: row.unit for row in rows if contains(region, row.region)}
    return {**inside, **{row.reporter: row.unit for row in around}}


def alliances(desk: Desk, batch: Batch) -> set[str]:
    """The alliances that a batch is about."""
    units = register(desk, batch.region).institutions
    return set(units.loc[units["tier"] == Tier.ALLIANCE.value, "unit_code"])


def listed(desk: Desk, *, after: str = "", limit: int = 100) -> list[UnitView]:
    """The caller's units by code, those behind `after`."""
    require(desk.actor, "unit.read")
    found = desk.rows(Unit, over(Unit.unit, after), order=Unit.unit, limit=limit)
    stays: dict[str, list[StayView]] = {}
    wanted = among(Membership.unit, [one.unit for one in found])
    for row in desk.rows(Membership, wanted, order=(Membership.unit, Membership.since)):
        stay = StayView(alliance=row.alliance, since=row.since, until=row.until)
        stays.setdefault(row.unit, []).append(stay)
    names = ("unit", "kind", "region", *_OWN)
    return [
        UnitView(**{name: getattr(one, name) for name in names}, memberships=stays.get(one.unit, [])) for one in found
    ]


def _stay(row: Membership) -> dict[str, Any]:
    place = f"单位登记 {row.unit} {row.alliance}"
    return {"unit_code": row.unit, "alliance_code": row.alliance, "from": row.since, "to": row.until, "source": place}


def _write(desk: Desk, read: Register, area: str) -> int:
    homes = _homes(read, area)
    _memberships(desk, read, homes)
    for row in read.institutions.to_dict("records"):
        unit = {str(name): cell for name, cell in row.items()}
        code, tier = str(unit["unit_code"]), str(unit["tier"])
        _put(desk, code, homes[code], _KINDS.get(tier, "institution"), unit)
    for code in sorted({*read.reporters.values()} - {*homes}):
        if desk.first(Unit, Unit.unit == code) is None:
            _put(desk, code, area, "bureau", {"name": read.names[code] or code})
    for reporter, code in read.reporters.items():
        row_of = desk.get(Reporter, (area, reporter)) or Reporter(region=area, reporter=reporter, unit=code)
        row_of.unit = code
        desk.add(row_of)
    detail = {"units": len(homes), "memberships": len(read.memberships), "reporters": dict(read.reporters)}
    desk.audit(Record("unit.import", f"register/{area}", region=area, unit=area, detail=detail))
    desk.event("unit.import", f"register/{area}", region=area, unit=area)
    return len(homes)


def _put(desk: Desk, code: str, region: str, kind: str, given: Mapping[str, Any]) -> None:
    row = desk.first(Unit, Unit.unit == code) or Unit(region=region, unit=code, kind=kind, name="")
    row.region, row.kind = region, kind
    for name in _OWN:
        setattr(row, name, str(given.get(name) or ""))
    if kind != "bureau":
        row.more = {name: bool(given[name]) if name == "signing" else str(given[name]) for name in _MORE}
    desk.add(row)


def _memberships(desk: Desk, read: Register, homes: Mapping[str, str]) -> None:
    """The memberships as the tables have them. Raises InputProblems where one goes on that the tables do not name."""
    stays = [
        (unit, alliance, since, None if pd.isna(until) else until)
        for unit, alliance, since, until in read.memberships[["unit_code", "alliance_code", "from", "to"]].itertuples(
            index=False, name=None
        )
    ]
    named, problems = {(unit, alliance) for unit, alliance, _, _ in stays}, Problems()
    known = desk.rows(Membership, among(Membership.unit, homes)) if homes else []
    for row in known:
        if row.until is None and (row.unit, row.alliance) not in named:
            problems.add(*_gone(row))
        elif row.until is None:  # as the table has it now, its first day too
            desk.remove(Membership, Membership.id == row.id)
    problems.raise_if_any()
    for unit, alliance, since, until in stays:
        key = (Membership.unit == unit, Membership.alliance == alliance, Membership.since == since)
        row_of = desk.first(Membership, *key)
        row_of = row_of or Membership(region=homes[unit], unit=unit, alliance=alliance, since=since)
        row_of.until = until
        desk.add(row_of)


def _gone(row: Membership) -> tuple[str, str, str, str]:
    said = f"{row.unit} 自 {row.since} 起在 {row.alliance}, 表里没有这一行"
    return f"单位登记 {row.unit}", "MEMBERSHIP-GONE", said, "保留这一行; 已退出的写明退出日期"


def _homes(read: Register, area: str) -> dict[str, str]:
    """The region each unit is kept under: its own; of an alliance without one, the area around its members."""
    own = dict(zip(read.institutions["unit_code"], read.institutions["region"].astype(str), strict=True))
    members: dict[str, list[str]] = {}
    for unit, alliance in zip(read.memberships["unit_code"], read.memberships["alliance_code"], strict=True):
        members.setdefault(alliance, []).append(own[unit])
    return {unit: region or _area(members.get(unit, [])) or area for unit, region in own.items()}


def _area(codes: Iterable[str]) -> str:
    """The smallest area around regions; "" of none. 330102, 330103 → 330100."""
    found = [code for code in codes if code]
    sizes = (digits for digits in (6, 4, 2, 0) if len({code[:digits] for code in found}) == 1)
    return found[0][: next(sizes)].ljust(6, "0") if found else ""
