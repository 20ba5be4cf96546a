"""`pay template`: what it writes reads back unchanged, filled in or not; what folders paid is carried forward."""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from api.cli import main
from domain.facts import Catalogue, MoneyItem
from domain.money import format_yuan
from domain.period import Period
from domain.plan import Plan
from domain.problems import InputProblems
from engine.folder.output import PAYMENT
from engine.pay.people import COLUMNS, People
from engine.pay.read.kept import to_tables
from engine.pay.read.people import read_people
from engine.pay.scheme import scheme_of
from engine.pay.template.carry import carry
from engine.pay.template.workbook import write_pay_template
from engine.policy.configs import load_configs
from engine.policy.load import load
from engine.read.files import open_sheets
from tests.engine.pay.read.making import CLEAN, MONTH, PAY, PERIOD
from tests.sheets import write_xlsx

CATALOGUE = Catalogue(
    {}, {"quota_approved": MoneyItem(code="quota_approved", title="核定总量", reporter="人社部门", kind="approval")}
)
PLAN = Plan(id="p", title="示例方案", region="330100", packs=[], scorecards=[])
ROOT = Path(__file__).parents[4]
NEXT = Period.parse("2026Q4")


@pytest.fixture
def people(tmp_path) -> People:
    return read_people(write_xlsx(CLEAN, tmp_path / "people.xlsx"), PAY, PERIOD, MONTH, catalogue=CATALOGUE).people


def written(carried, out, period=PERIOD, month=MONTH):
    write_pay_template(PLAN, PAY, period, month, out, carried=carried, catalogue=CATALOGUE)
    return out


def same(left, right):
    for name in COLUMNS:
        one, other = (
            side[name].drop(columns="source").sort_values([*COLUMNS[name][:3]], ignore_index=True)
            for side in (left, right)
        )
        pd.testing.assert_frame_equal(one, other)


def test_what_was_filled_in_reads_back_unchanged(people, tmp_path):
    out = written(carry(people, (), PERIOD, MONTH), tmp_path / "out.xlsx")
    same(read_people(out, PAY, PERIOD, MONTH, catalogue=CATALOGUE).people, people)


def test_a_blank_form_reads_back_as_nothing(tmp_path):
    out = written(carry(None, (), PERIOD, MONTH), tmp_path / "out.xlsx")
    read = read_people(out, PAY, PERIOD, MONTH, catalogue=CATALOGUE, correcting=True).people
    assert all(read[name].empty for name in COLUMNS)
    with pytest.raises(InputProblems) as caught:
        read_people(out, PAY, PERIOD, MONTH)
    assert {one.code for one in caught.value.problems} == {"TABLE-EMPTY"}


def test_the_next_period_has_the_roster_and_asks_for_the_rest(people, tmp_path):
    carried = carry(people, (), NEXT, "2027-01")
    out = written(carried, tmp_path / "out.xlsx", NEXT, "2027-01")
    read = read_people(out, PAY, NEXT, "2027-01", correcting=True).people
    for name in ("people", "posts", "accounts", "deferred"):
        pd.testing.assert_frame_equal(read[name].drop(columns="source"), people[name].drop(columns="source"))
    assert all(read[name].empty for name in ("attendance", "leave", "person_facts", "earmarks", "holds", "pay_amounts"))
    assert not read["tax_cumulative"][["income", "withheld_before", "withheld_month"]].any(axis=None)  # a new year
    assert read["tax_cumulative"]["basic"].tolist() == ["standard", "standard", "annual_60000"]
    sheets = {sheet.name: sheet.cells for sheet in open_sheets(out)}
    # P02 left in August, P04 leads; P05 is rehired: it has no attendance to give, but may have signed
    assert sheets["出勤表"].loc[4:, 1].dropna().tolist() == ["P01", "P03"]
    assert sheets["个人考核表"].loc[4:, 1].dropna().tolist() == ["P01", "P03", "P05"]
    assert sheets["个人考核表"].loc[3].tolist() == ["期间", "任职编号", "考核得分", "签约人月", "履约率"]
    assert sheets["科室考核表"].loc[4:, 2].dropna().tolist() == ["内科", "全科"]


def test_a_missing_score_stands_at_the_cell_that_the_form_asks_for(people, tmp_path):
    carried = carry(People({**people.tables, "person_facts": people["person_facts"].iloc[1:]}), (), PERIOD, MONTH)
    with pytest.raises(InputProblems) as caught:
        read_people(written(carried, tmp_path / "out.xlsx"), PAY, PERIOD, MONTH)
    assert [(one.where, one.code) for one in caught.value.problems] == [("out.xlsx 个人考核表!C4", "PAY-SCORE-MISSING")]


def folder_of(path, people, month, lines, closed=()):
    """A pay folder, as far as the next payment looks into it."""
    inputs = path / "inputs" / "people"
    inputs.mkdir(parents=True)
    to_tables(people, str)["tax_cumulative"].to_csv(inputs / "tax_cumulative.csv", index=False)
    rest = {"plan": "p", "period": str(PERIOD), "warnings": [], "versions": {}, "files": {}, "digest": ""}
    manifest = json.dumps({**rest, "format": PAYMENT.format, "month": month})
    (path / "manifest.json").write_text(manifest, encoding="utf-8")
    columns = ["payer", "person_code", "month", "kind", "income", "tax"]
    pd.DataFrame([*lines], columns=columns, dtype="str").to_csv(path / "tax.csv", index=False)
    columns = ["accrual_year", "unit_code", "person_code", "pool", "closing"]
    pd.DataFrame([*closed], columns=columns, dtype="str").to_csv(path / "deferred.csv", index=False)
    return path


