"""Corrections by the contract: OLD's own inputs with the cases applied one after another, and what each changes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import floor

from .dividing import Divided, Line, divide
from .exact import fen
from .paying import Key, Paid, pay, payable, release
from .reading import Given, Row, Tables


@dataclass
class Change:
    """What one case changes: units (amount, earmarks, shared), teams and lines, as differences."""

    case: str
    units: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    teams: dict[tuple[str, str, str], tuple[Fraction, int, str]] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)


@dataclass
class Corrected:
    """Every change in order, what is paid of them, reserves (opening, drawn, returned), recovery; why: a refusal."""

    changes: list[Change] = field(default_factory=list)
    paid: Paid = field(default_factory=Paid)
    reserves: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    recovery: dict[str, tuple[int, int, int, int, int]] = field(default_factory=dict)
    short: bool = False
    why: str = ""


def correct(old: Given, brought: Tables, month: str) -> Corrected:
    """The payment that puts another right."""
    made = Corrected()
    opening = {row["reserve"]: fen(row["opening"]) for row in brought.get("reserves", [])}
    moved: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    was, before = old, stood(old)
    for case in sorted(brought["cases"], key=lambda row: row["case_no"]):
        funding = case["funding"] or old.pay["corrections"]["funding"]
        now = applied(was, case, brought, alone=funding.startswith("reserve: "))
        after = stood(now)
        made.short = bool(after.short)  # what is undivided in the end
        for unit in after.short:
            _keep(after, before, unit)
        change = _difference(case["case_no"], before, after)
        if funding.startswith("reserve: "):
            change = _of_reserve(change, case, now, after)
            given = sum(sums["amount"] for sums in change.units.values())
            moved[funding.removeprefix("reserve: ")][given < 0] += abs(given)
        made.changes.append(change)
        was, before = now, after
    for name, (drawn, returned) in moved.items():
        made.reserves[name] = opening[name], drawn, returned
        if drawn - returned > opening[name]:
            made.why = "PAY-RESERVE-SHORT"
    lines = [line for change in made.changes for line in change.lines]
    figures = {**was.tables, "tax_cumulative": brought.get("tax_cumulative", []), "deductions": []}
    made.paid = pay(replace(was, tables=figures, month=month), Divided(lines=lines), _up_and_down(made.changes))
    share = Fraction(old.pay["corrections"]["claw_back_max"])
    _recover(made, lines, was.tables["posts"], brought, month, share)
    return made


def stood(given: Given) -> Divided:
    """What the inputs come to, with what is released of earlier years."""
    divided = divide(given)
    release(given, divided)
    return divided


def applied(given: Given, case: Row, brought: Tables, *, alone: bool) -> Given:
    """The inputs with one case applied; alone: a unit's amount, since from a reserve the others keep theirs."""
    tables = {name: [dict(row) for row in rows] for name, rows in given.tables.items()}
    post = case["post_no"]
    if case["level"] == "unit":
        new = {row["unit_code"]: row for row in brought["pay_amounts"] if row["pool"] == case["pool"]}
        for row in tables["pay_amounts"]:
            if row["pool"] == case["pool"] and (not alone or row["unit_code"] == case["unit_code"]):
                row["amount"] = new[row["unit_code"]]["amount"]
    elif case["field"] == "*":
        for name, rows in brought.items():
            if name in ("posts", "attendance", "leave", "person_facts", "earmarks", "holds"):
                tables.setdefault(name, []).extend(row for row in rows if row["post_no"] == post)
        person = next(row["person_code"] for row in tables["posts"] if row["post_no"] == post)
        if all(row["person_code"] != person for row in tables["people"]):
            tables["people"] += [row for row in brought["people"] if row["person_code"] == person]
    else:
        _set(tables.setdefault(case["table"], []), case, brought)
    return replace(given, tables=tables)


def _set(rows: list[Row], case: Row, brought: Tables) -> None:
    measured = case["table"] == "person_facts"
    mine = [
        row for row in rows if row["post_no"] == case["post_no"] and (not measured or row["measure"] == case["field"])
    ]
    column = "value" if measured else case["field"]
    if not mine and case["table"] == "holds":
        rows.append({"period": case["period"], "post_no": case["post_no"], "multiplier": case["new_value"]})
        return
    if not mine:
        rows.extend(row for row in brought[case["table"]] if row["post_no"] == case["post_no"])
        return
    row = next(one for one in mine if Fraction(one[column]) == Fraction(case["old_value"]))
    row[column] = case["new_value"]


