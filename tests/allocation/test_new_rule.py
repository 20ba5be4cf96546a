"""One file and one spec case make a rule: in a copy of the tree it is solved, checked, run, explained and verified."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
NEW = Path(__file__).parent / "new_rule"
ROOMS = ("domain", "indicators", "allocation", "engine", "api", "configs", "tests")
SMALL = "tests/engine/small"


def test_a_rule_is_one_file_and_one_spec_case(tmp_path: Path) -> None:
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copy(NEW / "per_head_cap.py", tmp_path / "allocation" / "rules")
    shutil.copy(NEW / "per_head_cap.yaml", tmp_path / "tests" / "spec" / "allocation")

    def call(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONUTF8": "1"},
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    cases = "tests/allocation/test_contract_cases.py"
    chosen = "test_optimizer and auto and per_head_cap"
    assert "2 passed" in call("-m", "pytest", "-q", "-p", "no:cacheprovider", cases, "-k", chosen)

    plan = tmp_path / SMALL / "plan.yaml"
    rule = "      - {use: wage_cap, source: local}\n"
    told = plan.read_text(encoding="utf-8")
    assert rule in told
    new = "      - {use: per_head_cap, params: {each: '20.00'}, source: local}\n"
    plan.write_text(told.replace(rule, rule + new, 1), encoding="utf-8")
    liangyun = ("-c", "from api.cli import main; main()")
    call(*liangyun, "run", f"{SMALL}/plan.yaml", f"{SMALL}/data", "--period", "2026Q3", "--out", "out")
    assert "人均上限" in call(*liangyun, "explain", "out", "H1")
    call(*liangyun, "verify", "out")
