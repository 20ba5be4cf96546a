"""The table of steps: whole, and the same in the documents."""

from domain.workflow import DUTY_TITLES
from engine.workflow import guards
from engine.workflow.batch import GUARDS, PAY_STEPS, STATES, STEPS
from engine.workflow.roles import MAY
from scripts import batch


def test_every_step_names_states_guards_and_roles_that_there_are():
    for step in (*STEPS.values(), *PAY_STEPS.values()):
        assert {*step.sources, step.to} <= set(STATES)
        assert set(step.guards) <= set(GUARDS)
        assert {step.action(state) for state in step.sources} <= set(MAY)
        assert step.duty is None or step.duty in DUTY_TITLES


def test_every_guard_is_a_function_with_words_and_is_asked():
    asked = {name for steps in (STEPS, PAY_STEPS) for step in steps.values() for name in step.guards}
    assert set(guards.GUARDS) == set(GUARDS) == asked


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
