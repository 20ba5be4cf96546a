"""Files that are not what their names say, encodings and separators, names that spreadsheets run: each by its cause."""

from __future__ import annotations

import csv
import io
import shutil
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import xlwt
from xlwt.CompoundDoc import XlsDoc

from domain.problems import InputProblems
from tests.engine.read.spelled import PACKAGE, Spelling

AGAIN = "从原系统重新导出为 UTF-8 的 CSV 或 .xlsx, 不要打开乱码的文件再保存 (FILE-ENCODING)"
EXPORT = "从原系统重新导出 .xlsx; 用 Excel 打开再保存可能丢失代码的前导 0 (FILE-TYPE)"
SAVE_AS = "用 Excel 或 WPS 打开后另存为 .xlsx"
NAMES = ["unit_code", "name", "tier", "ownership", "region"]


def said(load, path: Path) -> list[str]:
    with pytest.raises(InputProblems) as caught:
        load(path)
    return [str(problem) for problem in caught.value.problems]


def csv_bytes(rows, encoding: str = "utf-8", separator: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode(encoding)


def zipped(**parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as book:
        for name, raw in parts.items():
            # a fixed day: the bytes are part of the names of cases, the same in every worker
            book.writestr(zipfile.ZipInfo(name.replace("__", "/").replace("_dot_", ".")), raw)
    return buffer.getvalue()


def locked() -> bytes:
    """A compound document as Excel writes for an .xlsx with a password."""
    buffer = io.BytesIO()
    XlsDoc().save(buffer, bytes(5000))
    return (
        buffer.getvalue()
        .replace("Workbook".encode("utf-16-le") + bytes(32), "EncryptedPackage".encode("utf-16-le") + bytes(16))
        .replace(b"\x12\0\x02\x01", b"\x22\0\x02\x01")
    )


ODS = zipped(mimetype=b"application/vnd.oasis.opendocument.spreadsheet", content_dot_xml=b"<x/>")
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
BINARY = zipped(
    _rels___dot_rels=(
        f'<Relationships xmlns="{PACKAGE}"><Relationship Id="a" Type="{OFFICE}" Target="xl/workbook.bin"/>'
        "</Relationships>"
    ).encode()
)


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.xlsm", b"PK", f"不读可能带宏的工作簿, {SAVE_AS} (FILE-MACRO)"),
        ("a.xlsb", b"PK", f"不读二进制工作簿 (.xlsb), {SAVE_AS} (FILE-TYPE)"),
        ("a.ods", b"PK", f"不读 OpenDocument 表格 (.ods), {SAVE_AS} (FILE-TYPE)"),
        ("a.et", b"x", f"不读 WPS 表格 (.et), {SAVE_AS} (FILE-TYPE)"),
        ("a.txt", b"x", "不读 .txt 文件, 从原系统导出 .xlsx、.xls 或 CSV (FILE-TYPE)"),
        ("a.xlsx", BINARY, f"内容是二进制工作簿 (.xlsb), {SAVE_AS} (FILE-TYPE)"),
        ("a.xlsx", ODS, "内容是 OpenDocument 文件 (.ods), 用打开它的程序另存为 .xlsx (FILE-TYPE)"),
        ("a.xlsx", zipped(a=b""), f"压缩包里没有 Excel 工作簿, 核对文件, 或{SAVE_AS} (FILE-UNREADABLE)"),
        ("a.xlsx", b"", "文件是空的 (0 字节), 重新导出, 或重新复制原来的文件 (FILE-EMPTY)"),
        ("a.xls", b"", "文件是空的 (0 字节), 重新导出, 或重新复制原来的文件 (FILE-EMPTY)"),
        ("机构表.csv", b"", "文件是空的 (0 字节), 重新导出; 本期没有这张表的, 移出文件夹 (FILE-EMPTY)"),
        (
            "机构表.csv",
            b"\xef\xbb\xbf\r\n,,\r\n",
            "文件里没有内容, 重新导出; 本期没有这张表的, 移出文件夹 (FILE-EMPTY)",
        ),
        ("a.xls", b"<html><table>", f"内容是网页 (HTML), 不是工作簿, {EXPORT}"),
        ("a.xls", b"\xef\xbb\xbf\r\n<TABLE border=1>", f"内容是网页 (HTML), 不是工作簿, {EXPORT}"),
        ("a.xls", "<meta charset=utf-16><table>".encode("utf-16"), f"内容是网页 (HTML), 不是工作簿, {EXPORT}"),
        ("a.csv", b"<!DOCTYPE html><p>", f"内容是网页 (HTML), 不是工作簿, {EXPORT}"),
        ("a.xls", b"MIME-Version: 1.0\r\n", f"内容是网页档案 (MHTML), 不是工作簿, {EXPORT}"),
        (
            "a.xls",
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
            f"内容是 XML 电子表格 2003, 不是 .xlsx 或 .xls, {SAVE_AS} (FILE-TYPE)",
        ),
        ("a.xls", "单位,数\r\n".encode("gb18030"), "内容是 文本 (CSV), 扩展名却是 .xls, 把扩展名改为 .csv (FILE-TYPE)"),
        ("a.xlsx", b"PAR1", "内容是 Parquet 文件, 扩展名却是 .xlsx, 把扩展名改为 .parquet (FILE-TYPE)"),
        ("a.csv", b"PK\x03\x04", "内容是 Excel 工作簿 (.xlsx), 扩展名却是 .csv, 把扩展名改为 .xlsx (FILE-TYPE)"),
        ("a.xls", b"%PDF-1.7", "内容是 PDF, 不是表格, 从原系统导出 .xlsx (FILE-TYPE)"),
        ("a.xls", b"\x09\x04\x06\x00\x00\x00", f"是 Excel 4.0 或更早的工作簿, {SAVE_AS} (FILE-OLD)"),
        ("a.xls", b"\x00\x01\x02", f"不是 Excel 工作簿, {SAVE_AS} (FILE-UNREADABLE)"),
        ("a.xlsx", b"PK\x03\x04 broken", f"工作簿已损坏, {SAVE_AS} (FILE-UNREADABLE)"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x01" * 600, f"工作簿已损坏, {SAVE_AS} (FILE-UNREADABLE)"),
        ("a.xlsx", locked(), "工作簿有打开密码, 去掉密码后再交 (FILE-PASSWORD)"),
        ("a.parquet", b"PAR1", "不是完整的 Parquet 文件, 重新导出 (FILE-UNREADABLE)"),
        ("a.csv", b"\xff\xfe\xff", f"UTF-16 文本不完整, {AGAIN}"),
        ("a.csv", "单位,数\n".encode("utf-16-le"), f"含有 0 字节: 不是文本, 或是没有标记的 UTF-16, {AGAIN}"),
        ("a.csv", "单位,数\n".encode("utf-32"), f"文字编码是 UTF-32, {AGAIN}"),
    ],
)
def test_files_that_are_not_what_they_seem(load, tmp_path, name, content, problem):
    (tmp_path / name).write_bytes(content)
    assert said(load, tmp_path / name) == [f"{name}: {problem}"]


def test_a_workbook_under_the_other_ending_is_read(clean, load, same, xlsx, tmp_path):
    wanted = load(xlsx(clean, tmp_path / "a.xlsx"))
    shutil.copy(tmp_path / "a.xlsx", tmp_path / "b.xls")
    same(load(tmp_path / "b.xls"), wanted)
    book = xlwt.Workbook(encoding="utf-8")
    for name, rows in clean.items():
        sheet = book.add_sheet(name)
        for row, line in enumerate(rows):
            for column, value in enumerate(line):
                sheet.write(row, column, value)
    book.save(str(tmp_path / "c.xlsx"))
    same(load(tmp_path / "c.xlsx"), wanted)


def test_files_are_refused_all_at_once(clean, load, csv_folder, tmp_path):
    folder = csv_folder(clean, tmp_path / "c", "utf-8")
    (folder / "事实表.csv").write_bytes(csv_bytes(clean["事实表"], separator=";"))
    (folder / "资金表.csv").write_bytes(b"<html>")
    assert [one.rpartition(" ")[2] for one in said(load, folder)] == ["(FILE-SEPARATOR)", "(FILE-TYPE)"]


@pytest.fixture
def folder_like(clean, load, same, xlsx, tmp_path):
    """Assert that a folder of these files holds what the clean workbook does."""

    def check(files: dict[str, bytes]) -> None:
        folder = tmp_path / "c"
        folder.mkdir()
        for name, raw in files.items():
            (folder / name).write_bytes(raw)
        same(load(folder), load(xlsx(clean, tmp_path / "a.xlsx")))

    return check


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t"])
def test_what_is_read_of_csv(clean, folder_like, encoding, separator):
    folder_like({f"{name}.csv": csv_bytes(rows, encoding, separator) for name, rows in clean.items()})


@pytest.mark.parametrize(("separator", "name"), [(";", "分号"), ("|", "竖线")])
def test_other_separators_are_named(clean, load, separator, name, tmp_path):
    clean["资金表"][1][3] = "1,234,567.89"
    path = tmp_path / "资金表.csv"
    path.write_bytes(csv_bytes(clean["资金表"], separator=separator))
    assert said(load, path) == [
        f"资金表.csv: 列之间是{name}, 不是逗号, 从原系统导出用逗号分隔的 CSV, 或 .xlsx (FILE-SEPARATOR)"
    ]


def table(*names: str) -> list[list[str]]:
    """An institutions table with English headings: only its names are not ASCII."""
    return [NAMES, *([f"T{at}", name, "township", "public", "330102"] for at, name in enumerate(names))]


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("big5", ("東城區人民醫院", "河東鎮衛生院")),
        ("shift_jis", ("東京病院", "カナの病院")),
        ("latin-1", ("Clínica São José", "Müller")),
        ("mac-roman", ("Hôpital général",)),
    ],
)
def test_names_in_another_encoding_are_not_guessed(load, encoding, names, tmp_path):
    path = tmp_path / "institutions.csv"
    path.write_bytes(csv_bytes(table(*names), encoding))
    (told,) = said(load, path)
    assert told.startswith("institutions.csv: 文字编码不是 UTF-8")
    assert told.endswith(AGAIN)


