"""A county's quarter, taken through the service step by step by its people: what tests of the workflow share."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

from engine.read.uploads import Upload
from engine.schedule.worker import do_due
from engine.storage.desk import open_desk, program
from engine.storage.tables.people import User
from engine.storage.tables.period import Batch
from engine.workflow import batches, decisions, passwords, payments, people, policies, runs, steps, submissions, units
from engine.workflow import uploads as files
from engine.workflow.cases import Given
from engine.workflow.payments import LineGiven

ROOT = Path(__file__).parents[3]
REGISTER = ROOT / "examples" / "county" / "register.xlsx"
WORKBOOK = ROOT / "examples" / "county" / "2026Q3.xlsx"
REGION = "129901"
OPERATOR = program("command")
SECRET = "Long-enough-1"  # noqa: S105  (of people who are not there)
STAFF = {
    "reporter": "reporter@A01",
    "checker": "data_checker",
    "checker2": "data_checker",
    "appraiser": "appraiser",
    "maker": "maker",
    "reviewer": "reviewer",
    "approver": "approver",
    "payer": "payer",
    "auditor": "auditor",
}


class County:
    """The demo county with its staff; every act is a desk of its own, as a request is."""

    def __init__(self, store, clock, *, plan="demo-county", register=REGISTER, staff=STAFF):
        self.store, self.clock = store, clock
        with open_desk(store, OPERATOR) as desk:
            published = policies.import_plan(desk, plan, publish=True)
        self.plan, self.region = published.policy_id, published.region
        if register is not None:
            with open_desk(store, OPERATOR) as desk:
                units.import_register(desk, register)
        with open_desk(store, OPERATOR) as desk:
            for login, role in staff.items():
                people.create_user(
                    desk,
                    login=login,
                    name=f"{login}（示例）",
                    password=SECRET,
                    grants=[people.Wanted.parse(role)],
                )

    def actor(self, login, *, signed_in=True):
        with open_desk(self.store, OPERATOR, writes=False) as desk:
            user = desk.first(User, User.login == login)
            return people.actor_of(desk, user, "http", signed_in=signed_in)

    @contextmanager
    def desk(self, login, *, writes=True, signed_in=True):
        with open_desk(self.store, self.actor(login, signed_in=signed_in), writes=writes) as desk:
            yield desk

    def work(self):
        return do_due(self.store)

    def open(self, code="2026Q3", kind="regular", **more):
        with self.desk("appraiser") as desk:
            return batches.open_batch(desk, self.plan, code, kind, **more)

    def batch(self, number):
        with open_desk(self.store, OPERATOR, writes=False) as desk:
            return desk.get(Batch, number)

    def upload(self, login, content=b"scan"):
        with self.desk(login) as desk:
            return files.keep(desk, "scan.pdf", content, "application/pdf", region=self.region, unit=self.region).sha

    def file_all(self, number, workbook=WORKBOOK):
        """Everything at once by one data checker, accepted by another."""
        files = [Upload(workbook.name, workbook.read_bytes())]
        actor = self.actor("checker2")
        sent = submissions.hand_in(self.store, actor, number, "*", files, via="api", reason="示例: 汇总填报")
        assert sent.state == "checked", sent.problems[:3]
        with self.desk("checker") as desk:
            submissions.accept(desk, sent.id)
        return sent

    def step(self, login, number, name, *, version=None, **given):
        with self.desk(login) as desk:
            at = self.batch(number).version if version is None else version
            _, job = steps.take(desk, number, name, Given(**given), version=at)
        if job is not None:
            self.work()
        return self.batch(number)

    def confirm_all(self, number):
        scan = self.upload("checker")
        with self.desk("checker") as desk:
            for unit, digest in runs.members(desk, self.batch(number)).items():
                decisions.confirm(desk, number, unit, digest, scan)

    def confirmed(self, code="2026Q3"):
        """A batch whose scores are confirmed."""
        number = self.open(code).id
        self.file_all(number)
        assert self.step("checker", number, "lock").state == "scored"
        self.step("appraiser", number, "publish")
        self.confirm_all(number)
        assert self.step("appraiser", number, "settle").state == "confirmed"
        return number

    def reviewing(self, code="2026Q3"):
        """A batch that waits for its reviewer."""
        number = self.confirmed(code)
        assert self.step("maker", number, "allocate").state == "allocated"
        assert self.step("maker", number, "submit").state == "reviewing"
        return number

    def gate(self, number, kind="collective_decision"):
        file = self.upload("maker", b"minutes")
        with self.desk("maker") as desk:
            decisions.show_gate(desk, number, kind, file, "示例〔2026〕1号", self.clock().date())

    def approved(self, code="2026Q3"):
        number = self.reviewing(code)
        seen = self.batch(number).seen
        assert self.step("reviewer", number, "review", digest=seen).state == "reviewing"
        self.gate(number)
        assert self.step("approver", number, "approve", digest=seen).state == "approved"
        return number

    def payable(self, code="2026Q3"):
        number = self.approved(code)
        sheet = self.upload("maker", b"posted")
        self.step("maker", number, "disclose", posted_on=self.clock().date(), where="县政府网站", file=sheet)
        self.clock.forward(days=10)
        assert self.step("maker", number, "release").state == "payable"
        return number

    def pay(self, number, state, login="payer"):
        with self.desk(login, writes=False) as desk:
            lines = payments.listed(desk, number)
        given = [
            LineGiven(
                alliance=one.alliance, pool=one.pool, unit=one.unit, amount=one.amount, state=state, voucher="凭0001",
                date=self.clock().date(), reason="示例" if state in {"held", "returned"} else "",
            )
            for one in lines
        ]  # fmt: skip
        with self.desk(login) as desk:
            return payments.record(desk, number, given)


def quick(monkeypatch):
    """Passwords hashed quickly: hashing is not what these tests are about."""
    monkeypatch.setattr(passwords, "_HASH", type(passwords._HASH)((passwords.Argon2Hasher(1, 8, 1),)))
