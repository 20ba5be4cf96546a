"""A batch of hand-made rows, of which a test takes one away or adds one: nothing is run, and it is quick.

Two alliances, A1 with H1 and A2 with H2; each pays the pool `reward`, 100.00 and 50.00.
"""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace
from typing import Any

from domain.workflow import Deadlines
from engine.storage.desk import program
from engine.storage.tables.decisions import File, Voucher
from engine.storage.tables.facts import Assignment, Fact, Submission
from engine.storage.tables.people import User
from engine.storage.tables.period import Batch, PeriodRow
from engine.storage.tables.results import PayLine, Pool, Run, Score
from engine.storage.tables.work import Job
from engine.workflow import guards
from engine.workflow.cases import Case, Given
from engine.workflow.steps import batch_of

REGION = "330103"
PLACE = {"region": REGION, "unit": REGION}
ROOT = program("command")
MEMBERS = {"H1": ("A1", 100_00), "H2": ("A2", 50_00)}
POOL = "reward"


def plan(**said: Any) -> Any:
    """What the guards ask of a plan."""
    silent = {
        "gates": [],
        "silence_confirms": None,
        "hands": None,
        "approvals": None,
        "pools": [SimpleNamespace(id=POOL)],
    }
    return SimpleNamespace(**(silent | {"deadlines": Deadlines()} | said))


def case(desk: Any, number: int, given: Given | None = None, **said: Any) -> Case:
    """A batch before a step, on a plan that says this."""
    found = Case(desk, batch_of(desk, number), given)
    found.plan = plan(**said)  # type: ignore[misc]
    return found


def unmet(found: Case, *names: str) -> list[tuple[str, dict[str, Any]]]:
    """(code, more) of what these guards miss."""
    return [(guard.code, dict(guard.more)) for guard in guards.unmet(found, names)]


def person(desk: Any, login: str, who: str = "") -> int:
    """A login of a person; its number."""
    return desk.add(User(login=login, name=login, person=who or login, hash="", at=desk.now)).id


def file(desk: Any, sha: str = "f" * 64) -> str:
    """A file that was uploaded."""
    if desk.get(File, sha) is None:
        desk.add(File(**PLACE, sha=sha, name="a.pdf", type="application/pdf", size=1, at=desk.now))
    return sha


def batch(desk: Any, state: str, **said: Any) -> int:
    """A batch in a state, with its official run, scores, pools and lines; its number."""
    period = desk.first(PeriodRow) or desk.add(PeriodRow(region=REGION, plan="p", code="2026Q3"))
    many = desk.count(Batch) + 1
    values = {"kind": "regular", "opened_at": desk.now} | said
    made = desk.add(Batch(**PLACE, period=period.id, number=many, state=state, **values))
    job = desk.add(Job(**PLACE, key=f"k{many}", kind="score", state="done", due=desk.now, at=desk.now))
    run = desk.add(
        Run(**PLACE, batch=made.id, kind="allocation", plan="p", period="2026Q3", policy="", folder="a" * 64,
            program="", official=True, job=job.id, at=desk.now)
    )  # fmt: skip
    for unit, (alliance, fen) in MEMBERS.items():
        desk.add(Score(region=REGION, unit=unit, run=run.id, scope="member", scorecard="c", score=Fraction(90)))
        desk.add(
            Pool(region=REGION, unit=alliance, run=run.id, pool=POOL, amount=fen, distributed=fen, undistributed=0)
        )
        desk.add(PayLine(region=REGION, unit=unit, run=run.id, alliance=alliance, pool=POOL, amount=fen))
    made.score_run = made.run = run.id
    desk.add(made)
    return made.id


def voucher(desk: Any, number: int, unit: str, state: str) -> None:
    """What was last said of the line of a unit."""
    alliance, fen = MEMBERS[unit]
    desk.change(Voucher, Voucher.batch == number, Voucher.unit == unit, superseded=True)
    desk.add(
        Voucher(region=REGION, unit=unit, batch=number, alliance=alliance, pool=POOL, amount=fen, state=state,
                at=desk.now)
    )  # fmt: skip


def filed_by_another(desk: Any, number: int, unit: str) -> None:
    """One submission of everything, accepted, with a row of the unit."""
    task = desk.add(Assignment(**PLACE, batch=number, filer="*"))
    made = desk.add(
        Submission(**PLACE, batch=number, assignment=task.id, number=1, via="api", at=desk.now, state="accepted")
    )
    desk.add(Fact(submission=made.id, table="facts", unit=unit, period="2026Q3", code="visits", value="1"))
