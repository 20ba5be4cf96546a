"""Divide institutions' amounts among their people. Source: contract of pay, From amount to person.

    split(pay, people, amounts, period, in_total).lines

Everything is computed in memory; nothing depends on the order of rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal

import pandas as pd

from domain.money import format_yuan
from domain.pay import Pay
from domain.period import Period
from domain.problems import Problem, Problems
from domain.step import Place, RunWarning
from engine.pay.people import People
from engine.pay.result import Split, frame
from engine.pay.scheme import first_quantity, sharing
from engine.pay.split import stories
from engine.pay.split.bounds import several_posts
from engine.pay.split.earmarks import Earmark, earmarks
from engine.pay.split.facts import Amount, Facts, rows_of
from engine.pay.split.lines import COMPONENTS, DUE, Ledger, Line
from engine.pay.split.needed import Pool, empty_teams, lacking, lacking_teams
from engine.pay.split.released import releases
from engine.pay.split.shares import Shares, by_list, shares
from engine.pay.split.telling import phrase
from engine.pay.split.told import Told

Key = tuple[str, str]
"""A unit and a pool."""


def split(
    pay: Pay,
    people: People,
    amounts: pd.DataFrame,
    period: Period,
    in_total: Mapping[str, str],
    *,
    upto: Literal["teams", "posts"] = "posts",
) -> Split:
    """The tables `units`, `teams` and `lines` of a payment, with the story of each number.

    amounts: period, unit_code, pool, amount (fen), document, source; in_total: by pool (`engine.pay.scheme.counted`);
    upto: "teams" leaves out lines and asks for no measure of a person, nor a department's own list.
    Raises InputProblems for what posts and teams lack: PAY-ATT-MISSING, PAY-SCORE-MISSING, PAY-TEAM-EMPTY,
    PAY-TEAM-SUM, PAY-CAP-POSTS; an item that no pool pays. Institutions that cannot be divided are in `unmet`
    (PAY-OVER-AMOUNT, PAY-FLOORS).
    """
    facts = Facts.of(pay, people, period)
    given = {
        (row["unit_code"], row["pool"]): Amount(row["amount"], row["document"] or "", row["source"])
        for row in rows_of(amounts, str(period))
    }
    marks, found, warnings = earmarks(pay, people, facts, period, given)
    marked: dict[Key, list[Earmark]] = defaultdict(list)
    for mark in marks:
        marked[mark.post.unit, mark.pool].append(mark)
    rest = {key: amount.fen - sum(mark.fen for mark in marked[key]) for key, amount in given.items()}
    unmet = _over(given, rest)
    pools = _pools(pay, people, facts, period, {key for key, fen in rest.items() if fen >= 0})
    _refuse(found, pools, facts, period, assessed=upto == "posts")
    made = [shares(one, facts, [rest[unit, one.id] for unit in one.units], assessed=upto == "posts") for one in pools]
    if upto == "posts":
        made = _as_listed(made, facts)
    for one in made:
        for at in (~one.sound).nonzero()[0].tolist():
            unit = one.pool.units[at]
            unmet[unit].append(_floors(unit, one, at, given[unit, one.pool.id]))
    paid = {key: amount for key, amount in given.items() if key[0] not in unmet}
    ledger = Ledger(pay, facts, in_total, {key: amount.document for key, amount in paid.items()})
    released = releases(pay, people, period, paid) if upto == "posts" else []
    lines = ledger.lines(made, marks, released)
    told = Told(pay, facts, period, paid, rest, marked, made, released, lines, assessed=upto == "posts")
    return Split(
        frame("units", _units(str(period), told)),
        frame("teams", _teams(str(period), told)),
        frame("lines", _lines(str(period), lines) if upto == "posts" else []),
        stories.steps(told),
        (*sorted(warnings, key=lambda one: one.place.parts), *_without_posts(paid, facts), *stories.warnings(told)),
        {unit: tuple(several) for unit, several in sorted(unmet.items())},
    )


# ── what is divided ───────────────────────────────────────────────────────────────────────────────────────


def _over(given: Mapping[Key, Amount], rest: Mapping[Key, int]) -> dict[str, list[Problem]]:
    """Institutions whose earmarks are more than the amount of their pool."""
    found: dict[str, list[Problem]] = defaultdict(list)
    for (unit, pool), amount in sorted(given.items()):
        if rest[unit, pool] < 0:
            marks = format_yuan(amount.fen - rest[unit, pool])
            said = f"{unit} 资金池 {pool} 的专项合计 {marks} 元, 超过发放额 {format_yuan(amount.fen)} 元"
            found[unit].append(Problem(amount.source, "PAY-OVER-AMOUNT", said, "核减专项, 或增加这个池的发放额"))
    return found


def _pools(pay: Pay, people: People, facts: Facts, period: Period, paid: Collection[Key]) -> list[Pool]:
    """The pools of this payment, each with the institutions that have posts and the posts that share in it."""
    table, found = people["posts"], list[Pool]()
    place = {number: at for at, number in enumerate(table["post_no"])}
    for name in sorted({pool for _, pool in paid}):
        scheme = pay.pools[name]
        units = tuple(sorted(unit for unit, pool in paid if pool == name and unit in facts.units))
        first = first_quantity(scheme) if scheme.who == "rows" else None
        may = {*table["post_no"][sharing(pay, scheme, table, period)]}
        posts = [
            post
            for unit in units
            for post in facts.by_unit.get(unit, ())
            if post.post_no in may and (first is None or (post.post_no, first) in facts.measures)
        ]
        if scheme.teams is not None:
            posts.sort(key=lambda post: (post.unit, post.team, post.post_no))
        rows = table.iloc[[place[post.post_no] for post in posts]]
        found.append(Pool(name, scheme, units, tuple(posts), rows))
    return found


def _refuse(found: Iterable[Problem], pools: Sequence[Pool], facts: Facts, period: Period, *, assessed: bool) -> None:
    """Refuse what posts and teams lack, each place and message once."""
    problems = Problems()
    problems.extend(found)
    for one in pools:
        problems.extend(lacking(one, facts, period, assessed=assessed))
        problems.extend(lacking_teams(one, facts, period))
        problems.extend(several_posts(one.scheme, one.posts, one.rows))
    problems.extend(empty_teams(pools, facts))
    problems.found = sorted(set(problems.found))
    problems.raise_if_any()


def _as_listed(made: Iterable[Shares], facts: Facts) -> list[Shares]:
    """The pools with the departments' own lists in the place of what points give, where a pool goes by lists."""
    problems, found = Problems(), []
    for one in made:
        if one.pool.scheme.inside == "list":
            listed, wrong = by_list(one, facts)
            problems.extend(wrong)
            found.append(listed)
        else:
            found.append(one)
    problems.raise_if_any()
    return found


