"""The second opinion's own reading of a problem and its exact optimum: member by member, in rational fen.

Nothing is shared with the optimizer except the parsing and printing of amounts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from domain.money import ceil_fen, floor_fen, parse_yuan

from .exact_lp import Row, maximise

Json = dict[str, Any]
ZERO = Fraction(0)
CAPS = ("wage_cap", "income_cap", "cap_previous")
OWN = (*CAPS, "floor_previous")
MISSABLE = ("floor_previous", "pay_gap")
SHARED = ("grassroots_min_share", "signing_min_share", "min_share")
SETTLED = (("total_cap",), SHARED, ("tier_shares",), ("pay_gap",))
READ = frozenset({*OWN, *SHARED, "pay_gap", "tier_shares", "total_cap"})
"""The rules it has a reading of, each written from the contract again."""
HUNDREDTH = Fraction(1, 100)


@dataclass(frozen=True)
class Side:
    """One inequality: Σ weights · x + constant ≥ 0. What is missing to 0 is its violation, in fen."""

    who: str
    weights: Mapping[str, Fraction]
    constant: Fraction

    def value(self, x: Mapping[str, Fraction] | Mapping[str, int]) -> Fraction:
        """The left side at x."""
        return sum((weight * x[code] for code, weight in self.weights.items()), self.constant)

    def violation(self, x: Mapping[str, Fraction]) -> Fraction:
        """What is missing at x."""
        return max(ZERO, -self.value(x))


@dataclass(frozen=True)
class Rule:
    """One rule as inequalities; `priority` 0 is hard. `who` of a side is a member, `low T`, `high T` or empty."""

    use: str
    priority: int
    spec: Json
    sides: tuple[Side, ...]

    @property
    def order(self) -> tuple[Any, ...]:
        """Where several rules of one use stand among each other."""
        numbers = [Fraction(self.spec[name]) for name in ("share", "ratio", "amount") if name in self.spec]
        shares = sorted((tier, Fraction(share)) for tier, share in self.spec.get("shares", {}).items())
        return (
            self.spec.get("low", ""),
            self.spec.get("high", ""),
            numbers,
            shares,
            Fraction(self.spec.get("tolerance", 0)),
        )


@dataclass(frozen=True)
class Model:
    """A problem ready to be reckoned with: amounts in fen, everything exact."""

    members: tuple[Json, ...]
    pool: int
    rules: tuple[Rule, ...]
    keep: Fraction | None

    @cached_property
    def codes(self) -> list[str]:
        """Every member, by code."""
        return [member["code"] for member in self.members]

    @cached_property
    def merit(self) -> dict[str, Fraction]:
        """Merit by code."""
        return {member["code"]: Fraction(member["merit"]) for member in self.members}

    @property
    def hard(self) -> list[Rule]:
        """The hard rules."""
        return [rule for rule in self.rules if not rule.priority]

    @property
    def soft(self) -> list[Rule]:
        """The soft rules."""
        return [rule for rule in self.rules if rule.priority]

    def ceilings(self) -> list[Side]:
        """Members of merit 0 get no more than their own hard floor."""
        floors = [side for rule in self.hard if rule.use == "floor_previous" for side in rule.sides]
        highest = {
            code: max([ZERO, *(-side.constant for side in floors if side.who == code)])
            for code in self.codes
            if not self.merit[code]
        }
        return [Side(code, {code: Fraction(-1)}, most) for code, most in highest.items()]

    def total(self) -> dict[str, Fraction]:
        """The weights of D."""
        return dict.fromkeys(self.codes, Fraction(1))


def group(members: Iterable[Json], name: str) -> set[str]:
    """The codes of a named group."""
    tests: dict[str, Callable[[Json], bool]] = {
        "all": lambda member: True,
        "grassroots": lambda member: bool(member.get("grassroots")),
        "signing_grassroots": lambda member: bool(member.get("grassroots") and member.get("signing")),
    }
    test = tests.get(name, lambda member: member["tier"] == name)
    return {member["code"] for member in members if test(member)}


def shared_by(spec: Json) -> str:
    """Whose share a min-share rule is about."""
    named = {"grassroots_min_share": "grassroots", "signing_min_share": "signing_grassroots"}
    return str(named.get(spec["use"]) or spec["group"])


def _share(codes: Sequence[str], inside: set[str], share: Fraction, who: str, sign: int = 1) -> Side:
    return Side(who, {code: sign * ((code in inside) - share) for code in codes}, ZERO)


def _own(members: Sequence[Json], spec: Json) -> list[Side]:
    sides = []
    for member in members:
        code, use = member["code"], spec["use"]
        if use in member.get("exempt", {}):
            continue
        if use == "wage_cap":
            bound = max(0, parse_yuan(member["wage_headroom"]))
        elif use == "income_cap":
            bound = floor_fen(Fraction(spec["share"]) * max(0, parse_yuan(member["reward_base"])))
        elif use == "cap_previous":
            bound = floor_fen(Fraction(spec["ratio"]) * parse_yuan(member["previous"]))
        else:
            bound = ceil_fen(Fraction(spec["ratio"]) * parse_yuan(member["previous"]))
        sign = 1 if use == "floor_previous" else -1
        sides.append(Side(code, {code: Fraction(sign)}, Fraction(-sign * bound)))
    return sides


def gap_groups(members: Sequence[Json], spec: Json) -> tuple[set[str], set[str]]:
    """The members that count in `low` and in `high`."""
    counted = [member for member in members if "pay_gap" not in member.get("exempt", {})]
    return group(counted, spec["low"]), group(counted, spec["high"])


def _gap(members: Sequence[Json], spec: Json) -> list[Side]:
    low, high = gap_groups(members, spec)
    heads = {member["code"]: Fraction(member["headcount"]) for member in members if member["code"] in low | high}
    income = {member["code"]: parse_yuan(member["gap_income"]) for member in members if member["code"] in heads}
    if not low or not high:
        return []
    factor = Fraction(spec["ratio"]) * sum(heads[code] for code in low) / sum(heads[code] for code in high)
    weights = {code: (code in low) - factor * (code in high) for code in heads}
    constant = sum((weights[code] * income[code] for code in heads), ZERO)
    return [Side("", weights, constant)]


def sides_of(members: Sequence[Json], spec: Json) -> tuple[Side, ...]:
    """A rule as inequalities."""
    codes = [member["code"] for member in members]
    use = spec["use"]
    if use in OWN:
        return tuple(_own(members, spec))
    if use == "pay_gap":
        return tuple(_gap(members, spec))
    if use == "total_cap":
        return (Side("", dict.fromkeys(codes, Fraction(-1)), Fraction(parse_yuan(spec["amount"]))),)
    if use in SHARED:
        inside = group(members, shared_by(spec))
        return (_share(codes, inside, Fraction(spec["share"]), ""),)
    tolerance = Fraction(spec.get("tolerance", 0))
    sides = []
    for tier, share in sorted(spec["shares"].items()):
        inside = group(members, tier)
        sides.append(_share(codes, inside, Fraction(share) - tolerance, f"low {tier}"))
        sides.append(_share(codes, inside, Fraction(share) + tolerance, f"high {tier}", -1))
    return tuple(sides)


def read(problem: Json) -> Model:
    """The model of a valid problem."""
    members = tuple(sorted(problem["members"], key=lambda member: member["code"]))
    rules = [
        Rule(spec["use"], spec.get("priority", 0), spec, sides_of(members, spec)) for spec in problem.get("rules", [])
    ]
    keep = Fraction(problem["soft_keep"]) if "soft_keep" in problem else None
    return Model(members, parse_yuan(problem["pool"]["amount"]), tuple(rules), keep)


class Face:
    """The set of splits still allowed. Variables: members, then one violation per soft side, then the level t."""

    def __init__(self, codes: Sequence[str], slacks: int) -> None:
        self.codes = codes
        self.width = len(codes) + slacks + 1
        self.rows: list[Row] = []

    def vector(
        self, weights: Mapping[str, Fraction], extra: Mapping[int, Fraction | int] | None = None
    ) -> list[Fraction]:
        """Coefficients by member code, and by variable number beyond the members (-1: the level)."""
        line = [weights.get(code, ZERO) for code in self.codes] + [ZERO] * (self.width - len(self.codes))
        for index, value in (extra or {}).items():
            line[index] = Fraction(value)
        return line

    def add(self, side: Side, slack: int | None = None) -> None:
        """Demand `side`, or only `side` plus its violation."""
        extra = {} if slack is None else {len(self.codes) + slack: 1}
        self.rows.append(Row(tuple(self.vector(side.weights, extra)), ">=", -side.constant))

    def best(
        self, objective: Sequence[Fraction], more: Sequence[Row] = ()
    ) -> tuple[Fraction, dict[str, Fraction]] | None:
        """The greatest value and the split that reaches it."""
        found = maximise(objective, [*self.rows, *more])
        return found and (found[0], dict(zip(self.codes, found[1], strict=False)))


@dataclass(frozen=True)
class Exact:
    """The optimum in rational fen."""

    x: dict[str, Fraction]
    distributed: Fraction
    violations: list[Fraction]


def hard_face(model: Model, slacks: int = 0) -> Face:
    """Pool, hard rules and the ceilings of members without merit."""
    face = Face(model.codes, slacks)
    face.add(Side("pool", {code: Fraction(-1) for code in model.codes}, Fraction(model.pool)))
    for side in [*model.ceilings(), *(side for rule in model.hard for side in rule.sides)]:
        face.add(side)
    return face


def greatest_total(model: Model) -> Fraction | None:
    """D*, or None where the hard rules contradict each other."""
    face = hard_face(model)
    found = face.best(face.vector(model.total()))
    return found and found[0]


def exact(model: Model) -> Exact | None:
    """x*, D* and the least violations by priority; None where the hard rules contradict each other."""
    distributed = greatest_total(model)
    if distributed is None:
        return None
    soft = [(rule.priority, side) for rule in model.soft for side in rule.sides]
    face = hard_face(model, len(soft))
    face.add(Side("D", model.total(), -distributed))
    if soft and model.keep is not None:
        without = exact(replace(model, rules=tuple(model.hard)))
        assert without is not None
        for code, amount in without.x.items():
            if model.merit[code]:
                face.add(Side(code, {code: Fraction(1)}, -model.keep * amount))
    violations = []
    for priority in sorted({rule.priority for rule in model.soft}):
        own = [(number, side) for number, (level, side) in enumerate(soft) if level == priority]
        asked = len(face.rows)
        for number, side in own:
            face.add(side, number)
        cost = face.vector({}, {len(face.codes) + number: -1 for number, _ in own})
        found = face.best(cost)
        assert found is not None
        violations.append(-found[0])
        if found[0]:
            face.rows.append(Row(tuple(cost), ">=", found[0]))
        else:
            del face.rows[asked:]
            for _, side in own:
                face.add(side)
    return Exact(leximin(face, model.merit), distributed, violations)


def leximin(face: Face, merit: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """Raise the lowest amount per merit as far as it goes, hold whom it cannot raise, go on with the others."""
    free = [code for code in face.codes if merit[code]]
    level = face.vector({}, {-1: 1})
    last: dict[str, Fraction] = {}
    while free:
        raised = [Row(tuple(face.vector({code: Fraction(1)}, {-1: -merit[code]})), ">=", ZERO) for code in free]
        top = face.best(level, raised)
        assert top is not None
        reached, last = top
        floor = [Row(tuple(face.vector({code: Fraction(1)})), ">=", reached * merit[code]) for code in free]
        movable = {code for code in free if last[code] > reached * merit[code]}
        for code in free:
            if code not in movable:
                found = face.best(face.vector({code: Fraction(1)}), floor)
                assert found is not None
                movable |= {other for other in free if found[1][other] > reached * merit[other]}
        held = [code for code in free if code not in movable]
        assert held
        for code in held:
            face.rows.append(Row(tuple(face.vector({code: Fraction(1)})), "==", reached * merit[code]))
        free = [code for code in free if code in movable]
    final = face.best(face.vector({}))
    assert final is not None
    return final[1]
