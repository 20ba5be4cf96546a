"""Handing in, accepting, locking and taking over on both databases: the small county, in which each unit files."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from domain.period import Period
from domain.problems import InputProblems
from engine.read.uploads import Upload
from engine.storage.desk import Actor, Store, open_desk, program
from engine.storage.tables.facts import Assignment, Dataset, Part, Submission
from engine.storage.tables.people import Grant, User
from engine.storage.tables.period import Batch
from engine.storage.tables.place import Membership, Unit
from engine.storage.tables.proof import Audit
from engine.storage.tables.work import Event
from engine.workflow import batches, collected, people, policies, submissions, units
from engine.workflow.refusals import NotAllowed, NotThere, Unmet
from engine.workflow.submissions import accept, correct, hand_in, return_, shown
from engine.workflow.submitted import Edit
from tests.engine.workflow.collecting import FACTS, QUARTER, SMALL, County
from tests.engine.workflow.flow import REGISTER, WORKBOOK

COMMAND = program("command")
REGION = "330000"
TERMS = "\ndeadlines: {report: 5, confirm: 5, objection: 5, disclosure: 5, source: local}\n"
PEOPLE = {
    "wang": ("reporter", "T1"),
    "check": ("data_checker", REGION),
    "check2": ("data_checker", REGION),
    "chief": ("appraiser", REGION),
    "maker": ("maker", REGION),
}


@pytest.fixture
def here(store: Store, tmp_path: Path) -> Store:
    """An installation with the plan published and people; nothing in its register."""
    shutil.copytree(SMALL, tmp_path / "small")
    plan = tmp_path / "small" / "plan.yaml"
    plan.write_text(plan.read_text(encoding="utf-8") + TERMS, encoding="utf-8")
    with open_desk(store, COMMAND) as desk:
        policies.import_plan(desk, plan, publish=True)
        for login, (role, unit) in PEOPLE.items():
            user = desk.add(User(login=login, person=login, name=f"{login}（示例）", hash="", at=desk.now))
            desk.add(Grant(user=user.id, role=role, unit=unit, since=date(2026, 1, 1), at=desk.now))
    return store


@pytest.fixture
def known(here: Store) -> Store:
    """The same with the register of the small county."""
    with open_desk(here, COMMAND) as desk:
        assert units.import_register(desk, SMALL / "data").units == 10
    return here


def who(store: Store, login: str) -> Actor:
    with open_desk(store, COMMAND, writes=False) as desk:
        return people.actor_of(desk, people.find(desk, login), "http", signed_in=True)


def opened(store: Store, **more) -> batches.BatchView:
    with open_desk(store, who(store, "chief")) as desk:
        return batches.open_batch(desk, "small", "2026Q3", "regular", **more)


def assignment(store: Store, batch: int, filer: str) -> int:
    with open_desk(store, COMMAND, writes=False) as desk:
        return desk.rows(Assignment, Assignment.batch == batch, Assignment.filer == filer)[0].id or 0


def filed(store: Store, batch: int, filer: str, *uploads: Upload, by: str = "check", **more):
    for_whom = filer if filer == "*" else assignment(store, batch, filer)
    return hand_in(store, who(store, by), batch, for_whom, uploads, via="upload", **more)


def accepted(store: Store, number: int, by: str = "check2"):
    with open_desk(store, who(store, by)) as desk:
        return accept(desk, number)


def on(store: Store, batch: int, of, *, by: Actor = COMMAND, writes: bool = False):
    """What a function of a desk, a batch and its period says."""
    with open_desk(store, by, writes=writes) as desk:
        return of(desk, desk.get(Batch, batch), QUARTER)


def csv(*rows: str, name: str = "facts.csv") -> Upload:
    return Upload(name, "\n2026Q3,".join([FACTS, *rows]).encode())


def everything() -> list[Upload]:
    return [Upload(path.name, path.read_bytes()) for path in sorted((SMALL / "data").iterdir())]


def states(store: Store, batch: int) -> dict[str, list[str]]:
    with open_desk(store, COMMAND, writes=False) as desk:
        found: dict[str, list[str]] = {}
        for one in desk.rows(Submission, Submission.batch == batch):
            found.setdefault(one.unit, []).append(one.state)
        return found


# The register


def test_the_register_comes_back_as_it_was_handed_in(known: Store, county: County) -> None:
    with open_desk(known, who(known, "wang"), writes=False) as desk:
        found = units.register(desk, "330000")
        assert [one.unit for one in units.listed(desk)] == ["T1"]  # the reporter sees its own
    for name, keys in (("institutions", ["unit_code"]), ("memberships", ["unit_code", "alliance_code"])):
        left, right = (
            getattr(one, name).drop(columns="source").astype(object).sort_values(keys).to_numpy().tolist()
            for one in (found, county.whole)
        )
        assert left == right, name
    with open_desk(known, COMMAND, writes=False) as desk:
        assert {one.kind for one in units.listed(desk)} == {"alliance", "institution"}
        assert units.register(desk, "330100").institutions.empty
        first = units.listed(desk, limit=3)
        assert [one.unit for one in first] == ["A1", "A2", "C1"]
        assert [one.unit for one in units.listed(desk, after="C1", limit=2)] == ["C2", "H1"]


def test_a_membership_ends_by_its_day_and_never_by_being_left_out(known: Store, tmp_path: Path) -> None:
    folder = tmp_path / "again"
    shutil.copytree(SMALL / "data", folder)
    members = folder / "memberships.csv"
    text = members.read_text(encoding="utf-8")
    members.write_text(text.replace("T1,A1,2026-01-01,\n", ""), encoding="utf-8")
    with pytest.raises(InputProblems) as refused, open_desk(known, COMMAND) as desk:
        units.import_register(desk, folder)
    assert [problem.code for problem in refused.value.problems] == ["MEMBERSHIP-GONE"]
    moved = "T1,A1,2026-01-01,2026-08-15\nT1,A2,2026-08-16,\n"
    members.write_text(text.replace("T1,A1,2026-01-01,\n", moved), encoding="utf-8")
    for _ in range(2):  # the same again changes nothing
        with open_desk(known, who(known, "chief")) as desk:
            units.import_register(desk, folder)
        with open_desk(known, COMMAND, writes=False) as desk:
            rows = desk.rows(Membership, Membership.unit == "T1", order=Membership.since)
            assert [(row.alliance, row.until) for row in rows] == [("A1", date(2026, 8, 15)), ("A2", None)]


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)  # what is told does not depend on the database
def test_clinics_that_nobody_manages_are_told_of(store: Store, tmp_path: Path) -> None:
    """The county's workbook of a quarter has no column 管理机构: each of its 93 clinics would file by itself."""
    with open_desk(store, COMMAND) as desk:
        taken = units.import_register(desk, WORKBOOK)
        said = [(one.code, one.message.partition(" ")[0]) for one in taken.warnings]
        villages = desk.count(Unit, Unit.tier == "village")
        assert said == [("UNITS-UNMANAGED", str(villages))]
        assert villages > 50
        assert units.import_register(desk, REGISTER).warnings == ()


