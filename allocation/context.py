"""What one alliance brings to its pools in a period: members, money rows, facts and scores.

The run makes a `Context` per alliance with `amounts` and `values`, and a `PoolContext` per pool with
`Context.for_pool`. Which rows speak for a period, and who is a member when, is `domain.selection`. Everything that
reads it asks through `need*`, which note every gap instead of taking it for 0.

    people = memberships(facts, period)
    money = amounts(facts.money, catalogue.items, period)
    context = Context(period=period, alliance_code="A01", members=people[people["alliance_code"] == "A01"], money=money,
                      year_money=amounts(facts.money, catalogue.items, year), facts=values(facts.facts, …, period),
                      scores={("external", "A01"): Fraction(92)}, titles={"fund_budget": "医保基金预算"})
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from fractions import Fraction
from functools import cached_property

import numpy as np
import pandas as pd

from domain.documents import BY_NAME
from domain.facts import Metric, MoneyItem
from domain.money import exact
from domain.period import Period
from domain.plan import Entry, Pool
from domain.problems import Problems
from domain.selection import FLOWS, Array, Spans, choose, contradicting, say_months
from domain.step import Basis, Place


@dataclass(frozen=True)
class Amount:
    """Money of one row or of several added up: whole fen, numbers of documents, cells, what 备注 says.

    lacking: the months that the rows do not cover, in words; such an amount stands for nothing. part: the months that
    a flow covers where they are not all of the period (of a unit that owes no more), in words.
    """

    fen: int
    documents: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    lacking: str = ""
    notes: tuple[str, ...] = ()
    part: str = ""

    @property
    def document(self) -> str:
        """Its documents in one text."""
        return "、".join(self.documents)

    @property
    def cite(self) -> Basis:
        """Its documents as one citation."""
        return self.documents if len(self.documents) > 1 else self.document


@dataclass(frozen=True)
class Value:
    """A fact, exact, with the cells it came from; lacking: as of an `Amount`."""

    value: Fraction
    cells: tuple[str, ...] = ()
    lacking: str = ""


Money = Mapping[tuple[str, str], tuple[Amount, ...]]  # (unit_code, item) → rows
Blanks = Mapping[tuple[str, str], tuple[tuple[Period, str, str], ...]]


@dataclass(frozen=True)
class Context:
    """One alliance in one period.

    members: frame with the columns MEMBERS, one row per member (months: whole months of membership in the period).
    money, facts: of the period, by (unit, code); year_money: of its whole year; money_to_date: of the year's months up
    to the period's end, where a pool asks for them (`allocation.to_date`); year_facts: of its whole year, where the
    plan asks. scores: by (scorecard, unit), exact. titles: Chinese names of items and metrics by code, for messages.
    blanks: by (unit, code), the cells left empty as (period, document, cell). district: the code of the smallest
    district the alliance lies in, "" if it is in none.
    away: members whose home (`domain.selection.homes`) is another alliance: what they alone are due, owe or were
    prepaid is reckoned there.
    withheld: fen that the alliance's pools before this one withheld by result, by pool.
    """

    period: Period
    alliance_code: str
    members: pd.DataFrame
    money: Money = field(default_factory=dict)
    facts: Mapping[tuple[str, str], Value] = field(default_factory=dict)
    scores: Mapping[tuple[str, str], Fraction] = field(default_factory=dict)
    year_money: Money = field(default_factory=dict)
    money_to_date: Money = field(default_factory=dict)
    year_facts: Mapping[tuple[str, str], Value] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    blanks: Blanks = field(default_factory=dict)
    district: str = ""
    away: frozenset[str] = frozenset()
    withheld: Mapping[str, int] = field(default_factory=dict)

    def for_pool(self, pool: Pool) -> PoolContext:
        """The same with a pool."""
        return PoolContext(**{one.name: getattr(self, one.name) for one in fields(Context)}, pool=pool)

    def where(self, unit: str) -> str:
        """A unit as messages name it: its code and, of a member, its name."""
        return f"{unit} {self._names[unit]}" if unit in self._names else unit

    @cached_property
    def _names(self) -> dict[str, str]:
        return dict(zip(self.members["unit_code"], self.members["name"], strict=True))

    def _gap(self, unit: str, code: str, span: Period, document: str | None = None) -> tuple[str, str]:
        """Where something is missing, and whose it is: the empty cell where one was to be filled in, else the unit."""
        for period, about, cell in self.blanks.get((unit, code), ()):
            if span.contains(period) and (not document or not about or about == document):
                return cell, f"{self.where(unit)} "
        return self.where(unit), ""

    def title(self, code: str) -> str:
        """An item or metric as messages name it."""
        return f"{self.titles[code]} ({code})" if code in self.titles else code

    def find(self, unit: str, item: str, document: str | None = None, *, annual: bool = False) -> Amount | None:
        """The rows of an item added up (only those with `document`, if given).

        None if there is no row, or if they do not cover every month that the unit owes.
        """
        found = self._rows(self.year_money if annual else self.money, unit, item, document)
        return None if found is None or found.lacking else found

    def _rows(self, money: Money, unit: str, item: str, document: str | None) -> Amount | None:
        rows = money.get((unit, item), ())
        return added(row for row in rows if document is None or row.document == document)

    def need(
        self, problems: Problems, unit: str, item: str, document: str | None = None, *, annual: bool = False
    ) -> Amount:
        """As `find`; a gap is noted in `problems` (MONEY-MISSING) and stands as 0 only until they are raised."""
        found = self._rows(self.year_money if annual else self.money, unit, item, document)
        span = Period(self.period.year, "year", 1) if annual else self.period
        return self._found(problems, found, (unit, item, document), span, str(span))

    def need_to_date(self, problems: Problems, unit: str, item: str) -> Amount:
        """The rows of the year's months up to the period's end; gaps as `need`."""
        found, year = self._rows(self.money_to_date, unit, item, None), Period(self.period.year, "year", 1)
        return self._found(
            problems, found, (unit, item, None), year, say_months((1 << self.period.end.month) - 1, year)
        )

    def _found(
        self,
        problems: Problems,
        found: Amount | None,
        asked: tuple[str, str, str | None],
        span: Period,
        months: str,
    ) -> Amount:
        unit, item, document = asked
        if found is None or found.lacking:
            named = f", 文号/编号 {document}" if document else ""
            only = f", 只有部分月份, 缺 {found.lacking}" if found else ""
            where, whose = self._gap(unit, item, span, document)
            problems.add(
                where,
                "MONEY-MISSING",
                f"{whose}缺少金额 {self.title(item)}, 期间 {months}{named}{only}",
                "在资金表补填 (没有发生额的填 0)",
                about=item,
            )
        return found or Amount(0)

    def need_value(self, problems: Problems, unit: str, metric: str) -> Value:
        """A fact of the period; a gap is noted (FACT-MISSING)."""
        found = self.facts.get((unit, metric))
        if found is None or found.lacking:
            only = f", 只有部分月份, 缺 {found.lacking}" if found else ""
            where, whose = self._gap(unit, metric, self.period)
            problems.add(
                where,
                "FACT-MISSING",
                f"{whose}缺少数据 {self.title(metric)}, 期间 {self.period}{only}",
                "在事实表补填",
                about=metric,
            )
        return found or Value(Fraction(0))

    def need_score(self, problems: Problems, card: str, unit: str) -> Fraction:
        """The total of a scorecard; a gap is noted (SCORE-MISSING)."""
        found = self.scores.get((card, unit))
        if found is None:
            problems.add(
                self.where(unit),
                "SCORE-MISSING",
                f"没有评分表 {card} 的得分, 期间 {self.period}",
                "检查该评分表的 scope 和 tiers 是否包括该单位",
            )
        return Fraction(0) if found is None else found


@dataclass(frozen=True)
class PoolContext(Context):
    """One pool of the alliance. `sharing` are the members that share in it (the pool's tiers and ownership)."""

    pool: Pool = field(kw_only=True)

    @cached_property
    def sharing(self) -> pd.DataFrame:
        """The members that share in the pool, by unit code."""
        rows, tiers, owners = self.members, {*map(str, self.pool.tiers)}, {*map(str, self.pool.ownership)}
        columns = (rows[name].to_numpy(dtype=object) for name in ("unit_code", "tier", "ownership"))
        kept = [
            (code, row)
            for row, (code, tier, owner) in enumerate(zip(*columns, strict=True))
            if (not tiers or tier in tiers) and (not owners or owner in owners)
        ]
        order = [row for _, row in sorted(kept)]
        return rows if order == [*range(len(rows))] else rows.iloc[order].reset_index(drop=True)

    def place(self, *, part: str = "", unit: str = "", line: str = "", of: str = "") -> Place:
        """Where a step about this pool belongs."""
        return Place(self.alliance_code, self.pool.id, part=part, unit=unit, line=line, of=of)

    @property
    def cites(self) -> tuple[str, ...]:
        """The pool's clause and the document its money comes from."""
        return (*_cites(self.pool), self.pool.fund.document)

    @property
    def merit_cites(self) -> tuple[str, ...]:
        """The clauses of the pool's merit formula."""
        return _cites(self.pool.merit)

    @property
    def due_cites(self) -> tuple[str, ...]:
        """What a pool's own amount of a member stands on: the pool's clauses and document, and those of its merit."""
        return tuple(dict.fromkeys((*self.cites, *self.merit_cites)))


def _cites(entry: Entry) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(clause) for clause in (entry.cite, entry.source) if clause not in (None, "local")))


