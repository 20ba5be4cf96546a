from __future__ import annotations

import datetime as dt
import shutil
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from api.cli import app
from domain.facts import COMPLETIONS, Facts
from domain.period import Period
from domain.problems import InputProblems
from engine.folder.execute import execute
from engine.policy.configs import load_configs
from engine.policy.load import load
from engine.read import read
from engine.template.completions import reported_entries
from engine.template.workbook import needed, write_template

PERIOD = Period.parse("2026Q3")
CATALOGUE = load_configs().catalogue
PLAN = load(load_configs(), "demo-county", PERIOD.end).plan
INSTITUTIONS = [
    ("A01", "示例县医共体", "alliance", "public", "", "", False, ""),
    ("D01", "示例县", "district", "public", "129901", "", False, ""),
    ("H01", "示例县人民医院", "lead", "public", "129901", "12330000470051726F", False, ""),
    ("007", "河东镇卫生院", "township", "collective", "129901", "91350100M000100Y43", True, ""),
]


def build(facts: list[tuple[object, ...]], money: list[tuple[object, ...]]) -> Facts:
    names = ["unit_code", "name", "tier", "ownership", "region", "credit_code", "signing", "form"]
    members = [("H01", "A01", dt.date(2025, 1, 1), None), ("007", "A01", dt.date(2025, 1, 1), None)]
    return Facts(
        pd.DataFrame(INSTITUTIONS, columns=names).assign(managing_unit=""),
        pd.DataFrame(members, columns=["unit_code", "alliance_code", "from", "to"]).astype(object),
        pd.DataFrame(facts, columns=["period", "unit_code", "metric", "value", "note"]).astype(object),
        pd.DataFrame(money, columns=["period", "unit_code", "item", "amount", "document"])
        .assign(word="", of="", note="")
        .astype({"amount": "int64"}),
    )


def rows(facts: Facts) -> list[list[list[object]]]:
    tables = (facts.institutions, facts.memberships, facts.facts, facts.money)
    return [table.drop(columns="source", errors="ignore").to_numpy(dtype=object).tolist() for table in tables]


GIVEN = build(
    [
        ("2026Q3", "007", "posted_staff", Decimal(12), ""),
        ("2026Q3", "007", "posting_days", Decimal("1.05"), "含周末"),
        ("2026Q3", "007", "resident_posting", Decimal(1), ""),
        ("2025", "007", "visits", Decimal(0), "上年"),
        ("2026Q3", "D01", "resident_population", Decimal(123456), ""),
    ],
    [
        ("2026", "007", "quota_approved", 123456789012345, "示人社〔2026〕1号"),
        ("2026Q3", "A01", "fund_budget", 1, ""),
        ("2026Q3", "A01", "fund_spend", 99999999999999, ""),
    ],
)


def test_round_trip(tmp_path: Path) -> None:
    write_template(PLAN, CATALOGUE, PERIOD, tmp_path / "t.xlsx", GIVEN)
    again = read(tmp_path / "t.xlsx", CATALOGUE, PLAN, PERIOD)
    assert rows(again) == rows(GIVEN)
    assert again.facts["source"][0] == "t.xlsx 事实表!F4"