@pytest.mark.parametrize("code", ["2026", "2026H1", "2026-07"])
def test_a_period_of_a_kind_in_which_the_plan_pays_nothing_has_no_batch(known: Store, code: str) -> None:
    """Both pools of the small plan run in quarters."""
    with pytest.raises(InputProblems) as told, open_desk(known, who(known, "chief")) as desk:
        batches.open_batch(desk, "small", code, "regular")
    assert [(one.where, one.code) for one in told.value.problems] == [("$.period", "PERIOD-KIND")]
    assert "方案按季度分配" in str(told.value)
    with open_desk(known, COMMAND, writes=False) as desk:
        assert desk.count(Batch) == 0


def test_only_an_appraiser_of_the_area_changes_the_register(known: Store) -> None:
    with pytest.raises(NotAllowed), open_desk(known, who(known, "check")) as desk:
        units.import_register(desk, SMALL / "data")


def test_who_files_for_whom(known: Store, tmp_path: Path) -> None:
    """A bureau that is no institution is in the register too; the smaller area's word goes before the larger one's."""
    folder = tmp_path / "again"
    shutil.copytree(SMALL / "data", folder)
    (folder / "reporters.csv").write_text("reporter,unit_code,name\n人事部门,RS01,县人社局\n", encoding="utf-8")
    with open_desk(known, COMMAND) as desk:
        units.import_register(desk, folder)
        assert units.reporters(desk, "330000") == units.reporters(desk, "330103") == {"人事部门": "RS01"}
        assert [one.kind for one in units.listed(desk) if one.unit == "RS01"] == ["bureau"]
        assert "RS01" not in set(units.register(desk, REGION).institutions["unit_code"])
    filers = {one.filer for one in opened(known).assignments}
    assert "RS01" in filers
    assert "T1" in filers  # for its satisfaction


