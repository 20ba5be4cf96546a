"""What one filer hands in: read with every problem at its cell, and corrected cell by cell."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.problems import InputProblems
from engine.read.uploads import Upload
from engine.workflow.datasets import assemble
from engine.workflow.submitted import Edit, corrected, read_figures, read_submission
from tests.engine.workflow.collecting import FACTS, SMALL, County, told

AT = datetime(2026, 10, 12, 1, 30, tzinfo=UTC)  # 09:30 in Shanghai


def test_the_rows_of_a_workbook(submissions, county: County) -> None:
    own = next(figures for figures in submissions if figures[0].unit == "T1")
    assert [(one.table, one.code, one.value) for one in own] == [
        ("facts", "resident_satisfaction_score", "40"),
        ("facts", "resident_satisfaction_full", "100"),
        ("facts", "heads_on_post", "4"),
        ("money", "quota_approved", "500.00"),
        ("money", "quota_paid", "250.00"),
        ("money", "medical_service_income", "1000.00"),
        ("money", "medical_cost", "600.00"),
        ("money", "risk_fund_balance", "0.00"),
        ("money", "annual_medical_income", "4000.00"),
    ]
    assert own[3].document == "县人社〔2026〕8号"
    assert own[0].place == "T1-东乡卫生院.xlsx 事实表!F4"


def test_what_is_another_s_to_say(one, county: County) -> None:
    text = f"{FACTS}\n2026Q3,T1,heads_on_post,4,\n2026Q3,T2,heads_on_post,2,\n2026Q3,T2,visits,,\n"
    assert told(one(text)) == ["facts.csv!D3 NOT-YOURS"]
    hr_only = {part for part in county.parts["T1"] if part[1] == "人事部门"}
    more = f"{FACTS}\n2026Q3,T1,heads_on_post,4,\n2026Q3,T1,resident_satisfaction_full,100,\n"
    assert told(one(more, parts=hr_only)) == ["facts.csv!D3 NOT-YOURS"]
    assert told(one(text, parts=None)) == []


def test_what_is_missing_is_told_and_refuses_nothing(one) -> None:
    """The plan needs three facts of each member; last year's figure is none of this quarter."""
    found = one(
        f"{FACTS}\n2026Q3,T1,heads_on_post,4,\n2026Q3,T1,resident_satisfaction_full,,\n"
        "2025Q3,T1,resident_satisfaction_score,40,\n"
    )
    assert found.problems == ()
    assert [(finding.where, finding.code, finding.about) for finding in found.findings] == [
        ("facts.csv", "MISSING", "resident_satisfaction_score"),
        ("facts.csv!D3", "MISSING", "resident_satisfaction_full"),
    ]
    assert "东乡卫生院 2026年第3季度 群众满意题满分合计 没有填" in str(found.findings[1])


def test_all_problems_at_their_cells(one) -> None:
    found = one(
        f"{FACTS}\n2026Q3,T1,heads_on_post,很多,\n2026Q3,T1,resident_satisfaction_full,-100,\n2026Q3,T9,visits,1,\n"
    )
    assert told(found) == ["facts.csv!D2 NUMBER", "facts.csv!D3 NEGATIVE", "facts.csv!B4 UNIT-UNKNOWN"]
    assert not found.whole  # a row that could not be read cannot be corrected as one
    assert one(f"{FACTS}\n2026Q3,T1,heads_on_post,-4,\n").whole


def test_the_table_of_another_quarter(one) -> None:
    assert told(one(f"{FACTS}\n2026Q1,T1,heads_on_post,4,\n")) == ["facts.csv!D2 PERIOD-NONE"]
    assert told(one(f"{FACTS}\n2026,T1,heads_on_post,4,\n")) == []


def test_units_must_be_as_the_register_has_them(county: County) -> None:
    workbook = {"unit_code": "T1", "name": "东乡卫生院", "tier": "village", "ownership": "public", "region": "330000"}
    workbook["signing"] = "是"
    rows = [workbook, workbook | {"unit_code": "T8", "name": "新院"}]
    stays = [{"unit_code": "T1", "alliance_code": "A1", "from": "2026-01-01"},
             {"unit_code": "T1", "alliance_code": "A2", "from": "2026-01-01"}]  # fmt: skip
    body = json.dumps({"institutions": rows, "memberships": stays}).encode()
    found = read_submission([Upload("t1.json", body)], county.asked("T1"))
    assert told(found) == [
        "t1.json institutions!A2 REGISTER-DIFFERS",
        "t1.json institutions!A3 REGISTER-UNKNOWN",
        "t1.json memberships!A3 REGISTER-DIFFERS",
    ]
    assert "机构层级" in found.problems[0].message


