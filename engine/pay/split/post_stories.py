"""The stories of posts: attendance, points, what each is due, its earmarks, what is paid later and of former years.

Steps of a post are of its pool and team, so that one post can be told without another's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction

from domain.pay import HOLD, SCORE, TIME, PoolScheme
from domain.step import Numbers, Phrase, Place, Step
from engine.pay.scheme import AMOUNT, needs_attendance
from engine.pay.split.earmarks import Earmark
from engine.pay.split.facts import Post
from engine.pay.split.lines import COMPONENTS, DEFERRED, DUE, POINTS
from engine.pay.split.shares import Shares, added
from engine.pay.split.telling import WORDS, documents, phrase, within, words
from engine.pay.split.told import Told


def _place(made: Shares, post: Post, line: str) -> Place:
    return Place(unit=post.unit, pool=made.pool.id, team=post.team if made.teams else "", post=post.post_no, line=line)


def posts(told: Told) -> Iterator[Step]:
    """Of every sharing post its time, its points and what it is due."""
    for made in told.made:
        size = len(made.given.sound)
        whole, group_fen = _whole(made, size), added(made.groups, made.given.fen, size).tolist()
        if made.teams is not None:
            group_fen = made.teams.given.fen.tolist()
        elif made.pool.scheme.inside == POINTS:
            group_fen = made.rest.tolist()
        timed, points = needs_attendance(made.pool.scheme), made.points.fractions().tolist()
        for at, post in enumerate(made.pool.posts):
            if (post.unit, made.pool.id) not in told.paid:
                continue
            if timed:
                yield _time(told, made, post)
            if made.pool.scheme.points:
                yield _points(told, made, post, points[at])
            group = int(made.groups[at])
            yield _due(told, made, at, points[at], (int(group_fen[group]), whole[group]))


def _whole(made: Shares, size: int) -> list[Fraction]:
    """Σ points of each group."""
    found: list[Fraction] = made.points.sums(made.groups, size).fractions().tolist()
    return found


def _time(told: Told, made: Shares, post: Post) -> Step:
    known = told.facts.attendance[post.post_no]
    numbers: Numbers = {"share": post.share, "employed": known.employed}
    away: dict[str, Fraction] = defaultdict(Fraction)
    for one in known.leave:
        away[one.kind] += (1 - one.counts) * one.days
    numbers |= {("away", kind): days for kind, days in sorted(away.items())}
    numbers["due"] = known.due
    cells = (post.source, *known.cells)
    rules = [rule for rule in told.pay.leave if rule.kind in away]
    place = _place(made, post, TIME)
    return Step(
        "pay", place, words("time"), told.facts.times[post.post_no], numbers, cites=documents(*rules), cells=cells
    )


def _points(told: Told, made: Shares, post: Post, points: Fraction) -> Step:
    facts = told.facts
    numbers: Numbers = {}
    cells = [post.source]
    for name in made.pool.scheme.points:
        if name == SCORE or name in made.pool.scheme.quantities:
            known = facts.measures[post.post_no, name]
            numbers[name] = known.value
            cells.append(known.source)
        elif name == HOLD:
            numbers[name] = facts.hold(post)
            cells += [facts.holds[post.post_no].source] if post.post_no in facts.holds else []
        else:
            numbers[name] = facts.times[post.post_no] if name == TIME else post.position
    place = _place(made, post, "points")
    return Step("pay", place, words("points"), points, numbers, cites=documents(made.pool.scheme), cells=tuple(cells))


def _due(told: Told, made: Shares, at: int, points: Fraction, of: tuple[int, Fraction]) -> Step:
    """How a post came to what it is due. of: what its team, or its institution, has to divide, and Σ points."""
    post, scheme, given = made.pool.posts[at], made.pool.scheme, made.given
    source = phrase("of_team" if made.teams else "of_unit")
    place, fields = _place(made, post, DUE), {"of": source}
    limits = within(int(made.bounds.low[at]), int(made.bounds.high[at])) if points else {}
    fen, name = int(given.fen[at]), "of_team" if made.teams else "of_unit"
    notes = _held(told, made, at, points)
    cites = documents(scheme, *scheme.caps, *scheme.floors)
    label = "given", str(WORDS[name])
    if scheme.inside == "list":
        cells = (told.facts.measures[post.post_no, AMOUNT].source,)
        return Step(
            "pay", place, words("listed"), fen, {label: of[0], **limits}, fields, cites=cites, cells=cells, notes=notes
        )
    numbers: Numbers = {label: of[0], "points": points, "all": of[1], "exact": given.exact(at) / 100, **limits}
    return Step("pay", place, words("due"), fen, numbers, fields, cites=cites, notes=notes)


def _held(told: Told, made: Shares, at: int, points: Fraction) -> tuple[Phrase, ...]:
    """What stopped a post."""
    if HOLD in made.pool.scheme.points and not told.facts.hold(made.pool.posts[at]):
        return (phrase("hold"),)
    if not points:
        return (phrase("no_points"),)
    held = "cap" if made.given.capped[at] else "floor" if made.given.floored[at] else ""
    return (phrase(held),) if held else ()


def earmarks(told: Told) -> Iterator[Step]:
    """Of every post its earmarks, the rows of one item together."""
    found: dict[tuple[str, str, Post, str], list[Earmark]] = defaultdict(list)
    for (unit, pool), several in sorted(told.marked.items()):
        for one in several if (unit, pool) in told.paid else ():
            found[unit, pool, one.post, one.item.id].append(one)
    for (unit, pool, post, item), several in found.items():
        first = several[0].item
        numbers: Numbers = {("rate", first.per): first.rate}
        numbers |= {("quantity", one.start.isoformat()): one.quantity for one in several}
        yield Step(
            "pay",
            Place(unit=unit, pool=pool, post=post.post_no, line=item),
            words("earmark"),
            sum(one.fen for one in several),
            numbers,
            {"title": first.title},
            cites=tuple(dict.fromkeys([*documents(first), *(one.document for one in several if one.document)])),
            cells=tuple(one.source for one in several),
        )


def deferred(told: Told) -> Iterator[Step]:
    """What of what is due is paid later."""
    teams = {one.pool.id: one.teams is not None for one in told.made}
    names = {post.post_no: post.team for post in told.facts.posts}
    due = {(one.post, one.pool): one.amount for one in told.lines if one.item == POINTS and not one.component}
    for one in told.lines:
        rule = told.pay.pools[one.pool].defer
        if COMPONENTS[one.component] == DEFERRED and rule is not None:
            team = names[one.post] if teams[one.pool] else ""
            place = Place(unit=one.unit, pool=one.pool, team=team, post=one.post, line=DEFERRED)
            numbers: Numbers = {"due": due[one.post, one.pool], "share": rule.share}
            yield Step("pay", place, words("deferred"), one.amount, numbers, cites=_cited(told.pay.pools[one.pool]))


def _cited(scheme: PoolScheme) -> tuple[str, ...]:
    return documents(scheme, scheme.defer)


def released(told: Told) -> Iterator[Step]:
    """What of former years is paid now, and what of it nobody gets."""
    home = {(post.unit, post.person): post.post_no for post in reversed(told.facts.posts)}
    for one in told.released:
        post = home.get((one.unit, one.person), one.person)
        cites, fields = _cited(told.pay.pools[one.pool]), {"year": str(one.year)}
        numbers: Numbers = {"balance": one.balance, "share": one.share}
        for code, fen in (("released", one.released), ("forfeited", one.forfeited)):
            place = Place(unit=one.unit, pool=one.pool, post=post, line=f"{code}-{one.year}")
            yield Step("pay", place, words(code), fen, numbers, fields, cites=cites, cells=(one.source,))
            numbers = {"balance": one.balance, "released": one.released}
