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
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import pandas as pd

from domain.facts import Metric, MoneyItem
from domain.money import exact
from domain.period import Period
from domain.plan import Entry, Pool
from domain.problems import Problems
from domain.selection import FLOWS, Array, Spans, choose, contradicting, say_months
from domain.step import Place

BY_POOL = frozenset({"surplus_prepaid", "previous_amount", "pool_amount"})  # their document is a pool's id


@dataclass(frozen=True)
class Amount:
    """Money of one row or of several added up: whole fen, document number(s), cells.

    lacking: the months that the rows do not cover, in words; such an amount stands for nothing.
    """

    fen: int
    document: str = ""
    cells: tuple[str, ...] = ()
    lacking: str = ""


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
    money, facts: of the period, by (unit, code); year_money: of its whole year. scores: by (scorecard, unit), exact.
    titles: Chinese names of items and metrics by code, for messages. blanks: by (unit, code), the cells left empty as
    (period, document, cell). district: the code of the smallest district the alliance lies in, "" if it is in none.
    """

    period: Period
    alliance_code: str
    members: pd.DataFrame
    money: Money = field(default_factory=dict)
    facts: Mapping[tuple[str, str], Value] = field(default_factory=dict)
    scores: Mapping[tuple[str, str], Fraction] = field(default_factory=dict)
    year_money: Money = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    blanks: Blanks = field(default_factory=dict)
    district: str = ""

    def for_pool(self, pool: Pool) -> PoolContext:
        """The same with a pool."""
        return PoolContext(**self.__dict__, pool=pool)

    def where(self, unit: str) -> str:
        """A unit as messages name it: its code and, of a member, its name."""
        known = self.members.loc[self.members["unit_code"] == unit, "name"]
        return f"{unit} {known.iloc[0]}" if len(known) else unit

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
        found = self._rows(unit, item, document, annual=annual)
        return None if found is None or found.lacking else found

    def _rows(self, unit: str, item: str, document: str | None, *, annual: bool) -> Amount | None:
        rows = (self.year_money if annual else self.money).get((unit, item), ())
        return added(row for row in rows if document is None or row.document == document)

    def need(
        self, problems: Problems, unit: str, item: str, document: str | None = None, *, annual: bool = False
    ) -> Amount:
        """As `find`; a gap is noted in `problems` (MONEY-MISSING) and stands as 0 only until they are raised."""
        found = self._rows(unit, item, document, annual=annual)
        if found is None or found.lacking:
            span = str(self.period.year) if annual else str(self.period)
            asked = f", 文号/编号 {document}" if document else ""
            only = f", 只有部分月份, 缺 {found.lacking}" if found else ""
            year = Period(self.period.year, "year", 1)
            where, whose = self._gap(unit, item, year if annual else self.period, document)
            problems.add(
                where, "MONEY-MISSING", f"{whose}缺少金额 {self.title(item)}, 期间 {span}{asked}{only}",
                "在资金表补填 (没有发生额的填 0)",
            )  # fmt: skip
        return found or Amount(0)

    def need_value(self, problems: Problems, unit: str, metric: str) -> Value:
        """A fact of the period; a gap is noted (FACT-MISSING)."""
        found = self.facts.get((unit, metric))
        if found is None or found.lacking:
            only = f", 只有部分月份, 缺 {found.lacking}" if found else ""
            where, whose = self._gap(unit, metric, self.period)
            problems.add(
                where, "FACT-MISSING", f"{whose}缺少数据 {self.title(metric)}, 期间 {self.period}{only}",
                "在事实表补填",
            )  # fmt: skip
        return found or Value(Fraction(0))

    def need_score(self, problems: Problems, card: str, unit: str) -> Fraction:
        """The total of a scorecard; a gap is noted (SCORE-MISSING)."""
        found = self.scores.get((card, unit))
        if found is None:
            problems.add(
                self.where(unit), "SCORE-MISSING", f"没有评分表 {card} 的得分, 期间 {self.period}",
                "检查该评分表的 scope 和 tiers 是否包括该单位",
            )  # fmt: skip
        return Fraction(0) if found is None else found


@dataclass(frozen=True)
class PoolContext(Context):
    """One pool of the alliance. `sharing` are the members that share in it (the pool's tiers and ownership)."""

    pool: Pool = field(kw_only=True)

    @property
    def sharing(self) -> pd.DataFrame:
        """The members that share in the pool, by unit code."""
        rows = self.members
        if self.pool.tiers:
            rows = rows[rows["tier"].isin([str(tier) for tier in self.pool.tiers])]
        if self.pool.ownership:
            rows = rows[rows["ownership"].isin([str(kind) for kind in self.pool.ownership])]
        return rows.sort_values("unit_code", ignore_index=True)

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
    if not rows:
        return None
    documents = dict.fromkeys(row.document for row in rows if row.document)
    cells = dict.fromkeys(cell for row in rows for cell in row.cells)
    lacking = dict.fromkeys(row.lacking for row in rows if row.lacking)
    return Amount(sum(row.fen for row in rows), "、".join(documents), tuple(cells), "、".join(lacking))


def amounts(
    money: pd.DataFrame, items: Mapping[str, MoneyItem], period: Period, needed: Mapping[str, int] | None = None
) -> dict[tuple[str, str], tuple[Amount, ...]]:
    """The money rows (domain.facts MONEY) that speak for `period`, by (unit, item), as `domain.selection` says.

    A snapshot of a longer period around it may stand for it (a year's opening balance). Items whose document is a
    pool's id are chosen pool by pool, approvals document by document. Rows that do not cover every month stand there
    with what they lack. needed: months each unit owes, as bits (`needed_months`); units not in it owe all.
    Raises InputProblems (PERIOD-OVERLAP) where rows of a longer and of shorter periods contradict each other.
    """
    kinds = money["item"].map({code: item.kind for code, item in items.items()})
    by = money["document"].where(money["item"].isin(BY_POOL) | kinds.eq("approval"), "")
    keys = pd.MultiIndex.from_arrays([money["unit_code"], money["item"], by])
    approval = pd.MultiIndex.from_arrays([money["unit_code"], money["item"], by.where(kinds.ne("approval"), "")])
    chosen, lacking = _chosen(_Rows(money, kinds, keys, approval, "amount"), period, needed, around=True)
    found: defaultdict[tuple[str, str], list[Amount]] = defaultdict(list)
    rows = money.iloc[chosen]
    for unit, item, fen, document, cell, short in zip(
        rows["unit_code"], rows["item"], rows["amount"], rows["document"], rows["source"], lacking, strict=True
    ):
        found[unit, item].append(Amount(int(fen), document, (cell,), short))
    return {key: tuple(entries) for key, entries in found.items()}


def values(
    facts: pd.DataFrame, metrics: Mapping[str, Metric], period: Period, needed: Mapping[str, int] | None = None
) -> dict[tuple[str, str], Value]:
    """The facts (domain.facts FACTS) that speak for `period`, by (unit, metric).

    Chosen as by `amounts`, but a snapshot of a longer period does not stand for one inside it. Raises InputProblems
    (PERIOD-OVERLAP).
    """
    kinds = facts["metric"].map({code: metric.kind for code, metric in metrics.items()})
    keys = pd.MultiIndex.from_arrays([facts["unit_code"], facts["metric"]])
    chosen, lacking = _chosen(_Rows(facts, kinds, keys, keys, "value"), period, needed, around=False)
    found: dict[tuple[str, str], Value] = {}
    rows = facts.iloc[chosen]
    for unit, metric, number, cell, short in zip(
        rows["unit_code"], rows["metric"], rows["value"], rows["source"], lacking, strict=True
    ):
        before = found.get((unit, metric), Value(Fraction(0)))
        found[unit, metric] = Value(before.value + exact(number), (*before.cells, cell), short)
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
    """A table with its rows' kinds; keys: what is chosen by itself; wholes: what must cover the period together."""

    frame: pd.DataFrame
    kinds: pd.Series[str]
    keys: pd.MultiIndex
    wholes: pd.MultiIndex
    number: str


def _chosen(
    table: _Rows, period: Period, needed: Mapping[str, int] | None, *, around: bool
) -> tuple[Array, list[str]]:  # fmt: skip
    """Positions of the rows that count, by key and first day, and for each the months it and its fellows lack."""
    frame, kinds, keys = table.frame, table.kinds, table.keys
    numbers = frame[table.number]
    spans = Spans.of(frame["period"])
    group, names = pd.factorize(keys)
    whole, units = pd.factorize(table.wholes)
    owed = np.array([(needed or {}).get(str(name[0]), (1 << period.months) - 1) for name in units], dtype=np.int64)
    covered = np.zeros(len(units), dtype=np.int64)
    parts, problems = [np.zeros(0, dtype=np.int64)], Problems()
    for kind in sorted(set(kinds)):
        rows = np.flatnonzero(kinds.eq(kind))
        made = choose(kind, spans.take(rows), group[rows], len(names), period, around=around)
        kept = rows[made.rows]
        parts.append(kept)
        if kind not in FLOWS:
            covered[whole[kept]] = owed[whole[kept]]
            continue
        np.bitwise_or.at(covered, whole[kept], made.covered[group[kept]])
        wrong = contradicting(spans.take(rows), group[rows], numbers.iloc[rows].to_numpy(object), made, period)
        for row in rows[wrong]:
            unit, what, span = keys[row][0], keys[row][1], frame["period"].iloc[row]
            problems.add(
                str(frame["source"].iloc[row]), "PERIOD-OVERLAP",
                f"{unit} 的 {what} 在 {span} 与包括它的较长期间的数对不上", "核对两种期间的数, 或只保留一种期间",
            )  # fmt: skip
    problems.raise_if_any()
    rows = np.concatenate(parts)
    starts = np.array([one.start.toordinal() for one in spans.periods] or [0], dtype=np.int64)[spans.at[rows]]
    names_of = keys.take(rows).to_frame(index=False, name=[*"abc"[: keys.nlevels]]).assign(start=starts)
    rows = rows[names_of.sort_values([*"abc"[: keys.nlevels], "start"], kind="stable").index.to_numpy()]
    short = owed[whole[rows]] & ~covered[whole[rows]]
    said = {bits: say_months(bits, period) for bits in set(short.tolist()) if bits}
    return rows, [said.get(bits, "") for bits in short.tolist()]
