"""Users, grants and what they give: pending grants, units by alliance, manager, region; administrators see nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain.problems import InputProblems, Refused
from engine.storage.desk import Actor, open_desk, program
from engine.storage.tables.people import Notice, User
from engine.storage.tables.place import Membership, Reporter, Unit
from engine.storage.tables.proof import Audit
from engine.workflow import people
from engine.workflow.people import Wanted

COMMAND = program("command")
PHRASE = "correct horse 1"


def make(store, login, *roles, by=COMMAND, **more):
    with open_desk(store, by) as desk:
        return people.create_user(
            desk, login=login, name=login, password=PHRASE, grants=[Wanted.parse(role) for role in roles], **more
        )


def actor(store, login):
    with open_desk(store, COMMAND, writes=False) as desk:
        return people.actor_of(desk, people.find(desk, login), "http", signed_in=True)


def register(store):
    """Alliance A in 330103: hospital H1, township T1 with village V1; T2 left; B in 330104; bureau GW01 files."""
    units = (("330103", "A", "alliance", ""), ("330103", "H1", "institution", ""), ("330103", "T1", "institution", ""),
             ("330103", "V1", "institution", "T1"), ("330103", "T2", "institution", ""),
             ("330104", "B1", "institution", ""))  # fmt: skip
    with open_desk(store, COMMAND) as desk:
        for region, unit, kind, manager in units:
            desk.add(Unit(region=region, unit=unit, kind=kind, name=unit, managing_unit=manager))
        for unit, until in (("H1", None), ("T1", None), ("T2", date(2026, 10, 7))):
            desk.add(Membership(region="330103", unit=unit, alliance="A", since=date(2026, 1, 1), until=until))
        desk.add(Reporter(region="330103", reporter="公共卫生系统", unit="GW01"))


def seen(store, login):
    with open_desk(store, actor(store, login), writes=False) as desk:
        return {row.unit for row in desk.rows(Unit)}


def test_a_grant_gives_the_unit_and_what_belongs_to_it(store, clock):
    register(store)
    county = {"A", "H1", "T1", "V1", "T2"}
    expected = {
        "unit_viewer@A": {"A", "H1", "T1", "V1"},
        "reporter@T1": {"T1", "V1"},
        "reporter@V1": {"V1"},
        "appraiser@330103": county,
        "approver@330100": county | {"B1"},
        "maker": county | {"B1"},
        "reporter@GW01": set(),
    }
    for role in expected:
        make(store, role.replace("@", "."), role)
    assert {role: seen(store, role.replace("@", ".")) for role in expected} == expected
    assert actor(store, "unit_viewer.A").scope.homes == {"330103"}
    assert actor(store, "reporter.GW01").scope.homes == {"330103"}
    assert actor(store, "maker").scope.everywhere


def test_a_member_is_one_on_its_days_by_the_clock_of_shanghai(store, clock):
    register(store)
    make(store, "viewer", "unit_viewer@A")
    assert "T2" not in seen(store, "viewer")
    clock.time -= timedelta(hours=9, minutes=1)  # 23:59 of 7 October in Shanghai, 15:59 of it in UTC
    with open_desk(store, COMMAND) as desk:
        people.give(desk, "viewer", Wanted(role="unit_viewer", unit="A", since=date(2026, 1, 1)))
    assert "T2" in seen(store, "viewer")


def test_administrators_see_no_business_data_and_hold_no_business_role(store):
    register(store)
    for role in ("system_admin", "audit_admin", "security_admin"):
        make(store, role, role)
        assert actor(store, role).roles == {role}
        assert seen(store, role) == set()
        with pytest.raises(InputProblems, match="ROLE-APART"):
            make(store, f"{role}2", role, "maker@330103")
        with pytest.raises(InputProblems, match="ROLE-APART"), open_desk(store, COMMAND) as desk:
            people.give(desk, role, Wanted(role="approver"))
        with pytest.raises(InputProblems, match="ROLE-NO-UNIT"):
            make(store, f"{role}3", f"{role}@330103")
    with pytest.raises(InputProblems, match="ROLE-APART"):
        make(store, "both", "system_admin", "audit_admin")


@pytest.mark.parametrize("role", ["reviewer", "approver", "payer", "security_admin"])
def test_what_decides_money_waits_for_the_security_administrator(store, role):
    place = "" if role == "security_admin" else "@330103"
    make(store, "before", role + place)
    assert actor(store, "before").roles == {role}
    if role != "security_admin":
        make(store, "sec", "security_admin")
    admin = actor(store, "before" if role == "security_admin" else "sec")
    made = make(store, "after", role + place)
    assert [grant.pending for grant in made.grants] == [True]
    assert actor(store, "after").roles == frozenset()
    with open_desk(store, COMMAND, writes=False) as desk:
        (waiting,) = people.pending(desk)
        assert [row.user for row in desk.rows(Notice, Notice.kind == "grant.pending")] == [admin.user]
    with open_desk(store, admin) as desk:
        people.confirm(desk, waiting.id)
    assert actor(store, "after").roles == {role}
    with pytest.raises(Refused, match="GRANT-NOT-PENDING"), open_desk(store, admin) as desk:
        people.confirm(desk, waiting.id)


def test_other_roles_work_at_once_by_command_and_wait_where_another_gave_them(store):
    make(store, "sec", "security_admin")
    make(store, "system", "system_admin")
    assert not make(store, "clerk", "maker@330103").grants[0].pending
    assert not make(store, "by-sec", "approver@330103", by=actor(store, "sec")).grants[0].pending
    assert make(store, "by-system", "maker@330103", by=actor(store, "system")).grants[0].pending


def test_nobody_confirms_a_grant_of_its_own(store):
    make(store, "sec", "security_admin")
    made = make(store, "sec2", "security_admin")
    with pytest.raises(Refused, match="GRANT-OWN"), open_desk(store, actor(store, "sec2")) as desk:
        people.confirm(desk, made.grants[0].id)


def test_an_unknown_unit_is_refused_once_there_is_a_register(store):
    make(store, "early", "reporter@NIX")
    register(store)
    for unit in ("NIX", "330200", "33010"):
        with pytest.raises(InputProblems, match="UNIT-UNKNOWN"):
            make(store, "late", f"reporter@{unit}")
    sec = make(store, "sec", "security_admin")
    with pytest.raises(InputProblems, match="UNIT-UNKNOWN"):
        make(store, "late", "reporter@NIX", by=actor(store, sec.login))
    for number, unit in enumerate(("330103", "330000", "A", "GW01")):
        make(store, f"late{number}", f"reporter@{unit}")


def test_a_grant_holds_between_its_days(store, clock):
    make(store, "clerk", "maker@330103", "auditor@330103")
    with open_desk(store, COMMAND) as desk:
        later = people.give(desk, "clerk", Wanted(role="payer", since=date(2026, 10, 9), until=date(2026, 10, 10)))
        people.end_grant(desk, people.view(desk, people.find(desk, "clerk")).grants[0].id, date(2026, 10, 9))
    assert actor(store, "clerk").roles == {"maker", "auditor"}
    clock.forward(days=1)
    assert actor(store, "clerk").roles == {"maker", "auditor", "payer"}
    clock.forward(days=2)
    assert actor(store, "clerk").roles == {"auditor"}
    clock.forward(days=365)
    assert actor(store, "clerk").roles == frozenset()
    assert later.since == date(2026, 10, 9)


def test_one_person_has_one_login(store):
    make(store, "wang", "maker@330103")
    with pytest.raises(Refused, match="PERSON-TAKEN"):
        make(store, "wang2", "approver@330103", person="wang")
    with pytest.raises(InputProblems, match="LOGIN-TAKEN"):
        make(store, "wang", "maker@330103")
    with open_desk(store, COMMAND) as desk:
        assert people.disable(desk, "wang").disabled
    make(store, "wang2", "approver@330103", person="wang")
    with pytest.raises(Refused, match="PERSON-TAKEN"), open_desk(store, COMMAND) as desk:
        people.enable(desk, "wang")
    assert actor(store, "wang2").person == "wang"


def test_everything_wrong_is_told_at_once_and_nothing_is_made(store):
    with pytest.raises(InputProblems) as wrong:
        make(store, "a b", "nix")
    assert [problem.code for problem in wrong.value.problems] == ["LOGIN", "ROLE-UNKNOWN"]
    with open_desk(store, COMMAND, writes=False) as desk:
        assert desk.count(User) == desk.count(Audit) == 0


def test_no_account_is_there_before_somebody_makes_one(store):
    with open_desk(store, COMMAND, writes=False) as desk:
        assert people.users(desk) == []


def test_what_was_granted_is_recorded(store):
    make(store, "clerk", "maker@330103")
    with open_desk(store, Actor("x", "http"), writes=False) as desk:
        found = [(row.action, row.subject, row.via) for row in desk.rows(Audit)]
    assert found == [("user.create", "user/clerk", "command"), ("grant.give", "user/clerk", "command")]
