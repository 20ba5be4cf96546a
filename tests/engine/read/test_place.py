"""The column 来处: where a row came from, told in place of the cell in which it stands now."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.problems import InputProblems
from engine.read.cells import LONGEST_PLACE

OWN = "A01_公共卫生.xlsx 事实表!D17"


def placed(sheets, table, places, heading="place"):
    """The tables with a last column of places, by row of the sheet."""
    width = max(map(len, sheets[table]))
    for number, row in enumerate(sheets[table], start=1):
        row.extend([""] * (width - len(row)))
        row.append(heading if number == 1 else places.get(number, ""))
    return sheets


def found(load, path: Path) -> list[str]:
    with pytest.raises(InputProblems) as refused:
        load(path)
    return [f"{problem.where} {problem.code}" for problem in refused.value.problems]


@pytest.mark.parametrize("heading", ["place", "来处"])
def test_a_row_is_said_to_stand_where_it_came_from(heading, clean, csv_folder, load, same, tmp_path: Path) -> None:
    plain = load(csv_folder(clean, tmp_path / "plain", "utf-8"))
    placed(clean, "事实表", {2: OWN, 4: "甲.xls 事实表!F9"}, heading)
    placed(clean, "资金表", {3: "财政.xlsx 资金表!E4"}, heading)
    placed(clean, "机构表", {2: "units.csv!A2"}, heading)
    placed(clean, "成员关系表", {2: "units.csv!A9"}, heading)
    got = load(csv_folder(clean, tmp_path / "placed", "utf-8"))
    same(got, plain)
    assert got.facts["source"].tolist()[:3] == [OWN, "事实表.csv!D3", "甲.xls 事实表!F9"]
    assert got.money["source"].tolist()[:2] == ["资金表.csv!D2", "财政.xlsx 资金表!E4"]
    assert got.institutions["source"].tolist()[:2] == ["units.csv!A2", "机构表.csv!A3"]
    assert got.memberships["source"].tolist()[:2] == ["units.csv!A9", "成员关系表.csv!A3"]


def test_a_problem_of_any_cell_of_the_row_is_told_there(clean, csv_folder, load, set_cell, tmp_path: Path) -> None:
    set_cell(clean, "事实表!D2", -1)
    set_cell(clean, "事实表!B3", "没有的单位")
    set_cell(clean, "资金表!D2", "很多")
    placed(clean, "事实表", {2: OWN, 3: "乙.xlsx 事实表!D3"})
    placed(clean, "资金表", {2: "丙.xlsx 资金表!E2"})
    assert sorted(found(load, csv_folder(clean, tmp_path / "bad", "utf-8"))) == [
        f"{OWN} NEGATIVE",
        "丙.xlsx 资金表!E2 MONEY",
        "乙.xlsx 事实表!D3 UNIT-UNKNOWN",
    ]


def test_the_same_fact_twice_names_both_places(clean, csv_folder, load, tmp_path: Path) -> None:
    clean["事实表"].append(list(clean["事实表"][1]))
    placed(clean, "事实表", {2: OWN, 10: "乙.xlsx 事实表!D3"})
    with pytest.raises(InputProblems) as refused:
        load(csv_folder(clean, tmp_path / "twice", "utf-8"))
    (problem,) = refused.value.problems
    assert problem.where == "乙.xlsx 事实表!D3"
    assert f"与 {OWN} 重复" in problem.message


def test_a_blank_cell_is_missing_at_its_place(clean, csv_folder, load, set_cell, tmp_path: Path) -> None:
    set_cell(clean, "事实表!D4", "")
    placed(clean, "事实表", {4: OWN})
    blanks = load(csv_folder(clean, tmp_path / "blank", "utf-8")).blanks
    assert blanks is not None
    assert blanks[["code", "source"]].to_numpy().tolist() == [["posting_days", OWN]]


def test_what_is_no_place_is_told_at_its_own_cell(clean, csv_folder, load, tmp_path: Path) -> None:
    placed(clean, "事实表", {2: "\ue000.xlsx", 3: "长" * (LONGEST_PLACE + 1), 4: "长" * LONGEST_PLACE})
    assert found(load, csv_folder(clean, tmp_path / "bad", "utf-8")) == [
        "事实表.csv!F2 TEXT-GARBLED",
        "事实表.csv!F3 PLACE",
    ]


def test_a_number_is_no_place(clean, xlsx, load, tmp_path: Path) -> None:
    placed(clean, "事实表", {2: 17})
    assert found(load, xlsx(clean, tmp_path / "bad.xlsx")) == ["bad.xlsx 事实表!F2 PLACE"]


def test_a_file_may_be_named_like_a_formula(clean, csv_folder, load, tmp_path: Path) -> None:
    """A CSV keeps it behind an apostrophe, which is no part of it; a place behind any other one is as it is."""
    placed(clean, "事实表", {2: "'=1+1.xlsx 事实表!D2", 3: "=1+1.xlsx 事实表!D3", 4: "'甲'.xlsx 事实表!D4"})
    got = load(csv_folder(clean, tmp_path / "formula", "utf-8"))
    assert got.facts["source"].tolist()[:3] == [
        "=1+1.xlsx 事实表!D2",
        "=1+1.xlsx 事实表!D3",
        "'甲'.xlsx 事实表!D4",
    ]


def test_a_place_makes_no_row(clean, csv_folder, load, tmp_path: Path) -> None:
    """Neither a row of nothing else, nor a total: a place is nobody's word."""
    clean["事实表"].append([])
    placed(clean, "事实表", {2: "合计", 10: OWN})
    got = load(csv_folder(clean, tmp_path / "rows", "utf-8"))
    assert len(got.facts) == 8
    assert got.facts["source"].tolist()[0] == "合计"


def test_rows_that_are_all_bad_are_no_empty_table(clean, csv_folder, load, set_cell, tmp_path: Path) -> None:
    """The table is there: its rows are told at the places from which they came, and nothing else is said."""
    for row in range(2, 5):
        set_cell(clean, f"成员关系表!C{row}", "不是日期")
    placed(clean, "成员关系表", {row: f"登记.xlsx 成员关系!C{row}" for row in range(2, 5)})
    assert found(load, csv_folder(clean, tmp_path / "bad", "utf-8")) == [
        f"登记.xlsx 成员关系!C{row} DATE" for row in range(2, 5)
    ]
