"""One file, one spec case and a line of the glossary make an indicator, curve, merit formula, pool or rule.

A pack or a sheet is one file. No list names them.

In a copy of the tree one of each is added, its spec case is tested, and a plan that uses all of them is checked, filled
in, run, explained, verified and reported.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

ROOT = Path(__file__).parents[2]
NEW = Path(__file__).parent / "new"
ROOMS = ("domain", "indicators", "allocation", "engine", "api", "configs", "docs", "tests")
SMALL = "tests/engine/small"
FILES = {
    "home_care.py": "indicators",
    "all_or_nothing.py": "indicators/curves",
    "equal.py": "allocation/merit",
    "per_member.py": "allocation/pools",
    "per_head_cap.py": "allocation/rules",
    "members.py": "engine/report/sheets",
    "new-2026.yaml": "configs/packs",
    "home_care.yaml": "tests/spec/indicators",
    "all_or_nothing.yaml": "tests/spec/curves",
    "per_head_cap.yaml": "tests/spec/allocation",
}
CASES = ("merit.yaml", "pools.yaml")  # one case more in a file of cases
SPECS = {
    "tests/indicators/test_indicator_specs.py": "home_care",
    "tests/indicators/test_curves.py": "all_or_nothing",
    "tests/allocation/test_merit.py": "newmerit",
    "tests/allocation/test_pools.py": "newpool",
    "tests/allocation/test_contract_cases.py": "per_head_cap",
    "tests/indicators/test_glossary.py": "glossary",
}
WORDED = {  # what a plan may write by them, without a list that names them
    "home_care_satisfaction": "居家服务满意率",
    "all_or_nothing": "达到得满分",
    "equal": "平均分配",
    "per_member": "按家数补助",
    "per_head_cap": "人均上限",
}
ITEM = """          - id: satisfaction
            indicator: {}
            points: "100"
            curve: {}
            source: {{document: small-pack, clause: 第三条}}
"""
CAP = "      - {use: wage_cap, source: local}\n"
POOL = """  - id: each
    title: 按家补助
    use: per_member
    params: {each: "1.00"}
    purpose: income
    basis: settled
    periods: [quarter]
    fund: {title: 县级财政, document: 县财社〔2026〕3号}
    merit: {use: equal, params: {prorate: false}, source: local}
    unpaid_to: fund
    source: local
permits:
"""
PLAN = {  # what stands in the plan of the small county, and what takes its place
    "packs: [{id: small-pack}]": "packs: [{id: small-pack}, {id: new-2026}]",
    ITEM.format("satisfied", '{use: attainment, params: {target: "0.8"}}'): ITEM.format(
        "home_care_satisfaction", "{use: all_or_nothing}\n            rule: new-2026:NW-I01"
    ),
    CAP: CAP + "      - {use: per_head_cap, params: {each: '20.00'}, source: local}\n",
    "permits:\n": POOL,
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The copy with one of each."""
    home = tmp_path_factory.mktemp("tree")
    for room in ROOMS:
        shutil.copytree(ROOT / room, home / room, ignore=shutil.ignore_patterns("__pycache__", "golden", "images"))
    shutil.copy(ROOT / "pyproject.toml", home)
    for name, folder in FILES.items():
        shutil.copy(NEW / name, home / folder)
    for name in CASES:
        path = home / "tests/spec/money" / name
        path.write_text(path.read_text(encoding="utf-8") + (NEW / name).read_text(encoding="utf-8"), encoding="utf-8")
    with (home / "docs/glossary.md").open("a", encoding="utf-8") as glossary:
        glossary.write((NEW / "glossary.md").read_text(encoding="utf-8"))
    plan = home / SMALL / "plan.yaml"
    text = plan.read_text(encoding="utf-8")
    for old, new in PLAN.items():
        assert old in text
        text = text.replace(old, new, 1)
    plan.write_text(text, encoding="utf-8")
    return home


def call(tree: Path, *words: str) -> str:
    """What a command of the copy prints; it must end well."""
    done = subprocess.run(
        [sys.executable, *words],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(tree), "PYTHONUTF8": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def liangyun(tree: Path, *words: str) -> str:
    return call(tree, "-m", "api.cli", *words)


def test_each_has_its_spec_case(tree: Path) -> None:
    chosen = " or ".join(f"({one})" for one in dict.fromkeys(SPECS.values()))
    call(tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", *SPECS, "-k", chosen)


def test_each_is_in_schema_reference_and_terms(tree: Path) -> None:
    schema, page = liangyun(tree, "plan", "schema"), liangyun(tree, "plan", "reference")
    known = liangyun(tree, "terms")
    for code, title in WORDED.items():
        assert f'{{"const": "{code}", "title": "{title}"' in schema
        assert f"### `{code}` {title}\n" in page
        assert f"\t{code}\t{title}\t" in known


def test_a_plan_with_one_of_each_is_checked_run_explained_and_verified(tree: Path) -> None:
    liangyun(tree, "plan", "check", f"{SMALL}/plan.yaml")
    liangyun(tree, "template", f"{SMALL}/plan.yaml", "--period", "2026Q3", "--out", "form.xlsx")
    form = openpyxl.load_workbook(tree / "form.xlsx", read_only=True)
    asked = {str(cell) for sheet in form for row in sheet.iter_rows(values_only=True) for cell in row if cell}
    assert any("满意" in one for one in asked)  # what the new indicator reads
    liangyun(tree, "run", f"{SMALL}/plan.yaml", f"{SMALL}/data", "--period", "2026Q3", "--out", "out")
    assert "人均上限" in liangyun(tree, "explain", "out", "H1", "--pool", "reward")
    assert "每家" in liangyun(tree, "explain", "out", "H1", "--pool", "each")
    assert "0.8 以上 (含) 得满分" in liangyun(tree, "explain", "out", "T1", "--indicator", "home_care_satisfaction")
    assert "新办法" in liangyun(tree, "pack", "list")
    liangyun(tree, "verify", "out")
    assert "名录" in openpyxl.load_workbook(tree / "out/report.xlsx", read_only=True).sheetnames
