"""Everything that a division found, as its tables and stories ask for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from domain.pay import Pay
from domain.period import Period
from engine.pay.split.earmarks import Earmark
from engine.pay.split.facts import Amount, Facts
from engine.pay.split.lines import Line
from engine.pay.split.released import Release
from engine.pay.split.shares import Shares, added

Key = tuple[str, str]
"""A unit and a pool."""


class Team(NamedTuple):
    """One team of a pool divided by teams: fen is what its posts get, given what it was given to divide."""

    unit: str
    pool: str
    team: str
    weight: Fraction
    fen: int
    given: int
    held_by: str
    made: Shares
    at: int


@dataclass(frozen=True)
class Told:
    """paid: the amounts of institutions that can be paid; rest: what earmarks leave of each amount, in fen.

    assessed: whether people's own measures are in; before that a team has what it is given, whoever then has how much.
    """

    pay: Pay
    facts: Facts
    period: Period
    paid: Mapping[Key, Amount]
    rest: Mapping[Key, int]
    marked: Mapping[Key, Sequence[Earmark]]
    made: Sequence[Shares]
    released: Sequence[Release]
    lines: Sequence[Line]
    assessed: bool = True

    @cached_property
    def shared(self) -> Mapping[Key, int]:
        """What posts get by points, in fen; 0 where nobody shares."""
        found = dict.fromkeys(self.paid, 0)
        for one in self.made:
            paid = one.paid
            if one.teams is not None and not self.assessed:
                paid = added(one.teams.units, one.teams.given.fen, len(one.pool.units))
            for unit, fen in zip(one.pool.units, paid.tolist(), strict=True):
                if (unit, one.pool.id) in found:
                    found[unit, one.pool.id] = fen
        return found

    @cached_property
    def teams(self) -> tuple[Team, ...]:
        """The teams of the pools that are divided by teams."""
        return tuple(team for one in self.made for team in self._teams(one))

    def _teams(self, made: Shares) -> Iterator[Team]:
        teams = made.teams
        if teams is None:
            return
        fen = (added(made.groups, made.given.fen, len(teams.names)) if self.assessed else teams.given.fen).tolist()
        weights = teams.weights.fractions().tolist()
        given = teams.given
        for at, (unit, name) in enumerate(teams.names):
            if (unit, made.pool.id) in self.paid:
                held = "cap" if given.capped[at] else "floor" if given.floored[at] else ""
                yield Team(unit, made.pool.id, name, weights[at], fen[at], int(given.fen[at]), held, made, at)
