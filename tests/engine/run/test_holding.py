"""What is said of a member that a rule holds: the cases of tests/spec/holding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from allocation.holding import holding
from allocation.solve import solve
from engine.exchange.parse import parse
from engine.exchange.written import amounts_of, answer_json, missed_of
from engine.run.say import held_words

FOLDER = Path(__file__).parents[2] / "spec" / "holding"
CASES = [case for path in sorted(FOLDER.glob("*.yaml")) for case in YAML(typ="safe").load(path)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_words_tell_what_is_kept_and_what_is_passed(case: dict[str, Any]) -> None:
    problem = parse(case["problem"])
    answer = solve(problem)
    found = holding(problem, answer.amounts, answer.soft_violations)
    assert {code: held_words(held) for code, held in found.items()} == case["held"]
    written = answer_json(answer)
    assert holding(problem, amounts_of(written), missed_of(written)) == found
