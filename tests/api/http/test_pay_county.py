"""A hospital of the demo county is paid out of the county's own run: what was released, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from engine.storage.desk import open_desk
from engine.storage.tables.period import Batch
from engine.storage.tables.results import Amount, Hold
from tests.api.http.paying import HR, OTHER, UNIT, Paying
from tests.api.http.quarter import served_quarter
from tests.engine.workflow.flow import OPERATOR, quick


def codes(answer: Any) -> list[str]:
    return [one["code"] for one in answer.json()["unmet"]]


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)  # what databases do differently test_pay.py looks at
def test_what_was_released_is_paid_to_people(store, clock, monkeypatch):
    quick(monkeypatch)
    monkeypatch.delenv("LIANGYUN_PAY_KEY", raising=False)
    with served_quarter(store, clock, HR) as quarter:
        quarter.to("disclosed")
        paying = Paying(quarter)
        assert paying.asked().json()["code"] == "RUN-NOT-RELEASED"
        quarter.to("payable")
        assert paying.asked(run=None).json()["code"] == "RUN-NEEDED"
        assert paying.asked(period="2026Q2").json()["code"] == "RUN-OTHER"
        assert paying.asked(unit="X99").json()["code"] == "ROLE"
        with open_desk(store, OPERATOR) as desk:
            (alliance,) = {row.alliance for row in desk.rows(Amount, Amount.run == paying.run, Amount.unit == UNIT)}
            desk.add(Hold(batch=quarter.number, alliance=alliance, reason="示例", at=desk.now))
        assert paying.asked().json()["code"] == "HELD"
        with open_desk(store, OPERATOR) as desk:
            desk.remove(Hold, Hold.alliance == alliance)
        opened = paying.open()
        assert (opened["parent"], opened["run"]) == (quarter.number, paying.run)

        job = paying.pay_people()
        assert job["state"] == "done", job
        given = quarter.get("auditor", f"runs/{paying.run}/allocations?unit={UNIT}").json()["items"]
        (amount,) = [row["amount"] for row in given if row["pool"] == "performance"]
        (unit,) = paying.rows("units")
        assert (unit["unit_code"], unit["amount"], unit["kept"]) == (UNIT, amount, "0.00")
        assert {row["charged_unit"] for row in paying.rows("lines")} == {UNIT}
        assert {row["difference"] for row in paying.rows("reconciliation")} == {"0.00"}
        assert paying.get("hr-other", "/lines").status_code == 404
        assert {row["payer"] for row in paying.rows("batches")} == {UNIT, "H01"}

        paying.payable()
        minutes = quarter.upload("approver", b"minutes")
        refused = quarter.ask("approver", "withdraw", reason="示例", minutes=minutes)
        assert codes(refused) == ["PAID-OUT"]
        for number in {row["batch_no"] for row in paying.rows("batches")}:
            assert paying.export_bank(number).status_code == 200
            body = {"batch_no": number, "reason": "示例"}
            assert codes(paying.ask("approver", "withdraw", reason="示例", minutes=minutes)) == ["ORDERED"]
            assert paying.post("payer", "/exports/bank:void", body).status_code == 200
        with open_desk(store, OPERATOR) as desk:
            desk.change(Batch, Batch.id == quarter.number, state="abandoned")
        assert codes(paying.ask("payer", "pay"))[0] == "RUN-NOT-RELEASED"
        assert paying.asked("hr-other", unit=OTHER).json()["code"] == "RUN-NOT-RELEASED"
        with open_desk(store, OPERATOR) as desk:
            desk.change(Batch, Batch.id == quarter.number, state="payable")
        assert paying.step("approver", "withdraw", reason="示例", minutes=minutes) == "abandoned"
        assert quarter.step("approver", "withdraw", reason="示例", minutes=minutes) == "abandoned"
