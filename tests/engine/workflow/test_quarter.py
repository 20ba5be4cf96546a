"""A quarter from empty to closed, on both databases, and what each step refuses on the way."""

from __future__ import annotations

import io

import openpyxl
import pytest

from engine.folder.verify import verify
from engine.storage import audit
from engine.storage.desk import open_desk
from engine.storage.tables.period import Due
from engine.workflow import results, runs, sheets, steps
from engine.workflow.cases import Given
from engine.workflow.refusals import NotAllowed, NotThere, Stale, Unmet
from tests.engine.workflow.flow import OPERATOR, County, quick


@pytest.fixture
def county(store, clock, monkeypatch):
    quick(monkeypatch)
    return County(store, clock)


def printed(content):
    """Every cell of a workbook."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None]


def codes(error):
    return {guard.code for guard in error.value.guards}


def test_a_quarter_from_empty_to_closed(county, store):
    opened = county.open()
    assert opened.state == "collecting"
    assert 10 <= len(opened.assignments) <= 30
    number = opened.id
    with pytest.raises(Unmet) as early:
        county.step("checker", number, "lock")
    assert codes(early) >= {"ASSIGNMENT-OPEN"}
    county.file_all(number)
    with pytest.raises(NotAllowed) as other:
        county.step("checker2", number, "publish")
    assert other.value.code == "ROLE"
    assert county.step("checker", number, "lock").state == "scored"
    with county.desk("auditor", writes=False) as desk, pytest.raises(NotThere):
        results.table(desk, county.batch(number).score_run, "allocations")
    county.step("appraiser", number, "publish")
    with pytest.raises(Unmet) as silent:
        county.step("appraiser", number, "settle")
    assert codes(silent) == {"MEMBER-UNCONFIRMED"}
    county.confirm_all(number)
    assert county.step("appraiser", number, "settle").state == "confirmed"
    assert county.step("maker", number, "allocate").state == "allocated"
    county.step("maker", number, "submit")
    seen = county.batch(number).seen
    with county.desk("maker") as desk:
        name, sheet = sheets.approval(desk, number)
        with pytest.raises(Unmet):
            sheets.public(desk, number)
    assert name == "审批单-demo-county-2026Q3.xlsx"
    signed = printed(sheet)
    assert f"摘要：{seen}" in signed
    with open_desk(store, OPERATOR, writes=False) as desk:
        pays = runs.lines(desk, county.batch(number))
        anchor = next(text for text in signed if isinstance(text, str) and text.startswith("审计链：")).split("　")[0]
        assert audit.printed(desk.session, anchor.removeprefix("审计链：")) is not None
    assert sum(line.amount for line in pays) / 100 in signed
    with pytest.raises(NotAllowed) as token, county.desk("reviewer", signed_in=False) as desk:
        steps.take(desk, number, "review", Given(digest=seen), version=county.batch(number).version)
    assert token.value.code == "SIGN-IN-NEEDED"
    with pytest.raises(Unmet) as unseen:
        county.step("reviewer", number, "review", digest="0" * 64)
    assert codes(unseen) == {"DIGEST"}
    with pytest.raises(Unmet) as turn:
        county.step("approver", number, "approve", digest=seen)
    assert codes(turn) == {"STAGE", "GATE"}
    county.step("reviewer", number, "review", digest=seen)
    county.gate(number)
    with pytest.raises(Stale):
        county.step("approver", number, "approve", digest=seen, version=1)
    assert county.step("approver", number, "approve", digest=seen).state == "approved"
    with county.desk("maker") as desk:
        assert any("公示" in str(cell) for cell in printed(sheets.public(desk, number)[1]))
    with pytest.raises(Unmet) as unposted:
        county.step("maker", number, "disclose")
    assert codes(unposted) == {"POSTING"}
    sheet = county.upload("maker", b"posted")
    county.step("maker", number, "disclose", posted_on=county.clock().date(), where="县政府网站", file=sheet)
    with pytest.raises(Unmet) as hanging:
        county.step("maker", number, "release")
    assert codes(hanging) == {"DISCLOSURE-TERM"}
    county.clock.forward(days=10)
    assert county.step("maker", number, "release").state == "payable"
    with pytest.raises(Unmet) as unordered:
        county.step("payer", number, "pay")
    assert codes(unordered) == {"LINE-OPEN"}
    county.pay(number, "ordered")
    assert county.step("payer", number, "pay").state == "paid"
    with pytest.raises(Unmet) as unpaid:
        county.step("payer", number, "close")
    assert codes(unpaid) == {"LINE-UNPAID"}
    county.pay(number, "paid")
    assert county.step("payer", number, "close").state == "closed"
    with open_desk(store, OPERATOR, writes=False) as desk:
        assert audit.verify(desk.session, keys=store.keys) == []
        run = runs.of(desk, county.batch(number).run)
        due = {(row.alliance, row.pool): row.amount for row in desk.rows(Due)}
        lines = runs.lines(desk, county.batch(number))
    folder = store.files.folder("runs", run.folder)
    assert verify(folder).problems == ()
    assert sum(due.values()) == sum(line.amount for line in lines)
