"""The pay of one of the demo county's hospitals over HTTP: its people, and the calls that take a pay batch on."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import xlsxwriter

from engine.schedule.worker import do_due
from engine.storage.desk import open_desk
from engine.storage.tables.place import Unit
from engine.workflow import people
from tests.api.http.quarter import Quarter
from tests.api.http.serving import Served, serving
from tests.engine.pay.folder import making
from tests.engine.workflow.flow import OPERATOR, ROOT, SECRET, County

UNIT, OTHER, MONTH = "T13", "T14", "2026-10"
PEOPLE = ROOT / "examples" / "county" / "2026Q3-people.xlsx"
HR = {
    "hr": f"hr@{UNIT}",
    "hr-other": f"hr@{OTHER}",
    "pay-auditor": f"auditor@{UNIT}",
    "pay-reviewer": f"reviewer@{UNIT}",
}


class Paying:
    """A pay batch of the hospital. number: of it."""

    def __init__(self, quarter: Quarter) -> None:
        self.quarter, self.number = quarter, 0
        self.run = int(quarter.batch["run"])

    def get(self, login: str, path: str = "", **more: Any) -> httpx.Response:
        return self.quarter.get(login, f"pay/{self.number}{path}", **more)

    def post(self, login: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        return self.quarter.post(login, f"pay/{self.number}{path}", body, **more)

    @property
    def batch(self) -> dict[str, Any]:
        answer = self.get("hr")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def asked(self, login: str = "hr", **more: Any) -> httpx.Response:
        body = {"plan": "demo-county", "unit": UNIT, "period": "2026Q3", "month": MONTH, "run": self.run, **more}
        return self.quarter.post(login, "pay", body)

    def open(self) -> dict[str, Any]:
        answer = self.asked()
        assert answer.status_code == 201, answer.text
        self.number = answer.json()["id"]
        return dict(answer.json())

    def hand_in(self, content: bytes, login: str = "hr", name: str = "张三的人员.xlsx") -> httpx.Response:
        files = {"file": (name, content, "application/octet-stream")}
        return self.quarter.as_(login).post(f"/api/v1/pay/{self.number}/people", files=files)

    def pay_people(self, content: bytes | None = None) -> dict[str, Any]:
        """The workbook handed in and its job done; the job."""
        answer = self.hand_in(PEOPLE.read_bytes() if content is None else content)
        assert answer.status_code == 202, answer.text
        do_due(self.quarter.served.store)
        return dict(self.quarter.get("hr", f"jobs/{answer.json()['job']}").json())

    def ask(self, login: str, step: str, **given: Any) -> httpx.Response:
        return self.post(login, f":{step}", given, headers={"If-Match": f'"{self.batch["version"]}"'})

    def step(self, login: str, step: str, **given: Any) -> str:
        answer = self.ask(login, step, **given)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["state"])

    def rows(self, table: str, login: str = "hr") -> list[dict[str, str]]:
        answer = self.get(login, f"/{table}?format=csv")
        assert answer.status_code == 200, answer.text
        return list(csv.DictReader(io.StringIO(answer.text)))

    def approved(self) -> None:
        """From allocated to approved."""
        minutes = self.quarter.upload("hr", b"minutes", "会议纪要.pdf")
        assert self.step("hr", "submit", minutes=minutes) == "reviewing"
        digest = self.batch["digest"]
        assert self.step("reviewer", "review", digest=digest) == "reviewing"
        assert self.step("approver", "approve", digest=digest) == "approved"

    def payable(self) -> None:
        self.approved()
        sheet = self.quarter.upload("hr", b"posted", "公示.pdf")
        posted = str(self.quarter.clock().date())
        assert self.step("hr", "disclose", posted_on=posted, where="本院公示栏", file=sheet) == "disclosed"
        self.quarter.clock.forward(days=10)
        assert self.step("hr", "release") == "payable"

    def export_bank(self, number: str, login: str = "payer", bank: str = "example-xlsx") -> httpx.Response:
        return self.post(login, "/exports/bank", {"batch_no": number, "bank": bank})

    def answer_bank(self, number: str, content: bytes, name: str = "结果.xlsx") -> httpx.Response:
        files = {"file": (name, content, "application/octet-stream")}
        return self.quarter.as_("payer").post(
            f"/api/v1/pay/{self.number}/results", files=files, data={"batch_no": number}
        )


STAFF = {
    "hr": "hr@U1",
    "hr-other": "hr@U2",
    "reviewer": "reviewer@U1",
    "approver": "approver@U1",
    "payer": "payer@U1",
    "auditor": "auditor@U1",
    "viewer": "unit_viewer@U1",
}


class Hospital(Quarter):
    """A hospital whose plan only pays people (tests.engine.pay.folder.making), and what its people work with."""

    def __init__(self, served: Served, clock: Any, folder: Path) -> None:
        self.served, self.clock = served, clock
        plan, _ = making.write(folder, making.tables())
        self.county = County(served.store, clock, plan=plan, register=None, staff=STAFF)
        with open_desk(served.store, OPERATOR) as desk:
            for code in ("U1", "U2"):
                desk.add(Unit(region=self.county.region, unit=code, kind="institution", name=f"{code}（示例）"))
            for login, person in (("own", "N1"), ("nobody", "N9")):
                grants = [people.Wanted.parse("self@U1")]
                people.create_user(desk, login=login, name=login, password=SECRET, grants=grants, person=person)
        self.clients, self.known, self.opened = {}, {}, {}


class HospitalPay(Paying):
    """A pay batch of the hospital."""

    def __init__(self, hospital: Hospital) -> None:
        self.quarter, self.number = hospital, 0

    def asked(self, login: str = "hr", **more: Any) -> httpx.Response:
        body = {"plan": "hr", "unit": "U1", "period": making.PERIOD, "month": making.MONTH, **more}
        return self.quarter.post(login, "pay", body)


def workbook(tables: Mapping[str, making.Rows]) -> bytes:
    """Tables as the workbook that a clerk hands in."""
    held = io.BytesIO()
    with xlsxwriter.Workbook(held) as book:
        for name, rows in tables.items():
            sheet = book.add_worksheet(name)
            for at, cells in enumerate([list(rows[0]), *(list(row.values()) for row in rows)] if rows else []):
                for column, cell in enumerate(cells):
                    sheet.write_string(at, column, cell)
    return held.getvalue()


@contextmanager
def served_hospital(store: Any, clock: Any, folder: Path) -> Iterator[HospitalPay]:
    """A hospital that is served, with its pay batch of 2026Q3 open."""
    with serving(store) as served:
        paying = HospitalPay(Hospital(served, clock, folder))
        paying.open()
        yield paying
