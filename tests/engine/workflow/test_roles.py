"""Roles and the table of who may do what."""

from __future__ import annotations

import pytest

from engine.storage.desk import Actor, Held, program
from engine.storage.scope import NOWHERE, Scope
from engine.workflow import roles
from engine.workflow.refusals import NotAllowed
from engine.workflow.roles import EARLY_VIEWERS, LATE_VIEWERS, MAY, ROLES, SIGN_IN_NEEDED, apart, require, why_not

COUNTY = Scope(regions=frozenset({"330103"}))
MEMBER = Scope(units=frozenset({"A01"}), homes=frozenset({"330103"}))


def somebody(*held, signed_in=True):
    return Actor(
        "x", "http", user=1, person="x", held=tuple(Held(role, "", scope) for role, scope in held), signed_in=signed_in
    )


def code(actor, action, *place, **more):
    problem = why_not(actor, action, *place, **more)
    return problem.code if problem else None


def test_the_roles_are_those_of_the_contract():
    assert {code: role.title for code, role in ROLES.items()} == {
        "reporter": "数据录入", "data_checker": "数据审核", "appraiser": "考核主管", "maker": "制表",
        "reviewer": "复核", "approver": "审批", "payer": "财务", "hr": "人事", "unit_viewer": "单位查看",
        "self": "个人查看",
        "auditor": "审计查看", "integration": "系统接口", "system_admin": "系统管理员",
        "security_admin": "安全管理员", "audit_admin": "审计管理员",
    }  # fmt: skip


def test_every_business_role_sees_early_or_late():
    """The contract's: reporter, unit_viewer and self see scores from confirming on and amounts from disclosed on."""
    assert {"reporter", "unit_viewer", "self"} <= LATE_VIEWERS
    assert not {"data_checker", "appraiser", "maker", "reviewer", "approver", "payer", "auditor"} & LATE_VIEWERS
    assert MAY["dossier.read"] <= EARLY_VIEWERS


def test_the_table_names_roles_and_actions_that_are_there():
    assert set().union(*MAY.values()) == set(ROLES)
    assert set(MAY) >= SIGN_IN_NEEDED
    assert all(MAY.values())


# The contract's "Who may", word for word; step by step from the table of the batch.
@pytest.mark.parametrize(
    ("action", "may"),
    [
        ("batch.open", {"appraiser"}), ("batch.lock", {"data_checker"}), ("batch.publish", {"appraiser"}),
        ("batch.settle", {"appraiser"}), ("batch.allocate", {"maker"}), ("batch.submit", {"maker"}),
        ("batch.review", {"reviewer"}), ("batch.approve", {"approver"}), ("batch.reject", {"reviewer", "approver"}),
        ("batch.unlock", {"appraiser"}), ("batch.disclose", {"maker"}), ("batch.release", {"maker"}),
        ("batch.pay", {"payer"}), ("batch.close", {"payer"}), ("batch.finish", {"appraiser"}),
        ("batch.withdraw", {"approver"}), ("batch.abandon", {"appraiser"}), ("assignment.change", {"appraiser"}),
        ("schedule.change", {"appraiser"}), ("evaluation.trigger", {"integration", "appraiser"}),
        ("submission.make", {"reporter", "data_checker", "integration"}),
        ("submission.accept", {"data_checker", "appraiser"}), ("submission.return", {"data_checker", "appraiser"}),
        ("policy.publish", {"appraiser"}), ("unit.change", {"appraiser"}),
        ("confirmation.make", {"unit_viewer", "data_checker"}), ("objection.make", {"unit_viewer", "data_checker"}),
        ("gate.answer", {"maker", "appraiser"}), ("sheet.sign", {"maker", "appraiser"}),
        ("check.answer", {"maker", "appraiser"}), ("payment.write", {"payer"}), ("pay.work", {"hr"}),
        ("audit.read", {"audit_admin", "auditor"}), ("allocation.solve", set(ROLES)),
    ],
)  # fmt: skip
def test_who_may(action, may):
    assert {role for role in ROLES if code(somebody((role, COUNTY)), action, "330103", "330103") is None} == may


def test_an_auditor_and_an_administrator_write_nothing_of_the_business():
    for role in ("auditor", *roles.ADMINISTRATORS):
        mine = {action for action, may in MAY.items() if role in may}
        written = {action for action in mine if not action.endswith((".read", ".solve"))}
        assert {action.partition(".")[0] for action in written} <= {"user", "grant", "token"}
    assert not roles.ADMINISTRATORS & MAY["run.read"]


def test_a_system_may_what_the_contract_gives_it_and_nothing_else():
    assert {action for action, may in MAY.items() if "integration" in may} == {
        "allocation.solve", "me.read", "submission.read", "submission.make", "evaluation.trigger", "run.read",
        "job.read", "job.change", "event.read", "unit.read",
    }  # fmt: skip


def test_a_role_holds_at_its_place_only():
    maker = somebody(("maker", COUNTY), ("reviewer", Scope(regions=frozenset({"330104"}))))
    assert code(maker, "batch.submit", "330103", "330103") is None
    assert code(maker, "batch.submit", "330104", "330104") == "ROLE"
    assert code(maker, "batch.review", "330103", "330103") == "ROLE"
    viewer = somebody(("unit_viewer", MEMBER))
    assert code(viewer, "batch.read", "330103", "330103") == "ROLE"
    assert code(viewer, "batch.read", "330103", "330103", covers=True) is None
    assert code(viewer, "confirmation.make", "330103", "A02") == "ROLE"
    assert code(somebody(("audit_admin", NOWHERE)), "audit.read") is None


def test_who_has_no_grant_that_holds_is_told_of_the_confirming():
    refused = why_not(somebody(), "batch.review", "330103", "330103")
    assert (refused.code, refused.message) == ("ROLE", "还没有生效的授权")


@pytest.mark.parametrize("action", sorted(SIGN_IN_NEEDED))
def test_a_token_decides_nothing(action):
    (role, *_) = sorted(MAY[action])
    scope = NOWHERE if role in roles.ADMINISTRATORS else COUNTY
    place = () if role in roles.ADMINISTRATORS else ("330103", "330103")
    assert code(somebody((role, scope)), action, *place) is None
    assert code(somebody((role, scope), signed_in=False), action, *place) == "SIGN-IN-NEEDED"
    assert code(program("worker"), action, *place) == "SIGN-IN-NEEDED"
    with pytest.raises(NotAllowed, match="令牌"):
        require(somebody((role, scope), signed_in=False), action, *place)


def test_what_the_contract_refuses_to_tokens():
    assert {f"batch.{step}" for step in ("review", "approve", "reject", "release", "pay", "withdraw")} <= SIGN_IN_NEEDED
    assert "pay.reveal" in SIGN_IN_NEEDED
    assert code(somebody(("maker", COUNTY), signed_in=False), "batch.submit", "330103", "330103") is None


def test_the_program_itself_does_what_nobody_must_answer_for():
    assert code(program("worker"), "batch.open", "330103", "330103") is None


def test_an_action_that_is_not_of_the_table_is_a_mistake_of_the_program():
    with pytest.raises(KeyError):
        why_not(somebody(), "batch.nix")


def test_which_roles_one_person_holds():
    assert apart(frozenset({"maker", "reviewer"})) is None
    assert apart(frozenset({"audit_admin"})) is None
    for together in ({"audit_admin", "maker"}, {"audit_admin", "security_admin"}, {"nix"}):
        assert apart(frozenset(together)) is not None
    assert roles.titles(frozenset({"approver", "reviewer"})) == "复核、审批"
