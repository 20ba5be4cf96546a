"""Data looked at in a run: the finding, its cell, the answer; nothing is stopped, everything else is as before."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from engine.folder.verify import verify
from engine.public.disclosure import disclose
from engine.run.tables import TABLES
from tests.engine.folder.test_execute import edit, rows, run, small
from tests.words import warned

__all__ = ["small"]  # the fixture

COST = "2026Q3,H1,medical_cost,2000.00,"
WAIVED = "    - {rule: cost-income, reason: 小县的数是为手算编的}\n"
UNANSWERED = (
    "money.csv!D9: H1 县一院 医疗服务收支比: 医疗服务成本 {cost} ÷ 医疗服务收入 1000, 预期 0.4 至 1.6, 没有写明原因, "
    "付款前在备注列写明或改正 (CHECK-UNANSWERED)"
)


@pytest.fixture
def asked(small: Path) -> Path:
    """The small county without its reason for the hospital's cost, and with a column for notes."""
    edit(small / "plan.yaml", WAIVED, "")
    money = small / "data" / "money.csv"
    with money.open(encoding="utf-8", newline="") as file:
        table = list(csv.reader(file))
    with money.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(
            [*row, "note" if at == 0 else ""] for at, row in enumerate(table)
        )
    return small


def found(home: Path) -> list[tuple[str, ...]]:
    return [
        row for row in rows(home, "checks", "cell", "unit_code", "value", "rule", "answer") if row[3] == "cost-income"
    ]


def test_a_cost_in_wan_yuan_is_told_and_stops_nothing(asked: Path) -> None:
    """2000.00 typed 0.20: 0.20 / 1000 = 0.0002. Without a reason it is warned of, with its cell."""
    edit(asked / "data" / "money.csv", COST, "2026Q3,H1,medical_cost,0.20,")
    assert warned(run(asked), "CHECK") == [UNANSWERED.format(cost="0.2")]
    assert found(asked) == [("money.csv!D9", "H1", "0.0002", "cost-income", "")]
    assert rows(asked, "allocations", "amount")
    assert not verify(asked / "out").problems


def test_a_note_in_the_row_answers(asked: Path) -> None:
    edit(asked / "data" / "money.csv", COST + ",", COST + ",新院区开办")
    assert warned(run(asked), "CHECK") == []
    assert found(asked) == [("money.csv!D9", "H1", "2", "cost-income", "新院区开办")]


@pytest.mark.parametrize("note", ["无", "-", "  "])
def test_a_dash_is_no_answer(asked: Path, note: str) -> None:
    edit(asked / "data" / "money.csv", COST + ",", COST + "," + note)
    assert warned(run(asked), "CHECK") == [UNANSWERED.format(cost="2000")]


def test_a_note_in_another_row_is_none(asked: Path) -> None:
    row = "2026Q3,H1,medical_service_income,1000.00,,"
    edit(asked / "data" / "money.csv", row, row + "已核")
    assert warned(run(asked), "CHECK") == [UNANSWERED.format(cost="2000")]


def test_a_plan_waives_and_changes_bounds(asked: Path) -> None:
    plan = asked / "plan.yaml"
    edit(plan, "  waive:\n", "  waive:\n    - {rule: cost-income, unit: H1, period: 2026Q3, reason: 局务会已核}\n")
    assert warned(run(asked), "CHECK") == []
    assert found(asked) == [("money.csv!D9", "H1", "2", "cost-income", "局务会已核")]
    own = (
        "  rules:\n    - {id: cost-income, title: 本地收支比, use: ratio, source: local, severity: note,\n"
        '       params: {numerator: [medical_cost], denominator: [medical_service_income], most: "2"}}\n'
    )
    edit(plan, "  rules: []\n", own)
    assert warned(run(asked), "CHECK") == []
    assert found(asked) == []


def test_a_note_only_is_told_and_asks_nothing(asked: Path) -> None:
    own = (
        "  rules:\n    - {id: cost-income, title: 本地收支比, use: ratio, source: local, severity: note,\n"
        '       params: {numerator: [medical_cost], denominator: [medical_service_income], most: "1.9"}}\n'
    )
    edit(asked / "plan.yaml", "  rules: []\n", own)
    assert warned(run(asked), "CHECK") == []
    told = ("本地收支比: 医疗服务成本 2000 ÷ 医疗服务收入 1000", "2", "不大于 1.9", "note", "")
    assert told in rows(asked, "checks", "what", "value", "expected", "severity", "answer")


def test_the_table_is_always_there_also_in_batches(small: Path) -> None:
    run(small)
    assert (small / "out" / "checks.csv").read_text(encoding="utf-8").splitlines()[0] == ",".join(TABLES["checks"])
    before = rows(small, "checks", *TABLES["checks"])
    shutil.rmtree(small / "out")
    run(small, batch=True)
    batch = pd.read_parquet(small / "out" / "checks.parquet").fillna("")
    assert [tuple(row) for row in batch.itertuples(index=False)] == before
    assert not verify(small / "out").problems


def test_the_report_has_the_findings_and_the_checks(asked: Path) -> None:
    run(asked)
    sheet = CalamineWorkbook.from_path(str(asked / "out" / "report.xlsx")).get_sheet_by_name("数据核对").to_python()
    text = "\n".join(str(cell) for row in sheet for cell in row)
    for part in ("money.csv!D9", "医疗服务收支比", "0.4 至 1.6", "须说明而未说明 1 处", "指标目录的默认，本地可改"):
        assert part in text


def test_the_public_reads_nothing_of_it(asked: Path) -> None:
    run(asked)
    disclose(asked / "out", asked / "public.xlsx")
    book = CalamineWorkbook.from_path(str(asked / "public.xlsx"))
    text = "\n".join(
        str(c) for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for c in row
    )
    assert "收支比" not in text
    assert "说明原因" not in text
    assert "条提示写有金额" not in text


def test_a_plan_that_does_not_speak_of_checks_is_told_so(asked: Path) -> None:
    edit(asked / "plan.yaml", "  rules: []\n", "")
    said = warned(run(asked), "CHECKS")
    assert said == [
        "方案没有写数据核对 (checks.rules), 只按指标目录的默认界限核对; 核定后写 rules: [] 或本地的界限 (NO-CHECKS)"
    ]
    assert found(asked)


def test_a_forged_finding_is_seen(asked: Path) -> None:
    run(asked)
    edit(asked / "out" / "checks.csv", "cost-income,confirm,", "cost-income,confirm,已核")
    assert any(problem.code == "NOT-REPRODUCED" for problem in verify(asked / "out").problems)
