"""A payment as a folder: amounts worked out by hand, what stands in it, what it refuses, what verifies."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from api import cli
from engine.folder.output import canonical, digest, hashes
from engine.pay.folder.verify import verify_payment
from engine.pay.result import TABLES
from tests.engine.pay.folder.making import (
    ACCOUNTS,
    IDS,
    MONTH,
    NAMES,
    PERIOD,
    PLAN,
    POINTS,
    Rows,
    post,
    rows_of,
    tables,
    write,
)


@pytest.fixture(autouse=True)
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "keys" / "pay"
    monkeypatch.setenv("LIANGYUN_PAY_KEY", str(path))
    return path


def paid(
    tmp_path: Path, *more: str, made: Mapping[str, Rows] | None = None, out: str = "out", plan: str = PLAN
) -> tuple[int, Path]:
    """The exit code and the folder."""
    path, people = write(tmp_path / f"given-{out}", made or tables(), plan)
    asked = ["--period", PERIOD, "--month", MONTH]
    return cli.main(["pay", "run", str(path), str(people), *asked, *more, "--out", str(tmp_path / out)]), tmp_path / out


def test_amounts_by_hand(tmp_path: Path) -> None:
    code, out = paid(tmp_path, "--first")
    assert code == 0
    points = {row["post_no"]: row["amount"] for row in rows_of(out, "lines") if row["item"] == "points"}
    assert points == POINTS
    assert [(row["post_no"], row["amount"]) for row in rows_of(out, "lines") if row["item"] == "gp"] == [
        ("P1", "900.00")
    ]
    units = [
        [row[name] for name in ("unit_code", "amount", "earmarks", "shared", "kept", "in_total")]
        for row in rows_of(out, "units")
    ]
    assert units == [
        ["U1", "10000.00", "900.00", "9100.00", "0.00", "10000.00"],
        ["U2", "5000.00", "0.00", "5000.00", "0.00", "5000.00"],
    ]
    slips = {
        row["person_code"]: (row["payable"], row["tax"], row["net"], row["status"]) for row in rows_of(out, "payslips")
    }
    assert slips == {
        "N1": ("4414.18", "0.00", "4414.18", "ok"),
        "N2": ("2982.72", "228.27", "2754.45", "ok"),
        "N3": ("2603.10", "", "", "TAX-NO-DATA"),
        "N4": ("5000.00", "0.00", "5000.00", "ok"),
    }
    assert {row["person_code"]: row["amount"] for row in rows_of(out, "batches")} == {
        "N1": "4414.18", "N2": "2754.45", "N4": "5000.00",
    }  # fmt: skip
    assert {row["difference"] for row in rows_of(out, "reconciliation")} == {"0.00"}
    assert {(row["unit_code"], row["used_now"], row["left"]) for row in rows_of(out, "quota") if not row["pool"]} == {
        ("U1", "10000.00", "10000.00"), ("U2", "5000.00", "15000.00"),
    }  # fmt: skip
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["first"] is True
    assert any("未对照以前发放" in one for one in manifest["warnings"])


def test_verifies_without_the_key(tmp_path: Path, key: Path) -> None:
    _, out = paid(tmp_path, "--first")
    key.unlink()
    assert cli.main(["pay", "verify", str(out)]) == 0


def test_the_same_inputs_and_key_give_the_same_bytes(tmp_path: Path) -> None:
    turned = {name: list(reversed(rows)) for name, rows in tables().items()}
    _, one = paid(tmp_path, "--first", out="one")
    _, other = paid(tmp_path, "--first", out="other", made=turned)
    for name in ("units", "teams", "lines", "payslips", "tax", "quota", "batches", "reconciliation"):
        assert (one / f"{name}.csv").read_bytes() == (other / f"{name}.csv").read_bytes(), name
    _, again = paid(tmp_path, "--first", out="again")
    assert (one / "manifest.json").read_bytes() == (again / "manifest.json").read_bytes()


@pytest.mark.parametrize(
    ("table", "old", "new"),
    [
        ("lines", "3514.18", "3514.19"),
        ("payslips", "2754.45", "2754.46"),
        ("batches", "5000.00", "5000.01"),
        ("units", "9100.00", "9100.01"),
        ("quota", "15000.00", "15000.01"),
    ],
)
def test_a_changed_fen_does_not_verify(
    tmp_path: Path, table: str, old: str, new: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out = paid(tmp_path, "--first")
    path = out / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")
    assert cli.main(["pay", "verify", str(out)]) == 1
    assert "FILE-CHANGED" in capsys.readouterr().err


def test_every_table_is_computed_again(tmp_path: Path) -> None:
    """Whoever takes a row out of a table, or puts one in, and writes the manifest anew is told of each one."""
    deferring = PLAN.replace("points: [", 'defer: {share: "0.10", leaver: pay}, points: [')
    _, out = paid(tmp_path, "--first", plan=deferring)
    for name in TABLES:
        lines = (out / f"{name}.csv").read_text(encoding="utf-8").splitlines(keepends=True)
        head, *rows = lines
        forged = [head, *rows[:-1]] if rows else [head, "," * head.count(",") + "\n"]
        (out / f"{name}.csv").write_text("".join(forged), encoding="utf-8", newline="\n")
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"] = hashes(out)
    manifest["digest"] = digest(manifest)
    (out / "manifest.json").write_text(canonical(manifest), encoding="utf-8", newline="\n")
    told = {one.where for one in verify_payment(out).problems if one.code == "DIFFERS"}
    assert told == {f"{name}.csv" for name in TABLES}


def test_nobody_s_name_number_or_account_is_in_the_folder(tmp_path: Path) -> None:
    made = tables()
    made["leave"][0]["document"] = f"{NAMES[1]}病假条"
    stopped = {"post_no": "P3", "multiplier": "1", "reason": f"{NAMES[2]}年度考核", "document": "示例考〔2026〕4号"}
    made["holds"] = [{"period": PERIOD, **stopped}]
    _, out = paid(tmp_path, "--first", made=made)
    kept = b"".join(path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file())
    for secret in (*NAMES, *IDS, *ACCOUNTS):
        assert secret.encode() not in kept
    assert "N2病假条".encode() in kept
    assert "N3年度考核".encode() in kept


@pytest.mark.parametrize("more", [(), ("--first", "--earlier", "elsewhere")])
def test_against_what_must_be_said(tmp_path: Path, more: Sequence[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert paid(tmp_path, *more)[0] == 4
    assert "PAY-PAID" in capsys.readouterr().err


def test_a_period_is_paid_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, first = paid(tmp_path, "--first", out="first")
    code, out = paid(tmp_path, "--earlier", str(first), out="second")
    assert code == 4
    told = capsys.readouterr().err
    assert "PAY-PAID" in told
    assert "PAY-EARMARK-TWICE" not in told  # there is nothing to mend
    assert not out.exists()


def test_an_earmark_is_paid_once_under_whatever_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, first = paid(tmp_path, "--first", out="first")
    elsewhere = OTHER.replace("items: [gp], points", "points").replace("other: {", "other: {items: [gp], ")
    made, other = tables(), {"N1": "M1", "P1": "Q1", "bonus": "other"}
    for rows in made.values():
        for row in rows:
            row.update({name: other[value] for name, value in row.items() if value in other})
    assert paid(tmp_path, "--earlier", str(first), out="second", made=made, plan=elsewhere)[0] == 2
    assert "PAY-EARMARK-TWICE" in capsys.readouterr().err


OTHER = PLAN.replace(
    "  order: [bonus]", '    other: {in_total: "yes", points: [position, time]}\n  order: [bonus, other]'
)


def test_an_earmark_that_waits_is_paid_with_its_pool(tmp_path: Path) -> None:
    """The first payment has another pool and not the allowance, which its tables hold all the same."""
    waiting = tables()
    waiting["pay_amounts"] = [{**one, "pool": "other"} for one in waiting["pay_amounts"]]
    _, first = paid(tmp_path, "--first", out="first", made=waiting, plan=OTHER)
    assert {row["item"] for row in rows_of(first, "lines")} == {"points"}
    code, second = paid(tmp_path, "--earlier", str(first), out="second", plan=OTHER)
    assert code == 0
    assert [row["amount"] for row in rows_of(second, "lines") if row["item"] == "gp"] == ["900.00"]
    code, _ = paid(tmp_path, "--earlier", str(second), out="third", made=waiting, plan=OTHER)
    assert code == 0, "nor is one paid twice that stands in the tables of the other pool's payment again"


@pytest.mark.parametrize(("since", "until", "code"), [("2026-09-30", "", 2), ("2026-08-01", "", 2), ("", "", 0)])
def test_an_open_earmark_goes_on_over_institutions(
    tmp_path: Path, since: str, until: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """U1 paid N1's allowance from 1 July without an end; U2 pays the same person for days after that, or none."""
    of_u1 = tables()
    of_u1["earmarks"][0]["to"] = ""
    of_u1["pay_amounts"] = of_u1["pay_amounts"][:1]
    _, first = paid(tmp_path, "--first", out="first", made=of_u1)
    made = tables()
    made["pay_amounts"] = made["pay_amounts"][1:]
    made["posts"] = [post(1, "U1", position="1.2", share="0.5"), *made["posts"][1:]]
    made["posts"].append(post(5, "U2", person_code="N1", share="0.5"))
    for name in ("attendance", "person_facts"):
        made[name].append({**made[name][0], "post_no": "P5"})
    own = {**made["earmarks"][0], "post_no": "P5", "from": since, "to": until, "quantity": "1"}
    made["earmarks"] = [own] if since else []
    assert paid(tmp_path, "--earlier", str(first), out="second", made=made)[0] == code
    assert ("PAY-EARMARK-TWICE" in capsys.readouterr().err) == bool(code)


