"""Which rows of a table speak for a period, and who belongs to which alliance when. One answer for every room.

    flow      adds up over time: the coarsest rows inside the period that do not overlap. They speak for it only if they
              cover every month of it (`Chosen.covered`): a quarter never passes for a year
    approval  a decision for the year, by document (批复文号): the documents add up, each with its own rows; together
              they must cover the year
    stock     a snapshot: the row of the period itself, else one inside it with the same last day; where the caller asks
              for it (`around`), instead of that one of a longer period around it, such as a year's opening. One of an
              earlier period stands for none: a plan says which figures it carries over (`engine.run.carry`)
    to_date   what stood at the moment of the run, such as paid to date: only the row of the period itself

A unit that joined or left owes the months that begin while it is a member (`needed_months`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import groupby
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from domain.facts import Facts
from domain.institution import Tier
from domain.period import Period

Array = npt.NDArray[Any]

FOREVER = np.iinfo(np.int64).max
FLOWS = frozenset({"flow", "approval"})
MEMBERS = ("unit_code", "name", "tier", "ownership", "grassroots", "signing", "months")
_LENGTHS = (12, 6, 3, 1)


@dataclass(frozen=True)
class Spans:
    """The periods of rows: `at` (rows,) are positions in `periods`, every period once."""

    at: Array
    periods: Sequence[Period]

    @classmethod
    def of(cls, texts: pd.Series[str] | Array) -> Self:
        """The periods as filled in. Raises ValueError for a text that is none."""
        at, known = pd.factorize(texts)
        return cls(at, [Period.parse(str(text)) for text in known])

    def take(self, rows: Array) -> Spans:
        """The periods of some rows (positions or bool)."""
        return Spans(self.at[rows], self.periods)

    def of_length(self, months: int, inside: Period) -> Iterator[tuple[int, Period]]:
        """The periods of a length inside a longer one, with their positions."""
        return ((at, one) for at, one in enumerate(self.periods) if one.months == months and inside.contains(one))


@dataclass(frozen=True)
class Chosen:
    """rows: positions of the rows that speak for the period, in the order given.

    By group of rows: covered (groups,) has a bit per month of the period that they cover (stock: 1 if there is any);
    slot (groups,) is the longest of their lengths in months.
    """

    rows: Array
    covered: Array
    slot: Array


def choose(kind: str, spans: Spans, group: Array, groups: int, period: Period, *, around: bool = False) -> Chosen:
    """The rows that speak for `period`, group by group.

    kind: one of domain.facts.KINDS; group: (rows,) which of the `groups` each row belongs to. Source: the head of
    this module.
    """
    if kind in FLOWS:
        return _flow(spans, group, groups, period)
    order = _snapshots(spans.periods, period, around=around and kind == "stock", itself=kind == "to_date")
    rank = np.array([order.get(at, 0) for at in range(len(spans.periods))] or [0], dtype=np.int64)[spans.at]
    best = np.zeros(groups, dtype=np.int64)
    np.maximum.at(best, group, rank)
    rows = np.flatnonzero((rank > 0) & (rank == best[group]))
    return Chosen(rows, (best > 0).astype(np.int64), np.ones(groups, dtype=np.int64))


def _flow(spans: Spans, group: Array, groups: int, period: Period) -> Chosen:
    covered, slot = np.zeros(groups, dtype=np.int64), np.ones(groups, dtype=np.int64)
    kept = np.zeros(len(group), dtype=bool)
    for months in _LENGTHS:
        before = covered.copy()
        for at, one in spans.of_length(months, period):
            bits = month_bits(one, period)
            rows = np.flatnonzero(spans.at == at)
            rows = rows[(before[group[rows]] & bits) == 0]
            kept[rows] = True
            covered[group[rows]] |= bits
            slot[group[rows]] = np.maximum(slot[group[rows]], months)
    return Chosen(np.flatnonzero(kept), covered, slot)


def _snapshots(periods: Sequence[Period], period: Period, *, around: bool, itself: bool) -> dict[int, int]:
    """Rank from 1 up, by position, of the periods whose rows may stand for a snapshot: the highest does."""
    own = [at for at, one in enumerate(periods) if one == period]
    if itself:
        others = []
    elif around:
        others = [at for at, one in enumerate(periods) if one.contains(period) and at not in own]
    else:
        others = [
            at for at, one in enumerate(periods) if period.contains(one) and one.end == period.end and at not in own
        ]
    others.sort(key=lambda at: -periods[at].months if around else periods[at].months)
    return {at: rank for rank, at in enumerate([*others, *own], start=1)}


def contradicting(spans: Spans, group: Array, value: Sequence[Any] | Array, chosen: Chosen, period: Period) -> Array:
    """Positions of rows under a chosen row of a longer period that cannot be parts of it.

    The parts contradict it if they cover all of it with another sum, or a part of it with more than the whole (where
    none is negative). value: exact numbers. Source: 同一数据只有一个口径, domain/E_sheets.
    """
    found = [np.zeros(0, dtype=np.int64)]
    inside = [(at, one) for months in _LENGTHS[:-1] for at, one in spans.of_length(months, period)]
    for at, one in inside:
        whole = chosen.rows[spans.at[chosen.rows] == at]
        shorter = [at for at, other in enumerate(spans.periods) if other != one and one.contains(other)]
        under = np.flatnonzero(np.isin(spans.at, shorter) & np.isin(group, group[whole]))
        if not len(under):
            continue
        units, numbers = np.unique(group[under], return_inverse=True)
        parts = _flow(spans.take(under), numbers, len(units), one)
        least = np.full(len(units), Fraction(0), dtype=object)
        sums, wholes = least.copy(), least.copy()
        for row in under[parts.rows]:
            number = np.searchsorted(units, group[row])
            sums[number] += Fraction(value[row])
            least[number] = min(least[number], Fraction(value[row]))
        for row in whole[np.isin(group[whole], units)]:
            wholes[np.searchsorted(units, group[row])] += Fraction(value[row])
        full = parts.covered == (1 << one.months) - 1
        wrong = np.where(full, sums != wholes, (sums > wholes) & (least >= 0)).astype(bool)
        found.append(under[parts.rows][wrong[numbers[parts.rows]]])
    return np.unique(np.concatenate(found))


def month_bits(one: Period, period: Period) -> int:
    """The months of `one` as bits of the period around it."""
    first = (one.start.year - period.start.year) * 12 + one.start.month - period.start.month
    return int(((1 << one.months) - 1) << first)


def say_months(bits: int, period: Period) -> str:
    """The months whose bits are set, in Chinese: "2025年4至12月", "2026年7月、9月"."""
    first = period.start.month
    months = [first + at for at in range(period.months) if bits >> at & 1]
    runs = [[month for _, month in run] for _, run in groupby(enumerate(months), lambda pair: pair[1] - pair[0])]
    return f"{period.year}年" + "、".join(f"{run[0]}月" if len(run) == 1 else f"{run[0]}至{run[-1]}月" for run in runs)


# ── who is a member when ──────────────────────────────────────────────────────────────────────────────────


def ordinals(days: Sequence[Any] | pd.Series[Any], missing: int) -> Array:
    """Days as ordinal numbers, (days,) int64; `missing` for None."""
    return np.array([missing if day is None or pd.isna(day) else day.toordinal() for day in days], dtype=np.int64)


def months_begun(first: Array, last: Array, period: Period, slot: Array | None = None) -> Array:
    """The months of the period that begin from `first` to `last` (ordinals, (n,)), as bits.

    slot: (n,) months per row: a row of several months counts if its first month begins then.
    """
    slots = np.ones(len(first), dtype=np.int64) if slot is None else slot
    needed = np.zeros(len(first), dtype=np.int64)
    for step in range(period.months):
        day = period.start.replace(month=period.start.month + step).toordinal()
        begins = (step % slots == 0) & (first <= day) & (day <= last)
        needed[begins] |= ((1 << slots[begins]) - 1) << step
    return needed


def needed_months(memberships: pd.DataFrame, period: Period) -> dict[str, int]:
    """The months of the period that each unit with a membership in it owes figures of, as bits; others owe all."""
    there = during(memberships, period)
    bits = months_begun(ordinals(there["from"], 0), ordinals(there["to"], FOREVER), period)
    owed: dict[str, int] = {}
    for unit, months in zip(there["unit_code"], bits, strict=True):
        owed[str(unit)] = owed.get(str(unit), 0) | int(months)
    return owed


def memberships(facts: Facts, period: Period) -> pd.DataFrame:
    """Who belongs to which alliance in `period`: alliance_code and the columns MEMBERS, by alliance and unit code.

    months: whole calendar months of the period during which the member belonged (one that joins on 16 August has
    September only). A member that joined, left and came back has one row with its months added; memberships that follow
    one another without a day between are one.
    """
    rows = _unbroken(during(facts.memberships, period)).merge(
        facts.institutions.drop(columns="source"), on="unit_code", validate="many_to_one"
    )
    tiers = rows["tier"].map(lambda tier: Tier(tier).grassroots)
    rows = rows.assign(
        months=_whole_months(rows["from"], rows["to"], period),
        grassroots=tiers.astype(bool),
        signing=rows["signing"].astype(bool),
    )
    key = ["alliance_code", "unit_code"]
    rows = rows.assign(months=rows.groupby(key)["months"].transform("sum")).drop_duplicates(key)
    return rows.sort_values(key, ignore_index=True)[["alliance_code", *MEMBERS]]


def during(memberships: pd.DataFrame, period: Period) -> pd.DataFrame:
    """The memberships of any day of the period."""
    first, last = ordinals(memberships["from"], 0), ordinals(memberships["to"], FOREVER)
    return memberships[(first <= period.end.toordinal()) & (last >= period.start.toordinal())]


def _unbroken(memberships: pd.DataFrame) -> pd.DataFrame:
    """The memberships, those of one unit and alliance that leave no day between them as one."""
    key = ["alliance_code", "unit_code"]
    if not memberships.duplicated(key).any():
        return memberships
    rows = memberships.sort_values([*key, "from"], kind="stable", ignore_index=True)
    first, last = (days.tolist() for days in (ordinals(rows["from"], 0), ordinals(rows["to"], FOREVER)))
    kept, ends, reach = list[int](), list[object](), 0
    again = rows.duplicated(key).tolist()
    for at, to in enumerate(rows["to"]):
        if again[at] and first[at] <= reach + 1:
            if last[at] > reach:
                ends[-1], reach = to, last[at]
        else:
            kept.append(at)
            ends.append(to)
            reach = last[at]
    return rows.iloc[kept].assign(to=pd.Series(ends, index=kept, dtype=object))


def _whole_months(since: Iterable[date], until: Iterable[date | None], period: Period) -> list[int]:
    """How many calendar months of the period lie wholly between two days, row by row."""
    start = period.start.year * 12 + period.start.month - 1
    found = []
    for first, last in zip(since, until, strict=True):
        after = (period.end if last is None or pd.isna(last) else min(last, period.end)) + timedelta(days=1)
        begun = first.year * 12 + first.month - 1 + (first.day > 1)
        done = after.year * 12 + after.month - 2  # the last month that is over
        found.append(max(min(done, start + period.months - 1) - max(begun, start) + 1, 0))
    return found


@dataclass(frozen=True)
class Homes:
    """of: the one alliance that speaks for each member; doubtful: of members in several at once, these, by unit."""

    of: Mapping[str, str]
    doubtful: Mapping[str, tuple[str, ...]]


def homes(
    memberships: pd.DataFrame, period: Period, among: Collection[str], rank: Mapping[str, int] | None = None
) -> Homes:
    """The one alliance (of those in `among`) that speaks for each member of the period: its home.

    It is the one the member belongs to on the period's last day, else the one it left last; of several at once
    (alliances of different forms) the one with the least rank (by alliance; those without one come last). Where that
    leaves several the member is doubtful, and the first by code stands in. Source: 一家单位一处, domain/B_money.
    """
    first, last = ordinals(memberships["from"], 0), ordinals(memberships["to"], FOREVER)
    end, ranks = period.end.toordinal(), rank or {}
    there = (first <= end) & (last >= period.start.toordinal()) & memberships["alliance_code"].isin(list(among))
    found: dict[str, dict[str, tuple[int, int]]] = {}
    columns = (memberships["unit_code"], memberships["alliance_code"], np.minimum(last, end), there)
    for unit, alliance, until, counts in zip(*columns, strict=True):
        if counts:
            seats = found.setdefault(str(unit), {})
            seat = (-int(until), ranks.get(str(alliance), len(ranks)))
            seats[str(alliance)] = min(seats.get(str(alliance), seat), seat)
    best = {unit: min(seats.values()) for unit, seats in found.items()}
    several = {
        unit: tuple(sorted(alliance for alliance, seat in seats.items() if seat == best[unit]))
        for unit, seats in found.items()
    }
    return Homes(
        {unit: alliances[0] for unit, alliances in several.items()},
        {unit: alliances for unit, alliances in several.items() if len(alliances) > 1},
    )
