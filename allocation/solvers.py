"""PuLP as the proposer: which columns a float solver sees above zero at the optimum of the present goal.

The program handed over is the tableau's own, scaled so that the pool is 1. What comes back is a hint for exact pivots,
never a number that is paid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allocation.exact.tableau import GOAL, Propose, Tableau

if TYPE_CHECKING:
    import pulp

METHODS = {"auto": "exact", "highs": "pulp", "cbc": "pulp"}
"""How each solver goes about it; all give the same fen."""
_SMALL = 1e-9


def proposer(name: str, scale: int) -> Propose:
    """The proposer of a solver by name; scale: the pool in the tableau's units. Raises ValueError for another name."""
    import pulp  # noqa: PLC0415  (heavy, and only these two solvers need it)

    if name == "highs":
        solver = pulp.HiGHS(msg=False, threads=1)
    elif name == "cbc":
        solver = pulp.COIN_CMD(path=pulp.PULP_CBC_CMD.pulp_cbc_path, msg=False, threads=1)
    else:
        raise ValueError(f"没有求解器 {name}: 用 auto、highs 或 cbc")
    scale = max(scale, 1)

    def propose(tableau: Tableau, goal: list[int]) -> list[int]:
        try:
            lp, variables = program(tableau, goal, scale)
        except OverflowError:  # numbers too far apart for floats: the tableau finds its way alone
            return []
        lp.solve(solver)
        values = [(variable.value() or 0.0, v) for v, variable in variables.items()]
        return [v for value, v in sorted(values, reverse=True) if value > _SMALL]

    return propose


def program(tableau: Tableau, goal: list[int], scale: int) -> tuple[pulp.LpProblem, dict[int, Any]]:
    """The tableau's rows and a goal row as a PuLP problem: maximise Σ −goal·x over the columns that are not fixed.

    A rising level (the columns below 0) counts in what it moves most, whatever the merits are: else no float sees it.
    """
    import pulp  # noqa: PLC0415

    lp = pulp.LpProblem("allocation", pulp.LpMaximize)
    variables = {v: lp.add_variable(_name(tableau, v), 0) for v in tableau.cols if v not in tableau.fixed}
    columns = [j for j, v in enumerate(tableau.cols) if v in variables]
    levels = {j for j in columns if tableau.cols[j] < 0}
    most, per = 1, 1  # of all rows the most that a level moves beside other columns, as a ratio
    for row in tableau.rows:
        moved, top = _largest(row, levels), _largest(row, set(columns) - levels)
        if moved and top and moved * per > most * top:
            most, per = moved, top

    def terms(row: list[int]) -> tuple[list[tuple[float, Any]], int]:
        """A row's terms over its largest number, and that number."""
        top = _largest(row, set(columns) - levels) * most or _largest(row, levels) * per
        sized = ((j, row[j] * (per if j in levels else most)) for j in columns if row[j])
        return [(a / top, variables[tableau.cols[j]]) for j, a in sized], top

    lp += pulp.lpSum(-a * x for a, x in terms(goal)[0])
    for basic, row in zip(tableau.basis, tableau.rows, strict=True):
        found, top = terms(row)
        if found and basic != GOAL:
            lp += pulp.lpSum(a * x for a, x in found) <= row[-2] * most / (top * scale), _name(tableau, basic)
    return lp, variables


def _largest(row: list[int], columns: set[int]) -> int:
    return max((abs(row[j]) for j in columns), default=0)


def _name(tableau: Tableau, variable: int) -> str:
    """A name that every solver's file format bears: ASCII, no spaces, and its own number."""
    said = "level" if variable < 0 else tableau.names.get(variable, "x")
    return "".join(c if c.isascii() and c.isalnum() else "_" for c in said) + f"_{abs(variable)}"