def test_who_manages_a_unit_need_not_be_said_and_may_be_named(county: County) -> None:
    units = county.register.institutions
    units = units.assign(managing_unit=units["unit_code"].map({"T1": "H1"}).fillna(""))
    managed = replace(county.asked("T1"), register=replace(county.register, institutions=units))
    row = {"unit_code": "T1", "name": "东乡卫生院", "tier": "township", "ownership": "public", "region": "330000"}
    for written, codes in (("", []), ("H1", []), ("县一院", []), ("T2", ["REGISTER-DIFFERS"])):
        body = json.dumps({"institutions": [row | {"signing": "是", "managing_unit": written}]}).encode()
        found = read_submission([Upload("t1.json", body)], managed)
        assert [problem.code for problem in found.problems] == codes, written


def test_json_is_read_exactly(county: County) -> None:
    facts = [{"period": "2026Q3", "unit_code": "T1", "metric": "heads_on_post", "value": 4.10}]
    money = [{"period": "2026Q3", "unit_code": "T1", "item": "quota_paid", "amount": "99999999999999.99"}]
    body = json.dumps({"facts": facts, "money": money}).encode()
    found = read_submission([Upload("submission.json", body)], county.asked("T1"))
    assert found.problems == ()
    assert [(one.value, one.place) for one in found.figures] == [
        ("4.1", "submission.json facts!D2"),
        ("99999999999999.99", "submission.json money!D2"),
    ]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("{", "x.json FILE-UNREADABLE"),
        ("[1]", "x.json FILE-UNREADABLE"),
        ('{"pay": []}', "x.json SHEET-UNKNOWN"),
        ('{"facts": [{"value": NaN}]}', "x.json FILE-UNREADABLE"),
        ('{"facts": [{"value": 1, "value": 2}]}', "x.json FILE-UNREADABLE"),
        ('{"facts": [{"metric": "visits", "value": 1e99999999, "unit": "T1"}]}', "x.json facts!B2 NUMBER"),
        ('{"facts": [1]}', "x.json facts FILE-UNREADABLE"),
        ('{"facts": [{"metric": {"a": 1}, "value": 1}]}', "x.json facts!A2 FILE-UNREADABLE"),
        ('{"facts": [{"metric": "visits", "value": 1, "worth": 2, "unit": "T1"}]}', "x.json facts!C1 COLUMN-UNKNOWN"),
    ],
)
def test_json_that_holds_no_tables(body: str, problem: str, county: County) -> None:
    assert told(read_submission([Upload("x.json", body.encode())], county.asked("T1"))) == [problem]


def test_several_files(county: County, one) -> None:
    facts = Upload("facts.csv", f"{FACTS}\n2026Q3,T1,heads_on_post,4,\n".encode())
    money = Upload("资金表.csv", "period,unit_code,item,amount\n2026Q3,T1,quota_paid,1.5\n".encode("gb18030"))
    found = read_submission([facts, money], county.asked("T1"))
    assert [(figure.value, figure.place) for figure in found.figures] == [
        ("4", "facts.csv!D2"),
        ("1.50", "资金表.csv!D2"),
    ]
    assert told(read_submission([facts, facts], county.asked("T1"))) == ["facts.csv FILE-TWICE"]
    assert told(read_submission([], county.asked("T1"))) == ["提交 FILE-MISSING"]
    assert told(read_submission([facts, county.uploads["T1"]], county.asked("T1"))) == ["T1-东乡卫生院.xlsx FILE-MIXED"]
    assert told(one("某某,某某\n", name="说明.csv")) == ["说明.csv TABLE-MISSING"]


