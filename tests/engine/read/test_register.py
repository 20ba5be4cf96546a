"""The register: who manages whom, who files for which reporting body; read alone, and beside figures."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import pytest

from domain.problems import InputProblems
from engine.policy.configs import load_configs
from engine.read.register import read_register, read_reporters

EXAMPLE = Path(__file__).parents[3] / "examples" / "county" / "register.xlsx"


def managed(clean, village="007"):
    """The clean workbook with the column 管理机构, filled in for the village clinic."""
    sheets = deepcopy(clean)
    sheets["机构表"][0].append("管理机构")
    for row in sheets["机构表"][1:]:
        row.append(village if row[0] == "V01" else "")
    return sheets


def filing(clean, *rows):
    sheets = managed(clean)
    sheets["填报分工表"] = [["填报部门", "单位代码", "单位名称"], *map(list, rows)]
    return sheets


def told(read, *given):
    with pytest.raises(InputProblems) as caught:
        read(*given)
    return [(problem.where.partition(" ")[2], problem.code) for problem in caught.value.problems]


@pytest.mark.parametrize("written", ["007", "河东镇卫生院"])
def test_who_manages_is_a_code_or_a_name(clean, load, xlsx, tmp_path, written):
    facts = load(xlsx(managed(clean, written), tmp_path / "in.xlsx"))
    assert facts.institutions.set_index("unit_code")["managing_unit"].to_dict() == {
        "A01": "",
        "D01": "",
        "H01": "",
        "007": "",
        "V01": "007",
    }


def test_without_the_column_nobody_manages(clean, load, xlsx, tmp_path):
    assert set(load(xlsx(clean, tmp_path / "in.xlsx")).institutions["managing_unit"]) == {""}


@pytest.mark.parametrize("named", [("008", "UNIT-UNKNOWN"), ("V01", "MANAGING-UNIT"), ("A01", "MANAGING-UNIT")])
def test_who_manages_must_be_another_institution(clean, load, xlsx, catalogue, tmp_path, named):
    code, said = named
    path = xlsx(managed(clean, code), tmp_path / "in.xlsx")
    assert told(load, path) == [("机构表!H6", said)]
    assert told(read_register, path, catalogue) == [("机构表!H6", said)]


def test_english_headings_of_csv(clean, csv_folder, catalogue, tmp_path):
    sheets = {
        "institutions": [
            ["unit_code", "name", "tier", "ownership", "region", "managing_unit"],
            ["A01", "东城医联体", "alliance", "public", "", ""],
            ["007", "河东镇卫生院", "township", "public", "330102", ""],
            ["V01", "王庄村卫生室", "village", "collective", "330102", "007"],
        ],
        "memberships": [
            ["unit_code", "alliance_code", "from", "to"],
            ["007", "A01", "2025-01-01", ""],
            ["V01", "A01", "2025-01-01", "2026-12-31"],
        ],
        "reporters": [["reporter", "unit_code"], ["公共卫生科", "GW01"]],
    }
    found = read_register(csv_folder(sheets, tmp_path / "csv", "utf-8"), catalogue)
    assert dict(zip(found.institutions["unit_code"], found.institutions["managing_unit"], strict=True))["V01"] == "007"
    assert found.memberships[["unit_code", "alliance_code"]].to_numpy().tolist() == [["007", "A01"], ["V01", "A01"]]
    assert (dict(found.reporters), dict(found.names)) == ({"公共卫生科": "GW01"}, {"GW01": ""})


def test_figures_are_nothing_of_the_register_and_filers_nothing_of_a_run(clean, load, xlsx, catalogue, tmp_path):
    sheets = filing(clean, ["公共卫生科", "GW01", "疾控中心"], ["财务科", "H01", "东城区人民医院"])
    sheets["事实表"][1][3] = "很多"  # a figure that no run would take
    path = xlsx(sheets, tmp_path / "in.xlsx")
    found = read_register(path, catalogue)
    assert dict(found.reporters) == {"公共卫生科": "GW01", "财务科": "H01"}
    assert dict(found.names) == {"GW01": "疾控中心", "H01": "东城区人民医院"}
    assert read_reporters(path, catalogue) == found.reporters
    assert told(load, path) == [("事实表!D2", "NUMBER")]
    plain = xlsx(filing(clean, ["公共卫生科", "GW01", ""]), tmp_path / "plain.xlsx")
    assert len(load(plain).facts) == 8
    assert read_reporters(xlsx(clean, tmp_path / "none.xlsx"), catalogue) == {}


def test_what_is_wrong_with_filers_is_told_at_its_cell(clean, xlsx, catalogue, tmp_path):
    rows = [
        ["公卫科", "GW01", ""],
        ["财务科", "H01", "东城医院"],
        ["公共卫生科", "", ""],
        ["公共卫生科", "CW/1", ""],
        ["财务科", "H01", ""],
    ]
    path = xlsx(filing(clean, *rows), tmp_path / "in.xlsx")
    assert told(read_register, path, catalogue) == [
        ("填报分工表!A2", "REPORTER-UNKNOWN"),
        ("填报分工表!C3", "UNIT-MISMATCH"),
        ("填报分工表!B4", "VALUE-MISSING"),
        ("填报分工表!B5", "CODE"),
        ("填报分工表!A6", "DUPLICATE"),
    ]


def test_a_register_without_members_is_told(clean, xlsx, catalogue, tmp_path):
    sheets = managed(clean)
    del sheets["成员关系表"]
    with pytest.raises(InputProblems) as caught:
        read_register(xlsx(sheets, tmp_path / "in.xlsx"), catalogue)
    assert [(problem.where, problem.code) for problem in caught.value.problems] == [("in.xlsx", "TABLE-MISSING")]


def test_filers_beside_figures_do_not_make_a_sheet_a_register(clean, load, xlsx, tmp_path):
    """The reporting body often stands beside the figures: such a sheet stays what it is."""
    sheets = deepcopy(clean)
    sheets["指标"] = [
        ["单位代码", "填报部门", "常住人口", "签约人数"],
        ["V01", "公共卫生科", 1200, 300],
    ]
    sheets["事实表"] = [row for row in sheets["事实表"] if row[1] != "V01"]
    facts = load(xlsx(sheets, tmp_path / "in.xlsx")).facts
    assert facts[facts["unit_code"] == "V01"]["metric"].tolist() == ["resident_population", "signed"]


def test_the_example(tmp_path):
    found = read_register(EXAMPLE, load_configs().catalogue)
    counts = found.institutions["managing_unit"].value_counts()
    assert (counts[""], counts["T01"], counts["T14"], len(counts)) == (21, 7, 6, 15)
    assert found.names["YB01"] == "示例县医疗保障局"
