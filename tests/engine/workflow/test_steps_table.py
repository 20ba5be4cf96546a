"""The table of steps: whole, and the same in the documents."""

import inspect
import re
from pathlib import Path

from domain.workflow import DUTY_TITLES
from engine.workflow import guards
from engine.workflow.batch import GUARDS, PAY_STEPS, STATES, STEPS
from engine.workflow.cases import Given
from engine.workflow.remedies import REMEDIES
from engine.workflow.roles import MAY
from scripts import batch

WORKFLOW = Path(guards.__file__).parent
_CODE = re.compile(r'Guard\(\s*"([A-Z-]+)"')
ELSEWHERE = {
    *("gates_allocate", "gates_submit", "gates_approve", "gates_release", "stage_review", "stage_approve"),
    *("confirm_term_said", "disclosure_term_said", "hands_left", "lines_ordered", "lines_paid", "dry_read"),
}
"""Guards that leave it to a function which several share, or to the problem that was read."""


def test_every_step_names_states_guards_and_roles_that_there_are():
    for step in (*STEPS.values(), *PAY_STEPS.values()):
        assert {*step.sources, step.to} <= set(STATES)
        assert set(step.guards) <= set(GUARDS)
        assert {step.action(state) for state in step.sources} <= set(MAY)
        assert step.duty is None or step.duty in DUTY_TITLES


def test_every_guard_is_a_function_with_words_and_is_asked():
    asked = {name for steps in (STEPS, PAY_STEPS) for step in steps.values() for name in step.guards}
    assert set(guards.GUARDS) == set(GUARDS) == asked


def test_a_step_says_what_must_be_given_with_it():
    """Of what is said here `Given` has the field; what a step takes without it is said by tests of the flow."""
    needs = {(name, state): step.needs(state) for name, step in STEPS.items() for state in step.sources}
    assert {field for fields in needs.values() for field in fields} <= set(Given.model_fields)
    assert {name for name, step in STEPS.items() if "digest_seen" in step.guards} == {"review", "approve"}
    for name, fields in {
        "lock": (), "review": ("digest",), "approve": ("digest",), "reject": ("reason",), "abandon": ("reason",),
        "disclose": ("posted_on", "where", "file"), "withdraw": ("reason", "minutes"),
    }.items():  # fmt: skip
        assert {found for (step, _), found in needs.items() if step == name} == {fields}, name
    assert needs["unlock", "scored"] == ("reason",)
    assert needs["unlock", "confirming"] == needs["unlock", "allocated"] == ("reason", "minutes")


def test_every_guard_that_may_be_unmet_says_what_to_do_about_it():
    codes = {code for file in WORKFLOW.rglob("*.py") for code in _CODE.findall(file.read_text(encoding="utf-8"))}
    lines = {"LINE-OPEN", "LINE-UNPAID"}
    assert {"DIGEST", "GATE", "ASSIGNMENT-OPEN", "STATE"} <= codes
    assert codes | lines <= set(REMEDIES), codes - set(REMEDIES)
    for name in GUARDS:
        assert _CODE.search(inspect.getsource(guards.GUARDS[name])) or name in ELSEWHERE, name
    assert all(len(said) >= 4 and not said.endswith("。") for said in REMEDIES.values())


def test_after_a_restore_nothing_that_is_about_money_goes_on_until_somebody_looked():
    for steps in (STEPS, PAY_STEPS):
        assert {name for name, step in steps.items() if "not_restored" in step.guards} == {"release", "pay", "withdraw"}


def test_from_every_state_something_leads_on_until_it_is_over():
    leads = {state: {step.to for step in STEPS.values() if state in step.sources} for state in STATES}
    assert {state for state, there in leads.items() if not there} == {"closed", "abandoned"}


def test_a_pay_batch_enters_the_table_at_allocated():
    come = {state for step in PAY_STEPS.values() for state in step.sources}
    assert come == {"collecting", "allocated", "reviewing", "approved", "disclosed", "payable", "paid"}
    assert [name for name, step in PAY_STEPS.items() if "collecting" in step.sources] == ["abandon"]


def test_the_page_says_what_the_table_says():
    assert batch.PAGE.read_text(encoding="utf-8") == batch.text()