def test_rare_names_in_gb18030_are_read(clean, load, csv_folder, tmp_path):
    clean["机构表"][4][1], clean["机构表"][5][1] = "玥庄镇卫生院", "㛃镕村卫生室"
    names = load(csv_folder(clean, tmp_path / "c", "gb18030")).institutions["name"]
    assert list(names[3:]) == ["玥庄镇卫生院", "㛃镕村卫生室"]


def test_a_torn_utf_8_file_is_no_gb18030(clean, load, tmp_path):
    raw = csv_bytes(clean["机构表"])
    (tmp_path / "机构表.csv").write_bytes(raw.replace("王".encode(), "王".encode()[:2]))
    assert said(load, tmp_path / "机构表.csv") == [f"机构表.csv: 文字编码是 UTF-8, 但第 6 行有坏的字节, {AGAIN}"]


@pytest.mark.parametrize("name", ["河东\ufffd卫生院", "\ue5e5镇卫生院", "锟斤拷卫生院", "河东\x01卫生院"])
def test_garbled_names_are_told_at_their_cells(clean, load, csv_folder, name, tmp_path):
    clean["机构表"][4][1] = name
    assert said(load, csv_folder(clean, tmp_path / "c", "utf-8"))[0].startswith("机构表.csv!B5: ")
    if "\x01" not in name:
        (told,) = said(load, Spelling().write(clean, tmp_path / "a.xlsx"))
        assert told.startswith("a.xlsx 机构表!B5: ")
        assert told.endswith("(TEXT-GARBLED)")


