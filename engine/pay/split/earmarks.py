"""Earmarks (专项): rate × quantity, half up, first out of the pool whose `items` names them.

Source: contract of pay, From amount to person 3.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from domain.money import half_up_fen
from domain.pay import Pay, PayItem
from domain.period import Period
from domain.problems import Problem
from domain.step import Phrase, Place, RunWarning
from engine.pay.people import People
from engine.pay.scheme import pool_of
from engine.pay.split.facts import Facts, Post, rows_of


@dataclass(frozen=True)
class Earmark:
    """One row of earmarks: what it comes to, in fen, out of which pool."""

    post: Post
    item: PayItem
    pool: str
    start: date
    quantity: Fraction
    fen: int
    document: str
    source: str


def earmarks(
    pay: Pay, people: People, facts: Facts, period: Period, paid: Collection[tuple[str, str]]
) -> tuple[list[Earmark], list[Problem], list[RunWarning]]:
    """The earmarks of posts whose institution is paid the pool, what no pool pays, and what waits for its pool.

    paid: (unit, pool) of this payment.
    """
    posts = {post.post_no: post for post in facts.posts}
    units = {unit for unit, _ in paid}
    found, problems, warnings = list[Earmark](), list[Problem](), list[RunWarning]()
    for row in rows_of(people["earmarks"], str(period)):
        post, item = posts.get(row["post_no"]), pay.item(row["item"])
        if post is None or item is None or post.unit not in units:
            continue
        pool = pool_of(pay, item.id)
        if pool is None:
            said = f"专项 {item.title} 没有资金池列支"
            problems.append(Problem(row["source"], "NAME-UNKNOWN", said, f"在方案一个资金池的 items 写 {item.id}"))
        elif (post.unit, pool) not in paid:
            said_of = {"item": item.title, "post": post.post_no, "pool": pool}
            place = Place(unit=post.unit, pool=pool, post=post.post_no, line=item.id)
            warnings.append(RunWarning("PAY-EARMARK-WAITS", Phrase(f"{__name__}:waits", said_of), place))
        else:
            fen = half_up_fen(item.rate * Fraction(row["quantity"]))
            about = row["from"], row["quantity"], fen, row["document"] or "", row["source"]
            found.append(Earmark(post, item, pool, *about))
    found.sort(key=lambda one: (one.post.unit, one.post.post_no, one.pool, one.item.id, str(one.start)))
    return found, problems, warnings


WORDS = {"waits": "任职 {post} 的{item}由资金池 {pool:title} 列支, 本次没有这个池的发放额, 未发"}
