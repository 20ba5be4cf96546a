"""What the guards must not overlook, each at the row that it hangs on; on both databases."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from domain.workflow import Deadlines, Gate, Hands, Silence
from engine.storage.desk import Actor, Held, open_desk
from engine.storage.scope import Scope
from engine.storage.tables.decisions import Confirmation, Decision, Objection
from engine.storage.tables.decisions import Gate as Shown
from engine.storage.tables.period import Batch, Due
from engine.storage.tables.results import Hold
from engine.workflow import decisions, hands, runs, steps
from engine.workflow.batch import STEPS
from engine.workflow.calendar import day_end
from engine.workflow.cases import Given
from engine.workflow.decisions import SignedGiven
from engine.workflow.refusals import Unmet
from tests.engine.workflow.rows import (
    PLACE,
    POOL,
    REGION,
    ROOT,
    batch,
    case,
    file,
    filed_by_another,
    person,
    unmet,
    voucher,
)

DUTIES = ("checked", "made", "reviewed", "approved", "paid")
SILENCE = {"silence_confirms": Silence(value=True, source="local")}


@pytest.fixture
def desk(store):
    with open_desk(store, ROOT) as one:
        yield one


# Hands


def joined(*pairs):
    return Hands(join=[[*pair] for pair in pairs], document="示例〔2026〕1号", source="local")


def test_one_person_does_one_duty_of_a_batch_unless_the_plan_joins_two_that_may_be(desk):
    few = joined(("checked", "made"), ("reviewed", "approved"))
    never = joined(("made", "approved"), ("made", "paid"), ("approved", "paid"))
    for done in DUTIES:
        number = batch(desk, "closed")
        of = desk.get(Batch, number)
        hands.take(desk, of, "li", done)
        for wanted in DUTIES:
            same = done == wanted
            assert (hands.may(desk, of, "li", wanted, None) is None) == same, (done, wanted)
            assert (hands.may(desk, of, "li", wanted, never) is None) == same, (done, wanted)
            pair = {done, wanted} in ({"checked", "made"}, {"reviewed", "approved"})
            assert (hands.may(desk, of, "li", wanted, few) is None) == (same or pair), (done, wanted)
            assert hands.may(desk, of, "wang", wanted, None) is None


def test_each_signature_of_a_round_is_another_person_s(desk):
    number = batch(desk, "reviewing")
    of, first = desk.get(Batch, number), person(desk, "li")
    for step in ("review", "approve"):
        assert hands.once(desk, of, "li", step) is None
        desk.add(
            Decision(batch=number, step=step, stage="审批", from_state="reviewing", to_state="reviewing", via="http",
                     by=first, at=desk.now)
        )  # fmt: skip
        assert hands.once(desk, of, "li", step).code == "HAND"
        assert hands.once(desk, of, "wang", step) is None
    of.round = 2
    assert hands.once(desk, of, "li", "approve") is None


# What is approved


def test_the_digest_is_that_which_was_seen(desk):
    number = batch(desk, "reviewing", seen="a" * 64)
    assert unmet(case(desk, number, Given(digest="a" * 64)), "digest_seen") == []
    for other in ("", "b" * 64, "a" * 63):
        assert [code for code, _ in unmet(case(desk, number, Given(digest=other)), "digest_seen")] == ["DIGEST"]


def test_every_gate_wants_its_own_document_where_its_pools_are_paid(desk):
    gates = [
        Gate(kind="minutes", before="approve", source="local"),
        Gate(kind="staff_congress", before="approve", source="local"),
        Gate(kind="insurance_clearing", before="approve", pools=[POOL], source="local"),
        Gate(kind="fund_arrival", before="approve", pools=["surplus"], source="local"),
        Gate(kind="collective_decision", before="release", source="local"),
    ]
    number = batch(desk, "reviewing")

    def missing(step):
        return [more["kind"] for _, more in unmet(case(desk, number, gates=gates), f"gates_{step}")]

    assert missing("approve") == ["minutes", "staff_congress", "insurance_clearing"]
    desk.add(Shown(batch=number, kind="minutes", file=file(desk), doc_no="1", dated=date(2026, 10, 8), at=desk.now))
    assert missing("approve") == ["staff_congress", "insurance_clearing"]
    assert missing("release") == ["collective_decision"]
    assert missing("submit") == missing("allocate") == []


# Terms: 9, 10 (a Saturday that is worked), 12, 13, 14 October 2026 are the five working days after the 8th


def test_what_hangs_out_is_paid_when_its_last_day_is_over_and_not_before(desk):
    number = batch(desk, "disclosed", deadline=day_end(date(2026, 10, 14)))
    for before, met in ((timedelta(days=1), False), (timedelta(seconds=1), False), (timedelta(), True)):
        desk.now = day_end(date(2026, 10, 14)) - before
        assert (unmet(case(desk, number), "disclosure_over") == []) == met, before


@pytest.mark.parametrize(
    ("posted", "until"),
    [
        (date(2026, 10, 12), date(2026, 10, 19)),  # today: 13, 14, 15, 16, 19
        (date(2026, 10, 9), date(2026, 10, 15)),  # 10, 12, 13, 14, 15
        (date(2026, 9, 30), date(2026, 10, 13)),  # 8, 9, 10, 12, 13
    ],
)
def test_the_days_of_what_hangs_out_count_from_its_posting(desk, posted, until):
    desk.now += timedelta(days=4)  # Monday, 12 October
    number = batch(desk, "approved")
    given = Given(posted_on=posted, where="县政府网站", file=file(desk))
    found = case(desk, number, given, deadlines=Deadlines(disclosure=5, source="local"))
    steps.EFFECTS["disclose"](found)
    assert found.batch.deadline == day_end(until)


@pytest.mark.parametrize(("name", "term"), [("publish", "confirm"), ("disclose", "disclosure")])
def test_an_end_that_is_given_makes_no_term_shorter(desk, name, term):
    """Five working days after 8 October 2026 are over with the 14th; of 2031 no calendar knows the days off."""
    number = batch(desk, "scored")
    plan = {"deadlines": Deadlines(**{term: 5}, source="local")}
    guard = STEPS[name].guards[-1]

    def ended(until, reason="春节前办完", posted=None):
        posting = {"posted_on": posted, "where": "县政府网站", "file": file(desk)} if posted else {}
        found = case(desk, number, Given(until=until, reason=reason, **posting), **plan)
        codes = [code for code, _ in unmet(found, guard)]
        if not codes:
            steps.EFFECTS[name](found)
        return codes or found.batch.deadline

    over = day_end(date(2026, 10, 14))
    assert ended(None) == ended(over) == over
    assert ended(over + timedelta(days=1), reason="") == over + timedelta(days=1)
    for short in (timedelta(seconds=1), timedelta(days=30)):
        assert ended(over - short) == ["UNTIL"]
    if name == "disclose":
        assert ended(over - timedelta(days=1), posted=date(2026, 10, 8)) == ["UNTIL"]
    desk.now = day_end(date(2031, 3, 1)) - timedelta(hours=1)
    assert ended(None) == ended(day_end(date(2031, 3, 9)), reason=" ") == ["CALENDAR-UNKNOWN"]
    assert ended(day_end(date(2031, 3, 5))) == ["UNTIL"]
    assert ended(day_end(date(2031, 3, 6))) == day_end(date(2031, 3, 6))
    plan["deadlines"] = Deadlines()
    assert ended(day_end(date(2031, 3, 9))) == ["PLAN-UNSAID"]


def test_silence_counts_when_the_term_is_over_where_the_plan_says_so_and_the_filer_saw_it(desk):
    number = batch(desk, "confirming", deadline=day_end(date(2026, 10, 14)))
    digest = runs.members(desk, desk.get(Batch, number))["H1"]

    def silent(**said):
        return [more["unit"] for _, more in unmet(case(desk, number, **said), "members_confirmed")]

    desk.add(Confirmation(region=REGION, unit="H1", batch=number, digest="0" * 64, at=desk.now))
    assert silent(**SILENCE) == ["H1", "H2"]  # what H1 confirmed were other scores
    desk.add(Confirmation(region=REGION, unit="H1", batch=number, digest=digest, at=desk.now))
    for before, missing in ((timedelta(days=1), ["H2"]), (timedelta(seconds=1), ["H2"]), (timedelta(), [])):
        desk.now = day_end(date(2026, 10, 14)) - before
        assert silent(**SILENCE) == missing, before
    assert silent() == silent(silence_confirms=Silence(value=False, source="local")) == ["H2"]
    filed_by_another(desk, number, "H2")
    assert silent(**SILENCE) == ["H2"]


# Objections


@pytest.mark.parametrize(("state", "answer", "codes"), [
    ("open", "", ["OBJECTION-OPEN"]),
    ("upheld", "", ["OBJECTION-UPHELD"]),
    ("upheld", "属实", ["OBJECTION-UPHELD"]),
    ("dismissed", "不属实", []),
])  # fmt: skip
def test_an_objection_of_the_public_keeps_the_money_back_until_it_is_dismissed(desk, state, answer, codes):
    number = batch(desk, "disclosed")
    desk.add(
        Objection(**PLACE, batch=number, kind="disclosure", about="", text="t", state=state, answer=answer, at=desk.now)
    )
    assert [code for code, _ in unmet(case(desk, number), "disclosure_objections_answered")] == codes


# Paid once


def test_a_pool_of_a_period_is_released_once_by_whatever_kind_of_batch(desk):
    first = batch(desk, "payable")
    steps.EFFECTS["release"](case(desk, first))
    taken = [("PAID-BEFORE", {"alliance": alliance, "pool": POOL}) for alliance in ("A1", "A2")]
    for kind, missing in (("regular", taken), ("settlement", taken), ("prepay", taken), ("correction", [])):
        assert unmet(case(desk, batch(desk, "disclosed", kind=kind)), "not_paid_before") == missing, kind
    steps.EFFECTS["withdraw"](case(desk, first))
    assert desk.count(Due) == 0


def test_what_is_held_back_is_neither_due_nor_paid_and_may_follow(desk):
    number = batch(desk, "disclosed")
    desk.add(Hold(batch=number, alliance="A2", reason="示例", at=desk.now))
    found = case(desk, number)
    steps.EFFECTS["release"](found)
    assert [(row.alliance, row.amount) for row in desk.rows(Due)] == [("A1", 100_00)]
    assert [line.unit for line in runs.lines(desk, found.batch, found.held)] == ["H1"]
    assert [more["unit"] for _, more in unmet(found, "lines_ordered")] == ["H1"]
    found.batch.state = "payable"
    follows = case(desk, batch(desk, "disclosed"))
    assert unmet(follows, "not_paid_before") == [("PAID-BEFORE", {"alliance": "A1", "pool": POOL})]


@pytest.mark.parametrize(("state", "ordered", "paid", "moved"), [
    (None, False, False, False),
    ("ordered", True, False, True),
    ("paid", True, True, True),
    ("returned", False, False, False),
    ("held", True, True, False),
])  # fmt: skip
def test_a_line_is_settled_only_where_it_was_ordered_paid_or_held(desk, state, ordered, paid, moved):
    number = batch(desk, "paid")
    voucher(desk, number, "H1", "held")
    if state:
        voucher(desk, number, "H2", "ordered")
        voucher(desk, number, "H2", state)
    met = {name: unmet(case(desk, number), name) == [] for name in ("lines_ordered", "lines_paid", "nothing_ordered")}
    assert met == {"lines_ordered": ordered, "lines_paid": paid, "nothing_ordered": not moved}


@pytest.mark.parametrize("state", ["approved", "disclosed", "payable", "paid"])
def test_after_a_restore_nothing_goes_on_in_any_state_before_the_payer_spoke(desk, state):
    assert unmet(case(desk, batch(desk, state, restored=True)), "not_restored") == [("RESTORED", {})]
    assert unmet(case(desk, batch(desk, state, kind="prepay")), "not_restored") == []


def test_of_two_corrections_one_pays_and_what_was_corrected_stays(desk):
    base = batch(desk, "payable")
    one, other = (batch(desk, state, kind="correction", corrects=base) for state in ("payable", "disclosed"))
    assert unmet(case(desk, one), "corrects_latest") == []
    assert unmet(case(desk, other), "corrects_latest") == [("CORRECTED-BEFORE", {"batch": one})]
    assert unmet(case(desk, base), "not_corrected") == [("CORRECTED", {"batch": one})]
    assert unmet(case(desk, one), "not_corrected") == []


# Paper


@pytest.mark.parametrize(("uploader", "signer", "codes"), [
    ("zhao", "li", {"HAND"}),
    ("qian", "qian", {"SIGNER"}),
    ("qian", "qian2", {"SIGNER"}),
    ("qian", "nobody", {"SIGNER"}),
    ("zhao", "zhao", {"HAND", "SIGNER"}),
])  # fmt: skip
def test_a_signed_sheet_is_uploaded_by_neither_who_made_it_nor_who_signed_it(
    desk, monkeypatch, uploader, signer, codes
):
    """zhao made the batch; qian2 is another login of qian's person."""
    number = batch(desk, "reviewing", seen="a" * 64, approvals=[{"stage": "review", "title": "复核", "count": 1}])
    for login, who in (("zhao", ""), ("li", ""), ("qian2", "qian")):
        person(desk, login, who)
    hands.take(desk, desk.get(Batch, number), "zhao", "made")
    monkeypatch.setattr(decisions, "Case", lambda *of: case(of[0], of[1].id, approvals=SimpleNamespace(paper=True)))
    home = Scope(regions=frozenset({REGION}))
    desk.actor = Actor(uploader, "http", person=uploader, held=(Held("maker", REGION, home),), scope=home)
    paper = SignedGiven(sheet="审批表", file=file(desk), signer=signer, dated=date(2026, 10, 8), digest="a" * 64)
    with pytest.raises(Unmet) as told:
        decisions.sign_on_paper(desk, number, paper)
    assert {guard.code for guard in told.value.guards} == codes