# Handing in


def test_a_quarter_of_many_hands(known: Store, county: County) -> None:
    batch = opened(known).id
    for unit in ("A1", "A2", "C1", "C2", "H1", "H2", "T2", "T3", "T4"):
        made = filed(known, batch, unit, county.uploads[unit])
        assert (made.state, made.problems) == ("checked", []), unit
        accepted(known, made.id)
    assert {one.where for one in on(known, batch, collected.dry_read).problems} >= {"T1"}  # what lacks still
    own = filed(known, batch, "T1", county.uploads["T1"], by="wang")
    preview = on(known, batch, collected.preview)
    accepted(known, own.id, by="chief")
    read = on(known, batch, collected.dry_read)
    assert (read.problems, read.sha) == ((), preview)
    found = on(known, batch, collected.findings)
    assert len(found) == 27
    assert found[0].cell == "C1-城东中心.xlsx 资金表!E4"
    assert len({one.digest for one in found}) == len(found)
    assert on(known, batch, lambda desk, row, _: collected.unseen(desk, row)) == set()
    locked = on(known, batch, collected.lock, by=who(known, "check2"), writes=True)
    assert locked == preview
    assert on(known, batch, collected.lock, by=who(known, "check2"), writes=True) == locked  # again after an unlock
    with open_desk(known, COMMAND, writes=False) as desk:
        row = desk.get(Dataset, locked)
        assert row is not None
        assert len(row.members) == 10
        assert desk.count(Audit, Audit.action == "submission.accept") == 10


def test_nobody_hands_in_what_is_another_s(known: Store, county: County) -> None:
    batch = opened(known).id
    with pytest.raises(NotThere):
        filed(known, batch, "T2", county.uploads["T2"], by="wang")
    with pytest.raises(NotAllowed):
        filed(known, batch, "*", *everything(), by="wang", reason="代报")
    with pytest.raises(NotAllowed):
        filed(known, batch, "T1", county.uploads["T1"], by="maker")
    made = filed(known, batch, "T1", csv("T1,heads_on_post,4,", "T2,heads_on_post,2,"), by="wang")
    assert made.state == "faulty"
    assert [(one["where"], one["code"]) for one in made.problems] == [("facts.csv!D3", "NOT-YOURS")]
    with pytest.raises(Unmet, match="FAULTY"):
        accepted(known, made.id)
    filed(known, batch, "T1", county.uploads["T1"], by="wang")
    assert states(known, batch) == {"T1": ["superseded", "checked"]}
    with pytest.raises(Unmet) as refused:  # superseded, and as wrong as before
        accepted(known, made.id)
    assert [one.code for one in refused.value.guards] == ["FAULTY", "STATE"]
    with open_desk(known, who(known, "wang"), writes=False) as desk:
        assert shown(desk, made.id).filer == "T1"
        assert [one.unit for one in desk.rows(Assignment)] == ["T1"]
    other = filed(known, batch, "T2", county.uploads["T2"])
    with pytest.raises(NotThere), open_desk(known, who(known, "wang"), writes=False) as desk:
        shown(desk, other.id)


def test_what_is_missing_is_told_and_may_be_accepted(known: Store) -> None:
    batch = opened(known).id
    made = filed(known, batch, "T1", csv("T1,heads_on_post,4,"), by="wang")
    assert (made.state, made.problems) == ("checked", [])
    assert {one["code"] for one in made.findings} == {"MISSING"}
    assert accepted(known, made.id).state == "accepted"


