"""Tables by score that pay more for less, and factors far above 1, are noted; nothing is refused for them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api import cli
from engine.policy.configs import load_configs
from engine.policy.odd import odd

SHIPPED = load_configs()
LINES = SHIPPED.content(SHIPPED.plans["demo-county"]).decode().splitlines()


def line(text: str) -> int:
    return next(number for number, one in enumerate(LINES, start=1) if text in one)


@pytest.mark.parametrize("name", SHIPPED.plans)
def test_nothing_is_odd_about_the_plans_shipped(name: str) -> None:
    assert odd(SHIPPED.document(SHIPPED.plans[name])) == []


@pytest.mark.parametrize(
    ("old", "new", "at", "said"),
    [
        (
            '{min: "80", share: "0.95"}',
            '{min: "80", share: "0.50"}',
            '{min: "80", share: "0.95"}',
            "得分 80 起的 share 0.5 小于得分 60 起的 0.85: 得分高的反而少, 核对; 确实如此的不用改 (TABLE-FALLS)",
        ),
        (
            '{min: "90", coefficient: "1"}',
            '{min: "90", coefficient: "9.5"}',
            '{min: "90", coefficient: "1"}',
            "coefficient 9.5 大于 2, 核对小数点; 确实如此的不用改 (FACTOR-HIGH)",
        ),
        (  # what lies between two numbers may be none
            '{min: "0", coefficient: "0"}',
            '{min: "0", coefficient: "0.96"}',
            '{min: "80", coefficient: "0.95"}',
            "得分 80 起的 coefficient 0.95 小于得分 0 起的 0.96: 得分高的反而少, 核对; 确实如此的不用改 (TABLE-FALLS)",
        ),
    ],
)
def test_plan_check_notes_it_at_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, old: str, new: str, at: str, said: str
) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text("\n".join(LINES).replace(old, new, 1) + "\n", encoding="utf-8")
    assert cli.main(["plan", "check", str(plan), "--on", "2026-09-30"]) == 0
    assert f"注意: {plan}:{line(at)}: {said}\n" in capsys.readouterr().out
    assert cli.main(["plan", "check", str(plan), "--on", "2026-09-30", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["notes"]
    assert [note for note in found if "PACK-UNUSED" not in note] == [f"{plan}:{line(at)}: {said}"]
