"""Steps 1 to 7 of the contract, "From amount to person": who shares, earmarks, teams, points, bounds, deferral."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from math import ceil, floor
from typing import Any

from .exact import fen, half_up, levels, whole
from .reading import Given, Row

ONE, NONE = Fraction(1), Fraction(0)
Scheme = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """One line of pay, in fen; kind: as what it is taxed."""

    unit: str
    post: str
    person: str
    pool: str
    item: str
    component: str
    amount: int
    payer: str
    in_total: str
    document: str
    held: str
    kind: str


@dataclass
class Divided:
    """What every amount came to. short: units whose amount does not go round (nothing is written of them)."""

    units: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    teams: dict[tuple[str, str, str], tuple[Fraction, int, str]] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    short: set[str] = field(default_factory=set)
    documents: dict[tuple[str, str], str] = field(default_factory=dict)


def bounds_of(period: str) -> tuple[date, date]:
    """First and last day of a quarter."""
    year, quarter = int(period[:4]), int(period[-1])
    return date(year, 3 * quarter - 2, 1), date(year, 3 * quarter, 30 if quarter in (2, 3) else 31)


class Period:
    """The period's posts with all that is known of each."""

    def __init__(self, given: Given) -> None:
        self.given, self.pay = given, given.pay
        self.first, self.last = bounds_of(given.period)
        self.facts: dict[tuple[str, str], Fraction] = {
            (row["post_no"], row["measure"]): Fraction(row["value"]) for row in given.of("person_facts")
        }
        self.team_facts = {
            (row["unit_code"], row["team"], row["measure"]): Fraction(row["value"]) for row in given.of("team_facts")
        }
        self.held = {row["post_no"]: Fraction(row["multiplier"]) for row in given.of("holds")}
        self.items = {item["id"]: item for item in self.pay.get("items", [])}
        self.titles = {item["title"]: item["id"] for item in self.pay.get("items", [])}

    @cached_property
    def posts(self) -> list[Row]:
        """Posts with a day of the period."""
        return [
            row
            for row in self.given.of("posts")
            if date.fromisoformat(row["from"]) <= self.last
            and (not row["to"] or date.fromisoformat(row["to"]) >= self.first)
        ]

    @cached_property
    def times(self) -> dict[str, Fraction]:
        """share × a of every post whose attendance is told."""
        counts = {rule["kind"]: Fraction(rule["counts"]) for rule in self.pay.get("leave", [])}
        lost: dict[str, Fraction] = defaultdict(Fraction)
        for row in self.given.of("leave"):
            lost[row["post_no"]] += (1 - counts[row["kind"]]) * Fraction(row["days"])
        shares = {row["post_no"]: Fraction(row["share"]) for row in self.posts}
        return {
            row["post_no"]: shares[row["post_no"]]
            * (Fraction(row["days_employed"]) - lost[row["post_no"]])
            / Fraction(row["days_due"])
            for row in self.given.of("attendance")
            if row["post_no"] in shares
        }

    def sharing(self, unit: str, scheme: Scheme) -> list[Row]:
        """Whose pool it is: a head's own salary, who has a row of the first quantity, else all but heads and labour."""
        here = [row for row in self.posts if row["unit_code"] == unit]
        if scheme.get("who") == "head":
            return [row for row in here if row["role"] == "head"]
        labour = self.pay.get("labour_staffing", [])
        may = [
            row
            for row in here
            if row["role"] != "head" and (row["staffing"] not in labour or scheme.get("labour", False))
        ]
        if scheme.get("who") == "rows":
            first = next(one for one in scheme["points"] if one not in ("position", "time", "score", "hold"))
            return [row for row in may if (row["post_no"], first) in self.facts]
        return may

    def points(self, row: Row, scheme: Scheme) -> Fraction:
        """The product of the pool's factors."""
        product = ONE
        for name in scheme.get("points", []):
            product *= self.factor(row, name)
        return product

    def factor(self, row: Row, name: str) -> Fraction:
        """One factor of a post."""
        if name == "position":
            return Fraction(row["position"])
        if name == "time":
            return self.times[row["post_no"]]
        if name == "hold":
            return self.hold(row)
        value = self.facts[row["post_no"], name]
        return value / 100 if name == "score" else value

    def hold(self, row: Row) -> Fraction:
        """What is left of a post's pay; 1 without a row."""
        return self.held.get(row["post_no"], ONE)

    def bound(self, row: Row, rule: Scheme, rest: int, sharing: list[Row]) -> Fraction | None:
        """One cap or floor of one post before rounding; None where the rule is not for it."""
        if any(names and row[side] not in names for side, names in rule.get("of", {}).items()):
            return None
        if "amount" in rule:
            value = Fraction(fen(rule["amount"]))
        else:
            whole_time = sum((self.times[one["post_no"]] for one in sharing), NONE)
            value = Fraction(rule["times_mean"]) * rest / whole_time if whole_time else NONE
        return value * self.times[row["post_no"]] if rule.get("time") else value

    def limits(self, row: Row, scheme: Scheme, rest: int, sharing: list[Row]) -> tuple[Fraction, Fraction | None]:
        """Floor and cap of one post, whole fen."""
        if not self.points(row, scheme):
            return NONE, NONE
        lows = [self.bound(row, rule, rest, sharing) for rule in scheme.get("floors", [])]
        highs = [self.bound(row, rule, rest, sharing) for rule in scheme.get("caps", [])]
        low = max((ceil(one * self.hold(row)) for one in lows if one is not None), default=0)
        high = min((floor(one) for one in highs if one is not None), default=None)
        return Fraction(low), None if high is None else Fraction(high)

    def gone(self, unit: str, person: str) -> bool:
        """Whether a person has left the unit, by which balances are kept: no post there runs beyond the period."""
        ends = [row["to"] for row in self.given.of("posts") if (row["unit_code"], row["person_code"]) == (unit, person)]
        return all(end and date.fromisoformat(end) <= self.last for end in ends)


