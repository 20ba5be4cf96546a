"""Synthetic index (综合指数法): every value against a standard, multiplied inside a group, added up across groups.

Source: domain/D_methods 9 [B]: high y = x / M, low y = M / x. M is the column's `standard`, or its mean in the table.
No document at hand states the formula (口径待核), and the title says so.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from domain.facts import Strict
from domain.money import format_exact
from domain.problems import Problems
from indicators.relative import Analysis, Array, Bars, Table, floats, numbers, ranking

TITLE = "综合指数法 (口径待核)"
PICTURE = Bars("total", "综合指数", parts="group_", places=4)


class Params(Strict):
    """No settings of its own: `standard` and `group` stand with the columns."""


def analyse(table: Table, _params: Params) -> Analysis:
    """Columns index_NAME, group_GROUP = Π index of its columns, total = Σ groups, rank. Weights have no part in it.

    A column without `group` is a group of its own, by its own name. Raises InputProblems for standards that are not
    positive, negative values, and low columns with a value of 0.
    """
    problems = Problems()
    standards = [
        table.values[:, column].sum() / Fraction(len(table.units)) if spec.standard is None else spec.standard
        for column, spec in enumerate(table.specs)
    ]
    groups = [spec.group or name for name, spec in zip(table.names, table.specs, strict=True)]
    for name, spec, place, standard in zip(table.names, table.specs, table.places, standards, strict=True):
        if standard <= 0:
            said = f"列 {name} 的标准值 M (standard 或表内均数) 不大于 0"
            problems.add(place, "ANALYSE-STANDARD", said, "在 standard 写明")
        if spec.group is not None and any(
            other == spec.group and inner.group is None for other, inner in zip(table.names, table.specs, strict=True)
        ):
            said = f"列 {name} 的 group 与没有 group 的列 {spec.group} 同名"
            problems.add(place, "ANALYSE-STANDARD", said, "改名, 或给那一列也写上 group")
    for unit, column in np.argwhere((table.values < 0) | ((table.values == 0) & table.low)):
        said = f"{format_exact(table.values[unit, column])} 不能作比 (高优指标不小于 0, 低优指标大于 0)"
        problems.add(table.cell(int(unit), int(column)), "ANALYSE-RATIO", said, "核对, 或从表中删去该列")
    problems.raise_if_any()
    against = np.array(standards, dtype=object)
    one: Any = Fraction(1)
    indices: Array = np.where(table.low, against / np.where(table.low, table.values, one), table.values / against)
    products: dict[str, Array] = {}
    for column, group in enumerate(groups):
        products[group] = products[group] * indices[:, column] if group in products else indices[:, column]
    total = np.sum(list(products.values()), axis=0)
    columns: dict[str, Array] = {f"index_{name}": floats(indices[:, j]) for j, name in enumerate(table.names)}
    columns |= {f"group_{group}": floats(product) for group, product in products.items()}
    columns |= {"total": floats(total), "rank": ranking(total)}
    given = sum(spec.standard is not None for spec in table.specs)
    told = "表内均数" if not given else "给定值" if given == len(table.specs) else "给定值, 未给的取表内均数"
    return Analysis(numbers(table, columns), says=f"同类相乘, 异类相加, 共 {len(products)} 类; 标准值 M 为{told}")
