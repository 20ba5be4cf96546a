"""`/api/v1/policies`: plans, packs, the catalogue and layouts of exports, drafted by one, published by another."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field
from starlette.responses import PlainTextResponse

from api.http.answering import Signed
from api.http.bodies import Body, Id, example
from api.http.lists import Page, Part
from api.http.who import Caller
from engine.workflow import policies
from engine.workflow.policies import Kind, PolicyView

_POLICY = {
    "id": 9,
    "kind": "plan",
    "policy_id": "linxi-2026",
    "number": 2,
    "title": "林西县 2026 年方案",
    "region": "330103",
    "state": "draft",
    "sha": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "bundle": None,
    "problems": [{"where": "plans/linxi-2026.yaml:12", "code": "MISSING", "message": "缺少 title"}],
    "at": "2026-10-08T01:00:00Z",
    "published_at": None,
}
router = APIRouter(prefix="/api/v1", route_class=Signed, tags=["policies"])


class Draft(Body):
    """The text of a policy (YAML); it replaces the one draft that there may be."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kind": "plan", "policy_id": "linxi-2026", "content": "id: linxi-2026\n…"}]}
    )

    kind: Kind
    policy_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
    content: Annotated[str, Field(max_length=2_000_000)]


class Why(Body):
    """The reason."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "已有新方案"}]})

    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class PolicyText(PolicyView):
    """A version with its text."""

    content: str


@router.get("/policies", summary="政策版本", responses={200: example({"items": [_POLICY], "next": None})})
def listed(
    caller: Caller,
    part: Part,
    kind: Kind | None = None,
    policy_id: Annotated[str, Query(max_length=100)] = "",
) -> Page[PolicyView]:
    """Newest first."""
    caller.need("policy.read")
    below = part.number()
    with caller.desk() as desk:
        found = policies.listed(desk, kind=kind, policy_id=policy_id or None)
    rest = [one for one in found if below is None or one.id < below]
    return part.page(rest[: part.limit + 1], lambda one: one.id)


@router.post("/policies", status_code=201, summary="写草稿", responses={201: example(_POLICY)})
def draft(caller: Caller, given: Draft) -> PolicyView:
    """A draft may be wrong: everything that is wrong is told at file:line."""
    caller.need("policy.write")
    with caller.desk(writes=True) as desk:
        return policies.draft(desk, given.kind, given.policy_id, given.content.encode())


@router.get("/policies/{policy}", summary="一个版本", responses={200: example({**_POLICY, "content": "id: …\n"})})
def one(caller: Caller, policy: Id) -> PolicyText:
    """A version with its text."""
    caller.need("policy.read")
    with caller.desk() as desk:
        view, content = policies.shown(desk, policy)
    return PolicyText(**view.model_dump(), content=content)


@router.post("/policies/{policy}:publish", summary="发布", responses={200: example({**_POLICY, "state": "published"})})
def publish(caller: Caller, policy: Id) -> PolicyView:
    """By another person than the author; what is published never changes."""
    caller.need("policy.publish")
    with caller.desk(writes=True) as desk:
        return policies.publish(desk, policy)


@router.post("/policies/{policy}:withdraw", summary="撤回", responses={200: example({**_POLICY, "state": "withdrawn"})})
def withdraw(caller: Caller, policy: Id, why: Why) -> PolicyView:
    """No new batch may stand on it; those that do go on."""
    caller.need("policy.publish")
    with caller.desk(writes=True) as desk:
        return policies.withdraw(desk, policy, why.reason)


@router.get(
    "/policies/{policy}/diff",
    summary="与另一版本比较",
    response_class=PlainTextResponse,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}, "example": "--- 1\n+++ 2\n"}}}},
)
def diff(caller: Caller, policy: Id, other: Annotated[int, Query(alias="with", ge=1, lt=2**63)]) -> PlainTextResponse:
    """What differs from the other version, line by line."""
    caller.need("policy.read")
    with caller.desk() as desk:
        return PlainTextResponse(policies.diff(desk, policy, other))