def divide(given: Given) -> Divided:
    """Every institution's amounts to its posts."""
    period, made = Period(given), Divided()
    for row in given.of("pay_amounts"):
        unit, pool = row["unit_code"], row["pool"]
        if not any(post["unit_code"] == unit for post in period.posts):
            made.units[unit, pool] = {"amount": fen(row["amount"]), "earmarks": 0, "shared": 0}
            made.documents[unit, pool] = row["document"]
            continue
        made.documents[unit, pool] = row["document"]
        if not _pool(period, made, (unit, pool), fen(row["amount"])):
            made.short.add(unit)
    made.units = {key: sums for key, sums in made.units.items() if key[0] not in made.short}
    made.teams = {key: team for key, team in made.teams.items() if key[0] not in made.short}
    made.lines = [line for line in made.lines if line.unit not in made.short]
    return made


def _pool(period: Period, made: Divided, key: tuple[str, str], amount: int) -> bool:
    (unit, pool), document = key, made.documents[key]
    scheme = period.pay["pools"][pool]
    counted = scheme.get("in_total", "yes")
    posts = {row["post_no"]: row for row in period.posts}
    earmarks = 0
    for row in period.given.of("earmarks"):
        post, item = posts[row["post_no"]], period.items[period.titles.get(row["item"], row["item"])]
        if post["unit_code"] != unit or item["id"] not in scheme.get("items", []):
            continue
        due = half_up(fen(item["rate"]) * Fraction(row["quantity"]))
        earmarks += due
        if due:
            known = item["id"], item.get("in_total", counted)
            made.lines.append(_line(post, (pool, document, item["tax"]), known, due))
    rest = amount - earmarks
    if rest < 0:
        return False
    paid = _points(period, made, key, scheme, rest)
    if paid is None:
        return False
    shared = 0
    for row, fen_due, held in paid:
        shared += fen_due
        line = _line(row, (pool, document, row["tax_kind"]), ("points", counted), fen_due, held=held)
        made.lines.append(line)
        later = _deferred(period, scheme, row, fen_due)
        if later:
            made.lines.append(replace(line, component="deferred", amount=-later, held=""))
    made.units[unit, pool] = {"amount": amount, "earmarks": earmarks, "shared": shared}
    return True


def _deferred(period: Period, scheme: Scheme, row: Row, due: int) -> int:
    rule = scheme.get("defer")
    if rule is None or (rule["leaver"] == "pay" and period.gone(row["unit_code"], row["person_code"])):
        return 0
    return half_up(Fraction(rule["share"]) * due)


