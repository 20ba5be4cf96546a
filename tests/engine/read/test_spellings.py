"""Errors, formulas never worked out, texts and percentages of a workbook, in every legal spelling of .xlsx and .xls."""

from __future__ import annotations

import datetime as dt
import struct
from pathlib import Path

import numpy as np
import pytest
import xlwt

from domain.problems import InputProblems
from domain.sheets import letters
from engine.read.files import open_sheets
from engine.read.values import UNCALCULATED, Fault, Percent
from tests.engine.read.spelled import STRICT, Spelling

EXIT = "成员关系表!D2"  # 退出日期: read as blank, the member would stay one
FORMULA = "<f>DATE(2026,6,30)</f>"
ERROR = ('t="e"', "<f>VLOOKUP(1,A:A,1)</f><v>#N/A</v>")


def said(load, path: Path) -> list[str]:
    with pytest.raises(InputProblems) as caught:
        load(path)
    return [f"{problem.where} {problem.code}" for problem in caught.value.problems]


def xls(path: Path, fill, *, stale: bool = True) -> Path:
    """A sheet 表 of xlwt; stale: as it writes, without the program that worked out its formulas."""
    book = xlwt.Workbook(encoding="utf-8")
    fill(book.add_sheet("表"))
    if not stale:
        raw = book.get_biff_data
        # xlwt never names a program; the record stands in the globals, anywhere before their end.
        book.get_biff_data = lambda: named(raw())
    book.save(str(path))
    return path


def named(stream: bytes) -> bytes:
    """A stream with RecalcId in place of an (equally long) record that readers pass over."""
    at = 0
    while True:
        kind, length = struct.unpack_from("<HH", stream, at)
        if length >= 8 and kind == 0x003D:  # Window1: 18 bytes, as RecalcId and Country records
            filler = struct.pack("<HHHHI", 0x01C1, 8, 0x01C1, 0, 0x1D000) + struct.pack("<HH", 0x0086, length - 12)
            return stream[:at] + filler + bytes(length - 12) + stream[at + 4 + length :]
        at += 4 + length


SPELLINGS = {
    "as Excel spells it": Spelling(),
    "no references": Spelling(refs=False),
    "attributes the other way round": Spelling(swapped=True),
    "a prefix": Spelling(prefix="x:"),
    "strict": Spelling(namespaces=STRICT),
    "another main part": Spelling(main="xl/workbook2.xml"),
    "another folder": Spelling(main="book/main.xml"),
    "absolute targets": Spelling(absolute=True),
    "inline texts": Spelling(strings="inline"),
    "texts as results": Spelling(strings="str"),
    "UTF-16": Spelling(prolog='<?xml version="1.0" encoding="UTF-16"?>', encoding="utf-16"),
    "all at once": Spelling(
        refs=False, swapped=True, prefix="main:", namespaces=STRICT, main="a/b.xml", absolute=True, strings="inline"
    ),
}


@pytest.fixture(params=SPELLINGS, ids=SPELLINGS)
def spelling(request) -> Spelling:
    given = SPELLINGS[request.param]
    if given.encoding == "utf-16":  # only sheets are: the prolog of the other parts says nothing of UTF-16
        return Spelling(encoding="utf-16", prolog="")
    return Spelling(**{**vars(given), "cells": {}})


def test_the_same_facts_come_out(clean, load, xlsx, same, spelling, tmp_path):
    same(load(spelling.write(clean, tmp_path / "a.xlsx")), load(xlsx(clean, tmp_path / "b.xlsx")))


def test_an_error_is_told_at_its_cell(clean, load, spelling, tmp_path):
    spelling.cells[EXIT] = ERROR
    assert said(load, spelling.write(clean, tmp_path / "a.xlsx")) == ["a.xlsx 成员关系表!D2 CELL-ERROR"]


def test_a_formula_without_a_value_is_told_at_its_cell(clean, load, spelling, tmp_path):
    spelling.cells[EXIT] = "", FORMULA
    assert said(load, spelling.write(clean, tmp_path / "a.xlsx")) == ["a.xlsx 成员关系表!D2 CELL-UNCALCULATED"]


@pytest.mark.parametrize(
    "cell",
    [
        ("", FORMULA + "<v/>"),
        ("", FORMULA + "<v></v>"),
        ("", FORMULA + "<v> </v>"),
        ('t="n"', FORMULA),
        ('t="b"', FORMULA),
        ('t="str"', FORMULA),
        ("", '<f t="shared" ref="D2:D4" si="0">A1</f>'),
        ("", '<f t="shared" si="0"/>'),
        ("", "<f/>"),
    ],
)
def test_formulas_that_no_program_has_worked_out(clean, load, cell, tmp_path):
    path = Spelling(cells={EXIT: cell}).write(clean, tmp_path / "a.xlsx")
    assert said(load, path) == ["a.xlsx 成员关系表!D2 CELL-UNCALCULATED"]


