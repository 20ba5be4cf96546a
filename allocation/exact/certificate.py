"""Checking an optimum by arithmetic alone: no solver, no search.

The steps of the tableau are identities  goal + Σ multipliers·variables ≡ bound  over class totals. Here each identity
is expanded into the coefficients of the problem's own rows and compared term by term; its multipliers are ≥ 0 except on
variables that earlier steps proved to be 0; and x* reaches every bound. Together that proves that no allocation is
better in the order of the contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import lcm

from allocation.exact.model import Model, compile_model
from allocation.exact.optimum import Solved
from allocation.exact.program import Class, Program
from allocation.exact.solution import Optimum, keep_floors, violated
from allocation.parse import Problem, parse
from allocation.terms import Row

_Form = dict[int, Fraction]  # coefficients by column variable; key −1: the constant


def check(problem: object, optimum: Optimum) -> list[str]:
    """What is wrong with an optimum of `problem` (decoded JSON, or parsed): [] proves it is the contract's x*.

    The models are compiled again from the problem, so that the proof is about this problem and no other.
    """
    parsed = problem if isinstance(problem, Problem) else parse(problem)
    wrong = _same_model(compile_model(parsed, soft=False), optimum.base) + check_solved(optimum.base)
    if not violated(parsed, optimum.base):
        return wrong + ([] if optimum.solved.fen == optimum.base.fen else ["软规则本已满足, 结果却不同"])
    model = compile_model(parsed)
    if parsed.soft_keep is not None:
        model.keep(*keep_floors(parsed, optimum.base))
    return wrong + _same_model(model, optimum.solved) + check_solved(optimum.solved)


def _same_model(model: Model, solved: Solved) -> list[str]:
    theirs = solved.program.model
    model.rescale(lcm(model.unit, theirs.unit))
    if (model.unit, model.low, model.high, model.softs, model.rows, model.soft_rows, model.pool) != (
        theirs.unit, theirs.low, theirs.high, theirs.softs, theirs.rows, theirs.soft_rows, theirs.pool,
    ):  # fmt: skip
        return ["证书说的不是这个问题"]
    return []


def check_solved(solved: Solved) -> list[str]:
    """What is wrong with the proof of `solved` ([] if nothing is): feasibility, every bound, leximin."""
    program = solved.program
    wrong = _feasible(solved)
    forms = _forms(program)
    zero: set[int] = set()
    values = _values(solved)
    for step in program.tableau.steps:
        total: _Form = {}
        for v, times in step.goal.items():
            _add(total, forms[v], Fraction(times))
        for v, weight in step.multipliers.items():
            if weight < 0 and v not in zero:
                wrong.append(f"{step.label}: 乘数为负")
            _add(total, forms[v], weight)
        constant = total.pop(-1, Fraction(0))
        if any(total.values()):
            wrong.append(f"{step.label}: 恒等式不成立")
        at_optimum = sum(
            (weight * _at(forms[v], values) for v, weight in step.multipliers.items() if weight > 0), Fraction(0)
        )
        if step.label.startswith("level "):
            wrong += _stopped(program, step.multipliers, zero, forms, values, step.bound)
        elif at_optimum or constant != step.bound:
            wrong.append(f"{step.label}: x* 没有达到界")
        zero.update(v for v, weight in step.multipliers.items() if weight > 0)
    return wrong + _all_stopped(program, zero)


def _add(total: _Form, form: Mapping[int, Fraction], weight: Fraction) -> None:
    for v, c in form.items():
        total[v] = total.get(v, Fraction(0)) + weight * c


def _at(form: Mapping[int, Fraction], values: Mapping[int, Fraction]) -> Fraction:
    return sum((c * (values[v] if v >= 0 else 1) for v, c in form.items()), Fraction(0))


def _forms(program: Program) -> dict[int, _Form]:
    """Every variable of the program over the column variables (parts and violations)."""
    forms: dict[int, _Form] = {}
    for c in program.classes:
        for part in c.parts:
            forms[part.variable] = {part.variable: Fraction(1)}
            if part.size is not None:
                forms[part.slack] = {-1: Fraction(part.size), part.variable: Fraction(-1)}
    for v in program.short_of:
        forms[v] = {v: Fraction(1)}
    shorts = {id(row): v for v, (_, row) in program.short_of.items()}
    for v, row in program.slack_of.items():
        forms[v] = _row_form(program, row, shorts)
    return forms


def _row_form(program: Program, row: Row | None, shorts: Mapping[int, int]) -> _Form:
    model = program.model
    if row is None:
        form = {-1: Fraction((model.pool or 0) - sum(model.low))}
        form |= {part.variable: Fraction(-1) for c in program.classes for part in c.parts}
        return form
    at_low = row.const + sum(k * x for k, x in zip(row.coefs, model.low, strict=True))
    form = {-1: Fraction(at_low)}
    for c in program.classes:
        form |= {part.variable: Fraction(row.coefs[c.members[0]]) for part in c.parts}
    if id(row) in shorts:
        form[shorts[id(row)]] = Fraction(row.scale)
    return form


def _values(solved: Solved) -> dict[int, Fraction]:
    """The column variables at x*: parts filled in their order, violations as large as the rows need."""
    program = solved.program
    by = solved.unit // program.model.unit
    values: dict[int, Fraction] = {}
    for c in program.classes:
        left = Fraction(sum(solved.amounts[i] for i in c.members), by) - c.base
        for part in c.parts:
            values[part.variable] = left if part.size is None else min(left, Fraction(part.size))
            left -= values[part.variable]
    for v, (_, row) in program.short_of.items():
        values[v] = max(Fraction(0), Fraction(-row.value(solved.amounts, by), row.scale * by))
    return values


def _feasible(solved: Solved) -> list[str]:
    model = solved.program.model
    by = solved.unit // model.unit
    wrong = []
    for i, x in enumerate(solved.amounts):
        high = model.high[i]
        if x < model.low[i] * by or (high is not None and x > high * by):
            wrong.append(f"{model.problem.members[i].code}: 超出上下限")
    wrong += [f"{model.problem.rules[row.rule].use}: 不满足" for row in model.rows if row.value(solved.amounts, by) < 0]
    if model.pool is not None and sum(solved.amounts) > model.pool * by:
        wrong.append("超出资金池")
    return wrong


def _stopped(
    program: Program, multipliers: Mapping[int, Fraction], zero: set[int], forms: Mapping[int, _Form],
    values: Mapping[int, Fraction], level: Fraction,
) -> list[str]:  # fmt: skip
    """Classes that a level step stops are at that very level; rows that it holds are tight at x*."""
    parts = {c.active.variable: c for c in program.classes if c.active}
    wrong = []
    for v, weight in multipliers.items():
        if weight <= 0 or v in zero:
            continue
        if v in parts:
            if parts[v].level != level:
                wrong.append(f"level {level}: 不是停住的水平")
        elif _at(forms[v], values):
            wrong.append(f"level {level}: 规则未顶住")
    return wrong


def _all_stopped(program: Program, zero: set[int]) -> list[str]:
    """Every class is either proved to be stopped or has all its members at their upper ends."""
    wrong = []
    for c in program.classes:
        if c.active is None or c.active.variable in zero:
            continue
        level, weights = c.level or Fraction(0), program.model.weights
        if any(level * weights[i] < high and c.low[i] < high for i, high in c.high.items() if weights[i]):
            wrong.append(f"{_name(program, c)}: 还可以提高")
    return wrong


def _name(program: Program, c: Class) -> str:
    return "、".join(program.model.problem.members[i].code for i in c.members)
