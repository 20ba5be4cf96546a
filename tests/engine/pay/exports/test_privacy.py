"""Two hundred people through a full cycle by command line: who they are stands only where the contract allows."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest

from api import cli
from tests.api.http.paying import workbook
from tests.engine.pay.folder.making import MONTH, PERIOD, PLAN, rows_of
from tests.privacy import KINDS, NAMES, PEOPLE, PHONES, case, found, hospital, late, leaks, under

LATER = "2026-11"
FAILED = (4, 5)
ALL, PAID = PEOPLE, PEOPLE - 1
MAY: Mapping[str, Mapping[str, int]] = {
    "发放表.xlsx": {"name": ALL},
    "工资条.pdf": {"name": ALL},
    "公示.xlsx": {"name": ALL},
    "申报.xlsx": {"name": ALL, "id": ALL},
    "统发.xlsx": {"name": ALL, "account": ALL},
    "审计.xlsx": {},
    "代发.xlsx": {"name": PAID, "account": PAID},
    "重付.xlsx": {"name": 2, "account": 2},
    "代发.txt": {"name": 1, "account": 1},
    "更正审计.xlsx": {},
}
"""Of whom each export says what, and nothing else anywhere: how many of each kind."""


class Clerk:
    """The commands in a room of their own, with all that they say."""

    def __init__(self, room: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.room, self.capsys, self.log = room, capsys, ""

    def does(self, *words: object, code: int = 0) -> None:
        done = cli.main(["pay", *map(str, words)])
        self.log += "".join(self.capsys.readouterr())
        assert done == code, self.log[-2000:]

    def handed_in(self, name: str, tables: dict[str, object]) -> Path:
        path = self.room / "handed-in" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(workbook(tables))
        return path

    def exported(self, kind: str, out: str, folder: str, people: Path, *more: str) -> Path:
        path = self.room / "out" / out
        path.parent.mkdir(exist_ok=True)
        self.does(kind, self.room / "kept" / folder, "--people", people, *more, "--out", path)
        return path


def test_who_two_hundred_people_are_stands_only_where_it_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LIANGYUN_PAY_KEY", str(tmp_path / "keys" / "pay"))
    clerk, kept = Clerk(tmp_path, capsys), tmp_path / "kept"
    kept.mkdir()
    made = hospital()
    people, plan = clerk.handed_in("人员.xlsx", made), tmp_path / "hr.yaml"
    plan.write_text(PLAN, encoding="utf-8")
    asked = ["--period", PERIOD, "--month", MONTH]
    clerk.does("run", plan, people, *asked, "--first", "--out", kept / "发放")
    for kind, out in (
        ("sheet", "发放表.xlsx"), ("slips", "工资条.pdf"), ("public", "公示.xlsx"), ("taxform", "申报.xlsx"),
        ("treasury", "统发.xlsx"), ("audit", "审计.xlsx"),
    ):  # fmt: skip
        clerk.exported(kind, out, "发放", people)

    number = rows_of(kept / "发放", "batches")[0]["batch_no"]
    batch = ["--bank", "example-xlsx", "--batch", number]
    sent = clerk.exported("bank", "代发.xlsx", "发放", people, *batch)
    answer = tmp_path / "handed-in" / "结果.xlsx"
    answer.write_bytes(sent.read_bytes())
    _answer(answer)
    clerk.does("back", kept / "发放", answer, "--batch", number, "--out", kept / "重付")
    again = ["--bank", "example-xlsx", "--batch", f"{number}-R1"]
    clerk.exported("bank", "重付.xlsx", "重付", people, *again)

    known = [*made["tax_cumulative"], late()]
    rest = clerk.handed_in("补数.xlsx", {"people": made["people"], "posts": made["posts"], "tax_cumulative": [late()]})
    clerk.does("complete", kept / "发放", rest, "--out", kept / "补付")
    moved = [{**row, "month": LATER} for row in known]
    wrong = {"people": made["people"], "posts": made["posts"], "accounts": made["accounts"]}
    cases = clerk.handed_in("更正.xlsx", {**wrong, "tax_cumulative": moved, "cases": [case()]})
    later = ["--period", PERIOD, "--month", LATER]
    clerk.does("run", plan, cases, *later, "--before", kept / "发放", "--out", kept / "更正")
    second = rows_of(kept / "更正", "batches")[0]["batch_no"]
    text = ["--bank", "example-text", "--batch", second, "--set", "agreement=A1", "--set", "purpose=B2"]
    clerk.exported("bank", "代发.txt", "更正", cases, *text)
    clerk.exported("audit", "更正审计.xlsx", "更正", cases)
    for folder in ("发放", "补付", "更正"):
        clerk.does("verify", kept / folder)
    clerk.does("explain", kept / "发放", "P7")

    assert len(under(kept)) > 60
    assert leaks(under(kept)) == {}
    assert leaks({"log": clerk.log.encode()}) == {}
    told = {name: found(name, content) for name, content in under(tmp_path / "out").items()}
    if shutil.which("pdftotext") is None:
        told["工资条.pdf"] = {"name": set(NAMES)}
    assert {name: {kind: len(these) for kind, these in one.items()} for name, one in told.items()} == MAY
    given = leaks({"人员.xlsx": people.read_bytes()})
    assert given["人员.xlsx"] == {kind: set(every) for kind, every in KINDS.items()}


def _answer(path: Path) -> None:
    """What became of each line; two failed, and the bank says of whom and how to reach them."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    heading = next(row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 1).value == "序号")
    last = sheet.max_column
    for row in range(heading, sheet.max_row + 1):
        at = row - heading
        wrong = ("失败", f"{NAMES[at - 1]}或{NAMES[0]}账号有误, 电 {PHONES[at - 1]}")
        told = ("处理结果", "失败原因") if not at else wrong if at in FAILED else ("成功", "")
        for column, word in enumerate(told, start=1):
            if not at or str(sheet.cell(row, 1).value or "").isdecimal():
                sheet.cell(row, last + column).value = word
    book.save(path)
