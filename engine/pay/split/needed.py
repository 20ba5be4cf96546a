"""What a pool needs of its posts and teams and does not find; each refused at its cell.

Whoever reads tables of people is told of it at the very cell; here it is asked of whatever is divided, such as what
the cases of a correction make of those tables. Source: contract of pay, Bad input.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from domain.pay import POSITION, SCORE, SIZE, PoolScheme
from domain.period import Period
from domain.problems import Problem
from engine.pay.scheme import AMOUNT, needs_attendance, person_measures, team_measures
from engine.pay.split.facts import Facts, Post

TITLES = {SCORE: "考核得分", AMOUNT: "科室分配数 (amount)", POSITION: "岗位系数", "coefficient": "科室系数"}


@dataclass(frozen=True)
class Pool:
    """A pool, the institutions that it pays, by code, and the posts that share in it; rows: these posts as a table.

    Posts stand by unit, where the pool has teams by team, then by number.
    """

    id: str
    scheme: PoolScheme
    units: tuple[str, ...]
    posts: tuple[Post, ...]
    rows: pd.DataFrame


def lacking(pool: Pool, facts: Facts, period: Period, *, assessed: bool) -> Iterator[Problem]:
    """Numbers of posts that a pool's points, bounds and teams need. assessed: whether people's own are in."""
    scheme = pool.scheme
    timed = needs_attendance(scheme)
    measures = person_measures(scheme) if assessed else ()
    weight = scheme.teams.weight if scheme.teams else ()
    positioned = POSITION in scheme.points or SIZE in weight
    for post in pool.posts:
        if timed and post.post_no not in facts.attendance:
            said = f"任职 {post.post_no} 没有{period.title}的出勤, 资金池按出勤分配"
            yield Problem(post.source, "PAY-ATT-MISSING", said, "在出勤表填应出勤天数和任职期内应出勤天数")
        for measure in measures:
            if (post.post_no, measure) not in facts.measures:
                said = f"任职 {post.post_no} 没有{period.title}的{TITLES.get(measure, measure)}"
                yield Problem(post.source, "PAY-SCORE-MISSING", said, "在个人考核表填写; 确实为零的写 0")
        if positioned and post.position is None:
            said = f"任职 {post.post_no} 没有岗位系数"
            yield Problem(post.source, "PAY-SCORE-MISSING", said, "在任职表填写")


def lacking_teams(pool: Pool, facts: Facts, period: Period) -> Iterator[Problem]:
    """Posts without a team, and numbers of teams, where a pool goes by teams."""
    if pool.scheme.teams is None:
        return
    for post in pool.posts:
        if not post.team:
            said = f"任职 {post.post_no} 没有科室/团队, 资金池先分到科室"
            yield Problem(post.source, "PAY-TEAM-EMPTY", said, "在任职表填写科室/团队")
    first: dict[tuple[str, str], Post] = {}
    for post in pool.posts:
        first.setdefault((post.unit, post.team), post)
    for (unit, team), post in first.items():
        for measure in team_measures(pool.scheme) if team else ():
            if (unit, team, measure) not in facts.team_measures:
                said = f"{unit} 的{team}没有{period.title}的{TITLES.get(measure, measure)}"
                yield Problem(post.source, "PAY-SCORE-MISSING", said, "在科室考核表填写; 确实为零的写 0")


def empty_teams(pools: Sequence[Pool], facts: Facts) -> Iterator[Problem]:
    """Teams that have numbers for pools of their institution in none of which any of their posts shares."""
    asked: set[tuple[str, str]] = set()
    used: set[tuple[str, str, str]] = set()
    for pool in pools:
        for measure in team_measures(pool.scheme):
            asked.update((unit, measure) for unit in pool.units)
            used.update((post.unit, post.team, measure) for post in pool.posts)
    told: set[tuple[str, str]] = set()
    for (unit, team, measure), number in facts.team_measures.items():
        if (unit, measure) in asked and (unit, team, measure) not in used and (unit, team) not in told:
            told.add((unit, team))
            said = f"{unit} 的{team}有科室考核数, 没有参加分配的任职"
            yield Problem(number.source, "PAY-TEAM-EMPTY", said, "核对科室名称, 或删去这一行")
