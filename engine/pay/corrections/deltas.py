"""What a case changes, as signed lines: new − old of every component. Source: contract of pay, Corrections."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pandas as pd

from domain.step import Place, Step, Words
from engine.pay.corrections.cases import Case
from engine.pay.result import TABLES, Split, frame

WORDS: dict[str, Words | str] = {
    "line": Words("更正 {case} 的差额", "更正后 − 更正前"),
}
_OF = {
    "units": ("period", "unit_code", "pool"),
    "teams": ("period", "unit_code", "pool", "team"),
    "lines": (
        *("period", "unit_code", "post_no", "person_code", "pool", "item", "component"),
        *("charged_unit", "paid_through", "in_total", "document"),
    ),
}
"""What tells two rows apart: a line that is charged or paid elsewhere now is another one."""
_SUMS = {
    "units": ("amount", "earmarks", "shared", "kept", "in_total", "outside"),
    "teams": ("amount",),
    "lines": ("amount",),
}


def of_case(case: Case, old: Split, new: Split) -> Split:
    """The differences that a case pays or takes back: of everybody, or, from a reserve, of those it is about."""
    changed = {
        name: _differences(name, getattr(old, name), getattr(new, name), case.number) for name in ("lines", "teams")
    }
    touched = set(changed["lines"][["unit_code", "pool"]].itertuples(index=False, name=None))
    changed["units"] = _differences("units", old.units, new.units, case.number, touched)
    if not case.reserve:
        units, teams, lines = (changed[name] for name in _OF)
    elif case.level == "unit":
        mine = {
            name: table[(table["unit_code"] == case.unit) & (table["pool"] == case.pool)]
            for name, table in changed.items()
        }
        units, teams, lines = (mine[name].reset_index(drop=True) for name in _OF)
    else:
        lines = changed["lines"][changed["lines"]["post_no"] == case.post].reset_index(drop=True)
        units = _units_of(lines, case)
        teams = _teams_of(lines, new, case)
    return Split(units, teams, lines, tuple(_steps(case, lines)))


def _differences(
    name: str,
    old: pd.DataFrame,
    new: pd.DataFrame,
    number: str,
    touched: Collection[tuple[str, str]] = (),
) -> pd.DataFrame:
    """Rows of one table whose sums differ, with the differences; everything else of a row as it is now.

    touched: institutions and pools of which a line changed: their row is there also where nothing of it did.
    """
    keys, sums = _OF[name], _SUMS[name]
    before, after = (_by(table, keys) for table in (old, new))
    rows = []
    for key in sorted(before.keys() | after.keys(), key=lambda one: tuple(map(str, one))):
        was, now = before.get(key), after.get(key)
        row = dict(now or was or {})
        row |= {one: (now[one] if now else 0) - (was[one] if was else 0) for one in sums}
        if any(row[one] for one in sums) or (row["unit_code"], row["pool"]) in touched:
            rows.append(tuple({**row, "case": number}[one] for one in TABLES[name]))
    return frame(name, rows)


def _by(table: pd.DataFrame, keys: tuple[str, ...]) -> Mapping[tuple[Any, ...], dict[str, Any]]:
    return {
        tuple(row[key] for key in keys): {str(name): one for name, one in row.items()}
        for row in table.to_dict("records")
    }


def _units_of(lines: pd.DataFrame, case: Case) -> pd.DataFrame:
    """What a reserve pays for one person, as amounts of the institution."""
    rows = []
    for (period, unit, pool), part in lines.groupby(["period", "unit_code", "pool"], sort=True):
        due = part[part["component"] == "due"]
        of = {name: int(due.loc[mask, "amount"].sum()) for name, mask in _parts(due)}
        whole = of["earmarks"] + of["shared"]
        document = str(due["document"].iloc[0]) if len(due) else ""
        rows.append(
            (
                period,
                unit,
                pool,
                whole,
                of["earmarks"],
                of["shared"],
                0,
                of["inside"],
                whole - of["inside"],
                document,
                case.number,
            )
        )
    return frame("units", rows)


def _parts(due: pd.DataFrame) -> Iterator[tuple[str, pd.Series[bool]]]:
    yield "shared", due["item"] == "points"
    yield "earmarks", due["item"] != "points"
    yield "inside", due["in_total"] == "yes"


def _teams_of(lines: pd.DataFrame, new: Split, case: Case) -> pd.DataFrame:
    """The person's points as the difference of the team: of the one team in which the pool pays it."""
    points = lines[(lines["component"] == "due") & (lines["item"] == "points")]
    teams = dict(_team_of_post(new, case.post))
    rows = []
    for period, unit, pool, fen in points[["period", "unit_code", "pool", "amount"]].itertuples(index=False, name=None):
        if (unit, pool) in teams:
            team, weight = teams[unit, pool]
            rows.append((period, unit, pool, team, weight, fen, "", case.number))
    return frame("teams", rows)


def _team_of_post(new: Split, post: str) -> Iterator[tuple[tuple[str, str], tuple[str, Any]]]:
    """The team of a post by institution and pool, as its stories have it."""
    weights = {
        (unit, pool, team): weight
        for unit, pool, team, weight in new.teams[["unit_code", "pool", "team", "weight"]].itertuples(
            index=False, name=None
        )
    }
    for step in new.steps:
        place = step.place
        if place.post == post and (place.unit, place.pool, place.team) in weights:
            yield (place.unit, place.pool), (place.team, weights[place.unit, place.pool, place.team])


def _steps(case: Case, lines: pd.DataFrame) -> Iterator[Step]:
    """The story of every line: what it was, what it is."""
    for row in lines.to_dict("records"):
        place = Place(
            pool=row["pool"],
            unit=row["unit_code"],
            post=row["post_no"],
            item=row["item"],
            line=f"{row['component']}/{case.number}",
            of=row["paid_through"] if row["paid_through"] != row["charged_unit"] else "",
        )
        yield Step(
            "correction",
            place,
            f"{__name__}:line",
            int(row["amount"]),
            fields={"case": case.number},
            cites=(case.document,) if case.document else (),
            cells=(case.at,),
        )