FORMULAS = ['=HYPERLINK("http://x.invalid","院")', "+1+1", "-2+3", "@SUM(A1)", "＝1+1", "－a", "\t=1", "\r=1", " =1"]
PLACES = ["机构表!B2", "事实表!E2", "资金表!E3"]


@pytest.mark.parametrize(
    ("name", "place"), [*((name, "机构表!B3") for name in FORMULAS), *((FORMULAS[0], place) for place in PLACES)]
)
def test_what_a_spreadsheet_would_run_is_refused_at_its_cell(clean, load, csv_folder, name, place, tmp_path):
    sheet, _, cell = place.partition("!")
    clean[sheet][int(cell[1:]) - 1]["ABCDE".index(cell[0])] = name
    readers = {
        f"a.xlsx {sheet}": Spelling(strings="inline").write(clean, tmp_path / "a.xlsx"),
        f"{sheet}.csv": csv_folder(clean, tmp_path / "c", "utf-8"),
    }
    for where, path in readers.items():
        told = said(load, path)[0]
        assert told.startswith(f"{where}!{cell}: ")
        assert told.endswith(f" 以 {name.strip()[0]} 开头, 表格软件会当作公式, 改写, 不以 = + - @ 开头 (TABLE-NAME)")


def test_a_name_is_refused_where_it_stands_and_nobody_else_is_blamed(clean, load, tmp_path):
    clean["机构表"][4][1] = "=A1"
    clean["资金表"] = [
        ["期间", "单位代码", "单位名称", "项目", "金额"],
        ["2026Q3", "007", "河东镇卫生院", "医疗服务收入", 1],
        ["2026Q3", "V01", "=B1", "医疗服务收入", 1],
    ]
    told = said(load, Spelling().write(clean, tmp_path / "a.xlsx"))
    assert [one.partition(": ")[0] for one in told] == ["a.xlsx 机构表!B5", "a.xlsx 资金表!C3"]


