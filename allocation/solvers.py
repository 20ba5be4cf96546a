"""PuLP as the proposer: which columns a float solver sees above zero at the optimum of the present goal.

The program handed over is the tableau's own, scaled so that the pool is 1. What comes back is a hint for exact pivots,
never a number that is paid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allocation.exact.tableau import GOAL, Propose, Tableau

if TYPE_CHECKING:
    import pulp

NAMES = ("highs", "cbc")
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
        lp, variables = program(tableau, goal, scale)
        lp.solve(solver)
        values = [(variable.value() or 0.0, v) for v, variable in variables.items()]
        return [v for value, v in sorted(values, reverse=True) if value > _SMALL]

    return propose


def program(tableau: Tableau, goal: list[int], scale: int) -> tuple[pulp.LpProblem, dict[int, Any]]:
    """The tableau's rows and a goal row as a PuLP problem: maximise Σ −goal·x over the columns that are not fixed."""
    import pulp  # noqa: PLC0415

    lp = pulp.LpProblem("allocation", pulp.LpMaximize)
    variables = {v: lp.add_variable(_name(tableau, v), 0) for v in tableau.cols if v not in tableau.fixed}
    columns = [(j, variables[v]) for j, v in enumerate(tableau.cols) if v in variables]
    top = max((abs(goal[j]) for j, _ in columns), default=0) or 1
    lp += pulp.lpSum(-goal[j] / top * x for j, x in columns if goal[j])
    for basic, row in zip(tableau.basis, tableau.rows, strict=True):
        terms = [(row[j], x) for j, x in columns if row[j]]
        if terms and basic != GOAL:
            top = max(abs(a) for a, _ in terms)
            lp += pulp.lpSum(a / top * x for a, x in terms) <= row[-2] / top / scale, _name(tableau, basic)
    return lp, variables


def _name(tableau: Tableau, variable: int) -> str:
    """A name that every solver's file format bears: ASCII, no spaces, and its own number."""
    said = "level" if variable < 0 else tableau.names.get(variable, "x")
    return "".join(c if c.isascii() and c.isalnum() else "_" for c in said) + f"_{abs(variable)}"
