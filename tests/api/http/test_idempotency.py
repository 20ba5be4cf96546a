"""A POST under the same key is done once, and its first answer is given again."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, File, UploadFile
from pydantic import BaseModel

from api.http.answering import Signed
from api.http.who import Caller
from engine.storage.desk import open_desk, program
from engine.storage.tables.people import Idempotency
from engine.workflow import idempotency
from engine.workflow.desks import visit_of
from engine.workflow.refusals import Guard, Unavailable, Unmet
from tests.api.http.serving import Served, serving

done: list[str] = []
router = APIRouter(prefix="/api/v1", route_class=Signed)


class Deed(BaseModel):
    what: str


@router.post("/deeds", status_code=201)
def deed(caller: Caller, one: Deed) -> dict[str, Any]:
    done.append(one.what)
    if one.what == "unmet":
        raise Unmet([Guard("NO", "不行")])
    if one.what == "busy":
        raise Unavailable
    if one.what == "broken":
        raise ZeroDivisionError
    return {"n": len(done)}


@router.post("/scrolls", status_code=201)
def scroll(caller: Caller, file: Annotated[UploadFile, File()]) -> dict[str, Any]:
    done.append(file.filename or "")
    return {"n": len(done)}


@pytest.fixture
def served(store: Any):
    done.clear()
    with serving(store) as one:
        one.app.include_router(router)
        yield one


def post(served: Served, key: str, what: str, who: str = "appraiser"):
    return served.as_(who).post("/api/v1/deeds", json={"what": what}, headers={"Idempotency-Key": key})


def test_the_first_answer_is_given_again(served):
    one, two = post(served, "k1", "a"), post(served, "k1", "a")
    assert (one.status_code, two.status_code) == (201, 201)
    assert one.content == two.content
    assert two.headers["idempotency-replayed"] == "true"
    assert two.headers["content-type"] == "application/json"
    assert done == ["a"]
    assert post(served, "k2", "a").json() == {"n": 2}
    assert post(served, "k1", "a", "integration").json() == {"n": 3}  # a key is of its client


def test_another_body_is_refused(served):
    post(served, "k1", "a")
    answer = post(served, "k1", "b")
    assert (answer.status_code, answer.json()["code"]) == (422, "IDEMPOTENCY-REUSED")
    assert done == ["a"]


def test_a_refusal_is_kept_too(served):
    one, two = post(served, "k1", "unmet"), post(served, "k1", "unmet")
    assert (one.status_code, one.json()) == (409, two.json())
    assert two.json()["unmet"] == [{"code": "NO", "message": "不行"}]
    assert done == ["unmet"]


@pytest.mark.parametrize(("what", "status"), [("busy", 503), ("broken", 500)])
def test_what_was_not_done_may_come_again(served, what, status):
    assert [post(served, "k1", what).status_code for _ in range(2)] == [status, status]
    assert done == [what, what]


def test_what_is_under_way_is_waited_for(served, clock):
    client = served.as_("appraiser")
    visit = visit_of(served.store, client.headers["authorization"].removeprefix("Bearer "))
    assert visit is not None
    post(served, "k1", "a")
    with open_desk(served.store, program("command")) as desk:
        desk.change(Idempotency, Idempotency.key == "k1", status=0)
    answer = post(served, "k1", "a")
    assert (answer.status_code, answer.json()["code"]) == (409, "UNDER-WAY")
    assert answer.headers["retry-after"] == "1"
    clock.forward(minutes=11)  # whoever began it is gone
    assert post(served, "k1", "a").status_code == 201
    assert done == ["a", "a"]


def test_a_key_is_kept_for_90_days(served, clock):
    post(served, "k1", "a")
    clock.forward(days=29)
    assert idempotency.KEPT.days == 90
    assert post(served, "k1", "a").json() == {"n": 1}
    with open_desk(served.store, program("command")) as desk:
        desk.change(Idempotency, Idempotency.key == "k1", at=desk.now - timedelta(days=90, seconds=1))
    assert post(served, "k1", "b").json() == {"n": 2}


def test_a_form_is_the_same_whatever_its_boundary(served):
    client, header = served.as_("appraiser"), {"Idempotency-Key": "k1"}
    answers = [
        client.post("/api/v1/scrolls", files={"file": ("a.csv", content)}, headers=header)
        for content in (b"1", b"1", b"2")
    ]
    assert [one.status_code for one in answers] == [201, 201, 422]
    assert done == ["a.csv"]


@pytest.mark.parametrize("key", ["", "x" * 201, "a b"])
def test_a_key_is_visible_ascii(served, key):
    assert post(served, key, "a").json()["code"] == "IDEMPOTENCY-KEY"
    assert done == []


def test_what_is_kept_lies_encrypted(served):
    post(served, "k1", "a")
    with open_desk(served.store, program("command"), writes=False) as desk:
        (row,) = desk.rows(Idempotency)
    assert row.status == 201
    assert "n" not in row.headers
    assert '"n"' not in row.body
