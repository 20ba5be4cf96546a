"""Where hard rules contradict each other: an irreducible set of them, the first by use, then code.

An element is one rule, for own caps and floors one rule and one member; the pool may be one. A member of merit 0 stays
at or below its own hard floor throughout: that is not a rule of the plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from allocation.model import Model, Soft
from allocation.optimum import least_violations
from allocation.program import build
from domain.money import ceil_fen, format_yuan

# Checks spent on finding the very first set; past them, an irreducible set found by deletion.
_BUDGET = 160_000  # as members looked at: large problems are given fewer checks


@dataclass(frozen=True, slots=True)
class Element:
    """A part of a contradiction. rule −1 is the pool; member −1: the rule as a whole."""

    use: str
    code: str
    rule: int
    member: int


def explain_conflict(model: Model) -> list[dict[str, object]]:
    """The `conflict` of an infeasible model in whole fen: its elements by use and code, each with the set's `short`."""
    chosen = _first(model, _elements(model))
    short = format_yuan(ceil_fen(_short(model, chosen)))
    return [{"use": e.use, "code": e.code or None, "short": short} for e in chosen]


def _elements(model: Model) -> list[Element]:
    """What may be part of a contradiction, by use and code.

    A floor of 0 never is; a cap only if something pushes against it: the member's own floor, or a row in which more for
    this member is better. (Else it could be left out of any proof, for x ≥ 0 does as well.)
    """
    members = model.problem.members
    rules = model.problem.rules
    pushed = {i for row in model.rows for i, c in enumerate(row.coefs) if c > 0}
    caps = [(k, i) for (k, i), cap in model.caps.items() if i in pushed or model.low[i] > cap]
    floors = [at for at, floor in model.floors.items() if floor]
    own = [Element(rules[k].use, members[i].code, k, i) for k, i in [*caps, *floors]]
    group = [Element(rules[k].use, "", k, -1) for k in {row.rule for row in model.rows}]
    return sorted([*own, *group, Element("pool", "", -1, -1)], key=lambda e: (e.use, e.code, e.rule))


def _submodel(model: Model, chosen: Sequence[Element], *, soft: bool = False) -> Model:
    """Only the chosen elements; soft: floors and gaps as soft rules of one priority."""
    count = len(model.low)
    zero = {i: model.low[i] for i, m in enumerate(model.problem.members) if not m.merit}
    low, softs = [0] * count, [list[Soft]() for _ in range(count)]
    high: list[int | None] = [zero.get(i) for i in range(count)]
    groups = {e.rule for e in chosen if e.member < 0}
    for e in chosen:
        if e.member < 0:
            continue
        if (floor := model.floors.get((e.rule, e.member))) is not None:
            if soft:
                softs[e.member].append(Soft(e.rule, 1, cap=False, at=floor))
            else:
                low[e.member] = max(low[e.member], floor)
        else:
            cap, before = model.caps[e.rule, e.member], high[e.member]
            high[e.member] = cap if before is None else min(cap, before)
    rows = [row for row in model.rows if row.rule in groups]
    gaps = [row for row in rows if model.problem.rules[row.rule].use == "pay_gap"] if soft else []
    return Model(
        problem=model.problem, low=low, high=high, caps={}, floors={}, softs=softs,
        rows=[row for row in rows if row not in gaps], soft_rows=[(1, row) for row in gaps],
        pool=model.problem.pool if -1 in groups else None, weights=model.weights,
    )  # fmt: skip


def _feasible(model: Model, chosen: Sequence[Element]) -> bool:
    return build(_submodel(model, chosen)).feasible


def _short(model: Model, chosen: Sequence[Element]) -> Fraction:
    """The least total by which the floors and gaps must be missed while the other elements hold, in fen."""
    return sum(least_violations(build(_submodel(model, chosen, soft=True))).values(), Fraction(0))


def _first(model: Model, elements: list[Element]) -> list[Element]:
    """The irreducible set that is first when sets are compared element by element."""
    known: dict[frozenset[Element], bool] = {}
    budget = _BUDGET // len(model.low)

    def holds(chosen: Sequence[Element]) -> bool:
        key = frozenset(chosen)
        if key not in known:
            known[key] = _feasible(model, chosen)
        return known[key]

    def extend(chosen: list[Element], rest: list[Element]) -> list[Element] | None:
        """The first irreducible set that begins with `chosen` and goes on in `rest`, if there is one."""
        if holds([*chosen, *rest]):
            return None
        whole = [*chosen, *rest]
        needed = [e for e in rest if holds(_but(whole, e))]  # in every irreducible set of `whole`
        least = [*chosen, *needed]
        if any(not holds(_but(least, e)) for e in chosen):
            return None  # nothing irreducible contains all of `chosen`
        if not holds(least):
            return least
        for _, same in groupby(enumerate(rest), key=lambda pair: (pair[1].use, pair[1].code)):
            alike = list(same)  # two rules of one use: which one goes first is seen by what follows
            if len(known) > budget or holds([*chosen, *rest[alike[0][0] :]]):
                return None
            found = [extend([*chosen, element], rest[k + 1 :]) for k, element in alike]
            if any(found):
                return min((one for one in found if one), key=lambda one: [(e.use, e.code) for e in one])
            if any(element in needed for _, element in alike):
                return None
        return None

    return extend([], elements) or _by_deletion(model, elements)


def _but(elements: Sequence[Element], dropped: Element) -> list[Element]:
    return [e for e in elements if e is not dropped]


def _by_deletion(model: Model, elements: list[Element]) -> list[Element]:
    """An irreducible set: drop from the last on whatever is not needed for the contradiction."""
    kept = elements
    for element in reversed(elements):
        if not _feasible(model, _but(kept, element)):
            kept = _but(kept, element)
    return kept
