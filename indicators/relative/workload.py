"""Standardised workload (标化工作量): services of every kind as so many five-minute visits to a general practitioner.

Source: domain/D_methods 10 (ChinaXiv-202207.00086): Y = X · T · (1 + a · difficulty · risk / min(difficulty · risk)),
and Y ÷ Y₀, where Y₀ is one such visit. A column is a kind of service, a cell how many of them.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated

import numpy as np
from pydantic import Field

from domain.facts import Strict
from domain.money import format_exact
from domain.problems import Problems
from domain.values import Exact
from indicators.relative import Analysis, Array, Bars, Table, floats, numbers, ranking

TITLE = "标化工作量"
PICTURE = Bars("total", "标化工作量 (折合 5 分钟全科门诊人次)", parts="work_", places=1)


class Params(Strict):
    """a: how much difficulty and risk add; least: min(difficulty · risk), that of the table's columns unless given.

    visit_minutes, visit_difficulty_risk: of the visit that everything is measured in; its difficulty · risk is the
    least one unless given.
    """

    a: Annotated[Exact, Field(ge=0)] = Fraction(6, 100)
    least: Annotated[Exact, Field(gt=0)] | None = None
    visit_minutes: Annotated[Exact, Field(gt=0)] = Fraction(5)
    visit_difficulty_risk: Annotated[Exact, Field(gt=0)] | None = None


def analyse(table: Table, params: Params) -> Analysis:
    """Columns work_NAME = value · Y / Y₀, total = Σ, rank. Weights have no part in it.

    A column has `minutes` (T), `difficulty`, `risk`, and `value`, the relative unit value of who does it (初级全科医师
    1, 初级护士 0.7; 1 unless given). Raises InputProblems where one of these is missing or not positive, a difficulty ·
    risk is below `least`, or a count is negative.
    """
    problems = Problems()
    _check(table, problems)
    problems.raise_if_any()
    strain = [(spec.difficulty or Fraction(0)) * (spec.risk or Fraction(0)) for spec in table.specs]
    least = min(strain) if params.least is None else params.least
    for name, place, own in zip(table.names, table.places, strain, strict=True):
        if own < least:
            said = f"列 {name} 的 难度·风险 {format_exact(own)} 小于 least {format_exact(least)}"
            problems.add(place, "ANALYSE-WORKLOAD", said, "核对")
    if params.visit_difficulty_risk is not None and params.visit_difficulty_risk < least:
        said = f"visit_difficulty_risk 小于最小的 难度·风险 {format_exact(least)}"
        problems.add(table.file, "ANALYSE-WORKLOAD", said, "核对参数 workload, 或写明 least")
    problems.raise_if_any()
    visit_strain = least if params.visit_difficulty_risk is None else params.visit_difficulty_risk
    visit = params.visit_minutes * (1 + params.a * visit_strain / least)
    each = [
        spec.value * (spec.minutes or Fraction(0)) * (1 + params.a * own / least) / visit
        for spec, own in zip(table.specs, strain, strict=True)
    ]
    work = table.values * np.array(each, dtype=object)
    total = work.sum(axis=1)
    columns: dict[str, Array] = {f"work_{name}": floats(work[:, j]) for j, name in enumerate(table.names)}
    columns |= {"total": floats(total), "rank": ranking(total)}
    says = f"a = {format_exact(params.a)}, 最小 难度·风险 = {format_exact(least)}, 合计 {float(total.sum()):.1f}"
    return Analysis(numbers(table, columns), says=says)


def _check(table: Table, problems: Problems) -> None:
    for name, spec, place in zip(table.names, table.specs, table.places, strict=True):
        wanted = {"minutes": spec.minutes, "difficulty": spec.difficulty, "risk": spec.risk, "value": spec.value}
        lacking = [key for key, number in wanted.items() if number is None or number <= 0]
        if lacking:
            problems.add(place, "ANALYSE-WORKLOAD", f"列 {name} 缺少大于 0 的 {'、'.join(lacking)}", "补写")
    for unit, column in np.argwhere(table.values < 0):
        said = f"数量 {format_exact(table.values[unit, column])} 为负"
        problems.add(table.cell(int(unit), int(column)), "ANALYSE-NEGATIVE", said, "核对")
