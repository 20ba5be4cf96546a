"""Alliances of several forms, and the table of diseases: what is read, and what is said of mistakes."""

from __future__ import annotations

from copy import deepcopy

import pytest

from domain.institution import Form
from domain.plan import Scorecard
from domain.problems import InputProblems
from engine.read import read


@pytest.fixture
def reading(catalogue, plan, period, xlsx, tmp_path):
    """Reads sheets under the plan with changes."""
    return lambda sheets, changes: read(
        xlsx(sheets, tmp_path / "input.xlsx"), catalogue, plan.model_copy(update=changes), period
    )


def with_forms(clean, *forms):
    """The clean workbook with more alliances: A02, A03 … of these forms, the first form being that of A01."""
    sheets = deepcopy(clean)
    sheets["机构表"][0].append("医联体形式")
    for row in sheets["机构表"][1:]:
        row.append(forms[0] if row[0] == "A01" else "")
    for number, form in enumerate(forms[1:], start=2):
        sheets["机构表"].append([f"A0{number}", f"第{number}医联体", "医联体", "公立", "", "", "否", form])
        sheets["成员关系表"].append(["H01", f"A0{number}", "2025-01-01", ""])
    return sheets


def codes(load, path):
    with pytest.raises(InputProblems) as caught:
        load(path)
    return [(problem.where.partition("!")[2], problem.code) for problem in caught.value.problems]


def test_a_hospital_stands_in_alliances_of_different_forms(clean, load, xlsx, tmp_path):
    sheets = with_forms(clean, "县（区）级医疗共同体", "省级医联体", "专科联盟", "专科医联体", "远程医疗协作网")
    facts = load(xlsx(sheets, tmp_path / "input.xlsx"))
    forms = facts.institutions.set_index("unit_code")["form"]
    assert forms[["A01", "A02", "A03", "A04", "A05"]].tolist() == [
        "county",
        "provincial",
        "specialty",
        "specialty",
        "telemedicine",
    ]
    assert set(forms[["D01", "H01", "007"]]) == {""}
    assert (facts.memberships["unit_code"] == "H01").sum() == 5
    assert facts.diseases is None


@pytest.mark.parametrize("forms", [("市级医联体", "市级医联体"), ("", ""), ("县级", "县域医共体")])
def test_not_in_two_of_one_form(clean, load, xlsx, tmp_path, forms):
    assert codes(load, xlsx(with_forms(clean, *forms), tmp_path / "input.xlsx")) == [("C5", "MEMBER-OVERLAP")]


def test_forms_that_are_none(clean, load, xlsx, tmp_path):
    sheets = with_forms(clean, "紧密型")
    sheets["机构表"][3][7] = "市级医联体"
    assert codes(load, xlsx(sheets, tmp_path / "input.xlsx")) == [("H2", "FORM"), ("H4", "FORM")]


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ("", "A2: 东城医联体 没有填医联体形式, 在机构表的 医联体形式 列补填 (FORM-MISSING)"),
        (
            "紧密型",
            f"H2: 医联体形式 紧密型 不认识, 填 {'、'.join(form.chinese for form in Form)} (FORM)",
        ),  # no blank one
    ],
)
def test_a_plan_that_speaks_of_forms_needs_them(clean, reading, form, told):
    card = Scorecard(
        id="x",
        title="x",
        scope="alliance",
        missing="zero",
        not_applicable="zero",
        dimensions=[],
        source="local",
        forms=["county"],
    )
    with pytest.raises(InputProblems) as caught:
        reading(with_forms(clean, form), {"scorecards": [card]})
    assert [str(one) for one in caught.value.problems] == [f"input.xlsx 机构表!{told}"]


DISEASES = [
    ["年度", "单位代码", "病种代码", "病种名称", "县域外转诊人次", "就诊人次"],
    ["2025年", "D01", "I63", "脑梗死", 30, "1,000"],
    [2024, "东城区", "I63", "脑梗死", "２０", 900],
    ["2025年度", "A01", "C34", "", 0, 0],
]


def test_the_table_of_diseases(clean, load, xlsx, tmp_path):
    facts = load(xlsx({**clean, "病种表": deepcopy(DISEASES)}, tmp_path / "input.xlsx"))
    assert facts.diseases.drop(columns="source").to_numpy(dtype=object).tolist() == [
        ["2025", "D01", "I63", "脑梗死", 30, 1000],
        ["2024", "D01", "I63", "脑梗死", 20, 900],
        ["2025", "A01", "C34", "", 0, 0],
    ]
    assert facts.diseases["source"].tolist() == [f"input.xlsx 病种表!E{row}" for row in (2, 3, 4)]
    assert facts.diseases["cases"].dtype == "int64"


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (["2025Q1", "D01", "S72", "", 1, 2], ("A5", "DISEASE-PERIOD")),
        (["", "D01", "S72", "", 1, 2], ("A5", "VALUE-MISSING")),
        (["2025", "D01", "", "", 1, 2], ("C5", "VALUE-MISSING")),
        (["2025", "D01", "S72", "", "", 2], ("E5", "VALUE-MISSING")),
        (["2025", "D01", "S72", "", 1.5, 2], ("E5", "NOT-WHOLE")),
        (["2025", "D01", "S72", "", -1, 2], ("E5", "NOT-WHOLE")),
        (["2025", "D01", "S72", "", 3, 2], ("E5", "PART-GT-WHOLE")),
        (["2025", "H01", "S72", "", 1, 2], ("E5", "DISEASE-UNIT")),
        (["2025", "D01", "I63", "", 1, 2], ("E5", "DUPLICATE")),
        (["2025", "D09", "S72", "", 1, 2], ("B5", "UNIT-UNKNOWN")),
    ],
)
def test_mistakes_in_the_table_of_diseases(clean, load, xlsx, tmp_path, row, problem):
    sheets = {**clean, "病种表": [*deepcopy(DISEASES), row]}
    assert codes(load, xlsx(sheets, tmp_path / "input.xlsx")) == [problem]


def test_diseases_without_a_year(clean, load, xlsx, tmp_path):
    sheets = {**clean, "病种表": [row[1:] for row in deepcopy(DISEASES)]}
    assert [code for _, code in codes(load, xlsx(sheets, tmp_path / "input.xlsx"))] == ["DISEASE-PERIOD"]
