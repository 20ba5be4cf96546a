"""A hospital's people paid over HTTP, from the workbook to the last line that the bank gave back."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from engine.pay.folder.verify import verify_payment
from engine.schedule.worker import do_due
from engine.storage.backup import write_backup
from engine.storage.desk import open_desk
from engine.storage.install import Place, open_store, take_keys
from engine.storage.restore import restore
from engine.storage.rows import Sums, lines_of, snapshot, tables_of
from engine.storage.tables.decisions import File
from engine.storage.tables.period import Batch
from engine.workflow import pay_exports, pay_folders
from engine.workflow.backups import settle
from engine.workflow.refusals import Unmet
from tests.api.http.paying import HospitalPay, served_hospital, workbook
from tests.engine.pay.folder.making import ACCOUNTS, IDS, NAMES, POINTS, tables
from tests.engine.workflow.flow import OPERATOR, quick

BANK = "202610-U1"
SECRETS = (*NAMES, *IDS, *ACCOUNTS)


@pytest.fixture
def paying(store, clock, monkeypatch, tmp_path):
    quick(monkeypatch)
    monkeypatch.delenv("LIANGYUN_PAY_KEY", raising=False)
    with served_hospital(store, clock, tmp_path) as one:
        yield one


def codes(answer: Any) -> list[str]:
    return [one["code"] for one in answer.json()["problems"]]


def number_of(paying: HospitalPay) -> str:
    (number,) = {row["batch_no"] for row in paying.rows("batches")}
    return number


def answered(exported: bytes, *states: tuple[str, str]) -> bytes:
    """The bank's result: the exported workbook with what became of each line, and why."""
    book = openpyxl.load_workbook(io.BytesIO(exported))
    sheet = book.active
    heading = next(row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 1).value == "序号")
    last = sheet.max_column
    for at, (state, reason) in enumerate((("处理结果", "失败原因"), *states)):
        sheet.cell(heading + at, last + 1).value = state
        sheet.cell(heading + at, last + 2).value = reason
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def texts(content: bytes) -> str:
    """All that a workbook says."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return "\n".join(packed.read(name).decode("utf-8", "replace") for name in packed.namelist())


def test_what_is_wrong_is_told_at_once_and_changes_nothing(paying):
    made = tables()
    made["people"][0]["id_number"] = IDS[0][:-1] + ("0" if IDS[0][-1] != "0" else "1")
    made["leave"][0]["kind"] = "探亲假"
    job = paying.pay_people(workbook(made))
    assert job["state"] == "failed"
    assert {one["code"] for one in job["problems"]} == {"PAY-ID", "PAY-LEAVE-KIND"}
    assert {one["where"].partition(" ")[0] for one in job["problems"]} == {"人员.xlsx"}
    assert not any(secret in str(job) for secret in (*SECRETS, made["people"][0]["id_number"]))
    assert (paying.batch["state"], paying.batch["digest"]) == ("collecting", None)
    assert paying.get("hr", "/lines").status_code == 404
    assert paying.ask("hr", "submit").json()["code"] == "STATE"
    assert paying.hand_in(b"a,b", name="people.csv").json()["code"] == "FILE-KIND"
    assert paying.pay_people(workbook(tables()))["state"] == "done"
    first = paying.batch["digest"]
    assert paying.pay_people(workbook(made))["state"] == "failed"
    assert (paying.batch["state"], paying.batch["digest"]) == ("allocated", first)


def test_from_the_workbook_to_the_last_line(paying, tmp_path):
    assert paying.pay_people(workbook(tables()))["state"] == "done"
    lines = paying.rows("lines", "auditor")
    assert {row["post_no"]: row["amount"] for row in lines if row["item"] == "points"} == {
        post: amount for post, amount in POINTS.items() if post != "P4"
    }
    with zipfile.ZipFile(io.BytesIO(paying.get("auditor", "/archive").content)) as packed:
        packed.extractall(tmp_path / "folder")
    assert verify_payment(tmp_path / "folder").problems == ()
    assert paying.batch["slips"] == {"TAX-NO-DATA": 1, "ok": 2}
    assert "P1" in paying.get("reviewer", "/explain?post=P1").json()["text"]

    assert paying.step("hr", "submit") == "reviewing"
    digest = paying.batch["digest"]
    assert paying.ask("reviewer", "review", digest="0" * 64).json()["code"] == "DIGEST"
    assert paying.step("reviewer", "review", digest=digest) == "reviewing"
    assert codes(paying.ask("approver", "approve", digest=digest)) == ["MINUTES"]
    assert paying.step("reviewer", "reject", reason="缺会议纪要") == "allocated"
    paying.payable()
    assert paying.ask("approver", "withdraw", reason="…").json()["code"] == "MINUTES"

    number, client = number_of(paying), paying.quarter
    body = {"batch_no": number, "bank": "example-xlsx"}
    assert codes(paying.ask("payer", "pay")) == ["LINE-OPEN"]
    exported = client.post("payer", f"pay/{paying.number}/exports/bank", body, headers={"Idempotency-Key": "k-1"})
    assert exported.status_code == 200, exported.text
    assert all(word in texts(exported.content) for word in (NAMES[0], ACCOUNTS[0]))
    assert not any(one in texts(exported.content) for one in IDS)
    assert paying.export_bank(number).content == exported.content
    assert paying.export_bank(number, bank="example-fen").status_code == 409
    voided = paying.post("payer", "/exports/bank:void", {"batch_no": number, "reason": "银行停机"})
    assert voided.json() == {"batch_no": f"{number}-2"}
    again = paying.export_bank(f"{number}-2")
    assert again.status_code == 200
    assert again.content != exported.content
    listed = paying.get("auditor", "/exports").json()["items"]
    assert [(one["batch_no"], one["voided_reason"]) for one in listed] == [
        (number, "银行停机"), (number, "银行停机"), (f"{number}-2", "")
    ]  # fmt: skip

    assert paying.step("payer", "pay") == "paid"
    told = paying.answer_bank(f"{number}-2", answered(again.content, ("成功", ""), ("失败", f"{NAMES[1]}账号有误")))
    assert told.status_code == 201, told.text
    repay = f"{number}-R1"
    said = told.json()
    assert (said["ok"], said["failed"], said["repay"]["batch_no"], said["repay"]["lines"]) == (1, 1, repay, 1)
    assert set(codes(paying.ask("payer", "close"))) == {"LINE-UNPAID", "SLIP-BLANK"}
    back = paying.export_bank(repay)
    assert back.status_code == 200, back.text
    assert NAMES[1] in texts(back.content)
    assert NAMES[0] not in texts(back.content)
    assert paying.answer_bank(repay, answered(back.content, ("成功", ""))).json()["ok"] == 1
    assert codes(paying.ask("payer", "close")) == ["SLIP-BLANK"]
    slip = {"payer": "U1", "person_code": "N3", "kind": "wages", "state": "held"}
    assert codes(paying.post("payer", "/payments", {"slips": [slip]})) == ["LINE-REASON"]
    word = {"slips": [{**slip, "reason": "个税数据未到"}]}
    assert paying.post("payer", "/payments", word).json() == {"slips": 1}
    assert paying.step("payer", "close") == "closed"

    own = client.get("own", "me/slips").json()["items"]
    assert [row["person_code"] for one in own for row in (*one["payslips"], *one["lines"])] == ["N1"] * 3
    assert "N2" not in str(own)
    assert "P2" not in str(own)
    assert client.get("nobody", "me/slips").json() == {"items": [], "next": None}
    assert client.get("own", f"pay/{paying.number}/lines").status_code == 403
    nothing_leaks(paying, tmp_path)


def nothing_leaks(paying: HospitalPay, room: Path) -> None:
    """No name, ID number or account is in the database, the store, the log or a backup, but inside encrypted files."""
    store, wanted = paying.quarter.served.store, [word.encode() for word in SECRETS]
    backup = room / "backup.zip"
    write_backup(store, backup, lambda _done, _of, _title: None)
    with snapshot(store.engine) as connection:
        rows = [line for table in tables_of(connection).values() for line in lines_of(connection, table, Sums(table))]
    with zipfile.ZipFile(backup) as packed:
        kept = {name: packed.read(name) for name in packed.namelist()}
    files = {str(path): path.read_bytes() for path in store.home.rglob("*") if path.is_file()}
    places = files | kept | {"rows": "\n".join(rows).encode(), "log": paying.quarter.served.log.getvalue().encode()}
    assert len(kept) > 20
    found = [(name, word.decode()) for name, content in places.items() for word in wanted if word in content]
    assert found == []
    with open_desk(store, OPERATOR, writes=False) as desk:
        personal = desk.rows(File, File.kind == "personal")
    plain = [texts(store.files.get(row.sha, personal=True)) for row in personal]
    assert len(plain) == 3
    assert any(all(word in one for word in SECRETS) for one in plain)
    assert {row.sha in str(kept) for row in personal} == {True}
    assert {paying.quarter.get("hr", f"files/{row.sha}").status_code for row in personal} == {404}


def test_who_is_given_names(paying):
    paying.pay_people(workbook(tables()))
    paying.payable()
    for kind in ("sheet", "slips", "public", "taxform", "treasury"):
        assert paying.get("payer", f"/exports/{kind}").status_code == 200, kind
        for login in ("reviewer", "approver", "auditor", "viewer", "own"):
            assert paying.get(login, f"/exports/{kind}").json()["code"] == "ROLE"
    assert NAMES[0] in texts(paying.get("hr", "/exports/sheet").content)
    assert paying.quarter.get("payer", f"batches/{paying.number}/sheets/approval").status_code == 404
    audit = paying.get("auditor", "/exports/audit")
    assert audit.status_code == 200
    assert not any(secret in texts(audit.content) for secret in SECRETS)
    audited = paying.quarter.served.audited("done")
    assert len([one for one in audited if one[1].startswith("pay.export.")]) == 7
    paying.quarter.served.user("token-hr", "hr@U1")
    token = {"Authorization": f"Bearer {paying.quarter.served.token('token-hr')}"}
    answer = paying.quarter.served.client.get(f"/api/v1/pay/{paying.number}/exports/sheet", headers=token)
    assert (answer.status_code, answer.json()["code"]) == (403, "SIGN-IN-NEEDED")


def test_another_institution_s_batch_is_not_there(paying):
    paying.pay_people(workbook(tables()))
    number = paying.number
    for path in ("", "/lines", "/explain?post=P1", "/archive", "/exports", "/exports/audit", "/exports/sheet"):
        assert paying.get("hr-other", path).status_code == 404, path
    for path in (f"batches/{number}", f"batches/{number}/transitions"):
        assert paying.quarter.get("hr-other", path).status_code == 404
    assert paying.hand_in(b"x", "hr-other").status_code == 404
    assert paying.export_bank("B", "hr-other").status_code == 404
    assert paying.post("hr-other", "/exports/bank:void", {"batch_no": "B", "reason": "…"}).status_code == 404
    for path in ("pay", "batches"):
        assert paying.quarter.get("hr-other", path).json()["items"] == []
        assert [one["id"] for one in paying.quarter.get("hr", path).json()["items"]] == [number]
    assert paying.asked("hr-other").json()["code"] == "ROLE"
    assert paying.asked("hr-other", unit="U2").status_code == 201
    assert paying.asked().json()["code"] == "BATCH-OPEN"
    assert {row["unit_code"] for row in paying.rows("lines")} == {"U1"}


def test_nobody_is_paid_twice(paying):
    paying.pay_people(workbook(tables()))
    assert paying.asked("hr-other", unit="U2").status_code == 201  # at work at the same time
    paying.payable()
    first, other = paying.number, paying.number + 1
    assert paying.asked().status_code == 201
    paying.number = other + 1
    job = paying.pay_people(workbook(tables()))
    assert (job["state"], "PAY-PAID" in job["problems"][0]["message"]) == ("failed", True)
    assert paying.batch["state"] == "collecting"
    assert paying.step("hr", "abandon", reason="重复") == "abandoned"
    assert paying.quarter.get("hr", f"pay/{first}").json()["state"] == "payable"

    paying.number = other  # the same roster: the other hospital's people wait for nobody, and nobody's earmark is twice
    files = {"file": ("人员.xlsx", workbook(tables()), "application/octet-stream")}
    handed = paying.quarter.as_("hr-other").post(f"/api/v1/pay/{other}/people", files=files)
    do_due(paying.quarter.served.store)
    assert paying.quarter.get("hr-other", f"jobs/{handed.json()['job']}").json()["state"] == "done"
    assert {row["unit_code"] for row in paying.rows("lines", "hr-other")} == {"U2"}


def test_a_wrong_score_is_put_right(paying):
    paying.pay_people(workbook(tables()))
    assert paying.post("hr", "/cases", {"month": "2026-11"}).json()["code"] == "CORRECTS-NONE"
    paying.payable()
    before = paying.rows("lines")
    opened = paying.post("hr", "/cases", {"month": "2026-11"})
    assert opened.status_code == 201, opened.text
    assert paying.post("hr", "/cases", {"month": "2026-11"}).json()["code"] == "CORRECTED-BEFORE"
    first, paying.number = paying.number, opened.json()["id"]
    assert opened.json()["corrects"] == first
    case = {
        "case_no": "G1", "level": "person", "period": "2026Q3", "pool": "bonus", "unit_code": "U1", "post_no": "P3",
        "table": "person_facts", "field": "score", "old_value": "80", "new_value": "100",
        "document": "示例纪要〔2026〕7号", "decided_on": "2026-10-20", "funding": "redivide",
    }  # fmt: skip
    job = paying.pay_people(workbook({"cases": [case]}))
    assert job["state"] == "done", job
    assert {row["case"] for row in paying.rows("lines")} == {"G1"}
    assert sum(round(float(row["amount"]) * 100) for row in paying.rows("lines")) == 0
    paying.payable()
    paying.number = first
    assert paying.rows("lines") == before
    minutes = paying.quarter.upload("approver")
    assert "CORRECTED" in codes(paying.ask("approver", "withdraw", reason="…", minutes=minutes))


def test_after_a_restore_nothing_leaves_before_the_payer_s_word(paying):
    paying.pay_people(workbook(tables()))
    paying.payable()
    with open_desk(paying.quarter.served.store, OPERATOR) as desk:
        desk.change(Batch, Batch.id == paying.number, restored=True)
    assert paying.get("hr", "/exports/sheet").json()["code"] == "RESTORED"
    assert paying.export_bank(number_of(paying)).json()["code"] == "RESTORED"
    assert "RESTORED" in codes(paying.ask("payer", "pay"))
    word = {"said": "备份之后没有付款"}
    assert paying.quarter.post("payer", f"batches/{paying.number}/restored", word).status_code == 200
    assert paying.get("hr", "/exports/sheet").status_code == 200


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)  # a backup is the same of both databases
def test_a_restored_store_has_the_people_encrypted_and_pays_nobody(paying, tmp_path, clock):
    paying.pay_people(workbook(tables()))
    paying.payable()
    store, path, place = paying.quarter.served.store, tmp_path / "b.zip", Place(tmp_path / "home")
    write_backup(store, path, lambda _done, _of, _title: None)
    place.home.mkdir(mode=0o700)
    take_keys(place, store.keys)
    restore(path, place, lambda _done, _of, _title: None, actor=OPERATOR, settle=settle)
    again = open_store(place, clock=clock)
    try:
        with open_desk(again, OPERATOR, writes=False) as desk:
            batch, (file,) = desk.get(Batch, paying.number), desk.rows(File, File.kind == "personal")
            assert batch.restored
            assert again.files.folder("runs", pay_folders.of(desk, batch).folder).is_dir()
            assert IDS[0] in texts(again.files.get(file.sha, personal=True))
            assert IDS[0].encode() not in (place.home / "files" / file.sha[:2] / file.sha).read_bytes()
        actor = paying.quarter.county.actor("payer")
        with open_desk(again, actor) as desk, pytest.raises(Unmet) as refused:
            pay_exports.made(desk, paying.number, "sheet")
        assert [one.code for one in refused.value.guards] == ["RESTORED"]
    finally:
        again.engine.dispose()
