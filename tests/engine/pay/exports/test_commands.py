"""From a pay folder to every file, by command line: what is written, what is refused, what nothing tells."""

from __future__ import annotations

import csv
import json
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest

from api import cli
from engine.pay.exports.opened import opened
from engine.pay.folder.gather import people_in
from tests.engine.pay.folder.making import ACCOUNTS, IDS, MONTH, NAMES, PERIOD, rows_of, tables, write


@pytest.fixture(autouse=True)
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANGYUN_PAY_KEY", str(tmp_path / "keys" / "pay"))


@pytest.fixture
def given(tmp_path: Path) -> tuple[Path, Path]:
    """A pay folder and PEOPLE."""
    plan, people = write(tmp_path / "given", tables())
    asked = ["--period", PERIOD, "--month", MONTH, "--first", "--out", str(tmp_path / "发放")]
    assert cli.main(["pay", "run", str(plan), str(people), *asked]) == 0
    return tmp_path / "发放", people


def batch(folder: Path) -> str:
    return rows_of(folder, "batches")[0]["batch_no"]


def test_every_export_is_written_and_the_folder_does_not_change(given: tuple[Path, Path], tmp_path: Path) -> None:
    folder, people = given
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for name, out in (
        ("sheet", "发放表.xlsx"), ("slips", "工资条.pdf"), ("slips", "工资条"), ("public", "公示.xlsx"),
        ("taxform", "申报.xlsx"), ("treasury", "统发.xlsx"), ("audit", "审计.xlsx"),
    ):  # fmt: skip
        assert cli.main(["pay", name, str(folder), "--people", str(people), "--out", str(tmp_path / out)]) == 0, name
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    persons = {row["person_code"] for row in rows_of(folder, "payslips")}
    assert {path.stem for path in (tmp_path / "工资条").iterdir()} == persons
    assert cli.main(["pay", "verify", str(folder)]) == 0


def test_names_ids_and_accounts_stand_only_where_they_may(given: tuple[Path, Path], tmp_path: Path) -> None:
    folder, people = given
    out = tmp_path / "out"
    out.mkdir()
    may = {"sheet": (True, False, False), "public": (True, False, False), "taxform": (True, True, False),
           "treasury": (True, False, True), "audit": (False, False, False)}  # fmt: skip
    for name, allowed in may.items():
        path = out / f"{name}.xlsx"
        assert cli.main(["pay", name, str(folder), "--people", str(people), "--out", str(path)]) == 0
        with zipfile.ZipFile(path) as package:
            whole = "".join(package.read(part).decode() for part in package.namelist())
        assert tuple(any(one in whole for one in kind) for kind in (NAMES, IDS, ACCOUNTS)) == allowed, name
    bank = out / "bank.txt"
    asked = ["--bank", "example-fen", "--batch", batch(folder), "--out", str(bank)]
    assert cli.main(["pay", "bank", str(folder), "--people", str(people), *asked]) == 0
    text = bank.read_text("gbk")
    assert any(name in text for name in NAMES)
    assert not any(number in text for number in IDS)
    beside = (tmp_path / "发放.exports.csv").read_text("utf-8")
    everything = beside + "".join(path.read_text("utf-8") for path in folder.rglob("*") if path.is_file())
    assert not [one for one in (*NAMES, *IDS, *ACCOUNTS) if one in everything]