def _line(row: Row, of: tuple[str, str, str], item: tuple[str, str], amount: int, *, held: str = "") -> Line:
    """of: pool, document and kind of tax; item: its id, and whether it counts in the total."""
    pool, document, kind = of
    return Line(
        row["unit_code"], row["post_no"], row["person_code"], pool, item[0], "due", amount, row["paid_through"],
        item[1], document, held, kind,
    )  # fmt: skip


def _points(
    period: Period, made: Divided, key: tuple[str, str], scheme: Scheme, rest: int
) -> list[tuple[Row, int, str]] | None:
    """Each sharing post's fen and what held it; None where the floors are more than there is."""
    sharing = period.sharing(key[0], scheme)
    limits = {row["post_no"]: period.limits(row, scheme, rest, sharing) for row in sharing}
    if any(high is not None and low > high for low, high in limits.values()):
        return None
    parts: dict[str, tuple[int, list[Row]]] = {"": (rest, sharing)}
    if "teams" in scheme:
        shared = _teams(period, made, key, scheme, rest, (sharing, limits))
        if shared is None:
            return None
        parts = shared
    out: list[tuple[Row, int, str]] = []
    for team, (amount, rows) in parts.items():
        if scheme.get("inside") == "list":
            listed = [(row, int(period.facts[row["post_no"], "amount"] * 100), "") for row in rows]
            assert sum(got for _, got, _ in listed) == amount, "a list that does not add up is not drawn"
            out += listed
            continue
        own = [limits[row["post_no"]] for row in rows]
        exact = levels(
            Fraction(amount),
            [period.points(row, scheme) for row in rows],
            [one[0] for one in own],
            [one[1] for one in own],
        )
        if exact is None:
            return None
        out += [
            (row, got, _held(period, scheme, row, share, one))
            for row, got, share, one in zip(
                rows, whole(exact, [row["post_no"] for row in rows]), exact, own, strict=True
            )
        ]
        if "teams" in scheme:
            weight, _, held = made.teams[*key, team]
            made.teams[*key, team] = weight, sum(got for row, got, _ in out if row["team"] == team), held
    return out


def _held(period: Period, scheme: Scheme, row: Row, share: Fraction, limits: tuple[Fraction, Fraction | None]) -> str:
    if period.hold(row) == 0 and "hold" in scheme["points"]:
        return "hold"
    low, high = limits
    if high is not None and share == high:
        return "cap"
    return "floor" if low and share == low else ""


def _teams(
    period: Period,
    made: Divided,
    key: tuple[str, str],
    scheme: Scheme,
    rest: int,
    who: tuple[list[Row], dict[str, tuple[Fraction, Fraction | None]]],
) -> dict[str, tuple[int, list[Row]]] | None:
    (unit, pool), (sharing, limits) = key, who
    names = sorted({row["team"] for row in sharing})
    of = {name: [row for row in sharing if row["team"] == name] for name in names}
    weights = [_weight(period, unit, name, of[name], scheme) for name in names]
    lows: list[Fraction] = [NONE] * len(names)
    highs: list[Fraction | None] = [None] * len(names)
    if scheme.get("over_cap", "share") == "share":
        for at, name in enumerate(names):
            own = [limits[row["post_no"]] for row in of[name]]
            lows[at] = sum((low for low, _ in own), NONE)
            caps = [high for _, high in own]
            highs[at] = None if None in caps else sum((high for high in caps if high is not None), NONE)
    exact = levels(Fraction(rest), weights, lows, highs)
    if exact is None:
        return None
    amounts = whole(exact, names)
    for name, weight, share, low, high, amount in zip(names, weights, exact, lows, highs, amounts, strict=True):
        held = "cap" if high is not None and share == high else "floor" if low and share == low else ""
        made.teams[unit, pool, name] = weight, amount, held
    return {name: (amount, of[name]) for name, amount in zip(names, amounts, strict=True)}


def _weight(period: Period, unit: str, team: str, rows: list[Row], scheme: Scheme) -> Fraction:
    weight = ONE
    for name in scheme["teams"]["weight"]:
        if name == "size":
            weight *= sum(
                (Fraction(row["position"]) * period.times[row["post_no"]] * period.hold(row) for row in rows), NONE
            )
        else:
            value = period.team_facts[unit, team, name]
            weight *= value / 100 if name == "score" else value
    return weight
