"""A quarter is paid once: each hand signs once, of two corrections one pays, what was withdrawn may follow."""

from __future__ import annotations

import pytest

from engine.storage.desk import open_desk
from engine.storage.tables.period import Batch, Due
from engine.storage.tables.results import Run
from engine.workflow import decisions, evaluating, runs, steps
from engine.workflow.calendar import shanghai_day
from engine.workflow.decisions import SignedGiven
from engine.workflow.inbox import inbox
from engine.workflow.refusals import NotAllowed, Unmet
from tests.engine.workflow.flow import OPERATOR, REGION, ROOT, STAFF, County, quick


@pytest.fixture
def county(store, clock, monkeypatch, tmp_path):
    """One whose plan says where the money of a correction comes from."""
    quick(monkeypatch)
    plan = tmp_path / "demo-county.yaml"
    text = (ROOT / "configs" / "plans" / plan.name).read_text(encoding="utf-8")
    plan.write_text(f"{text}\ncorrections: {{funding: redivide}}\n", encoding="utf-8")
    made = County(store, clock, plan=str(plan), staff=STAFF | {"approver2": "approver"})
    made.plan = "demo-county"
    return made


def codes(error):
    return {guard.code for guard in error.value.guards}


def set_batch(county, number, **values):
    with open_desk(county.store, OPERATOR) as desk:
        desk.change(Batch, Batch.id == number, **values)


def due(county):
    with open_desk(county.store, OPERATOR, writes=False) as desk:
        return {(row.alliance, row.pool): row.batch for row in desk.rows(Due)}


def corrections(county, base, several):
    """Corrections that wait to be released, with the lines of what they correct."""
    found = [county.open(kind="correction").id for _ in range(several)]
    for number in found:
        set_batch(county, number, state="disclosed", run=county.batch(base).run, deadline=county.clock())
    return found


def test_a_quarter_is_paid_once(county):
    base = county.reviewing()
    what_is_decided_on_stays(county, base)
    each_signature_is_another_persons(county, base)
    sheet = county.upload("maker", b"posted")
    to_half_past_midnight(county.clock)
    day = shanghai_day(county.clock())
    assert day > county.clock().date()
    county.step("maker", base, "disclose", posted_on=day, where="县政府网站", file=sheet)
    county.clock.forward(days=10)
    assert county.step("maker", base, "release").state == "payable"
    of_two_corrections_one_pays(county, base)


def to_half_past_midnight(clock):
    """00:30 in Shanghai, where it is a day later than in Greenwich."""
    at = clock()
    clock.forward(seconds=((16 - at.hour) * 3600 + (30 - at.minute) * 60 - at.second) % 86400)


def what_is_decided_on_stays(county, number):
    with county.desk("maker") as desk, pytest.raises(Unmet) as late:
        decisions.answer_finding(desk, number, 1, "后来改的")
    assert codes(late) == {"STATE"}
    batch = county.batch(number)
    with county.desk("appraiser", writes=False) as desk:
        before = runs.members(desk, batch)
        batch.dataset = None  # another, in which these members' scores are the same
        assert runs.members(desk, batch) == before


def each_signature_is_another_persons(county, number):
    stage = {"stage": "approve", "title": "审批", "count": 2}
    set_batch(county, number, approvals=[stage, {**stage, "title": "召集人审批", "count": 1}])
    county.gate(number)
    seen = county.batch(number).seen
    assert county.step("approver", number, "approve", digest=seen).state == "reviewing"
    with pytest.raises(NotAllowed) as again:
        county.step("approver", number, "approve", digest=seen)
    assert again.value.code == "HAND"
    with county.desk("approver", writes=False) as desk:
        wanted = {one.step: one for one in steps.transitions(desk, number)}["approve"]
    assert {guard.code for guard in wanted.unmet} == {"HAND"}
    assert county.step("approver2", number, "approve", digest=seen).state == "reviewing"
    with pytest.raises(NotAllowed):
        county.step("approver", number, "approve", digest=seen)
    county.step("approver", number, "reject", reason="示例")
    set_batch(county, number, state="reviewing", seen=seen, approvals=[{**stage, "count": 1}])
    paper = SignedGiven(
        sheet="审批表", file=county.upload("appraiser"), signer="approver", dated=county.clock().date(), digest=seen
    )
    with county.desk("appraiser") as desk:
        assert decisions.sign_on_paper(desk, number, paper).state == "approved"
    with county.desk("approver", writes=False) as desk:
        assert [one.kind for one in inbox(desk).told] == ["batch.signed"]


def of_two_corrections_one_pays(county, base):
    one, other = corrections(county, base, 2)
    paid, run = due(county), county.batch(base).run
    of_a_correction_the_evaluation_has_the_differences(county, base, other)
    pool = min(paid)
    with open_desk(county.store, OPERATOR) as desk:
        desk.change(Due, Due.alliance == pool[0], Due.pool == pool[1], batch=one)
    with pytest.raises(Unmet) as elsewhere:
        county.step("maker", one, "release")
    assert [(guard.code, dict(guard.more)) for guard in elsewhere.value.guards] == [
        ("CORRECTS-OTHER", {"alliance": pool[0], "pool": pool[1]})
    ]
    with open_desk(county.store, OPERATOR) as desk:
        desk.change(Due, Due.alliance == pool[0], Due.pool == pool[1], batch=base)
    assert county.step("maker", one, "release").state == "payable"
    with pytest.raises(Unmet) as twice:
        county.step("maker", other, "release")
    assert codes(twice) == {"CORRECTED-BEFORE"}
    minutes = county.upload("maker", b"minutes")
    with pytest.raises(Unmet) as corrected:
        county.step("approver", base, "withdraw", reason="示例", minutes=minutes)
    assert codes(corrected) == {"CORRECTED"}
    assert corrected_by(county, run) == run  # the correction's run is here the very same
    county.step("approver", one, "withdraw", reason="示例", minutes=minutes)
    set_batch(county, other, state="abandoned")
    assert corrected_by(county, run) is None
    assert due(county) == paid
    assert county.step("approver", base, "withdraw", reason="示例", minutes=minutes).state == "abandoned"
    assert due(county) == {}
    set_batch(county, other, state="disclosed")
    with pytest.raises(Unmet) as gone:
        county.step("maker", other, "release")
    assert "CORRECTS-NONE" in codes(gone)
    follows = county.open().id
    set_batch(county, follows, state="disclosed", run=run, deadline=county.clock())
    assert county.step("maker", follows, "release").state == "payable"
    assert set(due(county).values()) == {follows}


def of_a_correction_the_evaluation_has_the_differences(county, base, number):
    set_batch(county, number, dataset=county.batch(base).dataset)
    with county.desk("appraiser") as desk:
        _, official = evaluating.trigger(desk, "demo-county", "2026Q3", REGION, want_locked=True)
    assert official
    county.work()
    with county.desk("appraiser", writes=False) as desk:
        made = desk.first(Run, Run.batch == number)
    assert (county.store.files.folder("runs", made.folder) / "deltas.csv").is_file()


def corrected_by(county, run):
    with county.desk("appraiser", writes=False) as desk:
        return runs.view(desk, runs.of(desk, run)).corrected_by
