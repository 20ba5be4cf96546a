"""The demo county's quarter over HTTP: its people, each signed in, and the calls that take a batch on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from engine.schedule.worker import do_due
from engine.storage.desk import open_desk, program
from engine.storage.tables.proof import Audit
from tests.api.http.serving import Served, serving
from tests.engine.workflow.flow import SECRET, STAFF, WORKBOOK, County

PLAN = "demo-county"
MEMBERS = {
    "clerk": "reporter@T01",
    "viewer": "unit_viewer@T01",
    "other": "reporter@T02",
    "other-viewer": "unit_viewer@T02",
}
PDF = "application/pdf"


UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
AGAIN = ("/evaluations:trigger", "/confirmations")
"""What may be asked for or said once more and changes nothing then."""
_SIZE = "records-before"


def recording(store: Any) -> dict[str, Any]:
    """Hooks of a client: whatever it changed, the audit has one record more. A refusal is looked at elsewhere."""

    def before(request: httpx.Request) -> None:
        request.extensions[_SIZE] = records(store)

    def after(response: httpx.Response) -> None:
        asked = response.request
        said = f"{asked.method} {asked.url.path} left no audit record"
        changed = asked.method in UNSAFE and response.is_success and "idempotency-replayed" not in response.headers
        assert not changed or asked.url.path.endswith(AGAIN) or records(store) > asked.extensions[_SIZE], said

    return {"request": [before], "response": [after]}


def records(store: Any) -> int:
    """How many records the audit has."""
    with open_desk(store, program("command"), writes=False) as desk:
        return desk.count(Audit)


class Quarter:
    """A served county. number: of the batch that is at work; every person comes with a session of a password."""

    def __init__(self, served: Served, clock: Any, more: Mapping[str, str] | None = None, plan: str = PLAN) -> None:
        self.served, self.clock, self.number, self.reviewed = served, clock, 0, False
        self.county = County(served.store, clock, plan=plan, staff=STAFF | MEMBERS | dict(more or {}))
        self.clients: dict[str, httpx.Client] = {}
        self.known: dict[str, str] = {}
        self.opened: dict[str, Any] = {}

    def as_(self, login: str) -> httpx.Client:
        """The person's client; the session that went with the clock is opened again."""
        client = self.clients.get(login)
        if client is None or self.opened[login] != self.clock():
            body = {"login": login, "password": self.known.get(login, SECRET)}
            if login not in self.known:
                body["new_password"] = self.known[login] = f"Changed-{login}-22"
            opened = self.served.client.post("/api/v1/session", json=body)
            assert opened.status_code == 201, opened.text
            header = {"Authorization": f"Bearer {opened.json()['secret']}"}
            self.opened[login] = self.clock()
            client = self.clients[login] = httpx.Client(
                base_url=self.served.url, headers=header, timeout=120, event_hooks=recording(self.served.store)
            )
            self.served.clients[f"{login}-{opened.json()['secret']}"] = client
        return client

    def get(self, login: str, path: str, **more: Any) -> httpx.Response:
        return self.as_(login).get(f"/api/v1/{path}", **more)

    def post(self, login: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        return self.as_(login).post(f"/api/v1/{path}", json=body, **more)

    @property
    def batch(self) -> dict[str, Any]:
        """The batch as its appraiser sees it."""
        answer = self.get("appraiser", f"batches/{self.number}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def name(self, unit: str) -> str:
        """What a unit is called."""
        items = self.get("appraiser", "units?limit=1000").json()["items"]
        return next(str(one["name"]) for one in items if one["unit"] == unit)

    def upload(self, login: str, content: bytes = b"%PDF scan", name: str = "scan.pdf") -> str:
        answer = self.as_(login).post("/api/v1/files", files={"file": (name, content, PDF)})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["sha"])

    def ask(self, login: str, step: str, *, version: int | None = None, **given: Any) -> httpx.Response:
        """A step, on the version as it is now or the one that is given."""
        at = self.batch["version"] if version is None else version
        return self.post(login, f"batches/{self.number}:{step}", given, headers={"If-Match": f'"{at}"'})

    def step(self, login: str, step: str, **given: Any) -> str:
        """A step that is taken; the state after it and its job."""
        answer = self.ask(login, step, **given)
        assert answer.status_code in {200, 202}, answer.text
        if answer.status_code == 202:
            assert answer.headers["location"] == f"/api/v1/jobs/{answer.json()['job']}"
            do_due(self.served.store)
        return str(self.batch["state"])

    def open(self, period: str = "2026Q3") -> dict[str, Any]:
        answer = self.post("appraiser", "batches", {"plan": PLAN, "period": period, "kind": "regular"})
        assert answer.status_code == 201, answer.text
        self.number = answer.json()["id"]
        assert answer.headers["location"] == f"/api/v1/batches/{self.number}"
        return dict(answer.json())

    def hand_in(self, login: str, assignment: str, **more: str) -> httpx.Response:
        file = {"file": (WORKBOOK.name, WORKBOOK.read_bytes(), "application/octet-stream")}
        data = {"assignment": assignment, **more}
        return self.as_(login).post(f"/api/v1/batches/{self.number}/submissions", files=file, data=data)

    def file_all(self) -> int:
        """Everything by one data checker, accepted by another."""
        sent = self.hand_in("checker2", "*", reason="示例: 汇总填报")
        assert sent.status_code == 201, sent.text
        assert sent.json()["state"] == "checked", sent.json()["problems"][:3]
        accepted = self.post("checker", f"submissions/{sent.json()['id']}:accept")
        assert accepted.json()["state"] == "accepted", accepted.text
        return int(sent.json()["id"])

    def confirm_all(self) -> None:
        scan = self.upload("checker")
        for one in self.get("checker", f"batches/{self.number}/confirmations?limit=1000").json()["items"]:
            body = {"unit": one["unit"], "digest": one["digest"], "file": scan}
            assert self.post("checker", f"batches/{self.number}/confirmations", body).status_code == 201

    def gate(self) -> httpx.Response:
        body = {
            "kind": "collective_decision",
            "file": self.upload("maker", b"minutes", "会议纪要.pdf"),
            "doc_no": "示例〔2026〕1号",
            "dated": str(self.clock().date()),
        }
        return self.post("maker", f"batches/{self.number}/gates", body)

    def review(self) -> None:
        """The first stage, once, and what stands before the second."""
        if not self.reviewed:
            assert self.step("reviewer", "review", digest=self.batch["digest"]) == "reviewing"
            assert self.gate().status_code == 201
            self.reviewed = True

    def disclose(self) -> str:
        sheet = self.upload("maker", b"posted", "公示.pdf")
        return self.step("maker", "disclose", posted_on=str(self.clock().date()), where="县政府网站", file=sheet)

    def lines(self, state: str) -> list[dict[str, str]]:
        """Every line of payment, as it would be told to be in this state."""
        found = self.get("payer", f"batches/{self.number}/payments?limit=1000").json()["items"]
        names = ("alliance", "pool", "unit", "amount")
        more = {"state": state, "voucher": "凭0001", "date": str(self.clock().date())}
        return [{name: one[name] for name in names} | more for one in found]

    def to(self, state: str) -> None:
        """From an open batch, or where it is, to a state."""
        for before, after, go in self._way():
            if self.batch["state"] == state:
                return
            if self.batch["state"] == before:
                assert go() == after
        assert self.batch["state"] == state

    def _way(self) -> list[tuple[str, str, Any]]:
        def lock() -> str:
            self.file_all()
            return self.step("checker", "lock")

        def settle() -> str:
            self.confirm_all()
            return self.step("appraiser", "settle")

        def sign() -> str:
            self.review()
            return self.step("approver", "approve", digest=self.batch["digest"])

        def release() -> str:
            self.clock.forward(days=10)
            return self.step("maker", "release")

        def pay() -> str:
            assert self.post("payer", f"batches/{self.number}/payments", {"lines": self.lines("ordered")}).is_success
            return self.step("payer", "pay")

        def close() -> str:
            assert self.post("payer", f"batches/{self.number}/payments", {"lines": self.lines("paid")}).is_success
            return self.step("payer", "close")

        return [
            ("collecting", "scored", lock),
            ("scored", "confirming", lambda: self.step("appraiser", "publish")),
            ("confirming", "confirmed", settle),
            ("confirmed", "allocated", lambda: self.step("maker", "allocate")),
            ("allocated", "reviewing", lambda: self.step("maker", "submit")),
            ("reviewing", "approved", sign),
            ("approved", "disclosed", self.disclose),
            ("disclosed", "payable", release),
            ("payable", "paid", pay),
            ("paid", "closed", close),
        ]


@contextmanager
def served_quarter(
    store: Any, clock: Any, more: Mapping[str, str] | None = None, plan: str = PLAN
) -> Iterator[Quarter]:
    """A county that is served, with its batch of 2026Q3 open.

    more: people beside its staff, by login their grant; plan: a file with another wording of the county's plan.
    """
    with serving(store) as served:
        quarter = Quarter(served, clock, more, plan)
        quarter.open()
        yield quarter