def added(rows: Iterable[Amount]) -> Amount | None:
    """Rows added up with their documents and cells; None if there are none."""
    rows = list(rows)
    if len(rows) < 2:
        return rows[0] if rows else None
    documents = dict.fromkeys(document for row in rows for document in row.documents)
    cells = dict.fromkeys(cell for row in rows for cell in row.cells)
    lacking = dict.fromkeys(row.lacking for row in rows if row.lacking)
    notes = dict.fromkeys(note for row in rows for note in row.notes)
    fen = sum(row.fen for row in rows)
    return Amount(fen, tuple(documents), tuple(cells), "、".join(lacking), tuple(notes))


def amounts(
    money: pd.DataFrame, items: Mapping[str, MoneyItem], period: Period, needed: Mapping[str, int] | None = None
) -> dict[tuple[str, str], tuple[Amount, ...]]:
    """The money rows (domain.facts MONEY) that speak for `period`, by (unit, item), as `domain.selection` says.

    A snapshot of a longer period around it may stand for it (a year's opening balance). Items whose document is a
    pool's id or a reserve's name are chosen by it, approvals document by document. Rows that do not cover every month
    stand there with what they lack. needed: months each unit owes, as bits (`needed_months`); units not in it owe all.
    Raises InputProblems (PERIOD-OVERLAP) where rows of a longer and of shorter periods contradict each other.
    """
    unit, item, document = (money[name].to_numpy(dtype=object) for name in ("unit_code", "item", "document"))
    kinds = _kinds(item, {code: one.kind for code, one in items.items()})
    approval, pooled = kinds == "approval", np.isin(item.astype(str), sorted(BY_NAME))
    keys = _grouped(unit, item, np.where(pooled | approval, document, ""))
    wholes = _grouped(unit, item, np.where(pooled & ~approval, document, ""))
    chosen, lacking, parts = _chosen(
        _Rows(money, "item", "amount", items, kinds, keys, wholes), period, needed, around=True
    )
    fen, source, note = (money[name].to_numpy(dtype=object) for name in ("amount", "source", "note"))
    found: defaultdict[tuple[str, str], list[Amount]] = defaultdict(list)
    for row, short, part in zip(chosen, lacking, parts, strict=True):
        found[unit[row], item[row]].append(
            Amount(
                int(fen[row]),
                tuple(filter(None, (document[row],))),
                (source[row],),
                short,
                tuple(filter(None, (note[row],))),
                part,
            )
        )
    return {key: tuple(entries) for key, entries in found.items()}


