"""A sixth document: one YAML file, no Python, from the file to the fen and back; beside another one, the stricter rule.

The document is a real one (tests/spec/packs/tasks-2025.yaml); the plan that carries it out and the data are made up.
"""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from api.cli import main
from configs import folder
from domain.period import Period
from engine.folder.execute import execute
from engine.policy.configs import load_configs
from engine.policy.files import read_pack
from engine.policy.load import check_pack_file

SPEC = Path(__file__).parents[2] / "spec" / "packs"
SMALL = Path(__file__).parents[1] / "small"
PLAN, PACK = "tasks-2025-plan.yaml", "tasks-2025.yaml"
QUARTER = Period.parse("2026Q3")
FACTS = """period,unit_code,metric,value,note
2026Q3,T1,imaging_covered,1,
2026Q3,T2,imaging_covered,0,
2026Q3,T3,imaging_covered,1,
2026Q3,T4,imaging_covered,1,
2026Q3,T1,pharmacy_covered,1,
2026Q3,T2,pharmacy_covered,1,
2026Q3,T3,pharmacy_covered,0,
2026Q3,T4,pharmacy_covered,0,
2026Q3,A1,recognised_results,201,
2026Q3,A2,recognised_results,150,
"""
MONEY = """period,unit_code,item,amount,document
2026Q3,T1,subsidy_linked,1000.00,
2026Q3,T2,subsidy_linked,500.00,
2026Q3,T3,subsidy_linked,300.00,
2026Q3,T4,subsidy_linked,200.01,
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The plan with its pack beside it, and a region of two alliances."""
    for name in (PLAN, PACK):
        shutil.copy(SPEC / name, tmp_path)
    data = tmp_path / "data"
    data.mkdir()
    for name in ("institutions.csv", "memberships.csv"):
        shutil.copy(SMALL / "data" / name, data)
    (data / "facts.csv").write_text(FACTS, encoding="utf-8")
    (data / "money.csv").write_text(MONEY, encoding="utf-8")
    return tmp_path


def run(home: Path) -> Path:
    execute(load_configs(), home / PLAN, home / "data", QUARTER, home / "run")
    return home / "run"


def rows(folder_: Path, table: str) -> list[dict[str, str]]:
    with (folder_ / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_it_is_no_copy_of_a_shipped_document() -> None:
    pack = check_pack_file(load_configs(), SPEC / PACK)
    shipped = [read_pack(load_configs(), path) for path in load_configs().packs.values()]
    assert pack.number not in {one.number for one in shipped}
    assert {one.id for one in pack.entries()} & {one.id for other in shipped for one in other.entries()} == set()
    assert not (folder() / "packs" / PACK).exists()


def test_from_the_file_to_the_fen(home: Path) -> None:
    made = run(home)
    totals = {row["unit_code"]: row["score"] for row in rows(made, "totals")}
    # A1: one of two township hospitals has the imaging centre, 0.5 ÷ 0.8 × 50 = 31.25; 30; 201 of 201, 20
    # A2: 50; 0 of 2 have the pharmacy; 150 ÷ 201 × 20 = 14.925373
    assert totals == {"A1": "81.25", "A2": "64.925373"}
    paid = {row["unit_code"]: row["amount"] for row in rows(made, "allocations")}
    # A1 is over 80: all. A2: (50 + 3000/201) % = 87/134: 300.00 → 194.776, 200.01 → 129.857…
    assert paid == {"T1": "1000.00", "T2": "500.00", "T3": "194.78", "T4": "129.86"}


def test_it_is_verified_explained_and_compared_as_any_other(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = run(home)
    assert main(["verify", str(made)]) == 0
    assert main(["explain", str(made), "A1", "--indicator", "K1"]) == 0
    assert "tianjin-2024 附件5" in (said := capsys.readouterr().out) or "tianjin-2024 二(一)" in said
    assert "另见 tasks-2025 条款号待核, 从严取 KT-I02" in said
    assert main(["pack", "diff", "tianjin-2024", str(home / PACK)]) == 0
    assert "乙更严" in next(line for line in capsys.readouterr().out.splitlines() if "KT-I02" in line)
    assert main(["pack", "matrix", "tianjin-2024", str(home / PACK)]) == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if "KT-I02" in line)
    assert "TJ-I05" in row
    assert main(["template", str(home / PLAN), "--period", "2026Q3", "--out", str(home / "t.xlsx")]) == 0


def test_the_stricter_target_wins_only_where_the_plan_says_so(home: Path) -> None:
    text = (home / PLAN).read_text(encoding="utf-8")
    (home / PLAN).write_text(text.replace(" target_from: stricter,", ""), encoding="utf-8")
    scored = {(row["unit_code"], row["indicator"]): row for row in rows(run(home), "scores")}
    # half of them is what Tianjin asks for, and the plan's rule is Tianjin's: full marks
    assert (scored["A1", "K1"]["target"], scored["A1", "K1"]["score"]) == ("0.5", "50")


def test_what_it_leaves_out_cannot_be_scored(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (home / PLAN).read_text(encoding="utf-8")
    (home / PLAN).write_text(text.replace('rule: "tasks-2025:KT-I03"', 'rule: "tasks-2025:KT-N01"'), encoding="utf-8")
    assert main(["run", str(home / PLAN), str(home / "data"), "--period", "2026Q3", "--out", str(home / "run")]) == 2
    assert "KT-N01 的数据不可得, 不以别的指标代替, 删去这一项 (RULE-UNAVAILABLE)" in capsys.readouterr().err
    assert not (home / "run").exists()
