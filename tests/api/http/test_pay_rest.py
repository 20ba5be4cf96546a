"""What a pay batch leaves to be done: its rest paid, accounts mended, teams first, own layouts, the way told."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import openpyxl
import pytest

import configs
from engine.pay.folder.verify import verify_payment
from engine.schedule.worker import do_due
from engine.storage.desk import open_desk
from engine.workflow import people
from tests.api.http.paying import HospitalPay, served_hospital, workbook
from tests.api.http.test_pay import answered, codes, number_of, texts
from tests.engine.pay.folder.making import ACCOUNTS, IDS, NAMES, tables
from tests.engine.workflow.flow import OPERATOR, SECRET, quick

pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)  # the steps beside it ran on both databases
LATE = {**tables()["tax_cumulative"][0], "person_code": "N3"}


@pytest.fixture
def paying(store, clock, monkeypatch, tmp_path):
    quick(monkeypatch)
    monkeypatch.delenv("LIANGYUN_PAY_KEY", raising=False)
    with served_hospital(store, clock, tmp_path) as one:
        yield one


def waiting(paying: HospitalPay, login: str) -> list[tuple[str, str, list[str]]]:
    items = paying.quarter.get(login, "me/inbox").json()["waiting"]
    return [(one["what"], one["path"].removeprefix("/api/v1"), one["needs"]) for one in items]


def uploaded(paying: HospitalPay, path: str, content: bytes, login: str = "hr", name: str = "人员.xlsx") -> Any:
    files = {"file": (name, content, "application/octet-stream")}
    return paying.quarter.as_(login).post(f"/api/v1/pay/{paying.number}{path}", files=files)


def test_what_waited_for_data_is_paid_once(paying):
    first = paying.number
    assert waiting(paying, "hr") == [("people", f"/pay/{first}/people", ["file"])]
    assert waiting(paying, "payer") == []
    paying.pay_people(workbook(tables() | {"attendance": []}))
    assert waiting(paying, "hr") == [("people", f"/pay/{first}/people", ["file"])], "what failed is handed in again"
    earlier = {**tables()["attendance"][0], "period": "2026Q2"}
    job = paying.pay_people(workbook(tables() | {"attendance": [*tables()["attendance"], earlier]}))
    assert any("PAY-ROWS-EARLIER" in one for one in job["result"]["warnings"])
    assert waiting(paying, "hr") == [("submit", f"/pay/{first}:submit", [])]
    assert paying.post("hr", "/completions").json()["code"] == "COMPLETES-NONE"
    paying.payable()
    assert waiting(paying, "hr") == [("complete", f"/pay/{first}/completions", [])]
    assert paying.post("payer", "/completions").json()["code"] == "ROLE"
    assert paying.post("hr-other", "/completions").status_code == 404

    opened = paying.post("hr", "/completions")
    assert (opened.status_code, opened.json()["completes"], opened.json()["month"]) == (201, first, "2026-10")
    assert waiting(paying, "hr") == [("people", f"/pay/{opened.json()['id']}/people", ["file"])]
    assert paying.post("hr", "/completions").json()["code"] == "COMPLETED-BEFORE"
    paying.number = opened.json()["id"]
    assert uploaded(paying, "/teams", workbook(tables())).json()["code"] == "TEAMS-NONE"
    job = paying.pay_people(workbook({"tax_cumulative": [LATE]}))
    assert job["state"] == "done", job
    assert [(one["person_code"], one["payable"], one["status"]) for one in paying.rows("payslips")] == [
        ("N3", "2603.10", "ok")
    ]
    minutes = paying.quarter.upload("hr", b"minutes", "会议纪要.pdf")
    assert paying.step("hr", "submit") == "reviewing"
    digest = paying.batch["digest"]
    assert paying.ask("hr", "review", digest=digest).json()["code"] == "ROLE"
    paying.step("reviewer", "review", digest=digest)
    assert waiting(paying, "approver") == [("approve", f"/pay/{paying.number}:approve", ["digest", "minutes"])]
    paying.step("approver", "approve", digest=digest, minutes=minutes)
    posted = str(paying.quarter.clock().date())
    paying.step("hr", "disclose", posted_on=posted, where="公示栏", file=paying.quarter.upload("hr"))
    paying.quarter.clock.forward(days=10)
    assert paying.step("hr", "release") == "payable"
    assert paying.post("hr", "/cases", {"month": "2026-11"}).json()["code"] == "CORRECTS-NONE"
    assert paying.post("hr", "/completions").json()["code"] == "COMPLETES-NONE"

    # The workbook has nobody's name: sheets, slips and the bank's file take it from the one before.
    for kind in ("sheet", "public", "taxform", "treasury"):
        assert NAMES[2] in texts(paying.get("payer", f"/exports/{kind}").content), kind
    assert paying.get("payer", "/exports/slips").status_code == 200
    exported = paying.export_bank(number_of(paying))
    assert exported.status_code == 200, exported.text
    assert ACCOUNTS[2] in texts(exported.content)
    one, year = (texts(paying.get("auditor", f"/exports/audit{of}").content) for of in ("", "?year=true"))
    assert (f"pay-{first}（" in one, f"pay-{first}（" in year) == (False, True)
    second, paying.number = paying.number, first
    refused = paying.ask("approver", "withdraw", reason="…", minutes=minutes)
    assert "COMPLETED" in codes(refused)
    paying.export_bank(number_of(paying))
    paying.step("payer", "pay")
    assert codes(paying.ask("payer", "close")) == ["LINE-UNPAID"], "its open payslip is the other batch's"
    paying.number = second
    assert paying.step("payer", "pay") == "paid"
    paying.answer_bank(number_of(paying), answered(exported.content, ("成功", "")))
    assert paying.step("payer", "close") == "closed"


def test_a_correction_s_sheets_and_slips_say_whose_they_are(paying):
    paying.pay_people(workbook(tables()))
    paying.payable()
    paying.number = paying.post("hr", "/cases", {"month": "2026-11"}).json()["id"]
    case = {
        "case_no": "G1", "level": "person", "period": "2026Q3", "pool": "bonus", "unit_code": "U1", "post_no": "P2",
        "table": "person_facts", "field": "score", "old_value": "100", "new_value": "50",
        "document": "示例纪要〔2026〕7号", "decided_on": "2026-10-20", "funding": "redivide",
    }  # fmt: skip
    known = [{**LATE, "month": "2026-11", "person_code": code, "withheld_month": "0.00"} for code in ("N1", "N3")]
    assert paying.pay_people(workbook({"cases": [case], "tax_cumulative": known}))["state"] == "done"
    paying.payable()
    for kind in ("sheet", "public", "taxform", "treasury"):
        answer = paying.get("payer", f"/exports/{kind}")
        assert answer.status_code == 200, (kind, answer.text)
        assert NAMES[0] in texts(answer.content), kind
    assert paying.get("payer", "/exports/slips").status_code == 200
    assert ACCOUNTS[0] in texts(paying.export_bank(number_of(paying)).content)


def test_an_account_is_mended_by_one_and_paid_by_another(paying):
    paying.pay_people(workbook(tables()))
    wrong = tables()["accounts"]
    mended = workbook({"accounts": [{**wrong[1], "account": "6222000000000000995"}]})
    assert uploaded(paying, "/accounts", mended).json()["code"] == "STATE"
    paying.payable()
    number = number_of(paying)
    assert uploaded(paying, "/accounts", mended, "payer").json()["code"] == "ROLE"
    assert uploaded(paying, "/accounts", mended, "hr-other").status_code == 404
    assert uploaded(paying, "/accounts", workbook({"people": tables()["people"]})).json()["code"] == "TABLE-MISSING"
    assert ACCOUNTS[1] in texts(paying.export_bank(number).content)
    paying.post("payer", "/exports/bank:void", {"batch_no": number, "reason": "户名账号有误"})
    before = paying.rows("lines"), paying.batch["people"], paying.batch["digest"]
    assert uploaded(paying, "/accounts", mended).status_code == 200
    assert (paying.rows("lines"), paying.batch["people"], paying.batch["digest"]) == before
    assert [one["by"] for one in paying.get("payer").json()["accounts"]] == ["hr（示例）"]
    refused = paying.export_bank(f"{number}-2", "hr")
    assert (refused.status_code, refused.json()["code"]) == (403, "HAND")
    exported = texts(paying.export_bank(f"{number}-2").content)
    assert "6222000000000000995" in exported
    assert ACCOUNTS[1] not in exported
    assert ACCOUNTS[0] in exported
    assert any(one[1] == "pay.accounts" for one in paying.quarter.served.audited("done"))
    assert paying.asked(period="2026Q4", month="2027-01").status_code == 201
    paying.number += 1
    carried = texts(paying.get("hr", "/template?carry=true").content)
    assert "6222000000000000995" in carried, "what was mended is what the next payment goes to"
    assert ACCOUNTS[1] not in carried
    assert ACCOUNTS[0] in carried


def test_teams_first_then_people(paying):
    made = tables() | {"person_facts": [], "tax_cumulative": []}
    assert paying.get("hr", "/units").status_code == 404
    handed = uploaded(paying, "/teams", workbook(made))
    assert handed.status_code == 202, handed.text
    do_due(paying.quarter.served.store)
    assert paying.quarter.get("hr", f"jobs/{handed.json()['job']}").json()["state"] == "done"
    assert [row["amount"] for row in paying.rows("units")] == ["10000.00"]
    assert (paying.batch["state"], paying.batch["digest"], paying.batch["people"]) == ("collecting", None, None)
    for path in ("/lines", "/archive", "/explain?post=P1", "/exports/sheet"):
        assert paying.get("hr", path).status_code == 404, path
    assert paying.ask("hr", "submit").json()["code"] == "STATE"
    assert uploaded(paying, "/teams", workbook(made), "payer").json()["code"] == "ROLE"
    handed = uploaded(paying, "/people", workbook(tables()))
    refused = uploaded(paying, "/teams", workbook(made))
    assert (refused.status_code, refused.json()["code"]) == (409, "STATE"), "what is being paid would be given up"
    do_due(paying.quarter.served.store)
    assert paying.quarter.get("hr", f"jobs/{handed.json()['job']}").json()["state"] == "done"
    assert paying.batch["state"] == "allocated"
    assert {row["pool"] for row in paying.rows("units")} == {"bonus"}


def test_the_workbook_to_fill_in(paying):
    blank = paying.get("hr", "/template")
    assert blank.status_code == 200
    assert not any(name in texts(blank.content) for name in NAMES)
    assert paying.get("hr", "/template?carry=true").json()["code"] == "CARRY-NONE"
    paying.pay_people(workbook(tables()))
    paying.payable()
    assert paying.asked(period="2026Q4", month="2027-01").status_code == 201
    assert NAMES[0] not in texts(paying.get("auditor", "/exports/audit?year=true").content)
    paying.number += 1
    carried = paying.get("hr", "/template?carry=true")
    assert carried.status_code == 200, carried.text
    assert all(one in texts(carried.content) for one in (NAMES[0], IDS[0], ACCOUNTS[0]))
    assert [one["kind"] for one in paying.get("auditor", "/exports").json()["items"]] == ["template"]
    assert paying.get("payer", "/template").json()["code"] == "ROLE"
    assert paying.get("hr-other", "/template").status_code == 404


def test_a_sheet_that_somebody_changed(paying):
    paying.pay_people(workbook(tables()))
    sheet = paying.get("hr", "/exports/sheet").content
    assert uploaded(paying, "/exports/sheet:check", sheet).json() == {"changed": []}
    book = openpyxl.load_workbook(io.BytesIO(sheet))
    cell = next(one for row in book.worksheets[0] for one in row if one.value == NAMES[0])
    cell.value = NAMES[1]
    held = io.BytesIO()
    book.save(held)
    found = uploaded(paying, "/exports/sheet:check", held.getvalue()).json()["changed"]
    assert [(one["code"], one["where"].rpartition("!")[2]) for one in found] == [("SHEET-CHANGED", cell.coordinate)]
    assert uploaded(paying, "/exports/sheet:check", sheet, "reviewer").json()["code"] == "ROLE"


def drafted(paying: HospitalPay, kind: str, policy: str, content: str) -> Any:
    answer = paying.quarter.post("drafter", "policies", {"kind": kind, "policy_id": policy, "content": content})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_county_s_own_layouts(paying):
    with open_desk(paying.quarter.served.store, OPERATOR) as desk:
        for login in ("drafter", "publisher"):
            grants = [people.Wanted.parse("appraiser")]
            people.create_user(desk, login=login, name=login, password=SECRET, grants=grants)
    ours = (configs.folder() / "banks" / "example-xlsx.yaml").read_text(encoding="utf-8")
    own = ours.replace("id: example-xlsx", "id: county-bank").replace("title: 收款人户名", "title: 户名（本地）")
    assert drafted(paying, "bank", "other", own)["problems"][0]["code"] == "ID-FILE"
    assert drafted(paying, "treasury", "mine", own)["problems"][0]["code"] == "LAYOUT-KIND"
    draft = drafted(paying, "bank", "county-bank", own)
    assert draft["problems"] == []
    paying.pay_people(workbook(tables()))
    paying.payable()
    number = number_of(paying)
    told = paying.export_bank(number, bank="county-bank").json()
    assert told["code"] == "BANK-UNKNOWN"
    assert paying.quarter.post("drafter", f"policies/{draft['id']}:publish").json()["code"] == "HAND"
    assert paying.quarter.post("publisher", f"policies/{draft['id']}:publish").status_code == 200
    exported = paying.export_bank(number, bank="county-bank")
    assert exported.status_code == 200, exported.text
    assert "户名（本地）" in texts(exported.content)
    again = drafted(paying, "bank", "county-bank", own.replace("sheet: ", "sheet: 另"))
    paying.quarter.post("publisher", f"policies/{again['id']}:publish")
    paying.step("payer", "pay")
    told = paying.answer_bank(number, answered(exported.content, ("成功", ""), ("成功", "")))
    assert told.json()["ok"] == 2, "the answer is read by the version that the batch was exported by"

    budget = (configs.folder() / "exports" / "budget.yaml").read_text(encoding="utf-8")
    assert drafted(paying, "budget", "ours", budget)["problems"][0]["code"] == "ID-FILE"
    draft = drafted(paying, "budget", "budget-990101", budget.replace('way: ""', "way: 本地拨付"))
    assert "本地拨付" not in texts(paying.get("payer", "/exports/sheet").content)
    paying.quarter.post("publisher", f"policies/{draft['id']}:publish")
    assert "本地拨付" in texts(paying.get("payer", "/exports/sheet").content)


def test_the_archive_of_a_completion_verifies(paying, tmp_path):
    paying.pay_people(workbook(tables()))
    paying.payable()
    paying.number = paying.post("hr", "/completions").json()["id"]
    paying.pay_people(workbook({"tax_cumulative": [LATE]}))
    with zipfile.ZipFile(io.BytesIO(paying.get("auditor", "/archive").content)) as packed:
        packed.extractall(tmp_path / "folder")
    assert verify_payment(tmp_path / "folder").problems == ()
