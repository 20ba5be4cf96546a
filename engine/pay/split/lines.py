"""The rows of `lines`: what each post is due, what of it is paid later, what of former years is paid now.

Source: contract of pay, lines.csv and From amount to person 3, 7 and 8.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from domain.money import half_up_fen
from domain.pay import HOLD, Pay
from engine.pay.scheme import line_counted
from engine.pay.split.earmarks import Earmark
from engine.pay.split.facts import Facts, Post
from engine.pay.split.released import Release
from engine.pay.split.shares import Shares

POINTS = "points"
DUE, DEFERRED, RELEASED, FORFEITED = COMPONENTS = ("due", "deferred", "released", "forfeited")


class Line(NamedTuple):
    """One row of `lines` of a period: amount in fen, signed; component: the place of it among COMPONENTS."""

    unit: str
    post: str
    pool: str
    item: str
    component: int
    person: str
    amount: int
    payer: str
    in_total: str
    document: str
    held_by: str = ""


@dataclass(frozen=True)
class Ledger:
    """What lines are made of. documents: 指标文号 by unit and pool, of the institutions that can be paid."""

    pay: Pay
    facts: Facts
    in_total: Mapping[str, str]
    documents: Mapping[tuple[str, str], str]

    def lines(self, made: Iterable[Shares], earmarked: Iterable[Earmark], released: Iterable[Release]) -> list[Line]:
        """All lines, sorted by unit, post, pool, item and component."""
        found = [line for one in made for line in self._shared(one)]
        return sorted([*found, *self._earmarked(earmarked), *self._released(released)])

    def _line(self, post: Post, pool: str, item: str, component: int, amount: int, held_by: str = "") -> Line:
        counted, document = line_counted(self.pay, pool, item, self.in_total), self.documents[post.unit, pool]
        names = post.unit, post.post_no, pool, item, component, post.person
        return Line(*names, amount, post.payer, counted, document, held_by)

    def _shared(self, made: Shares) -> Iterator[Line]:
        """Of every sharing post its line, also of 0.00, and what of it is paid later."""
        pool, given = made.pool, made.given
        held = HOLD in pool.scheme.points
        each = zip(pool.posts, given.fen.tolist(), given.capped.tolist(), given.floored.tolist(), strict=True)
        for post, fen, capped, floored in each:
            if (post.unit, pool.id) not in self.documents:
                continue
            stopped = "hold" if held and not self.facts.hold(post) else "cap" if capped else "floor" if floored else ""
            yield self._line(post, pool.id, POINTS, COMPONENTS.index(DUE), fen, stopped)
            if later := self.deferred(made, post, fen):
                yield self._line(post, pool.id, POINTS, COMPONENTS.index(DEFERRED), -later)

    def deferred(self, made: Shares, post: Post, fen: int) -> int:
        """What of a post's pay by points is paid later, in fen."""
        rule = made.pool.scheme.defer
        if rule is None or (rule.leaver == "pay" and self.facts.leaves(post)):
            return 0
        return half_up_fen(rule.share * fen)

    def _earmarked(self, earmarked: Iterable[Earmark]) -> Iterator[Line]:
        total: dict[tuple[Post, str, str], int] = {}
        for one in earmarked:
            key = one.post, one.pool, one.item.id
            total[key] = total.get(key, 0) + one.fen
        for (owner, pool, item), fen in total.items():
            if fen and (owner.unit, pool) in self.documents:
                yield self._line(owner, pool, item, COMPONENTS.index(DUE), fen)

    def _released(self, released: Iterable[Release]) -> Iterator[Line]:
        """At the first post that its person has in the unit; of who has none any more at none."""
        home = {(post.unit, post.person): post for post in reversed(self.facts.posts)}
        total: dict[tuple[str, str, str, int], int] = {}
        for one in released:
            for component, fen in ((RELEASED, one.released), (FORFEITED, one.forfeited)):
                key = one.unit, one.person, one.pool, COMPONENTS.index(component)
                total[key] = total.get(key, 0) + fen
        for (unit, person, pool, at), fen in total.items():
            if not fen or (unit, pool) not in self.documents:
                continue
            post = home.get((unit, person))
            number, payer = (post.post_no, post.payer) if post else ("", unit)
            counted = line_counted(self.pay, pool, POINTS, self.in_total)
            names = unit, number, pool, POINTS, at, person
            yield Line(*names, fen, payer, counted, self.documents[unit, pool])
