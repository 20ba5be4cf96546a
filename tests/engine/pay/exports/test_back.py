"""Bank file → result file → repay batch: same persons, amounts and source; no line is paid a third time."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from domain.problems import InputProblems, Refused
from engine.pay.exports.answer import results
from engine.pay.exports.back import enter_answer, is_repay, read_repay, repay_of, sha256_of, write_repay
from engine.pay.exports.bank import batch_of, enter, files, rows_of
from engine.pay.exports.layout import LayoutColumn, read_layout
from engine.pay.exports.register import registered, void
from tests.engine.pay.exports.making import ACCOUNTS, paid, whose

GIVEN = {"agreement": "00012", "purpose": "GZ01"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "发放"
    place.mkdir()
    return place


def export(folder: Path, name: str = "example-text") -> bytes:
    read, one = read_layout(name, "bank"), batch_of(paid(), "B1")
    rows = rows_of(one, "B1", whose(), "")
    made = files(paid(), one, "B1", rows, read.layout, GIVEN if read.layout.parameters else {})
    with registered(folder) as register:
        enter(register, one, "B1", read, made)
    return made[0].content


def answered(content: bytes, *states: str, path: Path) -> Path:
    head, *lines = content.decode("gb18030").split("\r\n")[:-1]
    text = "\r\n".join([head, *(f"{line}|{state}" for line, state in zip(lines, states, strict=True))])
    path.write_bytes(text.encode("gb18030"))
    return path


def back(folder: Path, result: Path, out: Path, *, failures_alone: bool = False) -> tuple[str, list[str]]:
    one = batch_of(paid(), "B1")
    with registered(folder) as register:
        layout = read_layout("example-text", "bank").layout
        if failures_alone:
            assert layout.answer is not None
            layout = layout.model_copy(update={"answer": layout.answer.model_copy(update={"lists": "failed"})})
        repay = repay_of(register, one, results(result, layout, one), sha256_of(result))
        if repay.lines:
            write_repay(paid(), one, repay, out)
        enter_answer(register, one, repay, sha256_of(result))
    return repay.number, [line.person for line in repay.lines]


def test_failed_lines_go_into_a_repay_batch(folder: Path, tmp_path: Path) -> None:
    result = answered(export(folder), "成功|", "失败|账号不存在", path=tmp_path / "结果.txt")
    assert back(folder, result, tmp_path / "重付") == ("B1-R1", ["P2"])
    assert is_repay(tmp_path / "重付")
    again = read_repay(tmp_path / "重付")
    one = batch_of(again, "B1-R1")
    assert [(line.person, line.fen) for line in one.lines] == [("P2", 280000)]
    assert (one.payer, one.kind, one.pool, one.document) == ("T01", "wages", "performance", "示例财社〔2026〕1号")
    rows = rows_of(one, one.number, whose(again, codes={"P2"}), "")
    text = files(again, one, one.number, rows, read_layout("example-text", "bank").layout, GIVEN)[0].content
    assert text.decode("gb18030").splitlines()[1].endswith("|李四|2800.00|B1-R1")
    told = (tmp_path / "重付" / "results.csv").read_text("utf-8").splitlines()
    assert told[1:] == ["B1,P1,7956.20,ok,", "B1,P2,2800.00,failed,账号不存在"]


def test_no_line_is_repaid_twice_but_a_later_return_is(folder: Path, tmp_path: Path) -> None:
    content = export(folder)
    first = answered(content, "成功|", "失败|", path=tmp_path / "1.txt")
    assert back(folder, first, tmp_path / "a") == ("B1-R1", ["P2"])
    assert back(folder, first, tmp_path / "b") == ("B1-R2", [])
    later = answered(content, "退票|户名不符", "失败|", path=tmp_path / "2.txt")
    assert back(folder, later, tmp_path / "c") == ("B1-R2", ["P1"]), "no number is passed over"
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (("成功|", "成功|"), ("成功|", "失败|账号有误"), "2.txt:3: 人员 P2 的一笔这里是失败, 1.txt:3 是成功"),
        (("成功|", "失败|"), ("成功|", "成功|"), "2.txt:3: 人员 P2 的一笔这里是成功, 1.txt:3 是失败"),
        (("成功|", "退票|"), ("成功|", "成功|"), "2.txt:3: 人员 P2 的一笔这里是成功, 1.txt:3 是退票"),
    ],
)
def test_a_result_that_denies_an_earlier_one_is_refused_with_both_cells(
    folder: Path, tmp_path: Path, first: tuple[str, str], second: tuple[str, str], told: str
) -> None:
    content = export(folder)
    back(folder, answered(content, *first, path=tmp_path / "1.txt"), tmp_path / "a")
    before = folder.with_name("发放.exports.csv").read_bytes()
    with pytest.raises(InputProblems) as error:
        back(folder, answered(content, *second, path=tmp_path / "2.txt"), tmp_path / "b")
    assert [one.code for one in error.value.problems] == ["RESULT-CONTRADICTS"]
    assert told in str(error.value)
    assert not (tmp_path / "b").exists()
    assert folder.with_name("发放.exports.csv").read_bytes() == before


def test_what_was_paid_may_come_back_and_a_file_read_again_says_nothing_new(folder: Path, tmp_path: Path) -> None:
    content = export(folder)
    first = answered(content, "成功|", "成功|", path=tmp_path / "1.txt")
    assert back(folder, first, tmp_path / "a") == ("B1-R1", [])
    later = answered(content, "成功|", "退票|户名不符", path=tmp_path / "2.txt")
    assert back(folder, later, tmp_path / "b") == ("B1-R1", ["P2"])
    assert back(folder, first, tmp_path / "c") == ("B1-R2", []), "the older file again: P2 has come back all the same"


def test_a_list_of_failures_says_nothing_of_whom_it_passes_over(folder: Path, tmp_path: Path) -> None:
    content = export(folder)

    def failures(name: str, kept: int, state: str) -> Path:
        path = answered(content, f"{state}|", f"{state}|", path=tmp_path / name)
        head, *lines = path.read_bytes().split(b"\r\n")
        path.write_bytes(b"\r\n".join([head, lines[kept]]))
        return path

    assert back(folder, failures("1.txt", 1, "失败"), tmp_path / "a", failures_alone=True) == ("B1-R1", ["P2"])
    assert back(folder, failures("2.txt", 0, "退票"), tmp_path / "b", failures_alone=True) == ("B1-R2", ["P1"])
    with pytest.raises(InputProblems, match="RESULT-CONTRADICTS"):
        back(folder, answered(content, "成功|", "失败|", path=tmp_path / "3.txt"), tmp_path / "c")


def test_a_line_of_failures_that_was_cut_off_is_no_success(folder: Path, tmp_path: Path) -> None:
    result = answered(export(folder), "失败|", "失败|", path=tmp_path / "1.txt")
    result.write_bytes(result.read_bytes().removesuffix("|失败|".encode("gb18030")))
    with pytest.raises(InputProblems, match="RESULT-STATE"):
        back(folder, result, tmp_path / "a", failures_alone=True)


def test_why_is_not_kept_where_nobody_says_whose_line_it_is(folder: Path, tmp_path: Path) -> None:
    export(folder)
    result = tmp_path / "1.txt"
    result.write_bytes("1|7956.20|失败|张三账号有误\n2|2800.00|成功|\n".encode("gb18030"))
    layout = read_layout("example-text", "bank").layout
    columns = [LayoutColumn(title=name, field=name) for name in ("seq", "amount", "state", "reason")]
    assert layout.answer is not None
    own = layout.model_copy(update={"answer": layout.answer.model_copy(update={"columns": columns})})
    assert [(one.state, one.reason) for one in results(result, own, batch_of(paid(), "B1"))] == [
        ("failed", ""),
        ("ok", ""),
    ]


def test_a_register_of_before_lines_were_kept_is_read(folder: Path) -> None:
    export(folder)
    path = folder.with_name("发放.exports.csv")
    lines = [line.removesuffix(",,").removesuffix(",state,at") for line in path.read_text("utf-8").splitlines()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with registered(folder) as register:
        assert [(one.event, one.state, one.at) for one in register.entries] == [("exported", "", "")]


def test_what_the_bank_answered_cannot_be_voided(folder: Path, tmp_path: Path) -> None:
    result = answered(export(folder), "成功|", "成功|", path=tmp_path / "结果.txt")
    back(folder, result, tmp_path / "重付")
    with pytest.raises(Refused, match="BATCH-ANSWERED"):
        void(folder, "B1", "想再付一次")


def test_a_batch_that_was_not_exported_has_no_answer(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "别处"
    elsewhere.mkdir()
    result = answered(export(elsewhere), "成功|", "成功|", path=tmp_path / "结果.txt")
    with pytest.raises(Refused, match="BATCH-NOT-EXPORTED"):
        back(folder, result, tmp_path / "重付")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("2800.00", "2800.01"), "RESULT-AMOUNT"),
        (("2|62", "3|62"), "RESULT-LINE"),
        (("2|62", "1|62"), "RESULT-LINE"),
        (("成功|好", "处理中|好"), "RESULT-STATE"),
    ],
)
def test_a_result_of_something_else_is_refused(
    folder: Path, tmp_path: Path, change: tuple[str, str], code: str
) -> None:
    result = answered(export(folder), "成功|", "成功|好", path=tmp_path / "结果.txt")
    text = result.read_bytes().decode("gb18030").replace(*change)
    result.write_bytes(text.encode("gb18030"))
    with pytest.raises(InputProblems, match=code):
        back(folder, result, tmp_path / "重付")
    assert not (tmp_path / "重付").exists()


def test_a_result_that_lacks_a_line_or_is_no_text(folder: Path, tmp_path: Path) -> None:
    result = answered(export(folder), "成功|", "成功|", path=tmp_path / "结果.txt")
    result.write_bytes(result.read_bytes().rsplit(b"\r\n", 1)[0])
    with pytest.raises(InputProblems, match="RESULT-LINE"):
        back(folder, result, tmp_path / "重付")
    result.write_bytes(b"\xff\xff")
    with pytest.raises(InputProblems, match="RESULT-UNREADABLE"):
        back(folder, result, tmp_path / "重付")


def test_a_workbook_comes_back(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "结果.xlsx"
    path.write_bytes(export(folder, "example-xlsx"))
    book = openpyxl.load_workbook(path)
    sheet = book.active
    assert sheet is not None
    for row, state in enumerate(("处理结果", "交易成功", "退汇"), start=2):
        sheet.cell(row, 9, state)
    book.save(path)
    found = results(path, read_layout("example-xlsx", "bank").layout, batch_of(paid(), "B1"))
    assert [(one.person, one.state) for one in found] == [("P1", "ok"), ("P2", "returned")]


def test_a_repay_folder_that_was_changed_is_refused(folder: Path, tmp_path: Path) -> None:
    result = answered(export(folder), "成功|", "失败|", path=tmp_path / "结果.txt")
    back(folder, result, tmp_path / "重付")
    batches = tmp_path / "重付" / "batches.csv"
    batches.write_text(batches.read_text("utf-8").replace("2800.00", "9800.00"), encoding="utf-8")
    with pytest.raises(InputProblems, match="FILE-CHANGED"):
        read_repay(tmp_path / "重付")


def test_no_name_or_account_stands_in_a_repay_folder(folder: Path, tmp_path: Path) -> None:
    result = answered(export(folder), "失败|", f"失败|李四 {ACCOUNTS['P2']} 不存在", path=tmp_path / "结果.txt")
    back(folder, result, tmp_path / "重付")
    assert "P2 P2 不存在" in (tmp_path / "重付" / "results.csv").read_text("utf-8")
    whole = "".join(path.read_text("utf-8") for path in (tmp_path / "重付").iterdir())
    roster = whose()
    assert not [one.name for one in roster.persons.values() if one.name in whole or one.id_number in whole]
    assert not [one.account for one in roster.accounts.values() if one.account in whole]


def test_whoever_the_bank_s_words_name_is_told_by_code(folder: Path, tmp_path: Path) -> None:
    """Another line's name too, and any number long enough to be a phone, an account or an ID number."""
    result = answered(export(folder), "成功|", "失败|户名是张三, 电 13900001111", path=tmp_path / "结果.txt")
    back(folder, result, tmp_path / "重付")
    assert "户名是P1, 电 …" in (tmp_path / "重付" / "results.csv").read_text("utf-8")
    assert "户名是P1, 电 …" in (tmp_path / "发放.exports.csv").read_text("utf-8")