def test_nobody_says_himself_where_a_row_came_from(one) -> None:
    text = f"{FACTS},place\n2026Q3,T1,heads_on_post,-4,,T2.xlsx 事实表!D4\n"
    assert told(one(text)) == ["facts.csv PLACE-GIVEN", "facts.csv!D2 NEGATIVE"]


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("../../etc/facts.csv", "facts.csv"),
        ("C:\\表\\ 事实  表.csv", "事实 表.csv"),
        ("a\x00b\ue000.csv", "a?b?.csv"),
        ("长" * 300 + ".csv", "长" * 96 + ".csv"),
        ("", "文件"),
    ],
)
def test_a_name_is_told_and_never_a_path(name: str, known: str) -> None:
    assert Upload(name, b"").known_as == known


def test_the_whole_table_where_there_is_no_register(county: County) -> None:
    uploads = [Upload(path.name, path.read_bytes()) for path in sorted((SMALL / "data").iterdir())]
    found = read_submission(uploads, replace(county.asked(), register=None))
    assert (found.problems, found.findings) == ((), ())
    dataset = assemble(None, [found.figures], county.configs.catalogue)
    given = assemble(county.register, [found.figures[18:]], county.configs.catalogue)
    assert found.figures[17].table == "memberships"
    assert found.figures[18].table == "facts"
    assert dataset.sha == given.sha
    without = read_submission(uploads[:1], replace(county.asked(), register=None))
    assert {problem.code for problem in without.problems} == {"TABLE-MISSING"}


# Correcting


def edit(value: str, code: str = "heads_on_post", **more) -> Edit:
    return Edit("facts", "T1", "2026Q3", code, value, **more)


def test_a_corrected_cell_says_who_when_and_what_stood_there(one, county: County) -> None:
    stored = one(f"{FACTS}\n2026Q3,T1,heads_on_post,4,\n2026Q3,T1,resident_satisfaction_full,100,\n").figures
    asked = county.asked("T1")
    first = corrected(stored, [edit("５")], by="张三", at=AT)
    again = read_figures(first, asked)
    assert again.problems == ()
    assert [(figure.value, figure.place) for figure in again.figures] == [
        ("5", "facts.csv!D2 (张三 2026-10-12 09:30 更正, 原为 4)"),
        ("100", "facts.csv!D3"),
    ]
    second = read_figures(corrected(again.figures, [edit("", note="已离岗")], by="李四", at=AT), asked)
    assert second.figures[1].value == ""
    assert second.figures[1].place == (
        "facts.csv!D2 (张三 2026-10-12 09:30 更正, 原为 4) (李四 2026-10-12 09:30 更正, 原为 5)"
    )
    bad = read_figures(corrected(stored, [edit("-1")], by="张三", at=AT), asked)
    assert told(bad) == ["facts.csv!D2 (张三 2026-10-12 09:30 更正, 原为 4) NEGATIVE"]


def test_what_never_stood_there_is_added(one, county: County) -> None:
    stored = one(f"{FACTS}\n2026Q3,T1,heads_on_post,4,\n").figures
    more = corrected(stored, [edit("100", "resident_satisfaction_full")], by="张三", at=AT)
    found = read_figures(more, county.asked("T1"))
    assert (found.figures[1].value, found.figures[1].place) == ("100", "补填 (张三 2026-10-12 09:30)")
    other = corrected(stored, [replace(edit("1"), unit="T2")], by="张三", at=AT)
    assert told(read_figures(other, county.asked("T1"))) == ["补填 (张三 2026-10-12 09:30) NOT-YOURS"]


def test_which_cell_is_meant(county: County) -> None:
    rows = ("9,文1,", "-1,文2,冲销 文1", "-2,文2,冲销 文1")
    money = "\n2026,T1,quota_approved,".join(["period,unit_code,item,amount,document,word", *rows])
    found = read_submission([Upload("money.csv", money.encode())], county.asked("T1"))
    assert found.problems == ()
    meant = Edit("money", "T1", "2026", "quota_approved", "-3", document="文2")
    with pytest.raises(InputProblems) as refused:
        corrected(found.figures, [meant, replace(meant, table="diseases")], by="张三", at=AT)
    assert [problem.code for problem in refused.value.problems] == ["EDIT-SEVERAL", "EDIT-TABLE"]
    one = corrected(found.figures, [replace(meant, place="money.csv!D4")], by="张三", at=AT)
    assert [figure.value for figure in read_figures(one, county.asked("T1")).figures] == ["9.00", "-1.00", "-3.00"]
