"""Many gaps of one cause: what no unit reported is told once, before the gaps that it makes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from domain.period import Period
from domain.problems import InputProblems
from engine.folder.execute import execute
from engine.policy.configs import load_configs

SMALL = Path(__file__).parents[1] / "small"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SMALL, tmp_path / "small"))


def run(home: Path) -> None:
    execute(load_configs(), home / "plan.yaml", home / "data", Period.parse("2026Q3"), home / "out")


def test_figures_that_stand_nowhere_are_told_first_as_the_cause(small: Path) -> None:
    """The columns of medical costs and of points left out: 8 gaps of money, 8 of scores, no score of an alliance."""
    for name, code in (("money.csv", "medical_cost"), ("facts.csv", "resident_satisfaction_score")):
        path = small / "data" / name
        kept = [line for line in path.read_text(encoding="utf-8").splitlines() if code not in line]
        path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    with pytest.raises(InputProblems) as raised:
        run(small)
    first, *rest = raised.value.problems
    assert first.code == "FIGURES-ABSENT"
    assert first.message == "2026年没有任何单位的 群众满意题得分合计、医疗服务成本, 以下 16 处缺数由此而来"
    assert [one.code for one in rest] == ["SCORE-MISSING"] * 8 + ["SCORE-NOTHING"] + ["MONEY-MISSING"] * 8


def test_a_gap_of_some_has_no_cause_of_its_own(small: Path) -> None:
    money = small / "data" / "money.csv"
    text = money.read_text(encoding="utf-8")
    money.write_text(text.replace("2026Q3,T4,medical_cost,600.00,\n", ""), encoding="utf-8")
    with pytest.raises(InputProblems) as raised:
        run(small)
    assert {one.code for one in raised.value.problems} == {"MONEY-MISSING"}
