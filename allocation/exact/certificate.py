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
from allocation.exact.program import Class, Frame, frame_of
from allocation.exact.solution import Optimum, keep_floors, violated
from allocation.exact.tableau import Ratio, Step
from allocation.statement import Problem

_CONST = -1
_Form = dict[int, int]
"""An affine form over the column variables (parts and violations) in whole numbers; _CONST: what stands alone."""


def check(problem: Problem, optimum: Optimum) -> list[str]:
    """What is wrong with an optimum of `problem`: [] proves it is the contract's x*.

    The models are compiled again from the problem, so that the proof is about this problem and no other.
    """
    wrong = _same_model(compile_model(problem, soft=False), optimum.base) + check_solved(optimum.base)
    if not violated(problem, optimum.base):
        return wrong + ([] if optimum.solved.fen == optimum.base.fen else ["软规则本已满足, 结果却不同"])
    model = compile_model(problem)
    if problem.soft_keep is not None:
        model.keep(*keep_floors(problem, optimum.base))
    return wrong + _same_model(model, optimum.solved) + check_solved(optimum.solved)


def _same_model(model: Model, solved: Solved) -> list[str]:
    theirs = solved.frame.model
    model.rescale(lcm(model.unit, theirs.unit))
    return [] if model.says(theirs) and frame_of(model).means(solved.frame) else ["证书说的不是这个问题"]


def check_solved(solved: Solved) -> list[str]:
    """What is wrong with the proof of `solved` ([] if nothing is): feasibility, every bound, leximin."""
    frame = solved.frame
    wrong = _feasible(solved)
    forms = _forms(frame)
    values = _values(solved)
    zero: set[int] = set()
    risen: Ratio = (0, 1)
    for step in solved.steps:
        n, d = step.bound
        named = f"{step.kind} {n}/{d}"
        total: _Form = {}
        for v, times in step.goal.items():
            _add(total, forms[v], times * step.scale)
        for v, weight in step.multipliers.items():
            if weight < 0 and v not in zero:
                wrong.append(f"{named}: 乘数为负")
            _add(total, forms[v], weight)
        constant = total.pop(_CONST, 0)
        if any(total.values()):
            wrong.append(f"{named}: 恒等式不成立")
        positive = {v for v, weight in step.multipliers.items() if weight > 0}
        if step.kind == "level":
            if n * risen[1] < risen[0] * d:
                wrong.append(f"{named}: 水平低于前一步")
            risen = step.bound
            wrong += [f"{named}: {said}" for said in _stopped(frame, positive - zero, forms, values, step)]
        elif any(_at(forms[v], values) for v in positive) or constant * d != n * step.scale:
            wrong.append(f"{named}: x* 没有达到界")
        zero |= positive
    return wrong + _all_stopped(frame, zero)


def _add(total: _Form, form: Mapping[int, int], weight: int) -> None:
    for v, c in form.items():
        total[v] = total.get(v, 0) + weight * c


def _at(form: Mapping[int, int], values: Mapping[int, Fraction]) -> Fraction:
    return sum((c * values[v] for v, c in form.items()), Fraction(0))


def _forms(frame: Frame) -> dict[int, _Form]:
    """Every variable of the program over the column variables."""
    model = frame.model
    forms: dict[int, _Form] = {}
    for c in frame.classes:
        for part in c.parts:
            forms[part.variable] = {part.variable: 1}
            if part.size is not None:
                forms[part.slack] = {_CONST: part.size, part.variable: -1}
    hard = len(model.rows)
    for k, (row, slack) in enumerate(zip(frame.rows, frame.slacks, strict=True)):
        forms[slack] = {_CONST: row.value(model.low)} | {
            part.variable: c.coefs[k] for c in frame.classes for part in c.parts
        }
        if k >= hard:
            short = frame.shorts[k - hard]
            forms[short] = {short: 1}
            forms[slack][short] = row.scale
    if model.pool is not None and frame.pool_slack is not None:
        forms[frame.pool_slack] = {_CONST: model.pool - sum(model.low)} | {
            part.variable: -1 for c in frame.classes for part in c.parts
        }
    return forms


def _values(solved: Solved) -> dict[int, Fraction]:
    """The column variables at x*: parts filled in their order, violations as large as the rows need."""
    frame = solved.frame
    by = solved.unit // frame.model.unit
    values: dict[int, Fraction] = {_CONST: Fraction(1)}
    for c in frame.classes:
        left = Fraction(sum(solved.amounts[i] for i in c.members), by) - c.base
        for part in c.parts:
            values[part.variable] = left if part.size is None else min(left, Fraction(part.size))
            left -= values[part.variable]
    for v, (_, row) in zip(frame.shorts, frame.model.soft_rows, strict=True):
        values[v] = max(Fraction(0), Fraction(-row.value(solved.amounts, by), row.scale * by))
    return values


def _feasible(solved: Solved) -> list[str]:
    model = solved.frame.model
    by = solved.unit // model.unit
    wrong = []
    for i, x in enumerate(solved.amounts):
        high = model.high[i]
        if x < model.low[i] * by or (high is not None and x > high * by):
            wrong.append(f"{model.problem.members[i].code}: 超出上下限")
    wrong += [
        f"{model.problem.ranked[row.rule].use}: 不满足" for row in model.rows if row.value(solved.amounts, by) < 0
    ]
    if model.pool is not None and sum(solved.amounts) > model.pool * by:
        wrong.append("超出资金池")
    return wrong


def _stopped(
    frame: Frame, newly: set[int], forms: Mapping[int, _Form], values: Mapping[int, Fraction], step: Step
) -> list[str]:
    """Classes that a level step stops are at that very level; rows that it holds are tight at x*."""
    parts = {c.active.variable: c for c in frame.classes if c.active}
    n, d = step.bound
    wrong = []
    for v in newly:
        if v in parts:
            level = parts[v].level
            if level is None or level[0] * d != n * level[1]:
                wrong.append("不是停住的水平")
        elif _at(forms[v], values):
            wrong.append("规则未顶住")
    return wrong


def _all_stopped(frame: Frame, zero: set[int]) -> list[str]:
    """Every class is either proved to be stopped or has all its members at their upper ends."""
    wrong = []
    for c in frame.classes:
        if c.active is None or c.active.variable in zero:
            continue
        (n, d), weights = c.level or (0, 1), frame.model.weights
        if any(n * weights[i] < high * d and low < high for i, low, high in c.bounds(frame.model) if weights[i]):
            wrong.append(f"{_name(frame, c)}: 还可以提高")
    return wrong


def _name(frame: Frame, c: Class) -> str:
    return "、".join(frame.model.problem.members[i].code for i in c.members)