def _up_and_down(changes: list[Change]) -> dict[Key, tuple[int, int]]:
    """What each case pays and what it takes back of a post and pool, never the net alone, by payer, person and kind."""
    sums: dict[Key, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for change in changes:
        parts: dict[tuple[Key, str, str], int] = defaultdict(int)
        for line in change.lines:
            if payable(line):
                parts[(line.payer, line.person, line.kind), line.post, line.pool] += line.amount
        for (key, _, _), amount in parts.items():
            up, down = sums[key]
            sums[key] = up + max(0, amount), down + min(0, amount)
    return sums


def _keep(after: Divided, before: Divided, unit: str) -> None:
    """A unit whose amount does not go round keeps what it had."""
    after.units |= {key: sums for key, sums in before.units.items() if key[0] == unit}
    after.teams |= {key: team for key, team in before.teams.items() if key[0] == unit}
    after.lines += [line for line in before.lines if line.unit == unit]


def _key(line: Line) -> tuple[str, ...]:
    return line.unit, line.post, line.person, line.pool, line.item, line.component


def _difference(number: str, before: Divided, after: Divided) -> Change:
    change = Change(number)
    was, now = ({_key(line): line for line in state.lines} for state in (before, after))
    for key in sorted(was.keys() | now.keys()):
        amount = (now[key].amount if key in now else 0) - (was[key].amount if key in was else 0)
        if amount:
            change.lines.append(replace(now.get(key) or was[key], amount=amount))
    touched = {(line.unit, line.pool) for line in change.lines}
    for unit in sorted(before.units.keys() | after.units.keys()):
        sums = {
            one: after.units.get(unit, {}).get(one, 0) - before.units.get(unit, {}).get(one, 0)
            for one in ("amount", "earmarks", "shared")
        }
        if unit in touched or any(sums.values()):
            change.units[unit] = sums
    for team in sorted(before.teams.keys() | after.teams.keys()):
        weight, amount, held = after.teams.get(team) or (before.teams[team][0], 0, "")
        amount -= before.teams[team][1] if team in before.teams else 0
        if amount:
            change.teams[team] = weight, amount, held
    return change


def _of_reserve(change: Change, case: Row, now: Given, after: Divided) -> Change:
    """From a reserve the unit, or the person, alone has the difference; their team has as much more."""
    if case["level"] == "unit":
        mine = (case["unit_code"], case["pool"])
        return Change(
            change.case,
            {key: sums for key, sums in change.units.items() if key == mine},
            {key: team for key, team in change.teams.items() if key[:2] == mine},
            [line for line in change.lines if (line.unit, line.pool) == mine],
        )
    teams_of = {row["post_no"]: row["team"] for row in now.of("posts")}
    lines = [line for line in change.lines if line.post == case["post_no"]]
    units: dict[tuple[str, str], dict[str, int]] = {}
    teams: dict[tuple[str, str, str], tuple[Fraction, int, str]] = {}
    for line in lines:
        sums = units.setdefault((line.unit, line.pool), {"amount": 0, "earmarks": 0, "shared": 0})
        if line.component == "due":
            sums["amount"] += line.amount
            sums["shared" if line.item == "points" else "earmarks"] += line.amount
        team = (line.unit, line.pool, teams_of[line.post])
        if (line.item, line.component) == ("points", "due") and team in after.teams:
            teams[team] = after.teams[team][0], line.amount, ""
    return Change(change.case, units, teams, lines)


def _recover(made: Corrected, lines: list[Line], posts: list[Row], brought: Tables, month: str, most: Fraction) -> None:
    """What was paid too much comes off the next payment, at most a share of it; without one it is owed."""
    ahead: dict[str, int] = defaultdict(int)
    for row in brought.get("next_payments", []):
        if row["month"] == month:
            ahead[row["person_code"]] += fen(row["payable"])
    parts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for line in lines:
        if payable(line):
            parts[line.person][line.payer] += line.amount
    for person, by_payer in parts.items():
        down = sum(min(0, one) for one in by_payer.values())
        up = sum(max(0, one) for one in by_payer.values())
        ends = [row["to"] for row in posts if row["person_code"] == person]
        coming = ahead[person]
        if coming and not all(end and end < f"{month}-01" for end in ends):
            taken = min(-down, floor(most * coming))
            made.recovery[person] = up + down, -taken, down + taken, 0, coming - taken + up
        else:
            made.recovery[person] = up + down, 0, 0, -down, coming + up
    made.recovery = {person: sums for person, sums in made.recovery.items() if any(sums[:4])}
