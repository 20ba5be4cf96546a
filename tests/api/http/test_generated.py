"""Calls that schemathesis makes of the document, signed in as each role: no 5xx, nothing that is not documented.

Every second call has the ids of what is there. `make soak` makes thousands.
"""

from __future__ import annotations

from collections import Counter
from itertools import count
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from engine.storage.desk import open_desk, program
from engine.storage.tables.decisions import File
from engine.storage.tables.facts import Assignment, Submission
from engine.storage.tables.policy import Policy
from engine.storage.tables.work import Job
from tests.api.http.test_matrix import ADMINS, EVERYBODY
from tests.engine.workflow import flow
from tests.soaking import reliability

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
TABLES = {"job": Job, "assignment": Assignment, "submission": Submission, "policy": Policy, "sha": File}
_LASTS = frozenset({"/api/v1/session", "/api/v1/me/password"})
"""What would sign the caller out."""
_REFUSED = frozenset({403, 404, 409})


def quarter(served: Any, clock: Any) -> dict[str, Any]:
    """The demo county's quarter, up to its reviewer: the ids of what there is."""
    county = flow.County(served.store, clock)
    number = county.reviewing()
    with open_desk(served.store, program("command"), writes=False) as desk:
        batch = county.batch(number)
        last = {name: desk.rows(table)[-1] for name, table in TABLES.items()}
        ids = {name: row.sha if name == "sha" else row.id for name, row in last.items()}
    return {**ids, "batch": number, "run": batch.run, "n": 1, "table": "totals", "login": "payer"}


def called(served: Any, ids: dict[str, Any], role: str, each: int) -> Counter[int]:
    """How often each status came, of `each` calls of every operation."""
    numbers, came = count(), Counter[int]()
    login = role if role in ADMINS else f"{role}@{flow.REGION}"
    token = {"Authorization": served.as_(login).headers["authorization"]}
    document = schemathesis.openapi.from_dict(served.app.openapi())
    for found in document.get_all_operations():
        operation = found.ok()
        if operation.path in _LASTS:
            continue

        @settings(
            max_examples=each, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck),
            database=None,
        )  # fmt: skip
        @given(case=operation.as_strategy())
        def try_it(case: Any) -> None:
            if next(numbers) % 2:
                case.path_parameters.update({name: ids[name] for name in case.path_parameters if name in ids})
            if "wait" in (case.query or {}):
                case.query["wait"] = 0
            response = case.call(base_url=served.url, headers=token)
            came[response.status_code] += 1
            case.validate_response(response, checks=CHECKS)

        try_it()
    return came


def checked(served: Any, clock: Any, roles: tuple[str, ...], each: int) -> dict[str, int]:
    """Call as each of these roles; how many calls that were, and how many of them were refused and recorded."""
    ids, calls, recorded = quarter(served, clock), 0, 0
    for role in roles:
        before = len(served.audited())
        came = called(served, ids, role, each)
        assert 401 not in came
        refused = sum(came[status] for status in _REFUSED)
        assert len(served.audited()) - before >= refused, role
        calls, recorded = calls + came.total(), recorded + refused
    return {"calls": calls, "roles": len(roles), "refusals recorded": recorded}


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_what_comes_is_documented(served, clock):
    assert checked(served, clock, ("appraiser", "auditor", "security_admin"), 1)["calls"] > 200


@pytest.mark.soak
def test_thousands_of_calls_are_documented(served, clock, request):
    figures = checked(served, clock, EVERYBODY, 5)
    reliability(f"generated calls on {request.node.callspec.params['place']}", figures)
    assert figures["calls"] >= 5_000