def test_versions_are_kept_and_one_is_accepted(known: Store, county: County) -> None:
    batch = opened(known).id
    first = filed(known, batch, "T1", county.uploads["T1"], by="wang")
    second = filed(known, batch, "T1", county.uploads["T1"], by="wang")
    assert (first.number, second.number) == (1, 2)
    assert states(known, batch) == {"T1": ["superseded", "checked"]}
    with pytest.raises(Unmet, match="STATE"):  # nothing is wrong with it, but there is a newer one
        accepted(known, first.id)
    accepted(known, second.id)
    third = filed(known, batch, "T1", county.uploads["T1"], by="wang")
    assert states(known, batch) == {"T1": ["superseded", "accepted", "checked"]}
    accepted(known, third.id)
    assert states(known, batch) == {"T1": ["superseded", "superseded", "accepted"]}
    with pytest.raises(Unmet, match="REASON"), open_desk(known, who(known, "check")) as desk:
        return_(desk, third.id, " ")
    with open_desk(known, who(known, "check")) as desk:
        assert return_(desk, third.id, "数不对").returned_reason == "数不对"
    assert states(known, batch)["T1"][-1] == "returned"
    with pytest.raises(Unmet, match="STATE"):
        accepted(known, third.id)


def test_who_handed_it_in_does_not_accept_it(known: Store, county: County) -> None:
    batch = opened(known).id
    made = filed(known, batch, "T1", county.uploads["T1"], by="check")
    with pytest.raises(NotAllowed) as refused:
        accepted(known, made.id, by="check")
    assert refused.value.code == "HAND"
    with pytest.raises(NotAllowed):
        accepted(known, made.id, by="maker")
    assert accepted(known, made.id, by="chief").state == "accepted"


def test_a_cell_is_corrected_by_a_new_submission(known: Store, county: County) -> None:
    batch = opened(known).id
    made = filed(known, batch, "T1", county.uploads["T1"], by="wang")
    edit = Edit("facts", "T1", "2026Q3", "heads_on_post", "5")
    with open_desk(known, who(known, "check")) as desk:
        again = correct(desk, made.id, [edit], via="console", reason="电话核实")
    assert (again.number, again.state, again.files) == (2, "checked", made.files)
    with open_desk(known, COMMAND, writes=False) as desk:
        row = desk.get(Submission, again.id)
        (one,) = [figure for figure in collected.figures_in(desk, row) if figure.code == "heads_on_post"]
        assert (one.value, one.place) == (
            "5",
            "T1-东乡卫生院.xlsx 事实表!F6 (check（示例） 2026-10-08 09:00 更正, 原为 4)",
        )
    torn = filed(known, batch, "T1", csv("T1,heads_on_post,很多,"), by="wang")
    with pytest.raises(Unmet, match="NOT-WHOLE"), open_desk(known, who(known, "wang")) as desk:
        correct(desk, torn.id, [edit], via="console")
    with pytest.raises(NotThere), open_desk(known, who(known, "wang")) as desk:
        correct(desk, filed(known, batch, "T2", county.uploads["T2"]).id, [edit], via="console")


def test_one_workbook_for_all_stands_for_those_without_their_own(known: Store, county: County) -> None:
    batch = opened(known).id
    own = accepted(known, filed(known, batch, "T1", county.uploads["T1"], by="wang").id)
    with pytest.raises(Unmet, match="REASON"):
        filed(known, batch, "*", *everything()[:1])
    facts = [one for one in everything() if one.name in {"facts.csv", "money.csv"}]
    made = filed(known, batch, "*", *facts, reason="系统导出")
    assert (made.state, made.problems) == ("checked", [])
    with pytest.raises(NotAllowed):
        accepted(known, made.id, by="check")
    accepted(known, made.id)
    read = on(known, batch, collected.dry_read)
    assert read.problems == ()
    cells = {one.unit: one.cell for one in on(known, batch, collected.findings)}
    assert cells["T1"].startswith("T1-东乡卫生院.xlsx")
    assert cells["T2"].startswith("money.csv!")
    assert on(known, batch, lambda desk, row, _: collected.unseen(desk, row)) >= {"T2", "H1"}
    assert "T1" not in on(known, batch, lambda desk, row, _: collected.unseen(desk, row))
    filed(known, batch, "*", *facts, reason="系统导出, 替换各单位的", replace=True)
    with open_desk(known, COMMAND, writes=False) as desk:
        assert shown(desk, own.id).state == "superseded"
        told = [row.subject for row in desk.rows(Event, Event.kind == "submission.replace")]
    assert told == [f"submission/{own.id}"]
    assert accepted(known, own.id).state == "accepted"  # its filer has said nothing newer


