"""The second opinion on contradictions: every irreducible set by brute force, the first of them, and its shortfall."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from domain.money import ceil_fen, format_yuan

from .oracle_model import MISSABLE, OWN, Face, Json, Model, Side


class TooManyConflicts(Exception):
    """More irreducible sets than brute force should list."""


@dataclass(frozen=True)
class Element:
    """One thing that may take part in a conflict: a rule, a rule for one member, or the pool."""

    use: str
    code: str | None
    sides: tuple[Side, ...]

    @property
    def key(self) -> tuple[str, str]:
        """Order in a conflict: use, then code, none first."""
        return self.use, self.code or ""


def elements(model: Model) -> list[Element]:
    """Everything that may contradict, in order."""
    found = [Element("pool", None, (Side("pool", dict.fromkeys(model.codes, Fraction(-1)), Fraction(model.pool)),))]
    for rule in model.hard:
        if rule.use in OWN:
            found += [Element(rule.use, side.who, (side,)) for side in rule.sides]
        else:
            found.append(Element(rule.use, None, rule.sides))
    return sorted(found, key=lambda element: element.key)


def least_short(model: Model, chosen: Sequence[Element]) -> Fraction:
    """The least total by which floors and gaps of `chosen` are missed while its other elements hold."""
    missed = [side for element in chosen if element.use in MISSABLE for side in element.sides]
    face = Face(model.codes, len(missed))
    kept = [side for element in chosen if element.use not in MISSABLE for side in element.sides]
    for side in [*model.ceilings(), *kept]:
        face.add(side)
    for number, side in enumerate(missed):
        face.add(side, number)
    found = face.best(face.vector({}, {len(model.codes) + number: -1 for number in range(len(missed))}))
    assert found is not None
    return -found[0]


def contradict(model: Model, chosen: Iterable[Element]) -> bool:
    """Whether these cannot hold together."""
    face = Face(model.codes, 0)
    for side in [*model.ceilings(), *(side for element in chosen for side in element.sides)]:
        face.add(side)
    return face.best(face.vector({})) is None


def irreducible_sets(model: Model, limit: int = 400) -> list[list[Element]]:
    """Every irreducible set of elements that cannot hold together, by brute force: remove, look again.

    Raises TooManyConflicts after `limit` steps.
    """
    every = elements(model)
    known: dict[frozenset[int], bool] = {}

    def contradicts(chosen: frozenset[int]) -> bool:
        if chosen not in known:
            known[chosen] = contradict(model, [every[number] for number in chosen])
        return known[chosen]

    found: list[frozenset[int]] = []
    seen: set[frozenset[int]] = set()
    whole = frozenset(range(len(every)))
    waiting: list[frozenset[int]] = [frozenset()]
    while waiting:
        removed = waiting.pop()
        if removed in seen:
            continue
        seen.add(removed)
        if len(seen) > limit:
            raise TooManyConflicts
        conflict = next((one for one in found if not one & removed), None)
        if conflict is None:
            conflict = whole - removed
            if not contradicts(conflict):
                continue
            for number in sorted(conflict, reverse=True):
                if contradicts(conflict - {number}):
                    conflict -= {number}
            found.append(conflict)
        waiting += [removed | {number} for number in conflict]
    return [[every[number] for number in sorted(one)] for one in found]


def entries(model: Model, chosen: Sequence[Element]) -> list[Json]:
    """A conflict as the answer carries it."""
    short = format_yuan(ceil_fen(least_short(model, chosen)))
    return [{"use": element.use, "code": element.code, "short": short} for element in chosen]


def conflict_answer(model: Model) -> Json:
    """The answer where the hard rules contradict each other."""
    first = min(irreducible_sets(model), key=lambda one: [element.key for element in one])
    return {"status": "infeasible", "conflict": entries(model, first), "first": True}


def proves_conflict(model: Model, conflict: Sequence[Json]) -> bool:
    """Whether the named elements contradict each other, none of them could be left out, and `short` is right.

    Where two elements bear the same name, any choice between them will do.
    """
    every = elements(model)
    named = [[element for element in every if element.key == (one["use"], one["code"] or "")] for one in conflict]
    return any(
        contradict(model, chosen)
        and not any(contradict(model, [other for other in chosen if other is not one]) for one in chosen)
        and entries(model, chosen) == list(conflict)
        for chosen in product(*named)
        if len({id(element) for element in chosen}) == len(chosen)
    )
