"""The optimizer over HTTP gives, byte for byte, what the command line gives."""

from __future__ import annotations

import io
import json
import sys
import threading
import time

import httpx
import pytest

from api.cli import main
from api.http.settings import HttpSettings
from engine.exchange.limits import BYTES
from tests.api.http.serving import serving

pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)  # no answer depends on a database
GOOD = {
    "pool": {"code": "p", "purpose": "staff_reward", "amount": "1000.00"},
    "members": [
        {"code": "H01", "tier": "lead", "merit": "60", "reward_base": "1000.00"},
        {"code": "V07", "tier": "village", "grassroots": True, "merit": "40", "reward_base": "800.00"},
    ],
    "rules": [{"use": "grassroots_min_share", "share": "0.50"}, {"use": "income_cap", "share": "0.60"}],
}
BAD = {**GOOD, "members": [{"code": "H01", "tier": "lead"}]}
TORN = {
    **GOOD,
    "members": [{**one, "previous": "900.00"} for one in GOOD["members"]],
    "rules": [{"use": "floor_previous", "ratio": "1"}],
}
CASES = {
    "one": (json.dumps(GOOD), 200),
    "array": (json.dumps([GOOD, GOOD]), 200),
    "empty array": ("[]", 200),
    "bad": (json.dumps(BAD), 422),
    "contradiction": (json.dumps(TORN), 422),
    "good and bad": (json.dumps([GOOD, BAD, TORN]), 422),
    "lines": (json.dumps(GOOD) + "\n" + json.dumps(BAD) + "\n", 422),
    "no JSON": ("{", 422),
    "float": (json.dumps({**GOOD, "soft_keep": 0.5}), 422),
}
EXITS = {0: 200, 2: 422, 3: 422}


def by_command(text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *more: str):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    code = main(["allocate", "-", *more])
    return capsys.readouterr().out, code


def test_the_answer_is_the_command_line_s(served, monkeypatch, capsys):
    client = served.as_("integration")
    for name, (text, status) in CASES.items():
        said, code = by_command(text, monkeypatch, capsys)
        answer = client.post("/api/v1/allocations:solve", content=text, headers={"Content-Type": "application/json"})
        assert answer.text == said, name
        assert answer.status_code == status == EXITS[code], name
        assert answer.headers["content-type"] == "application/json"


def test_lines_are_taken_as_lines(served, monkeypatch, capsys):
    text = json.dumps(GOOD) + "\n"
    header = {"Content-Type": "application/x-ndjson"}
    answer = served.as_("integration").post("/api/v1/allocations:solve", content=text, headers=header)
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert answer.text.count("\n") == 1
    assert json.loads(answer.text)["status"] == "optimal"


@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_a_solver_can_be_named(served, solver, monkeypatch, capsys):
    said, _ = by_command(json.dumps(GOOD), monkeypatch, capsys, "--solver", solver)
    answer = served.as_("integration").post(f"/api/v1/allocations:solve?solver={solver}", json=GOOD)
    assert (answer.status_code, answer.text) == (200, said)


def test_an_unknown_solver_is_refused(served):
    answer = served.as_("integration").post("/api/v1/allocations:solve?solver=glpk", json=GOOD)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["problems"][0]["where"] == "?solver"


def test_more_than_the_reader_takes_is_its_refusal(served):
    answer = served.as_("integration").post(
        "/api/v1/allocations:solve", content=b" " * (BYTES + 5), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["code"] == "TOO-LARGE"


def test_it_needs_a_sign_in_and_json(served):
    assert served.client.post("/api/v1/allocations:solve", json=GOOD).status_code == 401
    answer = served.as_("integration").post(
        "/api/v1/allocations:solve", content="x", headers={"Content-Type": "text/plain"}
    )
    assert (answer.status_code, answer.json()["code"]) == (415, "CONTENT-TYPE")


def slow(members: int) -> dict:
    made = [
        {
            "code": f"U{n:06}",
            "tier": "village" if n % 2 else "town",
            "grassroots": True,
            "merit": f"{n % 97 + 1}.{n % 89:02}",
            "previous": f"{n % 53 * 10}.00",
        }
        for n in range(members)
    ]
    rules = [{"use": "cap_previous", "ratio": "1.5"}, {"use": "floor_previous", "ratio": "0.5", "priority": 1}]
    return {"pool": {**GOOD["pool"], "amount": "90000000.00"}, "members": made, "rules": rules}


def test_others_are_answered_while_it_works(store):
    with serving(store, HttpSettings(solving=1, waiting=0)) as served:
        client = served.as_("integration")
        client.post("/api/v1/allocations:solve", json=GOOD)  # the process is warm
        answers: list[httpx.Response] = []
        work = threading.Thread(
            target=lambda: answers.append(client.post("/api/v1/allocations:solve", json=slow(4000)))
        )
        work.start()
        busy, waits = None, []
        while work.is_alive() and busy is None:
            time.sleep(0.05)
            began = time.perf_counter()
            assert served.client.get("/healthz").status_code == 200
            waits.append(time.perf_counter() - began)
            again = client.post("/api/v1/allocations:solve", json=GOOD)
            busy = again if again.status_code == 503 else None
        work.join()
        assert answers[0].status_code == 200
        assert busy is not None
        assert busy.headers["retry-after"] == "5"
        assert sorted(waits)[len(waits) // 2] < 0.5
