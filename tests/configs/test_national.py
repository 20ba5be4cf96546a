"""The national systems: how many lines they have, what is marked as unsure, and that nothing stands in for a gap."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from domain.problems import InputProblems
from engine.policy.configs import load_configs
from engine.policy.load import load, load_pack
from engine.policy.readings import cite_of
from engine.run.say import Speaker
from indicators.registry import indicators

SPEC = Path(__file__).parents[1] / "spec" / "packs"
NAMES_SEEN = [  # in ChinaXiv-202207.00201, table 1
    "县域内就诊率",
    "县域内住院人次占比",
    "县域内基层医疗卫生机构门急诊占比",
    "医保基金县域内支出率",
    "基层医疗卫生机构医保基金占比",
]


def rows(name: str) -> list[int]:
    """The rows of the list that the named entries cite, each once."""
    clauses = [entry.cite.clause for entry in load_pack(load_configs(), name).named]
    return sorted({int("".join(sign for sign in clause if sign.isdigit())) for clause in clauses})


@pytest.mark.parametrize(("name", "count"), [("monitor-2024", 14), ("monitor-2020", 26)])
def test_every_row_of_the_list_is_there(name: str, count: int) -> None:
    assert rows(name) == list(range(1, count + 1))


def test_the_eleven_criteria() -> None:
    cited = [entry.cite.clause for entry in load_pack(load_configs(), "monitor-2020").duties]
    assert cited == [f"评判标准 (整理序号 {at})" for at in range(1, 12)]


def test_a_number_that_was_not_seen_in_the_document_is_no_clause() -> None:
    for name in ("monitor-2020", "alliance-2018"):
        pack = load_pack(load_configs(), name)
        assert [one.id for one in (*pack.named, *pack.duties) if "整理序号" not in one.cite.clause] == []


def test_only_names_that_were_seen_are_called_so() -> None:
    seen = [
        entry.title for entry in load_pack(load_configs(), "monitor-2020").named if entry.note.startswith("名称已核")
    ]
    assert seen == NAMES_SEEN


@pytest.mark.parametrize("name", ["monitor-2024", "monitor-2020", "alliance-2018"])
def test_unsure_formulas_are_marked(name: str) -> None:
    known = indicators()
    for entry in load_pack(load_configs(), name).named:
        if entry.indicator is None:
            assert entry.unavailable, entry.id
            assert entry.formula_status == "background", entry.id
        elif known[entry.indicator].formula_status == "background":
            assert entry.formula_status == "background", entry.id


def test_what_the_sources_state() -> None:
    stated = {
        entry.id for entry in load_pack(load_configs(), "monitor-2024").named if entry.formula_status != "background"
    }
    assert stated == {"MN24-04", "MN24-07"}
    for name in ("monitor-2020", "alliance-2018"):
        assert {entry.formula_status for entry in load_pack(load_configs(), name).entries()} == {"background"}


def test_an_unsure_formula_decides_no_pay_unless_the_plan_accepts_it_by_name(tmp_path: Path) -> None:
    for name in ("tasks-2025.yaml", "tasks-2025-plan.yaml"):
        shutil.copy(SPEC / name, tmp_path)
    path = tmp_path / "tasks-2025-plan.yaml"
    text = path.read_text(encoding="utf-8")
    old = 'indicator: reported, rule: "tasks-2025:KT-I04", points: "20", curve: {use: attainment}'
    new = 'indicator: village_ecg_coverage, rule: "monitor-2024:MN24-05c", points: "20", '
    new += 'curve: {use: attainment, params: {target: "0.9"}}'
    assert old in text
    text = text.replace(old, new).replace("packs:\n", "packs:\n  - {id: monitor-2024}\n")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputProblems) as caught:
        load(load_configs(), path, date(2026, 9, 30))
    assert [problem.code for problem in caught.value.problems] == ["BACKGROUND-PAY"]
    path.write_text(text + 'accept_background: ["monitor-2024:MN24-05c"]\n', encoding="utf-8")
    loaded = load(load_configs(), path, date(2026, 9, 30))
    assert any(
        "monitor-2024:MN24-05c 口径待核, 方案接受其决定分配" in said for said in Speaker().warnings(loaded.warnings)
    )
    item = loaded.plan.scorecards[0].dimensions[0].items[2]
    assert Speaker().cite(cite_of(item, loaded.packs)) == "monitor-2024 第 5 项 [口径待核]"


@pytest.mark.parametrize("name", ["monitor-2020", "alliance-2018"])
def test_nothing_stands_in_for_what_cannot_be_computed(name: str) -> None:
    lacking = [entry for entry in load_pack(load_configs(), name).named if entry.unavailable]
    assert lacking
    assert [entry.id for entry in lacking if entry.indicator is not None or entry.params] == []