def test_what_is_carried_does_not_hang_on_what_folders_are_called(people, tmp_path):
    """A later folder of the same month, called by an earlier name: its figures hold what the first one paid."""
    known = people["tax_cumulative"]
    figures = {(row["payer"], row["person_code"]): row for row in known.to_dict("records")}
    who = ("T01", "N01")
    of_n01 = known[(known["payer"] == who[0]) & (known["person_code"] == who[1])]
    line = [(*who, MONTH, "wages", "6000.00", "180.00")]
    first = folder_of(tmp_path / "b", People({**people.tables, "tax_cumulative": of_n01}), MONTH, line)
    grown = of_n01.assign(income=of_n01["income"] + 600000, withheld_month=of_n01["withheld_month"] + 18000)
    later = folder_of(tmp_path / "a", People({**people.tables, "tax_cumulative": grown}), MONTH, ())
    (row,) = carry(None, (first, later), NEXT, MONTH).people["tax_cumulative"].to_dict("records")
    was = figures[who]
    assert (row["income"], row["withheld_month"]) == (was["income"] + 600000, was["withheld_month"] + 18000)


def test_what_folders_paid_is_carried_forward_and_marked(people, tmp_path):
    lines = [
        ("T01", "N01", "2026-10", "wages", "6000.00", "180.00"),
        ("T01", "N02", "2026-10", "wages", "500.00", ""),  # not paid: no figures
        ("T01", "N03", "2026-10", "labour", "900.00", "20.00"),
    ]
    closed = [("2026", "T01", "N01", "performance", "700.00"), ("2025", "T01", "N01", "performance", "0.00")]
    folder = folder_of(tmp_path / "paid", people, MONTH, lines, closed)
    carried = carry(people, [folder], NEXT, "2026-12")
    tax = carried.people["tax_cumulative"].set_index("person_code")
    assert [format_yuan(tax.loc["N01", name]) for name in ("income", "withheld_before", "withheld_month")] == [
        "96000.00",
        "705.00",
        "0.00",
    ]  # 90,000 + 6,000; 525 + 180; nothing yet in December
    assert tax.loc["N02", "income"] == 20000_00
    assert set(tax["month"]) == {"2026-12"}
    assert carried.to_check["T01", "N01"].startswith("待核: paid 用的 2026-10 的数; 加 paid 2026-10 所发")
    assert carried.people["deferred"][["accrual_year", "balance"]].to_numpy().tolist() == [["2026", 700_00]]
    out = written(carried, tmp_path / "out.xlsx", NEXT, "2026-12")
    read = read_people(out, PAY, NEXT, "2026-12", catalogue=CATALOGUE, correcting=True).people
    same(read, carried.people)
    (cells,) = (sheet.cells for sheet in open_sheets(out) if sheet.name == "个税累计表")
    assert cells.loc[3].tolist()[-1] == "辅助: 待核"
    assert str(cells.loc[4].tolist()[-1]).startswith("待核")
    # a payment more of the same month
    again = carry(people, [folder], PERIOD, MONTH).people["tax_cumulative"].set_index("person_code")
    assert [again.loc["N01", name] for name in ("income", "withheld_before", "withheld_month")] == [
        96000_00, 525_00, 180_00,
    ]  # fmt: skip


def test_what_the_payer_said_since_stands(people, tmp_path):
    folder = folder_of(tmp_path / "paid", people, MONTH, [("T01", "N01", MONTH, "wages", "6000.00", "180.00")])
    tax = people["tax_cumulative"].assign(income=[97000_00, 20000_00, 50000_00])
    carried = carry(People({**people.tables, "tax_cumulative": tax}), [folder], PERIOD, MONTH)
    assert carried.people["tax_cumulative"]["income"].tolist() == [97000_00, 20000_00, 50000_00]
    assert carried.to_check == {}


def test_same_input_same_bytes_and_nothing_is_a_formula(people, tmp_path):
    one = written(carry(people, (), PERIOD, MONTH), tmp_path / "1.xlsx").read_bytes()
    assert one == written(carry(people, (), PERIOD, MONTH), tmp_path / "2.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "1.xlsx") as book:
        sheets = [book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/")]
    assert sheets
    assert not [one for one in sheets if "<f>" in one]


def test_ids_and_accounts_are_text(people, tmp_path):
    out = written(carry(people, (), PERIOD, MONTH), tmp_path / "out.xlsx")
    cells = {sheet.name: sheet.cells for sheet in open_sheets(out)}
    assert cells["人员表"].loc[5, 3] == "440524188001010014"
    assert cells["账户表"].loc[4, 4] == "6222020200112230006"
    assert isinstance(cells["任职表"].loc[4, 12], dt.date)
    assert Decimal(str(cells["任职表"].loc[4, 10])) == Decimal("1.2")


def test_command(tmp_path, capsys):
    out = tmp_path / "a.xlsx"
    args = ["pay", "template", "demo-county", "--period", "2026Q3", "--month", "2026-10", "--out", str(out)]
    assert main([*args, "--from", str(ROOT / "examples/county/2026Q3-people.xlsx")]) == 0
    assert "69 个任职" in capsys.readouterr().out
    loaded = load(load_configs(), "demo-county", PERIOD.end, alone=True)
    read = [
        read_people(one, scheme_of(loaded.plan), PERIOD, MONTH, catalogue=load_configs().catalogue, paid=()).people
        for one in (ROOT / "examples/county/2026Q3-people.xlsx", out)
    ]
    same(*read)
    assert main(args) == 2  # it is there already
