"""`plan lint`: what is odd in a plan, at file:line, and nothing refused."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest

from api.cli import main
from engine.drafting.lint import lint
from engine.drafting.runs import Ran, months, read_runs
from engine.policy.configs import load_configs
from engine.policy.load import load

PLANS = Path(__file__).parents[3] / "configs" / "plans"
DAY = date(2026, 9, 30)


def told(changes: Mapping[str, str], folder: Path, runs: Sequence[Ran] = ()) -> list[tuple[str, int, str]]:
    """Code, line and message of every note on the county's plan with the first of each changed."""
    text = (PLANS / "demo-county.yaml").read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new, 1)
    path, configs = folder / "county.yaml", load_configs()
    path.write_text(text, encoding="utf-8")
    found = lint(configs, load(configs, path, DAY), runs)
    return [(one.code, int(one.where.rpartition(":")[2]), one.message) for one in found]


def line(text: str, folder: Path) -> int:
    """Where a text stands in the plan that was looked at."""
    lines = (folder / "county.yaml").read_text(encoding="utf-8").splitlines()
    return next(at for at, one in enumerate(lines, 1) if text in one)


def run(folder: Path, period: str, scores: Sequence[tuple[str, str, str, str]], held: Mapping[str, str]) -> Path:
    """A run folder: scores as (scope, item, score, full marks), and of the performance pool who was held by what."""
    folder.mkdir()
    tables = {
        "scores.csv": ("period,scope,indicator,score,full_marks", [(period, *row) for row in scores]),
        "allocations.csv": ("period,pool,unit_code,held_by", [(period, "performance", *one) for one in held.items()]),
    }
    for name, (headings, rows) in tables.items():
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([headings.split(","), *rows])
    return folder


def test_the_shipped_plan_has_only_entries_that_nobody_uses(tmp_path: Path) -> None:
    found = told({}, tmp_path)
    assert {code for code, _, _ in found} == {"ENTRY-UNUSED"}
    assert ("ENTRY-UNUSED", 10) in {one[:2] for one in found}
    assert any("tianjin-2024:TJ-T09 基层中高级专业技术岗位比例 (三(四)17; ↑" in said for _, _, said in found)


ODD = (
    ("RULE-NEVER", '_min_share, params: {share: "0.60"}', '_min_share, params: {share: "0"}', 'share: "0"'),
    ("RULE-NEVER", 'priority: 1, params: {ratio: "0.50"}', 'priority: 1, params: {ratio: "0"}', 'ratio: "0"'),
    ("RULE-NEVER", 'soft_keep: "0.80"', 'soft_keep: "1"', "use: floor_previous, priority: 1"),
    ("POINTS-NOBODY", 'steps: [{min: "1", share: "1"}, ', "steps: [", "id: M06"),
    (
        "POINTS-NOBODY",
        'TJ-N10"\n            points: "8"\n            tiers: [township, community]',
        'TJ-N10"\n            points: "8"\n            tiers: [village]',
        "id: M09",
    ),
    ("POOLS-OVERLAP", "document: 示例财社〔2025〕9号", "document: 示例医保清〔2026〕6号", "id: public-health"),
    (
        "OWNER-OTHER",
        'TJ-I09", points: "4", tiers: [lead]',
        'TJ-I09", points: "4", tiers: [lead, township]',
        "id: M01",
    ),
)


@pytest.mark.parametrize(("code", "old", "new", "at"), ODD)
def test_what_the_plan_alone_shows(code: str, old: str, new: str, at: str, tmp_path: Path) -> None:
    found = [one[:2] for one in told({old: new}, tmp_path) if one[0] != "ENTRY-UNUSED"]
    assert (code, line(at, tmp_path)) in found
    assert len(found) == 1


def test_what_a_year_of_runs_shows(tmp_path: Path) -> None:
    quarters = [
        run(
            tmp_path / f"q{number}",
            f"2025Q{number}",
            [("member", "M08", "12", "12"), ("member", "M10", "0", "10"), ("member", "M12", str(number), "15")],
            {"T01": "wage_cap;pay_gap", "T02": "wage_cap"},
        )
        for number in (1, 2, 3, 4)
    ]
    runs = read_runs(quarters)
    assert months(runs) == 12
    found = [one for one in told({}, tmp_path, runs) if one[0] != "ENTRY-UNUSED"]
    where = {text: line(text, tmp_path) for text in ("id: M08", "id: M10", "use: wage_cap,", "use: income_cap,")}
    codes = {(code, at) for code, at, _ in found}
    assert {("TARGET-MET", where["id: M08"]), ("POINTS-NOBODY", where["id: M10"])} <= codes
    assert ("RULE-ALWAYS", where["use: wage_cap,"]) in codes
    assert ("RULE-NEVER", where["use: income_cap,"]) in codes
    assert not any("pay_gap" in said or "M12" in said for _, _, said in found)
    shorter = {code for code, _, _ in told({}, tmp_path, runs[:3])}
    assert not shorter & {"TARGET-MET", "POINTS-NOBODY"}  # no year yet


def test_the_command_notes_and_refuses_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "lint", "demo-county", "--on", "2026-09-30"]) == 0
    assert "ENTRY-UNUSED" in capsys.readouterr().out
    assert main(["plan", "lint", "demo-county", str(tmp_path)]) == 2
    assert "NOT-A-RUN" in capsys.readouterr().err
