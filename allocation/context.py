"""What one alliance brings to its pools in a period: members, money rows, facts and scores.

The run makes a `Context` per alliance with `memberships`, `amounts` and `values`, and a `PoolContext` per pool with
`Context.for_pool`. Everything that reads it asks through `need*`, which note every gap instead of taking it for 0.

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

import pandas as pd

from domain.facts import Facts, Metric, MoneyItem
from domain.institution import Tier
from domain.money import exact
from domain.period import Period
from domain.policy import Entry, Pool
from domain.problems import Problems

MEMBERS = ("unit_code", "name", "tier", "ownership", "grassroots", "signing", "months")
BY_POOL = frozenset({"surplus_prepaid", "previous_amount", "pool_amount"})  # their document is a pool's id


@dataclass(frozen=True)
class Amount:
    """Money of one row or of several added up: whole fen, document number(s), cells."""

    fen: int
    document: str = ""
    cells: tuple[str, ...] = ()


@dataclass(frozen=True)
class Value:
    """A fact, exact, with the cells it came from."""

    value: Fraction
    cells: tuple[str, ...] = ()


Money = Mapping[tuple[str, str], tuple[Amount, ...]]  # (unit_code, item) → rows


@dataclass(frozen=True)
class Context:
    """One alliance in one period.

    members: frame with the columns MEMBERS, one row per member (months: whole months of membership in the period).
    money, facts: of the period, by (unit, code); year_money: of its whole year. scores: by (scorecard, unit), exact.
    titles: Chinese names of items and metrics by code, for messages.
    """

    period: Period
    alliance_code: str
    members: pd.DataFrame
    money: Money = field(default_factory=dict)
    facts: Mapping[tuple[str, str], Value] = field(default_factory=dict)
    scores: Mapping[tuple[str, str], Fraction] = field(default_factory=dict)
    year_money: Money = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)

    def for_pool(self, pool: Pool) -> PoolContext:
        """The same with a pool."""
        return PoolContext(**self.__dict__, pool=pool)

    def where(self, unit: str) -> str:
        """A unit as messages name it: its code and, of a member, its name."""
        known = self.members.loc[self.members["unit_code"] == unit, "name"]
        return f"{unit} {known.iloc[0]}" if len(known) else unit

    def title(self, code: str) -> str:
        """An item or metric as messages name it."""
        return f"{self.titles[code]} ({code})" if code in self.titles else code

    def find(self, unit: str, item: str, document: str | None = None, *, annual: bool = False) -> Amount | None:
        """The rows of an item added up (only those with `document`, if given); None if there is no row."""
        rows = (self.year_money if annual else self.money).get((unit, item), ())
        return added(row for row in rows if document is None or row.document == document)

    def need(
        self, problems: Problems, unit: str, item: str, document: str | None = None, *, annual: bool = False
    ) -> Amount:
        """As `find`; a gap is noted in `problems` (MONEY-MISSING) and stands as 0 only until they are raised."""
        found = self.find(unit, item, document, annual=annual)
        if found is None:
            span = str(self.period.year) if annual else str(self.period)
            asked = f", 文号/编号 {document}" if document else ""
            problems.add(
                self.where(unit), "MONEY-MISSING", f"缺少金额 {self.title(item)}, 期间 {span}{asked}",
                "在金额表补填 (没有发生额的填 0)",
            )  # fmt: skip
        return found or Amount(0)

    def need_value(self, problems: Problems, unit: str, metric: str) -> Value:
        """A fact of the period; a gap is noted (FACT-MISSING)."""
        found = self.facts.get((unit, metric))
        if found is None:
            problems.add(
                self.where(unit), "FACT-MISSING", f"缺少数据 {self.title(metric)}, 期间 {self.period}", "在事实表补填"
            )
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

    def key(self, *parts: str) -> str:
        """The key of a trace about this pool."""
        return "/".join(("pool", self.alliance_code, self.pool.id, *parts))

    @property
    def cites(self) -> tuple[str, ...]:
        """The pool's clause and the document its money comes from."""
        return (*_cites(self.pool), self.pool.fund.document)

    @property
    def merit_cites(self) -> tuple[str, ...]:
        """The clauses of the pool's merit formula."""
        return _cites(self.pool.merit)


def _cites(entry: Entry) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(clause) for clause in (entry.cite, entry.source) if clause not in (None, "local")))


def added(rows: Iterable[Amount]) -> Amount | None:
    """Rows added up with their documents and cells; None if there are none."""
    rows = list(rows)
    if not rows:
        return None
    documents = dict.fromkeys(row.document for row in rows if row.document)
    cells = dict.fromkeys(cell for row in rows for cell in row.cells)
    return Amount(sum(row.fen for row in rows), "、".join(documents), tuple(cells))


def amounts(
    money: pd.DataFrame, items: Mapping[str, MoneyItem], period: Period
) -> dict[tuple[str, str], tuple[Amount, ...]]:
    """The money rows (domain.facts MONEY) that speak for `period`, by (unit, item).

    flow: the row of the period itself, else all rows inside it. stock: the row of the period itself, else the latest
    of the same year up to its end, else one of a longer period around it (an approval or an opening balance of the
    year). Items whose document is a pool's id are chosen pool by pool. Raises InputProblems (PERIOD-OVERLAP) if rows
    to be added up overlap in time.
    """
    rows = _chosen(money, "item", {code: item.kind for code, item in items.items()}, period, around=True)
    found: defaultdict[tuple[str, str], list[Amount]] = defaultdict(list)
    for unit, item, fen, document, cell in zip(
        rows["unit_code"], rows["item"], rows["amount"], rows["document"], rows["source"], strict=True
    ):
        found[unit, item].append(Amount(int(fen), document, (cell,)))
    return {key: tuple(entries) for key, entries in found.items()}


