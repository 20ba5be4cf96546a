"""Two hundred people of a hospital that is served: who they are stands in what is given to whom may have it alone."""

from __future__ import annotations

import io
import zipfile

import pytest

from engine.storage.backup import write_backup
from engine.storage.desk import open_desk
from engine.storage.rows import Sums, lines_of, snapshot, tables_of
from engine.storage.tables.decisions import File
from tests.api.http.paying import HospitalPay, served_hospital, workbook
from tests.api.http.test_pay import answered, number_of
from tests.engine.workflow.flow import OPERATOR, quick
from tests.privacy import KINDS, NAMES, PEOPLE, PHONES, case, found, hospital, late, leaks, under

MAY = {"sheet": {"name"}, "slips": {"name"}, "public": {"name"}, "taxform": {"name", "id"}, "audit": set[str](),
       "treasury": {"name", "account"}}  # fmt: skip


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)  # what is kept is the same of both databases
def test_who_two_hundred_people_are_stands_only_where_it_may(store, clock, monkeypatch, tmp_path):
    quick(monkeypatch)
    monkeypatch.delenv("LIANGYUN_PAY_KEY", raising=False)
    with served_hospital(store, clock, tmp_path / "plan") as paying:
        wrong = hospital() | {"leave": [{**hospital()["leave"][0], "kind": f"{NAMES[1]}的假"}]}
        refused = paying.pay_people(workbook(wrong))
        assert refused["state"] == "failed"
        assert paying.pay_people(workbook(hospital()))["state"] == "done"
        paying.payable()
        for kind, kinds in MAY.items():
            login = "auditor" if kind == "audit" else "payer"
            told = found("", paying.get(login, f"/exports/{kind}").content)
            assert told.keys() == kinds, kind
            assert {len(these) for these in told.values()} <= {PEOPLE, PEOPLE - 1}, kind
        _bank(paying)
        _second(paying)
        shown = [paying.get("auditor", path).text for path in ("/lines", "/payslips", "/exports", "/explain?post=P7")]
        folder = paying.get("auditor", "/archive").content
        assert leaks({"shown": "\n".join(shown).encode(), "refused": str(refused).encode(), "folder": folder}) == {}
        assert leaks(_kept(paying, tmp_path)) == {}
        with open_desk(store, OPERATOR, writes=False) as desk:
            personal = [store.files.get(row.sha, personal=True) for row in desk.rows(File, File.kind == "personal")]
        assert any(found("", one).keys() == KINDS.keys() for one in personal)


def _bank(paying: HospitalPay) -> None:
    """The batch goes to the bank, two lines of it come back, in words that name people, and are paid again."""
    number = number_of(paying)
    sent = paying.export_bank(number)
    assert {kind: len(these) for kind, these in found("", sent.content).items()} == {
        "name": PEOPLE - 1, "account": PEOPLE - 1,
    }  # fmt: skip
    assert paying.step("payer", "pay") == "paid"
    wrong = ("失败", f"{NAMES[3]}账号有误, 电 {PHONES[3]}")
    back = paying.answer_bank(number, answered(sent.content, wrong, wrong, *[("成功", "")] * (PEOPLE - 3)))
    assert back.status_code == 201, back.text
    assert leaks({"answer": back.content}) == {}
    again = paying.export_bank(back.json()["repay"]["batch_no"])
    assert {kind: len(these) for kind, these in found("", again.content).items()} == {"name": 2, "account": 2}


def _second(paying: HospitalPay) -> None:
    """A correction decided about in words that name the person, paid by a second batch."""
    opened = paying.post("hr", "/cases", {"month": "2026-11"})
    assert opened.status_code == 201, opened.text
    paying.number = opened.json()["id"]
    figures = [{**row, "month": "2026-11"} for row in (*hospital()["tax_cumulative"], late())]
    job = paying.pay_people(workbook({**hospital(), "tax_cumulative": figures, "cases": [case()]}))
    assert job["state"] == "done", job
    paying.payable()
    sent = paying.export_bank(number_of(paying))
    assert {kind: len(these) for kind, these in found("", sent.content).items()} == {"name": 1, "account": 1}


def _kept(paying: HospitalPay, room) -> dict[str, bytes]:
    """All that the installation holds and has said: database as rows and as bytes, store, log, backup."""
    store, backup = paying.quarter.served.store, room / "backup.zip"
    write_backup(store, backup, lambda _done, _of, _title: None)
    with snapshot(store.engine) as connection:
        rows = [line for table in tables_of(connection).values() for line in lines_of(connection, table, Sums(table))]
    with zipfile.ZipFile(io.BytesIO(backup.read_bytes())) as packed:
        copied = {f"backup/{name}": packed.read(name) for name in packed.namelist()}
    home = {f"home/{name}": content for name, content in under(store.home).items()}
    assert any(content.startswith(b"SQLite format 3") for content in home.values())
    assert len(copied) > 40
    log = paying.quarter.served.log.getvalue().encode()
    return home | copied | {"rows": "\n".join(rows).encode(), "log": log}
