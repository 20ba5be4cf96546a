"""The stories of institutions and teams: what each has to divide, what it keeps, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction

from domain.pay import SIZE
from domain.step import Numbers, Phrase, Place, RunWarning, Step
from engine.pay.scheme import bounds
from engine.pay.split.post_stories import deferred, earmarks, posts, released
from engine.pay.split.telling import documents, phrase, within, words
from engine.pay.split.told import Key, Team, Told


def warnings(told: Told) -> list[RunWarning]:
    """What institutions with posts keep, and why."""
    found = []
    for (unit, pool), left in _kept(told).items():
        if unit in told.facts.units:
            why = _why(told, (unit, pool))
            said = phrase("kept_over", unit=unit, pool=pool, fen=left, why=why)
            found.append(RunWarning("PAY-KEPT", said, Place(unit=unit, pool=pool)))
    return found


def _kept(told: Told) -> dict[Key, int]:
    """What is not divided of each institution's pool, where there is any."""
    left = {key: told.rest[key] - told.shared[key] for key in sorted(told.paid)}
    return {key: fen for key, fen in left.items() if fen}


def _why(told: Told, key: Key) -> Phrase:
    """Why something of a pool is kept."""
    unit, pool = key
    if unit not in told.facts.units:
        return phrase("no_posts", unit=unit)
    made = next(one for one in told.made if one.pool.id == pool)
    here = made.places == made.pool.units.index(unit)
    if not here.any():
        return phrase("nobody")
    if not made.points.num[here].any():
        return phrase("zero")
    capped = made.given.capped[here].all()
    return phrase("capped" if capped or made.teams is None or made.pool.scheme.over_cap == "keep" else "no_weight")


def steps(told: Told) -> tuple[Step, ...]:
    """Every story of a division, from the institution to the post; before people are assessed only to the team."""
    above = (*_units(told), *_means(told), *_teams(told))
    if not told.assessed:
        return above
    return (*above, *posts(told), *earmarks(told), *deferred(told), *released(told))


def _units(told: Told) -> Iterator[Step]:
    kept = _kept(told)
    for key, amount in sorted(told.paid.items()):
        unit, pool = key
        cites = tuple(
            dict.fromkeys([*filter(None, [amount.document]), *documents(told.pay.approval, told.pay.pools[pool])])
        )
        numbers: Numbers = {"amount": amount.fen, "marks": amount.fen - told.rest[key]}
        place = Place(unit=unit, pool=pool, line="rest")
        yield Step("pay", place, words("rest"), told.rest[key], numbers, cites=cites, cells=(amount.source,))
        if key in kept:
            place = Place(unit=unit, pool=pool, line="kept")
            left: Numbers = {"rest": told.rest[key], "shared": told.shared[key]}
            yield Step("pay", place, words("kept"), kept[key], left, notes=(_why(told, key),))


def _means(told: Told) -> Iterator[Step]:
    """The mean by time of each institution's pool with bounds that are times of it."""
    for made in told.made:
        scheme = made.pool.scheme
        if not any(bound.times_mean is not None for bound in bounds(scheme)):
            continue
        time: dict[str, Fraction] = defaultdict(Fraction)
        for post in made.pool.posts:
            time[post.unit] += told.facts.times[post.post_no]
        for unit, total in sorted(time.items()):
            if total and (unit, made.pool.id) in told.paid:
                rest = told.rest[unit, made.pool.id]
                place = Place(unit=unit, pool=made.pool.id, line="mean")
                numbers: Numbers = {"rest": rest, "time": total}
                yield Step("pay", place, words("mean"), Fraction(rest) / total / 100, numbers, cites=documents(scheme))


def _teams(told: Told) -> Iterator[Step]:
    totals: dict[str, list[Fraction]] = {}
    for one in told.teams:
        teams, scheme = one.made.teams, one.made.pool.scheme
        if teams is None or scheme.teams is None:
            continue
        place = {"unit": one.unit, "pool": one.pool, "team": one.team}
        measures = {name: told.facts.team_measures.get((one.unit, one.team, name)) for name in scheme.teams.weight}
        sizes = teams.sizes
        numbers: Numbers = {
            name: sizes[[one.at]].fractions()[0] if name == SIZE and sizes is not None else known and known.value
            for name, known in measures.items()
        }
        cells = tuple(known.source for name, known in measures.items() if known and name != SIZE)
        weight = Place(**place, line="weight")
        cites = documents(scheme, scheme.teams)
        yield Step("pay", weight, words("weight"), one.weight, numbers, cites=cites, cells=cells)
        if one.pool not in totals:
            totals[one.pool] = teams.weights.sums(teams.units, len(one.made.pool.units)).fractions().tolist()
        total = totals[one.pool][int(teams.units[one.at])]
        yield _team(one, Place(**place, line="amount"), told.rest[one.unit, one.pool], total)


def _team(one: Team, place: Place, rest: int, total: Fraction) -> Step:
    """How a team came to its amount. rest, total: of its institution's pool, in fen and in weights."""
    made, teams = one.made, one.made.teams
    if teams is None:
        raise AssertionError("只有按科室分的才有科室")
    numbers: Numbers = {"rest": rest, "weight": one.weight, "all": total, "exact": teams.given.exact(one.at) / 100}
    notes = [phrase(one.held_by)] if one.held_by else []
    if made.pool.scheme.over_cap == "share":
        numbers |= within(int(teams.bounds.low[one.at]), int(teams.bounds.high[one.at]))
    if one.fen != one.given:
        notes.append(phrase("stays", fen=one.given - one.fen))
    return Step("pay", place, words("team"), one.fen, numbers, notes=tuple(notes))