def test_names_out_of_parquet(clean, load, tmp_path):
    clean["机构表"][4][1] = "=1+1"
    for name, rows in clean.items():
        frame = pd.DataFrame(rows[1:], columns=rows[0]).astype(str)
        frame.to_parquet(tmp_path / f"{name}.parquet", index=False)
    assert said(load, tmp_path) == [
        "机构表.parquet!B5: =1+1 以 = 开头, 表格软件会当作公式, 改写, 不以 = + - @ 开头 (TABLE-NAME)"
    ]


@pytest.mark.parametrize("blank", ["-", "－", "—", "/"])
def test_a_dash_is_no_entry_and_a_minus_is_one(clean, load, blank, csv_folder, tmp_path):
    clean["资金表"][1][4] = clean["事实表"][1][4] = clean["成员关系表"][1][3] = blank
    clean["资金表"][3][3] = "-1,200.50"
    facts = load(csv_folder(clean, tmp_path / "c", "utf-8"))
    assert (facts.money["document"][0], facts.facts["note"][0], facts.memberships["to"][0]) == ("", "", None)
    assert facts.money["amount"][2] == -120050


def test_a_missing_period_column_is_named_and_no_row_is_to_go(clean, load, csv_folder, tmp_path):
    for name in ("事实表", "资金表"):
        clean[name] = [row[1:] for row in clean[name]]
    clean["资金表"].append(["007", "医疗服务收入", 1, ""])
    assert said(load, csv_folder(clean, tmp_path / "c", "utf-8")) == [
        f"{name}.csv: 没有 期间 列, 2 行的单位和项目与别的行相同, 看不出各是哪一期, "
        "补上 期间 列, 每行写明期间 (COLUMN-MISSING)"
        for name in ("事实表", "资金表")
    ]


def test_a_wide_sheet_without_periods(clean, load, csv_folder, tmp_path):
    clean["横表"] = [["单位", "常住人口", "派驻人天"], ["H01", 1, 2], ["H01", 3, 4]]
    assert [one.partition(",")[0] for one in said(load, csv_folder(clean, tmp_path / "c", "utf-8"))] == [
        "横表.csv: 没有 期间 列"
    ]