@pytest.mark.parametrize("calculation", ['fullCalcOnLoad="1"', 'fullCalcOnLoad="true" calcId="0"', 'calcCompleted="0"'])
@pytest.mark.parametrize("value", ["0", "0.0", ""])
def test_a_placeholder_for_what_is_still_to_be_calculated(clean, load, calculation, value, tmp_path):
    cell = "", f"<f>1234567+0.89</f><v>{value}</v>"
    path = Spelling(cells={"资金表!D2": cell}, calculation=calculation).write(clean, tmp_path / "a.xlsx")
    assert said(load, path) == ["a.xlsx 资金表!D2 CELL-UNCALCULATED"]


def test_a_text_that_is_still_to_be_calculated(clean, load, tmp_path):
    cells = {EXIT: ('t="str"', FORMULA + "<v></v>")}
    path = Spelling(cells=cells, calculation='fullCalcOnLoad="1"').write(clean, tmp_path / "a.xlsx")
    assert said(load, path) == ["a.xlsx 成员关系表!D2 CELL-UNCALCULATED"]


def test_results_that_are_taken(clean, load, tmp_path):
    """A calculated 0, an empty text, and a number that a writer worked out itself."""
    cells = {"资金表!D2": ("", "<f>1-1</f><v>0</v>"), EXIT: ('t="str"', '<f>""</f><v></v>')}
    facts = load(Spelling(cells=cells).write(clean, tmp_path / "a.xlsx"))
    assert (facts.money["amount"][0], facts.memberships["to"][0]) == (0, None)
    cells = {"资金表!D2": ("", "<f>1+1</f><v>2</v>"), "资金表!D4": ("", "<v>0</v>")}
    facts = load(Spelling(cells=cells, calculation='fullCalcOnLoad="1"').write(clean, tmp_path / "b.xlsx"))
    assert list(facts.money["amount"][[0, 2]]) == [200, 0]


def test_an_array_formula_is_the_formula_of_its_whole_range(clean, load, tmp_path):
    head, blank = ("", '<f t="array" ref="D2:D4">A1:A3</f>'), ("", "")
    cells = {"成员关系表!D2": head, "成员关系表!D3": blank, "成员关系表!D4": ("", "<v></v>")}
    clean["成员关系表"][2][3] = "x"
    path = Spelling(cells=cells).write(clean, tmp_path / "a.xlsx")
    assert said(load, path) == [f"a.xlsx 成员关系表!D{row} CELL-UNCALCULATED" for row in (2, 3, 4)]
    clean["成员关系表"][2][3] = ""
    zeros = {"资金表!D2": ("", '<f t="array" ref="D2:D3">A1</f><v>0</v>'), "资金表!D3": ("", "<v>0</v>")}
    path = Spelling(cells=zeros, calculation='fullCalcOnLoad="1"').write(clean, tmp_path / "b.xlsx")
    assert said(load, path) == [f"b.xlsx 资金表!D{row} CELL-UNCALCULATED" for row in (2, 3)]


@pytest.mark.parametrize(
    ("error", "place"),
    [
        ("#N/A", "机构表!B3"),
        ("#REF!", "机构表!A3"),
        ("#SPILL!", "事实表!D2"),
        ("#未知!", "资金表!D2"),
        ("#DIV/0!", "事实表!A2"),
        ("#BUSY!", "事实表!D5"),
        ("#NAME?", "事实表!E2"),
    ],
)
def test_every_kind_of_column_refuses_errors(clean, load, error, place, tmp_path):
    path = Spelling(cells={place: ('t="e"', f"<v>{error}</v>")}).write(clean, tmp_path / "a.xlsx")
    told = said(load, path)
    assert told[0] == f"a.xlsx {place} CELL-ERROR"


@pytest.mark.parametrize("strings", ["shared", "inline", "str"])
def test_a_text_that_spells_an_error_is_no_number(clean, load, strings, tmp_path):
    clean["资金表"][1][3] = "#N/A"
    with pytest.raises(InputProblems) as caught:
        load(Spelling(strings=strings).write(clean, tmp_path / "a.xlsx"))
    assert [str(one) for one in caught.value.problems] == [
        "a.xlsx 资金表!D2: 单元格是文字 #N/A (错误值留下的), 填入原来的数值或文字 (CELL-ERROR)"
    ]


