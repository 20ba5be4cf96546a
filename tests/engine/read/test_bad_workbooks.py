"""Every malformed workbook of the corpus, and files that are not what they seem: the exact messages, all at once."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import xlwt
from ruamel.yaml import YAML

from domain.problems import InputProblems
from engine.policy.configs import load_configs
from engine.policy.load import load as loaded
from engine.read import files, read
from engine.read.values import Fault

CASES = YAML(typ="safe").load(Path(__file__).parent.parent / "bad_workbooks" / "cases.yaml")


def said(load, path: Path) -> list[str]:
    with pytest.raises(InputProblems) as caught:
        load(path)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_corpus(case, clean, load, xlsx, set_cell, tmp_path):
    for name in case.get("drop", []):
        del clean[name]
    clean.update(case.get("sheets", {}))
    for cell, value in case.get("put", {}).items():
        set_cell(clean, cell, value)
    assert said(load, xlsx(clean, tmp_path / "input.xlsx")) == case["problems"]


def test_error_values_of_old_workbooks(tmp_path):
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("资金表")
    sheet.row(1).set_cell_error(2, 0x2A)
    sheet.row(2).set_cell_error(0, 0x07)
    book.save(str(tmp_path / "a.xls"))
    (found,) = files.open_sheets(tmp_path / "a.xls")
    assert (found.cells.loc[2, 2], found.cells.loc[3, 0]) == (Fault("#N/A"), Fault("#DIV/0!"))


def test_missing_file_and_empty_folder(load, tmp_path):
    assert said(load, tmp_path / "没有.xlsx") == ["没有.xlsx: 文件不存在, 核对路径 (FILE-MISSING)"]
    (tmp_path / "空").mkdir()
    assert said(load, tmp_path / "空") == [
        "空: 文件夹里没有 CSV 或 Parquet 文件, 放入机构表、成员关系表、事实表、资金表 (FILE-MISSING)"
    ]


def test_csv_messages_name_the_file(clean, load, csv_folder, set_cell, tmp_path):
    set_cell(clean, "资金表!D2", "1.234")
    set_cell(clean, "事实表!D3", "１２０３０")
    assert said(load, csv_folder(clean, tmp_path / "c", "gb18030")) == [
        "事实表.csv!D3: 签约人数 12,030 大于常住人口 11,870, 核对填报或在备注列注明原因 (PART-GT-WHOLE)",
        "资金表.csv!D2: 金额 1.234 超过两位小数, 填到分; 公式请用 ROUND(…, 2) (MONEY-DECIMALS)",
    ]


def test_workbook_beside_csv_is_not_passed_over(clean, load, csv_folder, xlsx, tmp_path):
    folder = csv_folder(clean, tmp_path / "c", "utf-8")
    xlsx(clean, folder / "补充.xlsx")
    assert said(load, folder) == ["补充.xlsx: 文件夹里只读 CSV 和 Parquet, 工作簿请单独读入, 或移出文件夹 (FILE-TYPE)"]


def test_macros_under_another_name(clean, load, xlsx, tmp_path):
    path = xlsx(clean, tmp_path / "input.xlsx")
    with zipfile.ZipFile(path, "a") as book:
        book.writestr("xl/vbaProject.bin", b"x")
    assert said(load, path) == ["input.xlsx: 不读可能带宏的工作簿, 另存为 .xlsx (FILE-MACRO)"]


def test_zip_bomb(clean, load, xlsx, tmp_path, monkeypatch):
    path = xlsx(clean, tmp_path / "input.xlsx")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/media/image1.png", b"\0" * (3 << 20))
    monkeypatch.setattr(files, "MAX_BYTES", 2 << 20)
    assert said(load, path) == ["input.xlsx: 解压后大于 2 MB, 删去多余的行列, 或按地区或期间拆分 (FILE-LIMIT)"]


def test_one_cell_far_out(clean, load, xlsx, set_cell, tmp_path):
    """Two cells of a small file would make a table of 10^10 cells."""
    path = xlsx(clean, tmp_path / "input.xlsx")
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    name = "xl/worksheets/sheet3.xml"
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    parts[name] = parts[name].replace(b"</sheetData>", far)
    with zipfile.ZipFile(path, "w") as book:
        for part, raw in parts.items():
            book.writestr(part, raw)
    assert said(load, path) == [
        "input.xlsx: 用到的区域多于 12,000,000 个单元格, 删去多余的行列, 或按地区或期间拆分 (FILE-LIMIT)"
    ]


def test_pools_need_money(clean, catalogue, plan, period, xlsx, tmp_path):
    del clean["资金表"], clean["事实表"]
    path = xlsx(clean, tmp_path / "input.xlsx")
    paying = loaded(load_configs(), "demo-county", period.end).plan
    wants = plan.model_copy(update={"pools": paying.pools, "scorecards": paying.scorecards})
    with pytest.raises(InputProblems) as caught:
        read(path, catalogue, wants, period)
    assert [problem.code for problem in caught.value.problems] == ["TABLE-MISSING", "TABLE-MISSING"]
    assert read(path, catalogue, plan, period).money.empty
