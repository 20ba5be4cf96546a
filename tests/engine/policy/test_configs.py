"""A configuration is a value: two of them live side by side, and a saved run stands on its own."""

from __future__ import annotations

import csv
import shutil
from fractions import Fraction
from pathlib import Path

import pytest

from domain.period import Period
from domain.problems import InputProblems
from engine.folder.execute import execute, recompute
from engine.folder.verify import verify
from engine.policy.configs import Configs, load_configs
from engine.policy.files import read_pack

SMALL = Path(__file__).parents[1] / "small"
QUARTER = Period.parse("2026Q3")
RULE = """
indicators:
  - {id: S1, title: 满意率, cite: {clause: 第三条}, indicator: reported_ratio, subject: 成员单位, unit: "%", op: ">=",
     params: {numerator: [resident_satisfaction_score], denominator: [resident_satisfaction_full]}, target: "TARGET"}
"""


def place(folder: Path, target: str, heads: str, hook: str) -> Configs:
    """A folder of the make of `configs`: one pack whose rule has this target, one plan that takes it from there."""
    for name in ("packs", "plans"):
        (folder / name).mkdir(parents=True)
    pack = (SMALL / "packs" / "small-pack.yaml").read_text("utf-8") + RULE.replace("TARGET", target)
    (folder / "packs" / "small-pack.yaml").write_text(pack, "utf-8")
    (folder / "packs" / "small-pack.clauses.txt").write_text("第三条\t0\n第五条\t0\n第六条\t0\n第七条\t0\n", "utf-8")
    plan = (SMALL / "plan.yaml").read_text("utf-8")
    own = (
        'indicator: satisfied\n            points: "100"\n            curve: {use: attainment, params: {target: "0.8"}}'
    )
    assert plan.count(own) == 2
    ruled = own.replace("indicator: satisfied", 'indicator: reported_ratio\n            rule: "small-pack:S1"')
    ruled = ruled.replace(', params: {target: "0.8"}', "")
    (folder / "plans" / "small.yaml").write_text(plan.replace(own, ruled, 1), "utf-8")
    shipped = load_configs()
    metrics = shipped.content(shipped.catalogue_in).decode()
    (folder / "metrics.yaml").write_text(metrics.replace("title: 在岗人数,", f"title: {heads},"), "utf-8")
    (folder / "hooks.yaml").write_text(f"hooks: {{pay_gap: {hook}}}\n", "utf-8")
    return load_configs(folder)


def scores(folder: Path) -> dict[str, Fraction]:
    with (folder / "totals.csv").open(encoding="utf-8", newline="") as rows:
        return {row["unit_code"]: Fraction(row["score"]) for row in csv.DictReader(rows) if row["scope"] == "member"}


def test_two_configurations_side_by_side(tmp_path: Path) -> None:
    """Each gives its own results in any order; what one has read, a change on the disk does not touch."""
    easy, hard = place(tmp_path / "a", "0.8", "编内人数", "收入差"), place(tmp_path / "b", "1", "在册人数", "工资差")
    made: dict[str, dict[str, bytes]] = {}
    for turn, configs in (("1a", easy), ("2b", hard), ("3a", easy), ("4b", hard)):
        execute(configs, "small", SMALL / "data", QUARTER, tmp_path / turn)
        names = ("totals.csv", "scores.csv", "allocations.csv", "explain.json", "inputs/metrics.yaml")
        made[turn] = {name: (tmp_path / turn / name).read_bytes() for name in names}
        pack = tmp_path / turn[1] / "packs" / "small-pack.yaml"
        pack.write_text(pack.read_text("utf-8").replace('target: "', 'target: "0.1'), "utf-8")
    assert made["1a"] == made["3a"]
    assert made["2b"] == made["4b"]
    assert all(made["1a"][name] != made["2b"][name] for name in made["1a"])
    first, second = scores(tmp_path / "1a"), scores(tmp_path / "2b")
    assert {unit: min(Fraction(100), score * Fraction(5, 4)) for unit, score in second.items()} == first
    assert "编内人数" in made["1a"]["explain.json"].decode()
    assert "在册人数" in made["2b"]["explain.json"].decode()
    assert (easy.hook_title("pay_gap"), hard.hook_title("pay_gap")) == ("收入差", "工资差")
    assert load_configs().hook_title("pay_gap") == "收入差距控制"


def test_a_saved_run_stands_on_its_own(tmp_path: Path) -> None:
    """Without the folder it was made from, and beside shipped packs of other content, it is computed and verified."""
    run = tmp_path / "run"
    result = execute(place(tmp_path / "a", "0.9", "编内人数", "差"), "small", SMALL / "data", QUARTER, run)
    shutil.rmtree(tmp_path / "a")
    assert {path.name for path in (run / "inputs" / "plan" / "packs").iterdir()} == {
        "small-pack.yaml",
        "small-pack.clauses.txt",
    }
    assert recompute(run).steps == result.steps
    assert verify(run).problems == ()
    (run / "inputs" / "plan" / "packs" / "small-pack.yaml").unlink()
    with pytest.raises(InputProblems, match="PACK-UNKNOWN"):
        recompute(run)


def test_a_value_is_one_state_of_the_files(tmp_path: Path) -> None:
    """What was read stays; the next value sees the change."""
    configs = place(tmp_path, "0.8", "编内人数", "差")
    assert read_pack(configs, "small-pack").indicators[0].target == Fraction("0.8")
    path = tmp_path / "packs" / "small-pack.yaml"
    path.write_text(path.read_text("utf-8").replace('target: "0.8"', 'target: "0.7"'), "utf-8")
    assert read_pack(configs, "small-pack").indicators[0].target == Fraction("0.8")
    assert read_pack(load_configs(tmp_path), "small-pack").indicators[0].target == Fraction("0.7")


def test_a_list_of_clauses_is_that_of_the_place(tmp_path: Path) -> None:
    """A plan may cite only what the list beside its own pack has."""
    configs = place(tmp_path / "a", "0.8", "编内人数", "差")
    (tmp_path / "a" / "packs" / "small-pack.clauses.txt").write_text("第三条\t0\n", "utf-8")
    with pytest.raises(InputProblems, match="small-pack 没有条款 第五条"):
        execute(configs, "small", SMALL / "data", QUARTER, tmp_path / "out")