def test_merged_errors_and_merged_rows(clean, load, tmp_path):
    spelling = Spelling(cells={"资金表!D2": ERROR}, merges={"资金表": ["D2:D3"]})
    clean["资金表"][2][3] = ""
    assert said(load, spelling.write(clean, tmp_path / "a.xlsx"))[0].startswith("a.xlsx 资金表!D2 ")


def test_rich_texts_and_escapes(clean, load, tmp_path):
    """Runs are put together, readings left out; _x0045_ is what XML cannot hold."""
    rich = "<is><r><t>河东镇</t></r><r><t>卫生院</t></r><rPh sb='0' eb='3'><t>hedong</t></rPh></is>"
    cells = {"机构表!B5": ('t="inlineStr"', rich), "资金表!E3": ('t="str"', "<v>_x0041_1</v>")}
    facts = load(Spelling(cells=cells).write(clean, tmp_path / "a.xlsx"))
    assert (facts.institutions["name"][3], facts.money["document"][1]) == ("河东镇卫生院", "A1")


def test_days(clean, load, tmp_path):
    cells = {
        "成员关系表!C2": ('s="2"', "<v>45658</v>"),
        "成员关系表!C3": ('t="d"', "<v>2025-01-01</v>"),
        "成员关系表!D4": ('t="d"', "<v>2026-12-31T00:00:00Z</v>"),
    }
    facts = load(Spelling(cells=cells).write(clean, tmp_path / "a.xlsx"))
    assert (list(facts.memberships["from"][:2]), facts.memberships["to"][2]) == (
        [dt.date(2025, 1, 1)] * 2,
        dt.date(2026, 12, 31),
    )


@pytest.mark.parametrize("bomb", ['<!DOCTYPE x [<!ENTITY a "aaaa">]>', '<!DOCTYPE x SYSTEM "file:///etc/hostname">'])
def test_no_document_type(clean, load, bomb, tmp_path):
    path = Spelling(prolog=f"<?xml version='1.0'?>{bomb}").write(clean, tmp_path / "a.xlsx")
    assert said(load, path) == ["a.xlsx FILE-UNREADABLE"]


@pytest.mark.parametrize("value", ["NaN", "1_000", "inf", "0x10", "1,5"])
def test_what_is_no_number_of_the_format(clean, load, value, tmp_path):
    path = Spelling(cells={"资金表!D2": ("", f"<v>{value}</v>")}).write(clean, tmp_path / "a.xlsx")
    assert said(load, path) == ["a.xlsx 资金表!D2 MONEY"]


@pytest.fixture
def satisfied(clean, tmp_path):
    """The clean workbook, whose row 6 of 事实表 is a percentage, and where to write it."""
    return clean, tmp_path


@pytest.mark.parametrize(
    ("metric", "style", "value", "read"),
    [
        ("满意度", 1, "0", "0"),
        ("满意度", 1, "0.005", "0.5"),
        ("满意度", 1, "0.9976", "99.76"),
        ("满意度", 1, "1", "100"),
        ("满意度", 3, "0.925", "92.5"),
        ("满意度", 0, "92.5", "92.5"),
        ("满意度", 4, "92.5", "92.5"),
        ("达标比率", 1, "1", "1"),
        ("达标比率", 1, "0.005", "0.005"),
        ("达标比率", 0, "0.5", "0.5"),
        ("满意度", 0, "0", "0"),
    ],
)
def test_percentages_are_what_the_sheet_shows(satisfied, load, metric, style, value, read):
    clean, tmp_path = satisfied
    clean["事实表"][5][2] = metric
    cells = {"事实表!D6": (f's="{style}"', f"<v>{value}</v>")}
    facts = load(Spelling(cells=cells).write(clean, tmp_path / "a.xlsx")).facts
    assert str(facts["value"][4]) == read


@pytest.mark.parametrize(
    ("metric", "style", "value", "code"),
    [
        ("满意度", 1, "1.2", "RANGE"),
        ("满意度", 1, "99.76", "RANGE"),
        ("满意度", 0, "1", "PERCENT"),
        ("满意度", 0, "0.9976", "PERCENT"),
        ("满意度", 4, "0.9976", "PERCENT"),
        ("达标比率", 1, "1.2", "RANGE"),
        ("派驻人天", 1, "1", "PERCENT"),
    ],
)
def test_percentages_that_are_refused(satisfied, load, metric, style, value, code):
    clean, tmp_path = satisfied
    clean["事实表"][5][2] = metric
    clean["事实表"][3][2] = "满意度" if metric == "派驻人天" else "派驻人天"
    path = Spelling(cells={"事实表!D6": (f's="{style}"', f"<v>{value}</v>")}).write(clean, tmp_path / "a.xlsx")
    assert said(load, path) == [f"a.xlsx 事实表!D6 {code}"]


