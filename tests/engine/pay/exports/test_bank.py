"""Bank files: encodings, splitting, parameters, every refusal before anything is written, exported once."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from domain.problems import InputProblems, Refused
from engine.pay.exports.bank import Batch, Line, batch_of, enter, files, places, rows_of
from engine.pay.exports.layout import Layout, Read, read_layout
from engine.pay.exports.paid import Paid
from engine.pay.exports.register import Register, check_export, registered, void
from engine.pay.result import frame
from tests.engine.pay.exports.making import ACCOUNTS, IDS, fen, paid, people, table, whose

GIVEN = {"agreement": "00012", "purpose": "GZ01"}


def layout(name: str = "example-text", **changed: object) -> Layout:
    return read_layout(name, "bank").layout.model_copy(update=changed)


def made(
    batch: str = "B1", of: Layout | None = None, payment: Paid | None = None, roster: object = None
) -> list[bytes]:
    payment = payment or paid()
    one = batch_of(payment, batch)
    rows = rows_of(one, one.number, roster or whose(payment), "人员.xlsx 账户表")  # type: ignore[arg-type]
    used = of or layout()
    given = GIVEN if used.parameters else {}
    return [file.content for file in files(payment, one, one.number, rows, used, given)]


def codes(error: pytest.ExceptionInfo[InputProblems]) -> list[tuple[str, str]]:
    return [(one.code, one.where) for one in error.value.problems]


def test_a_text_batch_has_head_lines_and_yuan() -> None:
    # 7,956.20 + 2,800.00 = 10,756.20
    text = made()[0].decode("gb18030")
    assert text == (
        f"00012|GZ01|2|10756.20\r\n1|{ACCOUNTS['P1']}|张三|7956.20|B1\r\n2|{ACCOUNTS['P2']}|李四|2800.00|B1\r\n"
    )


def test_fen_headings_and_a_total_line() -> None:
    text = made(of=layout("example-fen"))[0].decode("gbk")
    assert text.splitlines() == [
        "序号,户名,账号,联行号,金额",
        f"1,张三,{ACCOUNTS['P1']},102100000000,795620",
        f"2,李四,{ACCOUNTS['P2']},102100000000,280000",
        "合计,2,,,1075620",
    ]


def test_a_workbook_keeps_accounts_text_and_amounts_numbers() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(made(of=layout("example-xlsx"))[0]))["代发明细"]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[2][1:3] == ("张三", ACCOUNTS["P1"])
    assert rows[2][6] == 7956.2
    assert rows[2][7] == "绩效工资"
    assert sheet["C3"].data_type == "s"


def test_no_id_number_stands_in_a_bank_file() -> None:
    for name in ("example-text", "example-fen"):
        text = made(of=layout(name))[0].decode(layout(name).encoding)
        assert not [one for one in IDS.values() if one in text]


def test_a_batch_is_split_by_the_most_rows(tmp_path: Path) -> None:
    one = batch_of(paid(), "B1")
    rows = rows_of(one, "B1", whose(), "人员.xlsx")
    found = files(paid(), one, "B1", rows, layout(max_rows=1), GIVEN)
    assert [(file.rows, file.fen) for file in found] == [(1, fen("7956.20")), (1, fen("2800"))]
    assert [path.name for path in places(tmp_path / "代发.txt", found)] == ["代发-1.txt", "代发-2.txt"]
    assert [path.name for path in places(tmp_path, found)] == ["202610-T01-B1-1.txt", "202610-T01-B1-2.txt"]


def test_a_name_that_the_encoding_lacks_is_refused_at_its_cell() -> None:
    accounts = people()["accounts"].copy()
    accounts["account_name_at"] = [f"人员.xlsx 账户表!F{at}" for at in range(2, 7)]
    payment = with_batch("P3")
    with pytest.raises(InputProblems) as error:
        made("B9", layout(encoding="gbk"), payment, whose(payment, people(accounts=accounts)))
    assert codes(error) == [("BANK-CHARSET", "人员.xlsx 账户表!F4")]
    assert "王㛃|".encode("gb18030") in made("B9", layout(), payment)[0], "GB18030 has every sign"


def test_a_name_like_a_formula_is_refused_in_text_and_neutral_in_a_workbook() -> None:
    with pytest.raises(InputProblems) as error:
        made("B3")
    assert [code for code, _ in codes(error)] == ["BANK-CHARSET"]
    sheet = openpyxl.load_workbook(io.BytesIO(made("B3", layout("example-xlsx"))[0]))["代发明细"]
    assert (sheet["B3"].value, sheet["B3"].data_type, sheet["B3"].quotePrefix) == ("=赵六", "s", True)


def with_batch(code: str, yuan: int | None = 1000) -> Paid:
    payment = paid()
    rows = [
        *payment["batches"].itertuples(index=False, name=None),
        ("B9", "performance", "示例", "T01", "wages", code, yuan),
    ]
    slips = payment["payslips"].copy()
    slips.loc[slips["person_code"] == code, "status"] = "ok"
    return replace(payment, tables={**payment.tables, "batches": frame("batches", rows), "payslips": slips})


def test_a_line_without_tax_is_in_no_bank_file() -> None:
    payment = paid()
    rows = [
        *payment["batches"].itertuples(index=False, name=None),
        ("B1", "performance", "示例", "T01", "wages", "P3", 300000),
    ]
    with pytest.raises(InputProblems) as error:
        batch_of(replace(payment, tables={**payment.tables, "batches": frame("batches", rows)}), "B1")
    assert codes(error) == [("BANK-NO-TAX", "发放/batches.csv!G6")]
    with pytest.raises(InputProblems) as error:
        batch_of(with_batch("P1", None), "B9")
    assert [code for code, _ in codes(error)] == ["BANK-NO-TAX"]


def test_where_nobody_has_tax_the_reason_is_told() -> None:
    payment = paid()
    none = replace(payment, tables={**payment.tables, "batches": frame("batches", [])})
    with pytest.raises(InputProblems) as error:
        batch_of(none, "B1")
    assert codes(error) == [("BANK-NO-TAX", "发放/payslips.csv!M5")]


def test_a_negative_line_is_refused() -> None:
    with pytest.raises(InputProblems) as error:
        batch_of(with_batch("P1", -1), "B9")
    assert codes(error) == [("PAY-NET-NEGATIVE", "发放/batches.csv!G6")]


def test_accounts_that_are_missing_or_of_another_name() -> None:
    accounts = table("accounts", [
        {"person_code": "P1", "account": ACCOUNTS["P1"], "account_name": "张三丰", "note": ""},
    ])  # fmt: skip
    with pytest.raises(InputProblems) as error:
        made(roster=whose(None, people(accounts=accounts)))
    assert codes(error) == [("BANK-NAME", "人员.xlsx accounts!A2"), ("BANK-NO-ACCOUNT", "人员.xlsx 账户表")]
    accounts["note"] = "银行系统的写法"
    one = batch_of(paid(), "B1")
    only = Batch(one.number, one.payer, one.kind, one.pool, one.document, one.lines[:1])
    rows = rows_of(only, "B1", whose(None, people(accounts=accounts)), "人员.xlsx 账户表")
    assert [row.values["account_name"] for row in rows] == ["张三丰"]


def test_a_line_of_nothing_is_no_line() -> None:
    assert [line.person for line in batch_of(with_batch("P1", 0), "B9").lines] == []


def test_parameters_are_asked_for_and_no_others() -> None:
    one = batch_of(paid(), "B1")
    rows = rows_of(one, "B1", whose(), "")
    for given in ({}, {"agreement": "1"}, {**GIVEN, "date": "1"}):
        with pytest.raises(InputProblems) as error:
            files(paid(), one, "B1", rows, layout(), given)
        assert {code for code, _ in codes(error)} == {"BANK-PARAMETER"}


def test_what_a_file_cannot_carry_of_its_parameters_and_the_payer_s_name_is_refused() -> None:
    one = batch_of(paid(), "B1")
    rows = rows_of(one, "B1", whose(), "")
    for bad in ("㛃", "A|B", "=1"):
        with pytest.raises(InputProblems) as error:
            files(paid(), one, "B1", rows, layout(encoding="gbk"), {**GIVEN, "purpose": bad})
        assert codes(error) == [("BANK-CHARSET", "--set")]
    named = replace(paid(), names={"T01": "㛃卫生院"})
    used = layout(encoding="gbk", head=[["{payer_name}"]])
    with pytest.raises(InputProblems) as error:
        files(named, one, "B1", rows, used, GIVEN)
    assert codes(error) == [("BANK-CHARSET", "example-text")]


def test_an_unknown_batch_and_an_unknown_layout_name_what_there_is() -> None:
    with pytest.raises(InputProblems, match="B1、B2、B3"):
        batch_of(paid(), "B7")
    with pytest.raises(InputProblems, match=r"example-text .*LAYOUT-UNKNOWN|LAYOUT-UNKNOWN"):
        read_layout("exampel-text", "bank")
    with pytest.raises(InputProblems, match="LAYOUT-KIND"):
        read_layout(str(Path("configs/exports/treasury.yaml").resolve()), "bank")


def exported(register: Register, used: Layout) -> bool:
    one = batch_of(paid(), "B1")
    number = register.number("B1")
    rows = rows_of(one, number, whose(), "")
    return enter(register, one, number, Read(used, "0" * 64), files(paid(), one, number, rows, used, GIVEN))


def test_a_batch_is_exported_once_unless_it_was_voided(tmp_path: Path) -> None:
    folder = tmp_path / "发放"
    folder.mkdir()
    with registered(folder) as register:
        assert exported(register, layout())
        assert not exported(register, layout()), "the same bytes are no second export"
        with pytest.raises(Refused, match="BATCH-EXPORTED"):
            exported(register, layout(encoding="utf-8", delimiter=","))
    assert (tmp_path / "发放.exports.csv").read_text("utf-8").splitlines()[1].startswith("exported,B1,B1,example-text,")
    with pytest.raises(InputProblems, match="原因"):
        void(folder, "B1", " ")
    with pytest.raises(Refused, match="BATCH-NOT-EXPORTED"):
        void(folder, "B2", "写错")
    assert void(folder, "B1", "=账号写错") == "B1-2"
    with registered(folder) as register:
        assert register.number("B1") == "B1-2"
        assert register.batch("B1-2") == "B1", "its new number is the same batch"
        assert exported(register, layout(delimiter=","))
        assert [one.number for one in register.live("B1")] == ["B1-2"]
    assert void(folder, "B1-2", "又写错") == "B1-3"
    assert list(folder.iterdir()) == [], "nothing in the folder changes"


def test_one_file_that_is_the_same_lets_no_other_out(tmp_path: Path) -> None:
    """A batch in two files, the second of which has another account by now."""
    with registered(tmp_path / "发放") as register:
        exported(register, layout(max_rows=1))
        first, second = (one.sha256 for one in register.live("B1"))
        assert check_export(register, "B1", [first, second])
        with pytest.raises(Refused, match="BATCH-EXPORTED"):
            check_export(register, "B1", [first, "f" * 64])


def test_a_spoiled_register_is_refused(tmp_path: Path) -> None:
    (tmp_path / "发放.exports.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputProblems, match="EXPORTS-UNREADABLE"), registered(tmp_path / "发放"):
        pass


def test_a_layout_is_checked_at_its_lines(tmp_path: Path) -> None:
    good = Path("configs/banks/example-text.yaml").read_text("utf-8")
    for wrong, said in (
        (good.replace("status: example", "status: checked"), "document"),
        (good.replace("field: account_name", "field: id_number"), "没有字段 id_number"),
        (good.replace("{agreement}", "{agremeent}"), "agremeent"),
        (good.replace("encoding: gb18030", "encoding: big5"), "encoding"),
        (good.replace("encoding: gb18030", "encoding: gbk").replace("{agreement}", "㛃{agreement}"), "㛃"),
    ):
        path = tmp_path / "bank.yaml"
        path.write_text(wrong, encoding="utf-8")
        with pytest.raises(InputProblems, match=said):
            read_layout(str(path), "bank")


def test_rows_are_in_the_order_of_batches() -> None:
    assert [(line.at, line.person) for line in batch_of(paid(), "B1").lines] == [(0, "P1"), (1, "P2")]
    assert isinstance(batch_of(paid(), "B1").lines[0], Line)
    assert isinstance(paid()["batches"], pd.DataFrame)
