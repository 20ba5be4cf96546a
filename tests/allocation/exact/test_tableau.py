"""The exact simplex on programs small enough to work out by hand."""

from fractions import Fraction

import pytest

from allocation.exact.tableau import Tableau


def tableau(rows, width):
    """Rows [coefficients…, bound] of Σ a·x ≤ b; columns 0…width−1, slacks from width on."""
    made = Tableau()
    made.cols = list(range(width))
    made.rows = [[*row, 1] for row in rows]
    made.basis = [width + k for k in range(len(rows))]
    return made


def test_optimum_and_proof():
    # max 3x + 2y, x + y ≤ 4, x + 3y ≤ 6, x ≤ 3: at (3, 1) the value is 11 = 2·(x + y ≤ 4) + 1·(x ≤ 3)
    t = tableau([[1, 1, 4], [1, 3, 6], [1, 0, 3]], 2)
    assert t.maximize({0: 3, 1: 2}, "distribute") == 11
    step = t.steps[0]
    assert {v: Fraction(m, step.scale) for v, m in step.multipliers.items()} == {2: Fraction(2), 4: Fraction(1)}
    assert t.fixed == {2, 4}


def test_second_goal_keeps_the_first():
    # max x + y over x + y ≤ 4 leaves a whole edge; of it, max y under y ≤ 3 is 3, and then x is 1
    t = tableau([[1, 1, 4], [0, 1, 3]], 2)
    assert t.maximize({0: 1, 1: 1}, "distribute") == 4
    assert t.maximize({1: 1}, "pin") == 3
    assert t.maximize({0: 1}, "pin") == 1


def test_fractions_stay_exact():
    # max x, 3x ≤ 1 and 7x ≤ 2: 2/7 is the smaller bound
    t = tableau([[3, 1], [7, 2]], 1)
    assert t.maximize({0: 1}, "pin") == Fraction(2, 7)


def test_feasibility_is_found():
    # x + y ≤ 4 and −x ≤ −3 (x at least 3)
    t = tableau([[1, 1, 4], [-1, 0, -3]], 2)
    assert t.make_feasible()
    assert t.maximize({1: 1}, "pin") == 1


def test_contradiction_is_found():
    t = tableau([[1, 2], [-1, -3]], 1)
    assert not t.make_feasible()


def test_no_bound():
    t = tableau([[-1, 1, 1]], 2)
    assert t.maximize({0: 1}, "pin") is None


def test_shift_moves_the_origin():
    # x ≤ 5 counted from x = 3/2 leaves 7/2
    t = tableau([[1, 5]], 1)
    t.shift({0: 3}, 2)
    assert t.maximize({0: 1}, "pin") == Fraction(7, 2)


@pytest.mark.parametrize("proposal", [[0], [1], [1, 0], [0, 1, 2, 3], [99]])
def test_a_proposal_never_changes_the_optimum(proposal):
    t = tableau([[1, 1, 4], [1, 3, 6], [1, 0, 3]], 2)
    t.propose = lambda _tableau, _goal: proposal
    assert t.maximize({0: 3, 1: 2}, "distribute") == 11


def test_degenerate_program_ends():
    # Beale's example cycles without an anti-cycling rule. max 75x − 15000y + 2z − 600w (in hundredths) under
    # x/4 − 60y − z/25 + 9w ≤ 0, x/2 − 90y − z/50 + 3w ≤ 0, z ≤ 1: at x = 1/25, z = 1 it is 3 + 2 = 5
    t = tableau([[25, -6000, -4, 900, 0], [50, -9000, -2, 300, 0], [0, 0, 1, 0, 1]], 4)
    assert t.maximize({0: 75, 1: -15000, 2: 2, 3: -600}, "beale") == 5