def values(
    facts: pd.DataFrame, metrics: Mapping[str, Metric], period: Period, needed: Mapping[str, int] | None = None
) -> dict[tuple[str, str], Value]:
    """The facts (domain.facts FACTS) that speak for `period`, by (unit, metric).

    Chosen as by `amounts`, but a snapshot of a longer period does not stand for one inside it. Raises InputProblems
    (PERIOD-OVERLAP).
    """
    unit, metric = (facts[name].to_numpy(dtype=object) for name in ("unit_code", "metric"))
    kinds, keys = _kinds(metric, {code: one.kind for code, one in metrics.items()}), _grouped(unit, metric)
    chosen, lacking, _ = _chosen(
        _Rows(facts, "metric", "value", metrics, kinds, keys, keys), period, needed, around=False
    )
    number, source = facts["value"].to_numpy(dtype=object), facts["source"].to_numpy(dtype=object)
    found: dict[tuple[str, str], Value] = {}
    for row, short in zip(chosen, lacking, strict=True):
        key, value, cells = (unit[row], metric[row]), exact(number[row]), (source[row],)
        before = found.get(key)
        found[key] = Value(before.value + value, before.cells + cells, short) if before else Value(value, cells, short)
    return found


def empty(blanks: pd.DataFrame | None) -> Blanks:
    """The cells left empty (domain.facts BLANKS), by (unit, code)."""
    found: defaultdict[tuple[str, str], list[tuple[Period, str, str]]] = defaultdict(list)
    if blanks is not None:
        for period, unit, code, document, cell in blanks.itertuples(index=False):
            found[unit, code].append((Period.parse(period), document, cell))
    return {key: tuple(cells) for key, cells in found.items()}


