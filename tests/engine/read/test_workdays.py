"""The table of working days: what is read, and every problem at its cell."""

from __future__ import annotations

from datetime import date

import openpyxl
import pytest

from domain.problems import InputProblems
from engine.read.workdays import read_workdays


def written(tmp_path, text, name="2027.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def told(path):
    with pytest.raises(InputProblems) as refused:
        read_workdays(path)
    return [(problem.where, problem.code) for problem in refused.value.problems]


def test_a_csv(tmp_path):
    rows = read_workdays(
        written(
            tmp_path, "日期,类型,来源\n2027年2月6日,休息日,国办发\n2027-01-30,工作日,国办发\n,,\n20270207,放假,国办发\n"
        )
    )
    assert [(row.day, row.working, row.source, row.place) for row in rows] == [
        (date(2027, 1, 30), True, "国办发", "2027.csv!B3"),
        (date(2027, 2, 6), False, "国办发", "2027.csv!B2"),
        (date(2027, 2, 7), False, "国办发", "2027.csv!B5"),
    ]


def test_a_workbook_with_a_title_and_a_sheet_that_explains(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "安排"
    sheet.append(["2027年放假安排"])
    sheet.append(["日期", "类型", "依据", "备注"])
    sheet.append([date(2027, 10, 1), "休息日", "国办发", "国庆节"])
    book.create_sheet("填报说明").append(["每天一行"])
    book.create_sheet("空表")
    book.save(tmp_path / "表.xlsx")
    (row,) = read_workdays(tmp_path / "表.xlsx")
    assert (row.day, row.working, row.place) == (date(2027, 10, 1), False, "表.xlsx 安排!B3")


def test_every_problem_at_its_cell(tmp_path):
    text = (
        "日期,类型,来源\n2027-02,休息日,甲\n2027-02-30,休息日,甲\n2027-02-06,半天,甲\n,工作日,甲\n2027-02-07,休息日,\n"
    )
    text += "2027-03-01,休息日,甲\n2027-03-01,工作日,甲\n"
    assert sorted(told(written(tmp_path, text))) == [
        ("2027.csv!A2", "DATE"),  # a month is no day
        ("2027.csv!A3", "DATE"),
        ("2027.csv!A5", "VALUE-MISSING"),
        ("2027.csv!B4", "DAY-KIND"),
        ("2027.csv!B8", "DUPLICATE"),
        ("2027.csv!C6", "VALUE-MISSING"),
    ]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("日期,类型\n2027-02-06,休息日\n", [("2027.csv", "COLUMN-MISSING")]),
        ("日期\n2027-02-06\n", [("2027.csv", "COLUMN-MISSING")] * 2),
        ("日期,类型,来源,节日\n2027-02-06,休息日,甲,春节\n", [("2027.csv!D1", "COLUMN-UNKNOWN")]),
        ("日期,类型,来源,\n2027-02-06,休息日,甲,春节\n", [("2027.csv!D1", "COLUMN-UNKNOWN")]),
        ("日期,类型,来源,日期\n2027-02-06,休息日,甲,2027-02-07\n", [("2027.csv!D1", "COLUMN-TWICE")]),
        ("年,月\n2027,2\n", [("2027.csv", "SHEET-UNKNOWN")]),
        ("日期,类型,来源\n", [("2027.csv", "TABLE-EMPTY")]),
        ("", [("2027.csv", "TABLE-EMPTY")]),
    ],
)
def test_what_is_no_table_of_days(tmp_path, text, problems):
    assert told(written(tmp_path, text)) == problems