def _floors(unit: str, made: Shares, at: int, amount: Amount) -> Problem:
    """Why what a unit has of a pool cannot be divided."""
    least = format_yuan(int(made.bounds.low[made.places == at].sum()))
    said = f"{unit} 资金池 {made.pool.id} 可分 {format_yuan(int(made.rest[at]))} 元, 各任职的保底合计 {least} 元"
    if made.teams is not None and made.pool.scheme.over_cap == "keep":
        said += ", 有的科室不够保底"
    return Problem(amount.source, "PAY-FLOORS", f"{said}, 保底与封顶、发放额不能同时满足", "降低保底, 或增加发放额")


def _without_posts(paid: Iterable[Key], facts: Facts) -> list[RunWarning]:
    """Institutions that nobody is told of."""
    units = sorted({unit for unit, _ in paid} - facts.units)
    return [RunWarning("PAY-NO-POSTS", phrase("no_posts", unit=unit), Place(unit=unit)) for unit in units]


# ── tables ────────────────────────────────────────────────────────────────────────────────────────────────


def _units(period: str, told: Told) -> list[tuple[object, ...]]:
    inside: dict[Key, int] = defaultdict(int)
    outside: dict[Key, int] = defaultdict(int)
    for line in told.lines:
        if COMPONENTS[line.component] == DUE:
            (inside if line.in_total == "yes" else outside)[line.unit, line.pool] += line.amount
    return [
        (
            period,
            unit,
            pool,
            amount.fen,
            amount.fen - told.rest[unit, pool],
            told.shared[unit, pool],
            told.rest[unit, pool] - told.shared[unit, pool],
            inside[unit, pool],
            outside[unit, pool],
            amount.document,
            "",
        )
        for (unit, pool), amount in sorted(told.paid.items())
    ]


def _teams(period: str, told: Told) -> list[tuple[object, ...]]:
    return [
        (period, one.unit, one.pool, one.team, one.weight, one.fen, one.held_by, "")
        for one in sorted(told.teams, key=lambda one: (one.unit, one.pool, one.team))
    ]


def _lines(period: str, lines: Iterable[Line]) -> list[tuple[object, ...]]:
    return [
        (
            period,
            one.unit,
            one.post,
            one.person,
            one.pool,
            one.item,
            COMPONENTS[one.component],
            one.amount,
            one.unit,
            one.payer,
            one.in_total,
            one.document,
            one.held_by,
            "",
        )
        for one in lines
    ]