@dataclass(frozen=True)
class _Rows:
    """A table; code, number: names of its columns; known: what the catalogue says of each code.

    Per row: kinds; keys (what is chosen by itself) and wholes (what must cover the period together), both numbered in
    the order of their names.
    """

    frame: pd.DataFrame
    code: str
    number: str
    known: Mapping[str, Metric] | Mapping[str, MoneyItem]
    kinds: Array
    keys: Array
    wholes: Array


def _kinds(codes: Array, kinds: Mapping[str, str]) -> Array:
    """The kind of every row, (rows,)."""
    at, known = pd.factorize(codes)
    return np.array([kinds[code] for code in known], dtype=object)[at]


def _grouped(*columns: Array) -> Array:
    """Which of the distinct combinations each row is, (rows,), in their order, the first column first."""
    at = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        inner, known = pd.factorize(column, sort=True)
        at = np.unique(at * len(known) + inner, return_inverse=True)[1]
    return at


def _chosen(
    table: _Rows, period: Period, needed: Mapping[str, int] | None, *, around: bool
) -> tuple[Array, list[str], list[str]]:
    """Positions of the rows that count, by key and first day, and for each what months it and its fellows lack.

    Last, the months that they cover, where they are a flow's and not all of the period.
    """
    frame, kinds, group, whole = table.frame, table.kinds, table.keys, table.wholes
    unit, numbers = frame["unit_code"].to_numpy(dtype=object), frame[table.number].to_numpy(dtype=object)
    spans = Spans.of(frame["period"])
    first = np.unique(whole, return_index=True)[1]
    owed = np.array([(needed or {}).get(name, (1 << period.months) - 1) for name in unit[first]], dtype=np.int64)
    covered = np.zeros(len(first), dtype=np.int64)
    full = np.full(len(first), (1 << period.months) - 1, dtype=np.int64)
    partly = np.zeros(len(first), dtype=bool)
    parts, problems = [np.zeros(0, dtype=np.int64)], Problems()
    for kind in sorted(set(kinds)):
        rows = np.flatnonzero(kinds == kind)
        made = choose(kind, spans.take(rows), group[rows], group.max() + 1, period, around=around)
        kept = rows[made.rows]
        parts.append(kept)
        if kind not in FLOWS:
            covered[whole[kept]] = owed[whole[kept]]
            continue
        np.bitwise_or.at(covered, whole[kept], made.covered[group[kept]])
        partly[whole[kept]] = True
        for row in rows[contradicting(spans.take(rows), group[rows], numbers[rows], made, period)]:
            what, span, cell = (frame[name].iloc[row] for name in (table.code, "period", "source"))
            named = f"{unit[row]} 的 {table.known[what].title} ({what})"
            said = f"{named} 在 {span} 与包括它的较长期间的数对不上"
            problems.add(str(cell), "PERIOD-OVERLAP", said, "核对两种期间的数, 或只保留一种期间")
    problems.raise_if_any()
    rows = np.concatenate(parts)
    starts = np.array([one.start.toordinal() for one in spans.periods] or [0], dtype=np.int64)[spans.at[rows]]
    rows = rows[np.lexsort((starts, group[rows]))]
    short = owed[whole[rows]] & ~covered[whole[rows]]
    part = np.where(partly & (covered != full), covered, 0)[whole[rows]]
    words = {bits: say_months(bits, period) if bits else "" for bits in {*short.tolist(), *part.tolist()}}
    return rows, [words[bits] for bits in short.tolist()], [words[bits] for bits in part.tolist()]
