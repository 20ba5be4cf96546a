"""What PuLP is handed, and that its word alone pays nobody."""

from pathlib import Path

import pytest

from allocation import solvers
from allocation.allocated import allocate
from allocation.exact.model import compile_model
from allocation.exact.program import build
from allocation.exact.solution import optimum_of
from engine.exchange.parse import parse

GOLDEN = Path(__file__).parent / "golden.lp"
PROBLEM = {
    "pool": {"code": "reward", "purpose": "staff_reward", "amount": "1000.00"},
    "members": [
        {
            "code": "H1",
            "tier": "lead",
            "merit": "60",
            "headcount": 10,
            "gap_income": "9000.00",
            "wage_headroom": "700.00",
        },
        {
            "code": "T1",
            "tier": "township",
            "grassroots": True,
            "merit": "25",
            "headcount": 4,
            "gap_income": "2400.00",
            "wage_headroom": "500.00",
        },
        {
            "code": "T2",
            "tier": "township",
            "grassroots": True,
            "merit": "15",
            "headcount": 3,
            "gap_income": "1700.00",
            "wage_headroom": "90.00",
        },
    ],
    "rules": [
        {"use": "wage_cap"},
        {"use": "grassroots_min_share", "share": "0.45"},
        {"use": "pay_gap", "low": "grassroots", "high": "lead", "ratio": "0.75", "priority": 1},
    ],
}


def test_golden_program(tmp_path):
    """The program of the first goal (pay as much as possible), as a solver reads it."""
    tableau = build(compile_model(parse(PROBLEM)), propose=lambda _t, _g: []).tableau
    goal = tableau.goal_row(dict.fromkeys(tableau.cols[:2], 1))
    lp, _ = solvers.program(tableau, goal, 100_000)
    lp.writeLP(tmp_path / "program.lp")
    assert (tmp_path / "program.lp").read_text() == GOLDEN.read_text()


@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_solvers_agree(solver):
    assert allocate(parse(PROBLEM), solver).paid == allocate(parse(PROBLEM)).paid


def test_merits_of_many_digits():
    """A level of 10⁻²⁰⁰ is put to the solver in what it moves: what comes back are columns, and the fen the same."""
    members = [{**one, "merit": f"{one['merit']}{'7' * 200}.{'3' * k}1"} for k, one in enumerate(PROBLEM["members"])]
    for more in ({}, {"soft_keep": "0.7"}):
        problem = parse({**PROBLEM, **more, "members": members})
        assert allocate(problem, "highs").optimum.amounts == allocate(problem).optimum.amounts


def test_wrong_proposals_change_nothing(monkeypatch):
    """A solver that lies about every value costs pivots, not fen."""
    lie = lambda tableau, _goal: sorted(tableau.cols, reverse=True)  # noqa: E731
    monkeypatch.setattr("allocation.exact.solution.proposer", lambda _name, _scale: lie)
    assert optimum_of(parse(PROBLEM), "highs").exact == optimum_of(parse(PROBLEM)).exact


def test_unknown_solver():
    with pytest.raises(ValueError, match="没有求解器 glpk"):
        solvers.proposer("glpk", 1)