def values(facts: pd.DataFrame, metrics: Mapping[str, Metric], period: Period) -> dict[tuple[str, str], Value]:
    """The facts (domain.facts FACTS) that speak for `period`, by (unit, metric).

    Chosen as by `amounts`, but a snapshot of a longer period does not stand for one inside it. Raises InputProblems
    (PERIOD-OVERLAP).
    """
    rows = _chosen(facts, "metric", {code: metric.kind for code, metric in metrics.items()}, period, around=False)
    found: dict[tuple[str, str], Value] = {}
    for unit, metric, number, cell in zip(
        rows["unit_code"], rows["metric"], rows["value"], rows["source"], strict=True
    ):
        before = found.get((unit, metric), Value(Fraction(0)))
        found[unit, metric] = Value(before.value + exact(number), (*before.cells, cell))
    return found


def _chosen(frame: pd.DataFrame, code: str, kinds: Mapping[str, str], period: Period, *, around: bool) -> pd.DataFrame:
    spans = {text: Period.parse(text) for text in frame["period"].unique()}
    rows = frame.assign(
        begin=frame["period"].map({text: span.start.toordinal() for text, span in spans.items()}),
        end=frame["period"].map({text: span.end.toordinal() for text, span in spans.items()}),
        flow=frame[code].map(kinds).eq("flow"),
        by=frame["document"].where(frame[code].isin(BY_POOL), "") if "document" in frame else "",
    )
    begin, end = period.start.toordinal(), period.end.toordinal()
    new_year = period.start.replace(month=1, day=1).toordinal()
    itself = (rows["begin"] == begin) & (rows["end"] == end)
    inside = (rows["begin"] >= begin) & (rows["end"] <= end)
    before = (rows["begin"] >= new_year) & (rows["end"] <= end)
    outside = (rows["begin"] <= begin) & (rows["end"] >= end)
    rank = pd.Series(9, index=rows.index)
    rank = rank.mask(outside & ~rows["flow"], 2 if around else 9)
    rank = rank.mask((inside & rows["flow"]) | (before & ~rows["flow"]), 1).mask(itself, 0)
    rows = rows.assign(rank=rank)[rank < 9]
    key = ["unit_code", code, "by"]
    rows = rows[rows["rank"] == rows.groupby(key)["rank"].transform("min")]
    for column in ("end", "begin"):  # a snapshot: the latest, and of those that end together the shortest
        latest = rows.groupby(key)[column].transform("max")
        rows = rows[rows["flow"] | (rows[column] == latest)]
    _refuse_overlap(rows, key)
    return rows.sort_values([*key, "begin"], kind="stable")


def _refuse_overlap(rows: pd.DataFrame, key: list[str]) -> None:
    spans = rows[rows["flow"]].drop_duplicates([*key, "begin", "end"]).sort_values([*key, "begin", "end"])
    ahead = spans.groupby(key)["end"].cummax().groupby([spans[name] for name in key]).shift()
    problems = Problems()
    for unit, what, span, cell in spans.loc[spans["begin"] <= ahead, [*key[:2], "period", "source"]].itertuples(
        index=False
    ):
        problems.add(
            str(cell), "PERIOD-OVERLAP", f"{unit} 的 {what} 在 {span} 与其他期间重叠, 会重复计算", "只保留一种期间"
        )
    problems.raise_if_any()


def memberships(facts: Facts, period: Period) -> pd.DataFrame:
    """Who belongs to which alliance in `period`: alliance_code and the columns MEMBERS, by alliance and unit code.

    months: whole calendar months of the period during which the member belonged (one that joins on 16 August has
    September only). A member that joined, left and came back has one row with its months added.
    """
    rows = facts.memberships.merge(facts.institutions.drop(columns="source"), on="unit_code", validate="many_to_one")
    since = pd.to_datetime(rows["from"])
    until = pd.to_datetime(rows["to"]).fillna(pd.Timestamp(period.end))
    rows = rows.assign(months=_whole_months(since, until, period))
    rows = rows[(since <= pd.Timestamp(period.end)) & (until >= pd.Timestamp(period.start))]
    tiers = rows["tier"].map(lambda tier: Tier(tier).grassroots)
    rows = rows.assign(grassroots=tiers.astype(bool), signing=rows["signing"].astype(bool))
    key = ["alliance_code", "unit_code"]
    rows = rows.assign(months=rows.groupby(key)["months"].transform("sum")).drop_duplicates(key)
    return rows.sort_values(key, ignore_index=True)[["alliance_code", *MEMBERS]]


def _whole_months(since: pd.Series[pd.Timestamp], until: pd.Series[pd.Timestamp], period: Period) -> pd.Series[int]:
    first = since.dt.year * 12 + since.dt.month - 1 + (since.dt.day > 1)
    last = until.dt.year * 12 + until.dt.month - 1 - (~until.dt.is_month_end)
    start = period.start.year * 12 + period.start.month - 1
    length = last.clip(upper=start + period.months - 1) - first.clip(lower=start) + 1
    return length.clip(lower=0).astype("int64")
