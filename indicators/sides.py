"""Both sides of a ratio count the same members for the same months.

An alliance adds up its members. Whoever belonged to it during a whole period counts; of a member that joined or left,
each figure alone counts what it tells of the time inside: a flow the rows that begin while it is a member, a stock the
last day. A quarter of one that joined in its second month is no such row, so that its visits would be missing above a
line where its beds stand below. So one rule holds for all the figures that make up one number, whatever the indicator:

    flows only          the member counts if every figure counts the same months of it
    stocks only         it counts if it belongs to the alliance on the last day (of either period, for a change)
    flows beside stocks  it counts only if it belonged to the alliance for all months and on the last day

Else it is left out of every figure: in both sides or in neither. A change against another period is a ratio of the two
periods, so one that joined between them is in neither. Lines that are counted one by one are numbers of their own.
Units themselves and districts have no such members: what they report is theirs whenever they joined. Source: 分子分母
同口径, MONEY "Both sides of a ratio".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from domain.period import Period
from domain.selection import FLOWS, Array, months_begun, say_months
from domain.step import Phrase, Value
from indicators.book import Links, matches
from indicators.quantity import Notes
from indicators.view import MEMBER_TIERS, FactView, Read

WORDS = {
    "neither": "{unit:where} 不是{periods:join 、}始终的成员, 分子分母都不计",
    "months": "{unit:where} 不是{periods:join 、}始终的成员, 分子分母都只计{months}的数",
    "last_day": "{unit:where} 不是{periods:join 、}始终的成员, 期末在内, 分子分母都计期末数",
    "period": "{period:period}",
}
_NOBODY = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Sides:
    """left_out: members (`Links.pair`) that count in no figure; told: who counts for which months, and who does not."""

    left_out: Array
    told: Notes


@dataclass(frozen=True)
class _Figure:
    """One figure for each of some members: whether it is asked of it, and the months (a stock: the day) it counts."""

    asked: Array
    months: Array
    stock: bool


def sides(view: FactView, reads: Sequence[Read], *, by_line: bool) -> Sides:
    """What the rule says of a number that was made from `reads`. by_line: each of them is a number of its own."""
    periods = sorted({read.view.period for read in reads}, key=lambda one: one.start, reverse=True)
    if not periods:
        return Sides(_NOBODY, ())
    links = _changing(view, periods)
    if not len(links.child):
        return Sides(_NOBODY, ())
    pairs = np.unique(links.pair)
    figures = [_figure(read, links, pairs) for read in dict.fromkeys(reads)]
    named = tuple(Phrase(f"{__name__}:period", {"period": str(one)}) for one in periods)
    groups = [[one] for one in figures] if by_line else [figures]
    out, told = _NOBODY, list[tuple[Array, Array]]()
    for group in groups:
        found = _judged(view, group, pairs, named)
        out = np.union1d(out, found.left_out)
        told += found.told
    return Sides(out, tuple(told))


def _changing(view: FactView, periods: Sequence[Period]) -> Links:
    """The links of members that belonged to an alliance for some of the time, and not all, of the periods together."""
    links = view.book.links
    ends = [(period.start.toordinal(), period.end.toordinal()) for period in periods]
    through = np.all([(links.first <= first) & (links.last >= last) for first, last in ends], axis=0)
    touching = np.any([(links.first <= last) & (links.last >= first) for first, last in ends], axis=0)
    if not (touching & ~through).any():
        return links.of(_NOBODY)
    pairs, at = links.pairs
    there, whole = np.zeros(len(pairs), dtype=bool), np.ones(len(pairs), dtype=bool)
    there[at[touching]] = True
    for period in periods:
        months, day = _inside(links, at, len(pairs), period)
        whole &= (months == _full(period)) & day
    return links.of((there & ~whole)[at])


def _inside(links: Links, at: Array, pairs: int, period: Period) -> tuple[Array, Array]:
    """For each pair the months of the period that begin while it holds, as bits, and whether it holds at the end."""
    months, day = np.zeros(pairs, dtype=np.int64), np.zeros(pairs, dtype=bool)
    np.bitwise_or.at(months, at, months_begun(links.first, links.last, period))
    last = period.end.toordinal()
    day[at[(links.first <= last) & (last <= links.last)]] = True
    return months, day


def _full(period: Period) -> int:
    return (1 << period.months) - 1


def _figure(read: Read, links: Links, pairs: Array) -> _Figure:
    """What one figure counts of each pair."""
    book, period = read.view.book, read.view.period
    at = np.searchsorted(pairs, links.pair)
    parent, child = pairs >> 32, pairs & 0xFFFFFFFF
    if not read.code:
        public = (book.ownership == "public") | ~book.of_tiers(read.public)
        asked = (book.of_tiers(read.tiers) & public)[child]
        return _Figure(asked, _inside(links, at, len(pairs), period)[1].astype(np.int64), stock=True)
    metric, rows = book.metric(read.code), book.rows(read.code, period)
    tiers = set(metric.scopes or MEMBER_TIERS) & set(MEMBER_TIERS)
    asked = book.of_tiers(tiers & set(read.tiers) if read.tiers else tiers)[child]
    if not read.tiers:  # an alliance that states the figure itself adds up nobody
        asked &= rows.covered[parent] == 0
    if metric.kind not in FLOWS:
        return _Figure(asked, _inside(links, at, len(pairs), period)[1].astype(np.int64), stock=True)
    months = np.zeros(len(pairs), dtype=np.int64)
    np.bitwise_or.at(months, at, months_begun(links.first, links.last, period, rows.slot[links.child]))
    link, row = matches(links.child, rows.unit)
    begun = (links.first[link] <= rows.start[row]) & (rows.start[row] <= links.last[link])
    np.bitwise_or.at(months, at[link[begun]], rows.months[row[begun]])
    return _Figure(asked, months, stock=False)


def _judged(view: FactView, figures: Sequence[_Figure], pairs: Array, periods: tuple[Phrase, ...]) -> Sides:
    """The rule for figures that make up one number."""
    flows, stocks = ([one for one in figures if one.stock == kind] for kind in (False, True))
    flowing, least, most = _span(flows, len(pairs))
    standing, least_day, most_day = _span(stocks, len(pairs))
    alike = (least >= most) & (least_day >= most_day)
    whole = (least == _full(view.period)) & (least_day == 1)
    kept = np.where(flowing & standing, whole, alike)
    counts = kept & (np.where(flowing, most, most_day) > 0)
    asked = flowing | standing
    place = np.full(len(view.book.code), -1)
    place[view.units] = np.arange(len(view.units))
    here = asked & (place[pairs >> 32] >= 0)
    told = np.array(
        list(_said(view, pairs[here], np.where(counts, np.where(flowing, most, -1), 0)[here], periods)), dtype=object
    )
    return Sides(pairs[asked & ~kept], ((place[pairs[here] >> 32], told),) if len(told) else ())


def _span(figures: Sequence[_Figure], pairs: int) -> tuple[Array, Array, Array]:
    """Of each pair whether any figure is asked of it, and the least and the most that these count."""
    asked = np.zeros(pairs, dtype=bool)
    least, most = np.full(pairs, np.iinfo(np.int64).max), np.full(pairs, -1)
    for one in figures:
        asked |= one.asked
        least = np.where(one.asked, np.minimum(least, one.months), least)
        most = np.where(one.asked, np.maximum(most, one.months), most)
    return asked, least, most


def _said(view: FactView, pairs: Array, months: Array, periods: tuple[Phrase, ...]) -> Iterator[Phrase]:
    """Who counts for which months (-1: on the last day, 0: not at all)."""
    for unit, bits in zip(view.book.code[pairs & 0xFFFFFFFF], months.tolist(), strict=True):
        said: dict[str, Value | None] = {"unit": str(unit), "periods": periods}
        if bits > 0:
            yield Phrase(f"{__name__}:months", {**said, "months": say_months(bits, view.period)})
        else:
            yield Phrase(f"{__name__}:{'last_day' if bits else 'neither'}", said)