def test_a_batch_goes_to_the_bank_and_comes_back(
    given: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, people = given
    number, out = batch(folder), tmp_path / "代发.xlsx"
    asked = ["pay", "bank", str(folder), "--people", str(people), "--bank", "example-xlsx", "--batch", number]
    assert cli.main([*asked, "--out", str(out)]) == 0
    first = out.read_bytes()
    assert cli.main([*asked, "--out", str(out)]) == 0, "the same bytes again"
    assert out.read_bytes() == first
    assert "BANK-EXAMPLE" in capsys.readouterr().err
    other = [*asked[:6], "example-fen", *asked[7:], "--out", str(tmp_path / "别的.txt")]
    assert cli.main(other) == 4
    assert not (tmp_path / "别的.txt").exists()
    assert "BATCH-EXPORTED" in capsys.readouterr().err
    assert cli.main(["pay", "bank", str(folder), "--void", number, "--reason", "格式不对"]) == 0
    assert cli.main(other) == 0
    assert f"批次 {number}-2" in capsys.readouterr().out
    with (tmp_path / "别的.txt").open(encoding="gbk", newline="") as file:
        head, *lines, foot = csv.reader(file)
    answer = [head, *([*line, "成功" if at else "失败", "账号有误"] for at, line in enumerate(lines)), foot]
    result = tmp_path / "结果.txt"
    result.write_text("\n".join(",".join(line) for line in answer), encoding="gbk")
    repay = tmp_path / "重付"
    assert cli.main(["pay", "back", str(folder), str(result), "--batch", f"{number}-2", "--out", str(repay)]) == 0
    again = rows_of(repay, "batches")
    paid = next(row for row in rows_of(folder, "batches") if row["person_code"] == again[0]["person_code"])
    assert [{**row, "batch_no": number} for row in again] == [paid]
    wanted = ["--bank", "example-xlsx", "--batch", again[0]["batch_no"], "--out", str(tmp_path / "重发.xlsx")]
    assert cli.main(["pay", "bank", str(repay), "--people", str(people), *wanted]) == 0
    sheet = openpyxl.load_workbook(tmp_path / "重发.xlsx").active
    assert sheet is not None
    assert sheet["G3"].value == float(paid["amount"])


def test_an_edited_sheet_is_told_cell_by_cell(
    given: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, people = given
    out = tmp_path / "发放表.xlsx"
    asked = ["pay", "sheet", str(folder), "--people", str(people)]
    assert cli.main([*asked, "--out", str(out)]) == 0
    assert cli.main([*asked, "--check", str(out)]) == 0
    book = openpyxl.load_workbook(out)
    book.worksheets[0]["C5"] = "别人"
    book.save(out)
    capsys.readouterr()
    assert cli.main([*asked, "--check", str(out), "--json"]) == 2
    assert cli.main([*asked, "--check", str(out)]) == 2
    told = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[0] for line in told if "SHEET-CHANGED" in line] == [f"发放表.xlsx {book.sheetnames[0]}!C5"]


def test_another_key_or_person_is_refused(
    given: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = given
    changed = tables()
    changed["people"][0]["id_number"], changed["people"][1]["id_number"] = IDS[1], IDS[0]
    _, people = write(tmp_path / "other", changed)
    asked = ["pay", "public", str(folder), "--people", str(people), "--out", str(tmp_path / "公示.xlsx")]
    assert cli.main(asked) == 2
    said = capsys.readouterr().err
    assert said.count("(PAY-ID)") == 2
    assert not [one for one in (*NAMES, *IDS) if one in said]
    monkeypatch.setenv("LIANGYUN_PAY_KEY", str(tmp_path / "keys" / "another"))
    assert cli.main(asked) == 4
    assert "PAY-KEY" in capsys.readouterr().err
    assert not (tmp_path / "公示.xlsx").exists()


def test_people_may_have_changed_by_the_time_of_an_export(
    given: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = given
    later = {name: rows for name, rows in tables().items() if name in {"people", "accounts"}}
    later["accounts"][0]["account"] = "6222000000000000999"
    _, people = write(tmp_path / "later", later)
    out = tmp_path / "代发.txt"
    asked = ["--people", str(people), "--bank", "example-fen", "--batch", batch(folder), "--out", str(out)]
    assert cli.main(["pay", "bank", str(folder), *asked]) == 0
    assert "6222000000000000999" in out.read_text("gbk")
    later["accounts"][0]["account_name"] = "别人"
    later["people"].append({**later["people"][0], "id_number": IDS[3][:-1] + "0"})
    _, people = write(tmp_path / "wrong", later)
    capsys.readouterr()
    assert cli.main(["pay", "public", str(folder), "--people", str(people), "--out", str(tmp_path / "x.xlsx")]) == 2
    said = capsys.readouterr().err
    assert "DUPLICATE" in said
    assert "people.csv!" in said


def test_a_name_that_differs_is_refused_at_its_cell(
    given: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = given
    changed = tables()
    person = rows_of(folder, "batches")[0]["person_code"]
    at = next(at for at, row in enumerate(changed["accounts"], start=2) if row["person_code"] == person)
    changed["accounts"][at - 2]["account_name"] = "别的户名"
    _, people = write(tmp_path / "other", changed)
    column = "ABCDEFG"[list(changed["accounts"][0]).index("account_name")]
    asked = ["--bank", "example-fen", "--batch", batch(folder), "--out", str(tmp_path / "x.txt")]
    assert cli.main(["pay", "bank", str(folder), "--people", str(people), *asked]) == 2
    assert f"accounts.csv!{column}{at}: " in capsys.readouterr().err
    assert not (tmp_path / "x.txt").exists()


def test_what_is_not_asked_rightly_is_refused(given: tuple[Path, Path], tmp_path: Path) -> None:
    folder, people = given
    with_people = [str(folder), "--people", str(people)]
    out = ["--out", str(tmp_path / "x.xlsx")]
    for wrong in (
        ["sheet", *with_people],
        ["sheet", *with_people, *out, "--unit", "U9"],
        ["sheet", *with_people, "--out", str(folder / "x.xlsx")],
        ["bank", *with_people, *out],
        ["bank", *with_people, *out, "--bank", "example-text", "--batch", batch(folder), "--set", "agreement"],
        ["public", *with_people, "--out", str(tmp_path / "x.pdf")],
        ["public", str(folder), "--people", str(tmp_path / "none.xlsx"), *out],
        ["taxform", *with_people, *out, "--wages", "tax-labour"],
    ):
        assert cli.main(["pay", *wrong]) == 2, wrong
    assert [path.name for path in tmp_path.iterdir() if path.suffix in {".xlsx", ".pdf", ".csv"}] == []


def test_a_folder_that_was_changed_is_not_exported(given: tuple[Path, Path], tmp_path: Path) -> None:
    folder, people = given
    path = folder / "payslips.csv"
    path.write_text(path.read_text("utf-8").replace("5000.00", "9000.00"), encoding="utf-8")
    assert cli.main(["pay", "sheet", str(folder), "--people", str(people), "--out", str(tmp_path / "x.xlsx")]) == 2


def test_a_completion_knows_the_posts_and_tokens_of_what_it_completes(
    given: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, people = given
    waiting = next(row for row in rows_of(folder, "payslips") if row["status"] == "TAX-NO-DATA")
    made = tables()
    figures = {**made["tax_cumulative"][0], "payer": waiting["payer"], "person_code": waiting["person_code"]}
    made["tax_cumulative"] = [figures]
    _, late = write(tmp_path / "late", made)
    done = tmp_path / "补付"
    assert cli.main(["pay", "complete", str(folder), str(late), "--out", str(done)]) == 0
    assert "补付 1 个机构的未付款" in capsys.readouterr().out
    read = opened(done)
    assert read.follows == json.loads((folder / "manifest.json").read_text("utf-8"))["digest"]
    assert {row["person_code"] for row in read.rows("payslips")} == {waiting["person_code"]}
    assert waiting["person_code"] in read.checked
    out = tmp_path / "审计.xlsx"
    assert cli.main(["pay", "audit", str(folder), str(done), "--people", str(people), "--out", str(out)]) == 0
    assert "0 项发现" in capsys.readouterr().out


def test_posts_that_a_correction_did_not_bring_are_those_of_the_folder_before(
    given: tuple[Path, Path], tmp_path: Path
) -> None:
    folder, _ = given
    inputs = tmp_path / "inputs"
    shutil.copytree(folder / "inputs", inputs / "before" / "inputs")
    (inputs / "people").mkdir()
    assert len(people_in(inputs)["posts"]) == len(rows_of(folder / "inputs" / "people", "posts"))
    text = (folder / "inputs" / "people" / "posts.csv").read_text("utf-8").splitlines()
    (inputs / "people" / "posts.csv").write_text("\n".join(text[:2]).replace("门诊", "急诊") + "\n", encoding="utf-8")
    teams = people_in(inputs)["posts"]["team"].tolist()
    assert teams == ["急诊", *["门诊"] * (len(text) - 2)]


def test_findings_are_told_as_json(
    given: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = given
    capsys.readouterr()
    assert cli.main(["pay", "audit", str(folder), "--out", str(tmp_path / "审计.xlsx"), "--json"]) == 0
    assert all(
        set(one) == {"code", "where", "unit", "person", "said"}
        for one in json.loads(capsys.readouterr().out)["findings"]
    )