def test_an_empty_register_is_what_the_first_workbook_says(here: Store) -> None:
    view = opened(here)
    assert [one.filer for one in view.assignments] == ["*"]
    without = filed(here, view.id, "*", *everything()[:1], reason="第一期")
    assert {one["code"] for one in without.problems} == {"TABLE-MISSING"}
    made = filed(here, view.id, "*", *everything(), reason="第一期")
    assert (made.state, made.problems) == ("checked", [])
    accepted(here, made.id)
    assert on(here, view.id, collected.dry_read).problems == ()
    on(here, view.id, collected.lock, by=who(here, "check2"), writes=True)
    with open_desk(here, COMMAND, writes=False) as desk:
        assert len(units.register(desk, REGION).institutions) == 10
        assert units.alliances(desk, desk.get(Batch, view.id)) == {"A1", "A2"}
        assert collected.unseen(desk, desk.get(Batch, view.id)) >= {"T1", "H1"}


def test_what_was_accepted_is_taken_over(known: Store, county: County) -> None:
    batch = opened(known).id
    accepted(known, filed(known, batch, "T1", county.uploads["T1"], by="wang").id)
    filed(known, batch, "T2", county.uploads["T2"])  # nobody accepted it
    other = accepted(known, filed(known, batch, "T3", county.uploads["T3"]).id)
    with open_desk(known, COMMAND) as desk:
        desk.change(Batch, Batch.id == batch, state="abandoned")
        part = desk.rows(Part, Part.batch == batch, Part.unit == "T3")[0]
        desk.remove(Part, Part.id == part.id)  # asked of T3 then: one part less than now
    assert other.state == "accepted"
    again = opened(known)
    assert {one.filer for one in again.assignments if one.state == "accepted"} == {"T1"}
    with open_desk(known, COMMAND, writes=False) as desk:
        (copy,) = desk.rows(Submission, Submission.batch == again.id)
        first = desk.get(Submission, copy.taken_from)
        assert collected.figures_in(desk, copy) == collected.figures_in(desk, first) != []
    with open_desk(known, COMMAND) as desk:
        desk.change(Batch, Batch.id == again.id, state="abandoned")
    assert {one.state for one in opened(known, fresh=True).assignments} == {"open"}


def test_nothing_is_handed_in_once_it_is_locked(known: Store, county: County) -> None:
    batch = opened(known).id
    made = filed(known, batch, "T1", county.uploads["T1"], by="wang")
    with open_desk(known, COMMAND) as desk:
        desk.change(Batch, Batch.id == batch, state="locked")
    with pytest.raises(Unmet, match="STATE"):
        filed(known, batch, "T1", county.uploads["T1"], by="wang")
    with pytest.raises(Unmet, match="STATE"):
        accepted(known, made.id)


def test_the_workbook_to_fill_in_is_taken_as_it_is(known: Store) -> None:
    batch = opened(known).id
    with open_desk(known, who(known, "wang"), writes=False) as desk:
        name, content = submissions.template(desk, batch, assignment(known, batch, "T1"))
        with pytest.raises(NotThere):
            submissions.template(desk, batch, assignment(known, batch, "T2"))
    assert name == "T1-2026Q3.xlsx"
    made = filed(known, batch, "T1", Upload(name, content), by="wang")
    assert (made.state, made.problems) == ("checked", [])
    assert {one["code"] for one in made.findings} == {"MISSING"}
    assert {one["where"].partition("!")[0] for one in made.findings} == {"T1-2026Q3.xlsx 事实表"}
    assert Period.parse("2026Q3") == QUARTER
