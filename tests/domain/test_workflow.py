"""What a plan says about the way of a batch: which stages a total needs, whose duties go together, what is not said."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from domain.plan import Plan
from domain.workflow import (
    APART,
    DUTY_TITLES,
    KEY_TITLES,
    STAGE_TITLES,
    STEP_TITLES,
    TERM_TITLES,
    WANTED,
    Approvals,
    Deadlines,
    Duty,
    Gate,
    Hands,
    StageKind,
    Step,
    Term,
    stages_needed,
)

APPROVALS = Approvals.model_validate(
    {
        "stages": [
            {"stage": "review"},
            {"stage": "approve", "count": 2},
            {"stage": "approve", "title": "局长审批", "above": "1000.00"},
        ],
        "source": "local",
    }
)


def plan(**said: Any) -> Plan:
    return Plan.model_validate({"id": "p", "title": "p", "region": "990101", "packs": [], "scorecards": [], **said})


@pytest.mark.parametrize(
    ("total", "names"),
    [
        (0, ["复核", "审批"]),
        (99_999, ["复核", "审批"]),
        (100_000, ["复核", "审批", "局长审批"]),  # 1,000.00 yuan: the amount itself is included
        (10**16, ["复核", "审批", "局长审批"]),
    ],
)
def test_stages_by_the_total(total: int, names: list[str]) -> None:
    assert [stage.name for stage in stages_needed(APPROVALS, total)] == names


def test_without_a_word_one_reviews_and_one_approves() -> None:
    paper = Approvals.model_validate({"paper": True, "source": "local"})
    for said in (None, paper):
        assert [(stage.stage, stage.count) for stage in stages_needed(said, 10**16)] == [("review", 1), ("approve", 1)]


def test_a_gate_of_some_pools_is_asked_of_batches_that_pay_them() -> None:
    clearing = Gate(kind="insurance_clearing", before="allocate", pools=["surplus"], source="local")
    decision = Gate(kind="own", title="集体研究", before="approve", source="local")
    assert (clearing.name, decision.name) == ("医保清算确认", "集体研究")
    assert [clearing.asked(pools) for pools in (["reward"], ["reward", "surplus"])] == [False, True]
    assert decision.asked([])


def test_terms_have_the_source_of_the_block_or_their_own() -> None:
    cite = {"document": "d", "clause": "一"}
    terms = Deadlines.model_validate({"report": 10, "disclosure": {"days": 7, "source": cite}, "source": "local"})
    assert [terms.days(term) for term in ("report", "confirm", "objection", "disclosure")] == [10, None, None, 7]
    assert [str(terms.source_of(term)) for term in ("report", "confirm", "disclosure")] == ["local", "None", "d 一"]


def test_what_a_step_wants_and_the_plan_does_not_say() -> None:
    silent, told = (
        plan(),
        plan(deadlines={"confirm": 5, "source": "local"}, silence_confirms={"value": False, "source": "local"}),
    )
    assert {step: silent.unsaid(step) for step in WANTED} == WANTED
    assert told.unsaid("publish") == told.unsaid("settle") == ()  # also a no is an answer
    assert told.unsaid("disclose") == ("deadlines.disclosure",)
    assert silent.unsaid("lock") == ()


def test_joined_duties_hold_both_ways() -> None:
    hands = Hands(join=[["checked", "made"]], document="某卫〔2026〕5号", source="local")
    assert hands.joined("made", "checked")
    assert hands.joined("checked", "made")
    assert not hands.joined("reviewed", "approved")


def test_every_code_has_a_title() -> None:
    kinds = ((Step, STEP_TITLES), (StageKind, STAGE_TITLES), (Term, TERM_TITLES), (Duty, DUTY_TITLES))
    for kind, titles in kinds:
        assert [*titles] == [*get_args(kind)]
    assert {key for keys in WANTED.values() for key in keys} == {*KEY_TITLES}
    assert {duty for pair in APART for duty in pair} == {"made", "approved", "paid"}