@pytest.mark.parametrize(
    ("text", "code"), [("100%", ""), ("0.5%", ""), ("１００％", ""), ("1", "PERCENT"), ("0.9976", "PERCENT")]
)
def test_percentages_as_text(clean, load, text, code, tmp_path):
    clean["事实表"][5][3] = text
    path = Spelling().write(clean, tmp_path / "a.xlsx")
    if code:
        assert said(load, path) == [f"a.xlsx 事实表!D6 {code}"]
    else:
        assert load(path).facts["value"][4] == (100 if text != "0.5%" else pytest.approx(0.5, abs=0))


def test_a_percentage_is_no_amount(clean, load, tmp_path):
    path = Spelling(cells={"资金表!D2": ('s="1"', "<v>0.5</v>")}).write(clean, tmp_path / "a.xlsx")
    assert said(load, path) == ["a.xlsx 资金表!D2 PERCENT"]


def cells_of(path: Path) -> dict[str, object]:
    (sheet,) = open_sheets(path)
    rows = sheet.cells.to_numpy()
    return {f"{letters(column)}{row + 1}": rows[row][column] for row, column in np.ndindex(rows.shape)}


def test_what_old_workbooks_hold(tmp_path):
    percent, day = xlwt.easyxf(num_format_str="0.00%"), xlwt.easyxf(num_format_str="yyyy-mm-dd")

    def fill(sheet):
        sheet.write(0, 0, xlwt.Formula("DATE(2026,6,30)"))
        sheet.write(0, 1, 0.9976, percent)
        sheet.write(0, 2, 1, percent)
        sheet.write(0, 3, dt.date(2026, 6, 30), day)
        sheet.write(1, 0, "#N/A")
        sheet.row(1).set_cell_error(1, 0x2A)
        sheet.row(1).set_cell_boolean(2, 1)
        sheet.write(1, 3, 0.5)

    assert cells_of(xls(tmp_path / "a.xls", fill)) == {
        "A1": UNCALCULATED,
        "B1": Percent(0.9976),
        "C1": Percent(1.0),
        "D1": dt.date(2026, 6, 30),
        "A2": "#N/A",
        "B2": Fault("#N/A"),
        "C2": True,
        "D2": 0.5,
    }


def results(path: Path, result: bytes, *, stale: bool) -> object:
    """What a formula of an old workbook with this stored result is read as."""
    xls(path, lambda sheet: (sheet.write(0, 0, xlwt.Formula("1-1")), sheet.write(0, 1, "x")), stale=stale)
    path.write_bytes(path.read_bytes().replace(struct.pack("<Q", 0xFFFF000000000003), result))
    return cells_of(path)["A1"]


@pytest.mark.parametrize(
    "result", [struct.pack("<d", 0.0), struct.pack("<Q", 0xFFFF000000000003), struct.pack("<Q", 0xFFFF000000000001)]
)
def test_nothing_worked_out_in_an_old_workbook(tmp_path, result):
    assert results(tmp_path / "a.xls", result, stale=True) is UNCALCULATED
    assert results(tmp_path / "b.xls", result, stale=False) in {0, None}


def test_an_error_worked_out_in_an_old_workbook(tmp_path):
    assert results(tmp_path / "a.xls", struct.pack("<Q", 0xFFFF0000002A0002), stale=False) == Fault("#N/A")
    assert results(tmp_path / "b.xls", struct.pack("<d", 2.5), stale=True) == 2.5


def test_a_workbook_of_excel_95(load, tmp_path):
    path = xls(tmp_path / "a.xls", lambda sheet: sheet.row(0).set_cell_error(0, 0x2A))
    path.write_bytes(
        path.read_bytes().replace(struct.pack("<HHH", 0x0809, 16, 0x0600), struct.pack("<HHH", 0x0809, 16, 0x0500))
    )
    with pytest.raises(InputProblems) as caught:
        load(path)
    assert str(caught.value) == "a.xls: 是 Excel 5.0/95 的工作簿, 用 Excel 或 WPS 打开后另存为 .xlsx (FILE-OLD)"
