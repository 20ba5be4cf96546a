"""A line that goes to a bank twice is told, and with `--once` refused: out of another folder, a copy, after a loss."""

from __future__ import annotations

import shutil
import stat
from decimal import Decimal
from pathlib import Path

import pytest

from api import cli
from tests.engine.pay.exports.twice import bank, changed, changed_to, numbers, register, run, told, void
from tests.engine.pay.folder.making import ACCOUNTS, IDS, NAMES, PERIOD, Rows, rows_of, tables, write


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("LIANGYUN_PAY_KEY", raising=False)
    monkeypatch.setenv("LIANGYUN_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_a_second_first_payment_is_refused_until_the_first_is_voided(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, people = run(tmp_path / "a")
    other, _ = run(tmp_path / "b", changed())
    mine = next(number for number in numbers(one) if "-U1-" in number)
    theirs = next(number for number in numbers(other) if "-U1-" in number)
    assert mine != theirs
    assert bank(one, people, mine) == 0
    assert bank(other, people, theirs) == 4
    said = capsys.readouterr().err
    assert "PAY-PAID" in said
    assert str(one) in said
    assert not (other.parent / "bank.txt").exists()
    assert not other.with_name("pay.exports.csv").exists()
    unpaid = next(number for number in numbers(other) if "-U2-" in number)
    assert bank(other, people, unpaid, "u2.txt") == 0, "what no folder paid goes out"
    assert void(one, mine) == 0
    assert bank(other, people, theirs) == 0
    assert bank(one, people, mine) == 4, "now the other one has paid"
    whole = register(home).read_text("utf-8")
    assert not [one for one in (*NAMES, *IDS, *ACCOUNTS) if one in whole]
    assert stat.S_IMODE(register(home).stat().st_mode) == 0o600


def test_a_second_first_payment_is_told_folder_by_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """U1 pays N1 and N2 out of each; N3's tax is not known."""
    made = [run(tmp_path / at, changed_to(score)) for at, score in (("a", "80"), ("b", "95"), ("c", "60"))]
    (_, people), last = made[0], made[2][0]
    for folder, _ in made:
        capsys.readouterr()
        number = next(number for number in numbers(folder) if "-U1-" in number)
        assert told(folder, people, number) == 0
        assert (folder.parent / "bank.txt").exists()
    said = [line for line in capsys.readouterr().err.splitlines() if "BATCH-ELSEWHERE" in line]
    assert len(said) == 2
    for (folder, _), line in zip(made, said, strict=False):
        rows = [row for row in rows_of(folder, "batches") if row["payer"] == "U1"]
        assert f"{len(rows)} 笔 {sum(Decimal(row['amount']) for row in rows)} 元已从 {folder} 导出" in line
        assert f"pay bank {folder} --void {rows[0]['batch_no']}" in line
    number = next(number for number in numbers(last) if "-U1-" in number)
    assert bank(last, people, number) == 4, "what went out twice is not written once more"
    for folder, _ in made[:2]:
        assert void(folder, next(number for number in numbers(folder) if "-U1-" in number)) == 0
    capsys.readouterr()
    assert bank(last, people, number) == 0
    assert "BATCH-ELSEWHERE" not in capsys.readouterr().err


def test_another_institution_s_part_of_the_same_person_is_no_second_payment(tmp_path: Path) -> None:
    """N1 works for U1 and, half of the time, for U2, which U1 pays: one folder each."""
    made = dict(tables())
    half = {**made["posts"][0], "share": "0.5"}
    second = {**half, "post_no": "P9", "unit_code": "U2"}
    made["posts"] = [half, *made["posts"][1:], second]
    for name in ("attendance", "person_facts"):
        made[name] = [*made[name], {**made[name][0], "post_no": "P9"}]
    one, people = run(tmp_path / "a", made, "--first", "--unit", "U1")
    other, _ = run(tmp_path / "b", made, "--earlier", str(one), "--unit", "U2")
    for folder in (one, other):
        for number in numbers(folder):
            assert bank(folder, people, number, f"{number}.txt") == 0


def test_a_copied_folder_and_a_folder_made_again_are_the_same_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, people = run(tmp_path / "a")
    number = numbers(folder)[0]
    assert bank(folder, people, number) == 0
    copy = tmp_path / "b" / "pay"
    shutil.copytree(folder, copy)
    again, _ = run(tmp_path / "c")
    for other in (copy, again):
        assert bank(other, people, number) == 4
        said = capsys.readouterr().err
        assert "PAY-PAID" in said
        assert str(folder) in said
        assert not (other.parent / "bank.txt").exists()
        assert not other.with_name("pay.exports.csv").exists()
    assert bank(folder, people, number) == 0, "the same bytes where they were exported"


def test_copies_and_folders_made_again_export_what_the_contract_lets_them(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same bytes say nothing; another layout is told; a second one of the same folder is refused as ever."""
    folder, people = run(tmp_path / "a")
    number = numbers(folder)[0]
    assert told(folder, people, number) == 0
    copy, again = tmp_path / "b" / "pay", run(tmp_path / "c")[0]
    shutil.copytree(folder, copy)
    capsys.readouterr()
    whole = register(home).read_bytes()
    assert told(again, people, number) == 0
    assert "BATCH-ELSEWHERE" not in capsys.readouterr().err
    assert (again.parent / "bank.txt").read_bytes() == (folder.parent / "bank.txt").read_bytes()
    assert register(home).read_bytes() == whole, "no second export"
    assert told(copy, people, number, "x.xlsx", "example-xlsx") == 0
    said = capsys.readouterr().err
    assert "BATCH-ELSEWHERE" in said
    assert str(folder) in said
    for other, layout in ((folder, "example-xlsx"), (copy, "example-fen")):
        assert told(other, people, number, "y", layout) == 4
        assert "BATCH-EXPORTED" in capsys.readouterr().err
        assert not (other.parent / "y").exists()
    assert void(copy, number) == 0
    capsys.readouterr()
    assert told(folder, people, number) == 0, "voided in the copy alone"
    assert "EXPORTS-BEHIND" not in capsys.readouterr().err
    assert void(folder, number) == 0
    assert told(again, people, number) == 0
    assert "EXPORTS-BEHIND" in capsys.readouterr().err, "its file was the first folder's"


def test_a_folder_made_again_has_its_own_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, people = run(tmp_path / "a")
    number = numbers(folder)[0]
    assert told(folder, people, number) == 0
    first = (folder.parent / "bank.txt").read_bytes()
    again = run(tmp_path / "c")[0]
    assert void(again, number) == 4, "it was not exported from there"
    assert "BATCH-NOT-EXPORTED" in capsys.readouterr().err
    assert void(folder, number) == 0
    assert told(again, people, number) == 0
    assert (again.parent / "bank.txt").read_bytes() == first
    assert told(folder, people, number, "x.xlsx", "example-xlsx") == 0
    said = capsys.readouterr()
    assert f"从 {again} 导出" in said.err
    assert f"批次 {number}-2" in said.out


def test_a_lost_register_is_noticed_and_void_frees_the_batch_under_a_new_number(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, people = run(tmp_path / "a")
    number, beside = numbers(folder)[0], folder.with_name("pay.exports.csv")
    assert bank(folder, people, number) == 0
    assert void(folder, number) == 0
    assert bank(folder, people, number) == 0
    beside.unlink()
    assert bank(folder, people, number) == 4
    said = capsys.readouterr().err
    assert "PAY-PAID" in said
    assert f"--void {number}-2" in said
    assert void(folder, f"{number}-2") == 0
    assert f"批次号为 {number}-3" in capsys.readouterr().out
    assert bank(folder, people, number, layout="example-xlsx", out="x.xlsx") == 0
    beside.unlink()
    assert void(folder, number) == 0, "voided and lost: its number is not used again"
    beside.unlink()
    assert bank(folder, people, number, "y.txt") == 0
    assert f"批次 {number}-4" in capsys.readouterr().out


def test_a_folder_s_register_older_than_what_was_voided_since(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, people = run(tmp_path / "a")
    number, beside = numbers(folder)[0], folder.with_name("pay.exports.csv")
    assert bank(folder, people, number) == 0
    old = beside.read_bytes()
    assert void(folder, number) == 0
    beside.write_bytes(old)
    assert told(folder, people, number) == 0
    assert "EXPORTS-BEHIND" in capsys.readouterr().err
    assert bank(folder, people, number) == 4
    assert "EXPORTS-BEHIND" in capsys.readouterr().err
    assert void(folder, number) == 0
    assert bank(folder, people, number) == 0
    assert f"批次 {number}-2" in capsys.readouterr().out


def test_a_register_of_all_folders_that_was_deleted_or_is_older_is_noticed(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, people = run(tmp_path / "a")
    other, _ = run(tmp_path / "b", changed())
    first, second = numbers(folder)[:2]
    assert bank(folder, people, first, "1.txt") == 0
    register(home).unlink()
    capsys.readouterr()
    assert bank(folder, people, second, "2.txt") == 4
    said = capsys.readouterr().err
    assert "EXPORTS-BEHIND" in said
    assert first in said
    assert bank(folder, people, second, "2.txt") == 0, "it was told, and what the folder knows stands there again"
    assert bank(other, people, next(one for one in numbers(other) if first[:10] == one[:10]), "3.txt") == 4
    assert "PAY-PAID" in capsys.readouterr().err
    for export in (bank, told):
        register(home).unlink()
        assert export(folder, people, first, "1.txt") == 0
        assert "EXPORTS-BEHIND" in capsys.readouterr().err


def late(folder: Path) -> dict[str, Rows]:
    """The figures that were missing."""
    waiting = next(row for row in rows_of(folder, "payslips") if row["status"] == "TAX-NO-DATA")
    made = dict(tables())
    made["tax_cumulative"] = [
        {**made["tax_cumulative"][0], "payer": waiting["payer"], "person_code": waiting["person_code"]}
    ]
    return made


def test_what_was_completed_is_not_completed_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, people = run(tmp_path / "a")
    for at, income in enumerate(("54000.00", "53000.00"), start=1):
        made = late(folder)
        made["tax_cumulative"] = [{**row, "income": income} for row in made["tax_cumulative"]]
        _, given = write(tmp_path / f"late{at}", made)
        assert cli.main(["pay", "complete", str(folder), str(given), "--out", str(tmp_path / f"done{at}")]) == 0
    one, two = tmp_path / "done1", tmp_path / "done2"
    for number in numbers(folder):
        assert bank(folder, people, number, f"{number}.txt") == 0
    assert bank(one, people, numbers(one)[0], "one.txt") == 0
    assert bank(two, people, numbers(two)[0], "two.txt") == 4
    said = capsys.readouterr().err
    assert "PAY-PAID" in said
    assert str(one) in said
    assert told(two, people, numbers(two)[0], "two.xlsx", "example-xlsx") == 0
    assert f"已从 {one} 导出" in capsys.readouterr().err


def test_two_corrections_of_one_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of N3's score and of N1's, each made out of the same old folder: the second must follow the first."""
    folder, people = run(tmp_path / "a", late_too())
    made = {"1": ("P3", "80", "95"), "2": ("P1", "90", "95")}
    for number, (post, old, new) in made.items():
        cases = {"cases": [{"case_no": number, "level": "person", "period": PERIOD, "pool": "bonus", "unit_code": "U1",
                            "post_no": post, "table": "person_facts", "field": "score", "old_value": old,
                            "new_value": new, "document": "示例院申〔2026〕1号", "decided_on": "2026-10-20",
                            "funding": "reserve: appeals"}],
                 "reserves": [{"reserve": "appeals", "unit_code": "U1", "opening": "5000.00",
                               "document": "示例院备〔2026〕1号"}],
                 "tax_cumulative": [{**row, "month": "2026-11", "withheld_month": "0.00"}
                                    for row in late_too()["tax_cumulative"]]}  # fmt: skip
        plan, given = write(tmp_path / f"case{number}", cases)
        asked = ["--period", PERIOD, "--month", "2026-11", "--before", str(folder)]
        out = str(tmp_path / f"new{number}")
        assert cli.main(["pay", "run", str(plan), str(given), *asked, "--out", out]) == 0
    one, two = tmp_path / "new1", tmp_path / "new2"
    assert bank(one, people, numbers(one)[0], "one.txt") == 0, "a correction is no second payment"
    assert bank(two, people, numbers(two)[0], "two.txt") == 4
    said = capsys.readouterr().err
    assert "--before" in said
    assert "PAY-PAID" in said
    assert str(one) in said
    assert told(two, people, numbers(two)[0], "two.txt") == 0
    said = capsys.readouterr().err
    assert f"已由 {one} 更正" in said
    assert "BATCH-ELSEWHERE" in said
    assert void(two, numbers(two)[0]) == 0
    assert void(one, numbers(one)[0]) == 0
    assert bank(two, people, numbers(two)[0], "two.txt") == 0


def late_too() -> dict[str, Rows]:
    """Everybody's figures are there."""
    made = dict(tables())
    made["tax_cumulative"] = [
        *made["tax_cumulative"], {**made["tax_cumulative"][0], "payer": "U1", "person_code": "N3"}
    ]  # fmt: skip
    return made
