"""Facts as whole columns: one value per unit of a scope, exact, with the cells they came from.

A `Book` indexes the fact and money tables once. A `FactView` answers, for one period and one scope, what a metric is
for every unit: `flow` metrics add up the rows inside the period, `stock` metrics take the row of the period itself or
one inside it with the same last day. An alliance without a row of its own adds up its members, a district its
institutions; a city has those of its counties too, and of what only districts report, the sum of its counties. Of a
member that joined or left during the period those rows count that begin while it is a member, and a stock counts if it
is a member on the last day. A sum that lacks a month or a member, or has nobody to ask, is missing, never smaller.

What an alliance was asked is noted (`reads`), so that one rule can hold for all that makes up a number: a member that
is to be left out of it (`indicators.sides`) is left out by `without`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from fractions import Fraction
from typing import Literal, NamedTuple

import numpy as np

from domain.institution import Ownership, Tier
from domain.period import Period
from domain.plan import Scope
from domain.region import Level, level, stem
from domain.selection import FLOWS, FOREVER, Array, months_begun
from domain.step import Phrase
from indicators.book import Book, Links, Rows, matches, scope_units, spread
from indicators.heads import below
from indicators.quantity import MISSING, NOT_APPLICABLE, OK, Notes, Quantity
from indicators.ratios import Ratios

Combine = Literal["sum", "min", "count"]

MEMBER_TIERS = tuple(tier.value for tier in Tier if tier not in {Tier.ALLIANCE, Tier.DISTRICT})
WORDS = {"lacking": "{metric:title} ({unit}, {period})"}
_BEYOND = chr(0x10FFFF)  # behind every character of a code
_RANKS: tuple[tuple[str, ...], ...] = ((Tier.COUNTY.value, Tier.LEAD.value), (Tier.CITY.value,), (Tier.PROVINCE.value,))


class Read(NamedTuple):
    """What the members of alliances were asked: a metric, or how many there are (no code), in a view's period.

    tiers: the members asked, none for all who report it; public: the tiers of which only public ones count.
    """

    view: FactView
    code: str
    tiers: tuple[str, ...]
    public: tuple[str, ...] = ()


class FactView:
    """What every unit of one scope reports for one period. `units` are positions in the book, (units,).

    `anchor` is the period that the question is about: that of the view itself, and for a comparison period the one that
    it is compared with.
    """

    def __init__(
        self,
        book: Book,
        period: Period,
        scope: Scope,
        compared: Literal["year_ago", "previous"],
        *,
        units: Array | None = None,
        anchor: Period | None = None,
        reads: list[Read] | None = None,
        left_out: Array | None = None,
    ) -> None:
        self.book, self.period, self.scope, self._compared = book, period, scope, compared
        self.anchor = anchor or period
        self.reads: list[Read] = [] if reads is None else reads
        self._left_out = left_out
        self.units = scope_units(book, period, scope) if units is None else units
        self._others: dict[Period, FactView] = {}
        self._got: dict[tuple[str, tuple[str, ...], Combine], Quantity] = {}
        self._links: dict[tuple[str, ...], Links] = {}

    def at(self, period: Period) -> FactView:
        """The same units in another period."""
        if period not in self._others:
            self._others[period] = self._like(period, self.reads, self._left_out)
        return self._others[period]

    def without(self, pairs: Array) -> FactView:
        """The same units, in which these members (`Links.pair`) count for nothing."""
        return self._like(self.period, [], pairs)

    def _like(self, period: Period, reads: list[Read], left_out: Array | None) -> FactView:
        units, anchor = self.units, self.anchor
        return FactView(
            self.book,
            period,
            self.scope,
            self._compared,
            units=units,
            anchor=anchor,
            reads=reads,
            left_out=left_out,
        )

    @property
    def before(self) -> FactView:
        """The same units in the period compared with: a year ago (同比), or the one before (环比)."""
        return self.at(self.period.year_ago if self._compared == "year_ago" else self.period.previous)

    def number(self, value: Fraction | int) -> Quantity:
        """The same number for every unit."""
        units = len(self.units)
        return Quantity(Ratios.full(units, value), np.zeros(units, dtype=np.int8))

    def own(self, code: str) -> Quantity:
        """What the unit itself reports, never a sum over others: for days, levels and the like."""
        return self._read(code, self._identity(), required=self._is(self._asked(code)))

    def get(self, code: str, tiers: Collection[str] = (), combine: Combine = "sum") -> Quantity:
        """A metric, or a money item in yuan, of every unit.

        A unit's own row goes before adding up its members, whether it was asked for one or not; `tiers` restricts the
        members asked, and then own rows of aggregates are not used. combine `min` takes the smallest value of a member
        instead of the sum, `count` how many of them answered.
        """
        self.book.metric(code)  # is read, also where the answer is there already
        key = (code, tuple(sorted(tiers)), combine)
        self._note(code, key[1])
        if key not in self._got:
            self._got[key] = self._get(*key)
        return self._got[key]

    def _get(self, code: str, tiers: tuple[str, ...], combine: Combine) -> Quantity:
        asked = self._asked(code)
        if self.scope == "member":
            links = self._identity()
            if tiers:
                links = links.of(self._is(tiers))
            needed = self.book.of_tiers(asked)[links.child]
            return self._read(code, links, required=needed, combine=combine)
        members = asked & set(MEMBER_TIERS)
        links = self._children(sorted(members & set(tiers) if tiers else members))
        if self.scope == "district" and not members:
            links = self._children([Tier.ALLIANCE.value]) if Tier.ALLIANCE.value in asked else self._below()
        if tiers:
            return self._read(code, links, combine=combine)
        summed = self._read(code, links, bare=self._is(asked) | self._speaks(members), combine=combine)
        own = self._read(code, self._identity(), required=self._is(()), combine=combine)
        return summed.unless(own.state != NOT_APPLICABLE, own)

    def highest(self, code: str) -> Quantity:
        """A metric of the hospitals of the highest level (province, city, county or lead) that an alliance has.

        A hospital that is a lower member of an alliance sends and refers in another one of its own, so what it reports
        is not this alliance's. Members speak for themselves, and of a district every hospital counts.
        """
        return self._by_level(self.get(code, sum(_RANKS, ())), lambda at: self.get(code, _RANKS[at]))

    def below(self, code: str, tiers: Collection[str], combine: Combine = "sum") -> Quantity:
        """A metric of the members of these tiers, in an alliance without its hospitals of the highest level."""

        def lower(at: int) -> Quantity:
            rest = set(tiers) - set(sum(_RANKS[at:], ()))
            return self.get(code, rest, combine) if rest else self._nothing()

        return self._by_level(self.get(code, tiers, combine), lower)

    def sent(self, code: str, tiers: Collection[str], combine: Combine = "sum") -> Quantity:
        """Of a hospital, a metric that those report to whom it sends: the members of `tiers` below it (`heads.below`).

        Somebody who has nobody below is not asked. Above members it is what all of these tiers report.
        """
        if self.scope != "member":
            return self.get(code, tiers, combine)
        self.book.metric(code)  # is read
        return self._read(code, below(self.book, self.units, tiers, self.anchor.end.toordinal()), combine=combine)

    def _nothing(self) -> Quantity:
        units = len(self.units)
        return Quantity(Ratios.full(units, 0), np.full(units, NOT_APPLICABLE, dtype=np.int8))

    def _by_level(self, found: Quantity, of: Callable[[int], Quantity]) -> Quantity:
        """For each alliance the answer of `of` for the highest of _RANKS it has, `found` where it has none.

        The level is that of the day asked about, for a comparison period too. Other scopes keep `found`.
        """
        if self.scope != "alliance":
            return found
        now = self.at(self.anchor)
        for at, rank in enumerate(_RANKS):
            found = found.unless(now.present(rank).state == OK, of(at))
        return found

    @property
    def codes(self) -> Array:
        """The codes of the units, (units,)."""
        codes: Array = self.book.code[self.units]
        return codes

    def alliances(self, form: str = "") -> Quantity:
        """How many alliances a district has, all or of one form; an alliance itself is one."""
        links = self._children([Tier.ALLIANCE.value]) if self.scope == "district" else self._identity()
        links = links.of(self.book.form[links.child] == form) if form else links
        return self._counted(links.parent, links.source)

    def members(self, tiers: Collection[str], public: Collection[str] = ()) -> Quantity:
        """How many members of these tiers there are on the period's last day (a district: institutions).

        public: the tiers of which only public institutions (公立) count.
        """
        self._note("", tuple(sorted(tiers)), tuple(sorted(public)))
        return self.present(tiers, public)

    def present(self, tiers: Collection[str], public: Collection[str] = ()) -> Quantity:
        """As `members`, where it only says how a number is to be made: it is no side of it."""
        links = self._identity() if self.scope == "member" else self._children(sorted(tiers))
        inside = (links.first <= self._day) & (self._day <= links.last) & self._belong(links, tiers, public)
        count = self._counted(links.parent[inside], links.source[inside])
        return replace(count, state=np.where(count.value.num > 0, OK, NOT_APPLICABLE).astype(np.int8))

    def joined(self, tiers: Collection[str], public: Collection[str] = ()) -> Quantity:
        """How many of the institutions that `members` counts belong to an alliance on the period's last day."""
        joined = self.book.links
        joined = joined.of((joined.first <= self._day) & (self._day <= joined.last))
        today, first = np.unique(joined.child, return_index=True)
        links = self._children(sorted(tiers)) if self.scope == "district" else self._identity()
        inside = np.isin(links.child, today) & self._belong(links, tiers, public)
        rows = joined.source[first][np.searchsorted(today, links.child[inside])]
        return self._counted(links.parent[inside], rows)

    def _counted(self, parent: Array, source: Array) -> Quantity:
        """How many links each unit has, with the rows that say so."""
        units = len(self.units)
        value = Ratios.full(len(parent), 1).sums(parent, units)
        return Quantity(value, np.zeros(units, dtype=np.int8), ((parent, source),))

    def districts(
        self, code: str, least: Fraction | int = 1, among: str | None = None, of: Level | None = None
    ) -> tuple[Quantity, Quantity]:
        """Of the lowest districts inside each district (a county is its own): how many report `least` or more, and all.

        among: a yes-or-no fact; only districts that answer it with yes count. of: the districts of this level instead.
        """
        below = self._below(lowest=True) if of is None else self._below(of=of)
        counties = FactView(self.book, self.period, "district", self._compared, units=np.unique(below.child))
        at = np.searchsorted(counties.units, below.child)
        asked = counties.own(among) if among else counties.number(1)
        said = counties.own(code)
        said = replace(said, value=Ratios.where(said.value >= least, 1, 0))
        return self._gathered(said.times(asked), below.parent, at), self._gathered(asked, below.parent, at)

    def _gathered(self, each: Quantity, parent: Array, at: Array) -> Quantity:
        """The sum of other units' numbers by position: `at` are positions in `each`, one per entry of `parent`."""
        state = np.zeros(len(self.units), dtype=np.int8)
        np.maximum.at(state, parent, each.state[at])
        order = np.argsort(at, kind="stable")

        def noted(notes: Notes) -> Notes:
            pairs = [(texts, *matches(where, at[order])) for where, texts in notes]
            return tuple((parent[order[link]], texts[note]) for texts, note, link in pairs)

        return Quantity(each.value[at].sums(parent, len(self.units)), state, noted(each.cells), noted(each.lacking))

    def _note(self, code: str, tiers: tuple[str, ...], public: tuple[str, ...] = ()) -> None:
        if self.scope == "alliance":
            self.reads.append(Read(self, code, tiers, public))

    @property
    def _day(self) -> int:
        return self.period.end.toordinal()

    def _asked(self, code: str) -> set[str]:
        return set(self.book.metric(code).scopes or MEMBER_TIERS)

    def _is(self, tiers: Collection[str]) -> Array:
        """Whether each unit is of one of the tiers."""
        return self.book.of_tiers(tiers)[self.units]

    def _belong(self, links: Links, tiers: Collection[str], public: Collection[str]) -> Array:
        """Whether each child is of one of the tiers, and public where its tier asks for that."""
        owned = (self.book.ownership == Ownership.PUBLIC) | ~self.book.of_tiers(public)
        counted: Array = (self.book.of_tiers(tiers) & owned)[links.child]
        return counted

    def _speaks(self, tiers: Collection[str]) -> Array:
        """Whether each unit answers for such members: a district of nobody does, and who states a figure of theirs."""
        if not tiers:
            return self._is(())
        stating: Array = np.isin(self.units, self.book.stating(frozenset(tiers), self.period))
        if self.scope == "district":
            peopled = [self._children(sorted(MEMBER_TIERS)).parent, self._below().parent]
            stating |= ~np.isin(np.arange(len(self.units)), np.concatenate(peopled))
        return stating

    def _identity(self) -> Links:
        return self._always(np.arange(len(self.units)), self.units)

    def _always(self, parent: Array, child: Array) -> Links:
        """Links that hold on every day; the child's own row says so."""
        units = len(child)
        return Links(parent, child, np.zeros(units, np.int64), np.full(units, FOREVER), self.book.source[child])

    def _children(self, tiers: list[str]) -> Links:
        key = tuple(tiers)
        if key not in self._links:
            book = self.book
            counted = book.of_tiers(tiers)
            if self.scope == "alliance":
                at = np.full(len(book.code), -1)
                at[self.units] = np.arange(len(self.units))
                links = replace(book.links, parent=at[book.links.parent])
                kept = (links.parent >= 0) & counted[links.child]
                if self._left_out is not None:
                    kept &= ~np.isin(book.links.pair, self._left_out)
                self._links[key] = links.of(kept)
            else:
                child = np.flatnonzero(counted)
                parent, inside = _inside(book.region[self.units], book.region[child])
                self._links[key] = self._always(parent, child[inside])
        return self._links[key]

    def _below(self, *, lowest: bool = False, of: Level | None = None) -> Links:
        """The districts inside each district, not itself.

        lowest: those that have none inside, itself if it is one; of: those of a level, itself if it is of it.
        """
        every = np.flatnonzero(self.book.tier == Tier.DISTRICT.value)
        regions = self.book.region[every]
        outer, inner = _inside(regions, regions)
        upper = np.unique(outer[outer != inner])
        parent, at = _inside(self.book.region[self.units], regions)
        kept = ~np.isin(at, upper) if lowest else every[at] != self.units[parent]
        if of is not None:
            kept = np.array([level(str(code)) == of for code in regions[at]], dtype=bool)
        return self._always(parent[kept], every[at[kept]])

    def _read(
        self,
        code: str,
        links: Links,
        *,
        required: Array | None = None,
        bare: Array | None = None,
        combine: Combine = "sum",
    ) -> Quantity:
        """Rows of the children by parent.

        required: per link, whether a child without rows is missing (all of them unless given); bare: the parents that
        are missing themselves where no child counts (none unless given).
        """
        book, rows = self.book, self.book.rows(code, self.period)
        lacks, counts = self._coverage(code, rows, links)
        link, row = matches(links.child, rows.unit)
        during = (links.first[link] <= rows.start[row]) & (rows.start[row] <= links.last[link])
        link, row = link[during], row[during]
        has = np.zeros(len(links.child), dtype=bool)
        has[link] = True
        relevant = has | (counts if required is None else counts & required)
        each, parent = rows.value[row], links.parent[link]
        if combine == "sum":
            value = each.sums(parent, len(self.units))
        else:
            own = Ratios.full(len(has), 1) if combine == "count" else each.sums(link, len(has))
            joined = Ratios.sums if combine == "count" else Ratios.least
            value = joined(own[has], links.parent[has], len(self.units))
        counted = np.zeros(len(self.units), dtype=bool)
        counted[links.parent[relevant]] = True
        bare = ~counted & (self._is(()) if bare is None else bare)
        state = np.where(counted, OK, np.where(bare, MISSING, NOT_APPLICABLE)).astype(np.int8)
        short = lacks & relevant
        state[links.parent[short]] = MISSING
        where = np.concatenate([links.parent[short], np.flatnonzero(bare)])
        who = book.code[np.concatenate([links.child[short], self.units[bare]])]
        period = str(self.period)
        gaps = (Phrase(f"{__name__}:lacking", {"metric": code, "unit": unit, "period": period}) for unit in who)
        said = np.array(list(gaps), dtype=object)
        return Quantity(value, state, ((parent, rows.source[row]),), ((where, said),))

    def _coverage(self, code: str, rows: Rows, links: Links) -> tuple[Array, Array]:
        """For every link whether months are missing, and whether any month counts, while the child is a member."""
        covered, slot = rows.covered[links.child], rows.slot[links.child]
        if self.book.metric(code).kind in FLOWS:
            needed = months_begun(links.first, links.last, self.period, slot)
        else:
            needed = ((links.first <= self._day) & (self._day <= links.last)).astype(np.int64)
        return (needed & ~covered) != 0, needed != 0


def _inside(areas: Array, regions: Array) -> tuple[Array, Array]:
    """Positions of (area, region) wherever the area's code covers the region's."""
    order = np.argsort(regions, kind="stable")
    ordered, stems = regions[order], np.array([stem(str(code)) for code in areas], dtype=str)
    first, last = np.searchsorted(ordered, stems), np.searchsorted(ordered, np.char.add(stems, _BEYOND))
    area, at = spread(first, last)
    found = np.lexsort((order[at], area))
    return area[found], order[at][found]