def test_what_departments_are_sent_is_no_payment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, people = write(tmp_path / "given", tables())
    sent = tmp_path / "all" / "teams"
    asked = ["--period", PERIOD, "--month", MONTH, "--out", str(sent)]
    assert cli.main(["pay", "teams", str(path), str(people), *asked]) == 0
    assert paid(tmp_path, "--earlier", str(sent))[0] == 2
    assert "NOT-A-RUN" in capsys.readouterr().err
    _, first = paid(tmp_path, "--first", out="all/first")
    made = tables()
    made["pay_amounts"] = [{**one, "pool": "other"} for one in made["pay_amounts"]]
    assert paid(tmp_path, "--earlier", str(first.parent), made=made, plan=OTHER, out="second")[0] == 0


def test_a_folder_of_another_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, first = paid(tmp_path, "--first", out="first")
    monkeypatch.setenv("LIANGYUN_PAY_KEY", str(tmp_path / "keys" / "other"))
    assert paid(tmp_path, "--earlier", str(first), out="second")[0] == 4
    assert "PAY-KEY" in capsys.readouterr().err


def test_a_key_that_others_read(tmp_path: Path, key: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paid(tmp_path, "--first", out="first")
    assert key.stat().st_mode & 0o777 == 0o600
    key.chmod(0o644)
    assert paid(tmp_path, "--first", out="second")[0] == 4
    assert "PAY-KEY" in capsys.readouterr().err


def test_nothing_is_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out = paid(tmp_path, "--first")
    before = (out / "manifest.json").read_bytes()
    assert paid(tmp_path, "--first")[0] == 2
    assert "OUT-EXISTS" in capsys.readouterr().err
    assert (out / "manifest.json").read_bytes() == before


def test_over_the_total_by_one_fen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = tables()
    made["money"][0]["amount"] = "9999.99"
    code, out = paid(tmp_path, "--first", made=made)
    assert code == 4
    assert "PAY-OVER-TOTAL" in capsys.readouterr().err
    assert not out.exists()


def test_one_institution_that_cannot_be_divided(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The allowance of U1 is more than U1 has; U2 is written."""
    made = tables()
    made["pay_amounts"][0]["amount"] = "899.99"
    code, out = paid(tmp_path, "--first", made=made)
    assert code == 3
    assert "PAY-OVER-AMOUNT" in capsys.readouterr().err
    assert {row["unit_code"] for row in rows_of(out, "units")} == {"U2"}
    assert cli.main(["pay", "verify", str(out)]) == 0


def test_institutions_without_posts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = tables()
    made["pay_amounts"].append({**made["pay_amounts"][0], "unit_code": "U3", "amount": "70.00"})
    code, out = paid(tmp_path, "--first", made=made)
    assert code == 0
    assert "PAY-NO-POSTS" in capsys.readouterr().err
    kept = [(row["shared"], row["kept"]) for row in rows_of(out, "units") if row["unit_code"] == "U3"]
    assert kept == [("0.00", "70.00")]
    assert paid(tmp_path, "--first", "--unit", "U3", made=made, out="named")[0] == 2
    code, out = paid(tmp_path, "--first", "--unit", "U2", made=made, out="one")
    assert code == 0
    assert {row["unit_code"] for row in rows_of(out, "units")} == {"U2"}
    assert cli.main(["pay", "verify", str(out)]) == 0


def test_completing_needs_nothing_but_the_data_that_lacked(tmp_path: Path) -> None:
    """Who people are, and whose pay is labour, stands in the folder that is completed."""
    made, scheme = tables(), PLAN.replace("points: [position, time, score, hold]", "points: [position], labour: true")
    scheme = scheme.replace('in_total: "yes", items', 'in_total: "no", document: 示例, items')
    made["posts"][1] |= {"staffing": "返聘", "tax_kind": "labour", "document": "示例聘〔2026〕1号"}
    made["tax_cumulative"] = made["tax_cumulative"][:1]
    made["people"][1]["id_type"] = "护照"
    _, out = paid(tmp_path, "--first", made=made, plan=scheme)
    status = {row["person_code"]: (row["kind"], row["status"]) for row in rows_of(out, "payslips")}
    assert status["N2"] == ("labour", "TAX-RESIDENCE")
    late = {**made["tax_cumulative"][0], "person_code": "N3"}
    resident = {**made["people"][1], "id_type": "居民身份证"}
    _, people = write(tmp_path / "later", {"tax_cumulative": [late], "people": [resident]})
    done = tmp_path / "done"
    assert cli.main(["pay", "complete", str(out), str(people), "--out", str(done)]) == 0
    status = {row["person_code"]: (row["kind"], row["status"]) for row in rows_of(done, "payslips")}
    assert (status["N2"], status["N3"]) == (("labour", "ok"), ("wages", "ok"))
    assert cli.main(["pay", "verify", str(done)]) == 0


def test_completing_what_lacked_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out = paid(tmp_path, "--first")
    made = tables()
    made["tax_cumulative"].append({**made["tax_cumulative"][0], "person_code": "N3"})
    _, people = write(tmp_path / "later", made)
    done = tmp_path / "done"
    assert cli.main(["pay", "complete", str(out), str(people), "--out", str(done)]) == 0
    assert [(row["person_code"], row["payable"], row["status"]) for row in rows_of(done, "payslips")] == [
        ("N3", "2603.10", "ok")
    ]
    assert {row["post_no"] for row in rows_of(done, "lines")} == {"P3"}
    assert cli.main(["pay", "verify", str(done)]) == 0
    again = ["pay", "complete", str(out), str(people), "--earlier", str(done), "--out", str(tmp_path / "again")]
    assert cli.main(again) == 4
    assert "PAY-PAID" in capsys.readouterr().err


CASES: Rows = [
    {
        "case_no": "1", "level": "person", "period": PERIOD, "pool": "bonus", "unit_code": "U1", "post_no": "P3",
        "table": "person_facts", "field": "score", "old_value": "80", "new_value": "90",
        "document": "示例院纪〔2026〕20号", "decided_on": "2026-11-05", "funding": "",
    }
]  # fmt: skip


@pytest.mark.parametrize("command", ["run", "teams", "complete"])
def test_what_is_not_used_of_the_tables_is_told(
    tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Cases where nothing is corrected, and rows of an earlier period."""
    made = tables()
    made["cases"] = [*CASES]
    made["attendance"] = [*made["attendance"], {**made["attendance"][0], "period": "2026Q2"}]
    made["tax_cumulative"].append({**made["tax_cumulative"][0], "person_code": "N3"})
    plan, people = write(tmp_path / "given", made)
    asked = ["--period", PERIOD, "--month", MONTH]
    if command == "complete":
        _, first = paid(tmp_path, "--first", out="first")
        given, asked = [str(first), str(people)], []
    else:
        given = [str(plan), str(people)]
    capsys.readouterr()
    more = ["--first"] if command == "run" else []
    assert cli.main(["pay", command, *given, *asked, *more, "--out", str(tmp_path / "told")]) == 0
    told = capsys.readouterr().err
    assert "更正表有 1 行 (如 cases.csv!" in told
    assert "PAY-CASES-UNUSED" in told
    assert "PAY-ROWS-EARLIER" in told


def test_teams_alone(tmp_path: Path) -> None:
    path, people = write(tmp_path / "given", tables())
    out = tmp_path / "teams"
    asked = ["--period", PERIOD, "--month", MONTH, "--out", str(out)]
    assert cli.main(["pay", "teams", str(path), str(people), *asked]) == 0
    assert sorted(one.name for one in out.glob("*.csv")) == ["teams.csv", "units.csv"]
    assert cli.main(["pay", "verify", str(out)]) == 0


def test_one_post_is_told_its_own_story(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out = paid(tmp_path, "--first")
    capsys.readouterr()
    assert cli.main(["pay", "explain", str(out), "P2"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("任职 P2 共应发 2,982.72 元")
    assert not {"P1", "P3", "N1", "N3"} & set(told.replace("/", " ").split())
    assert cli.main(["pay", "explain", str(out), "P9"]) == 2


def test_the_key_of_an_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIANGYUN_PAY_KEY")
    monkeypatch.setenv("LIANGYUN_HOME", str(tmp_path / "home"))
    assert paid(tmp_path, "--first")[0] == 0
    assert os.listdir(tmp_path / "home" / "keys") == ["pay"]  # noqa: PTH208  (names alone)


def test_the_same_workbook_for_one_institution_after_the_other(tmp_path: Path) -> None:
    """P1's earmark stands in it both times, and is paid once."""
    _, first = paid(tmp_path, "--first", "--unit", "U1", out="first")
    assert paid(tmp_path, "--earlier", str(first), "--unit", "U2", out="second")[0] == 0