def test_reading_reports_exactly_the_two_cells_edited(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    write_template(PLAN, CATALOGUE, PERIOD, path, GIVEN)
    book = openpyxl.load_workbook(path)
    book["事实表"]["F4"], book["资金表"]["E5"] = 13, 0.02
    book.save(path)
    again = rows(read(path, CATALOGUE, PLAN, PERIOD))
    changed = [
        (old, new)
        for before, after in zip(rows(GIVEN), again, strict=True)
        for old, new in zip(before, after, strict=True)
        if old != new
    ]
    assert [(old[3], new[3]) for old, new in changed] == [(Decimal(12), Decimal(13)), (1, 2)]


METRICS = [code for code, one in CATALOGUE.metrics.items() if not one.whole and one.maximum is None and not one.part_of]
note = st.text(alphabet="abc=+-'\"<&>﹣调整(（ 0", max_size=8).map(lambda text: " ".join(text.split()).lstrip("=+-﹣ "))
value = st.decimals(0, 10**15, places=8, allow_nan=False).map(
    lambda one: Decimal(int(one)) if one == int(one) else Decimal(format(one, "f").rstrip("0"))
)

on_post = value.filter(bool)  # income of nobody on post is refused, and every place here has an income


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_round_trip_of_any_facts(data: st.DataObject, tmp_path: Path) -> None:
    from engine.read.words import EMPTY, fold  # noqa: PLC0415

    cells = st.tuples(
        st.sampled_from(["2026Q3", "2026", "2026-07", "2025Q3", "2026H1"]), st.sampled_from(["H01", "007"])
    )
    keys = data.draw(st.lists(st.tuples(cells, st.sampled_from(METRICS)), min_size=1, max_size=6, unique=True))
    notes = note.filter(lambda text: "".join(fold(text).split()) not in EMPTY - {""})
    facts = [
        (period, unit, metric, data.draw(value if metric != "heads_on_post" else on_post), data.draw(notes))
        for (period, unit), metric in keys
    ]
    fen = st.integers(0, 10**16)
    money = [
        (period, unit, "staff_income", data.draw(fen), "") for period, unit in dict.fromkeys(one for one, _ in keys)
    ]
    given_facts = build([("2026Q3", "007", "posted_staff", Decimal(1), ""), *facts], money)
    write_template(PLAN, CATALOGUE, PERIOD, tmp_path / "t.xlsx", given_facts)
    assert rows(read(tmp_path / "t.xlsx", CATALOGUE, PLAN, PERIOD)) == rows(given_facts)


def test_same_input_same_bytes(tmp_path: Path) -> None:
    write_template(PLAN, CATALOGUE, PERIOD, tmp_path / "a.xlsx", GIVEN)
    time.sleep(2.1)  # zip times have two seconds
    write_template(PLAN, CATALOGUE, PERIOD, tmp_path / "b.xlsx", GIVEN)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_workbook_is_ready_for_clerks(tmp_path: Path) -> None:
    write_template(PLAN, CATALOGUE, PERIOD, tmp_path / "t.xlsx", GIVEN)
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    assert book.sheetnames == ["填报说明", "机构表", "成员关系表", "事实表", "资金表", "码表"]
    for name in book.sheetnames[1:5]:
        sheet = book[name]
        assert sheet.freeze_panes == "C4"
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert sheet.protection.sheet
        assert sheet["A3"].protection.locked
        assert not sheet["A4"].protection.locked
        assert not sheet.column_dimensions["A"].protection.locked
        assert sheet.data_validations.dataValidation
    values = [cell.value for cell in book["码表"]["A"]]
    assert values[1:] == [CATALOGUE.metrics[code].title for code in needed(PLAN, CATALOGUE).metrics]
    limits = {str(one.sqref): one.formula1 for one in book["事实表"].data_validations.dataValidation}
    assert any("F4" in cells and "INT(F4)" in formula for cells, formula in limits.items())
    listed = {str(cell.value) for cell in book["事实表"]["D"]}
    assert CATALOGUE.metrics["posting_days"].title in listed


def test_needed_follows_the_plan() -> None:
    got = needed(PLAN, CATALOGUE)
    assert {"posted_staff", "village_signed", "heads_on_post"} <= set(got.metrics)  # indicator, local indicator, pools
    assert len(got.metrics) < len(CATALOGUE.metrics)
    assert got.items == tuple(CATALOGUE.items)
    bare = PLAN.model_copy(update={"scorecards": [], "pools": [], "overspend": None})
    assert needed(bare, CATALOGUE).metrics == tuple(CATALOGUE.metrics)
    assert {"head_months", "down_referrals"} <= set(got.metrics)  # a pool's own, the statement of overspend
    scored = needed(PLAN.model_copy(update={"pools": [], "overspend": None}), CATALOGUE)
    assert set(scored.items) < set(CATALOGUE.items)


def test_command(tmp_path: Path) -> None:
    out = tmp_path / "填报.xlsx"
    done = CliRunner().invoke(app, ["template", "demo-county", "--period", "2026Q3", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert done.stdout == f"已写出 {out}\n"
    assert openpyxl.load_workbook(out)["机构表"]["A3"].value == "单位代码"
    packs = load(load_configs(), "demo-county", PERIOD.end).packs
    write_template(PLAN, CATALOGUE, PERIOD, tmp_path / "有数.xlsx", GIVEN, packs)
    filled = ["--force", "--from", str(tmp_path / "有数.xlsx")]
    assert (
        CliRunner().invoke(app, ["template", "demo-county", "--period", "2026Q3", "--out", str(out), *filled]).exit_code
        == 0
    )
    assert out.read_bytes() == (tmp_path / "有数.xlsx").read_bytes()


@pytest.mark.parametrize(("period", "name", "code"), [("2026Q5", "a.xlsx", "PERIOD"), ("2026Q3", "a.xls", "FILE-TYPE")])
def test_command_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str], period: str, name: str, code: str) -> None:
    from api.cli import main  # noqa: PLC0415

    assert main(["template", "demo-county", "--period", period, "--out", str(tmp_path / name)]) == 2
    assert f"({code})" in capsys.readouterr().err
    assert not (tmp_path / name).exists()


def test_diseases_and_forms_come_back(tmp_path):
    period = Period.parse("2018")
    plan = load(load_configs(), "demo-jilin", period.end).plan
    given = read(Path(__file__).parents[3] / "examples" / "jilin-city-2017" / "2018.xlsx", CATALOGUE, plan, period)
    path = tmp_path / "filled.xlsx"
    write_template(plan, CATALOGUE, period, path, given)
    back = read(path, CATALOGUE, plan, period)
    columns = ["period", "unit_code", "disease", "name", "outbound", "cases"]
    assert back.diseases[columns].to_numpy().tolist() == given.diseases[columns].to_numpy().tolist()
    assert back.institutions["form"].tolist() == given.institutions["form"].tolist()
    blank = tmp_path / "blank.xlsx"
    write_template(plan, CATALOGUE, period, blank)
    assert "病种表" in openpyxl.load_workbook(blank).sheetnames
    write_template(PLAN, CATALOGUE, PERIOD, blank)
    assert "病种表" not in openpyxl.load_workbook(blank).sheetnames


def test_duties_are_asked_for_and_come_back(tmp_path: Path) -> None:
    loaded = load(load_configs(), "demo-county", PERIOD.end)
    blank = tmp_path / "blank.xlsx"
    write_template(PLAN, CATALOGUE, PERIOD, blank, GIVEN, loaded.packs)
    assert openpyxl.load_workbook(blank).sheetnames[-2:] == ["任务完成", "码表"]
    sheet = openpyxl.load_workbook(blank)["任务完成"]
    told = [[cell.value for cell in row[:4]] for row in sheet.iter_rows(min_row=4) if row[0].value]
    assert [row[0] for row in told] == [name.partition(":")[2] for name in reported_entries(PLAN, loaded.packs)]
    duty = loaded.packs["tianjin-2024"].duties[0]
    assert told[0] == [duty.id, duty.title, duty.owner, duty.deadline]
    assert ["TJ-S08", dt.datetime(2025, 12, 31)] in [[row[0], row[3]] for row in told]  # noqa: DTZ001
    assert "TJ-S01" not in {row[0] for row in told}  # its rules show it
    back = read(blank, CATALOGUE, PLAN, PERIOD, loaded.packs)
    assert back.completions is not None
    assert back.completions.empty
    done = [
        ("tianjin-2024:TJ-D01", "D01", dt.date(2026, 6, 1), "全部", "示县发〔2026〕1号", ""),
        ("tianjin-2024:TJ-I01", "D01", None, "起草中", "", "补报"),
    ]
    given = replace(GIVEN, completions=pd.DataFrame(done, columns=list(COMPLETIONS[:-1])).astype(object))
    write_template(PLAN, CATALOGUE, PERIOD, tmp_path / "filled.xlsx", given, loaded.packs)
    again = read(tmp_path / "filled.xlsx", CATALOGUE, PLAN, PERIOD, loaded.packs).completions
    assert again is not None
    assert [tuple(row) for row in again.drop(columns="source").to_numpy(dtype=object)] == done


def test_a_run_reads_completions_and_leaves_them_alone(tmp_path: Path) -> None:
    small = Path(__file__).parents[1] / "small"
    home = tmp_path / "small"
    shutil.copytree(small, home)
    duty = "duties:\n  - {id: S2, title: 例会, cite: {clause: 一}, evidence: 纪要}\n"
    with (home / "packs" / "small-pack.yaml").open("a", encoding="utf-8") as file:
        file.write(duty)
    without = execute(load_configs(), home / "plan.yaml", home / "data", PERIOD, tmp_path / "without")
    (home / "data" / "completions.csv").write_text("条目,完成日期,佐证\nS2,2026-06-30,纪要\n", encoding="utf-8")
    done = execute(load_configs(), home / "plan.yaml", home / "data", PERIOD, tmp_path / "with")
    assert done.frames["allocations"].equals(without.frames["allocations"])
    assert (tmp_path / "with" / "inputs" / "data" / "completions.csv").is_file()
    (home / "data" / "completions.csv").write_text("条目,完成日期\nS9,2026-06-30\n", encoding="utf-8")
    with pytest.raises(InputProblems, match="ENTRY-UNKNOWN"):
        execute(load_configs(), home / "plan.yaml", home / "data", PERIOD, tmp_path / "wrong")
