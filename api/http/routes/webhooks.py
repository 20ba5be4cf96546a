"""`/api/v1/webhooks`: where events are sent."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import ConfigDict, Field
from starlette.requests import Request

from api.http.answering import Signed
from api.http.bodies import Body, Id, example
from api.http.lists import Page, Part
from api.http.who import Caller
from engine.workflow import webhooks
from engine.workflow.webhooks import WebhookView

_WEBHOOK: dict[str, Any] = {
    "id": 2,
    "region": "330103",
    "url": "https://his.example/liangyun",
    "kinds": ["batch", "job.done"],
    "enabled": True,
    "secrets": 1,
    "sent": 41,
    "at": "2026-10-08T01:00:00Z",
}
_NEW = example({**_WEBHOOK, "secret": "whsec_…"})
router = APIRouter(prefix="/api/v1", route_class=Signed, tags=["events"])


class NewWebhook(Body):
    """url: of a host that the operator lists; kinds: of events, or what they begin with up to a dot (none: all)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"url": "https://his.example/liangyun", "kinds": ["batch", "job.done"], "region": "330103"}]
        }
    )

    url: Annotated[str, Field(max_length=1000)]
    kinds: Annotated[list[Annotated[str, Field(pattern="^[a-z.-]{1,40}$")]], Field(max_length=50, default_factory=list)]
    region: Annotated[str, Field(pattern="^[0-9]{6}$")]


class NewWebhookView(WebhookView):
    """A webhook with its new secret, told this once."""

    secret: str


@router.get("/webhooks", summary="推送", responses={200: example({"items": [_WEBHOOK], "next": None})})
def listed(caller: Caller, part: Part) -> Page[WebhookView]:
    """By number; never their secrets."""
    caller.need("webhook.change")
    with caller.desk() as desk:
        found = webhooks.listed(desk, after=part.number() or 0, limit=part.limit + 1)
    return part.page(found, lambda one: one.id)


@router.post("/webhooks", status_code=201, summary="新建推送", responses={201: _NEW})
def add(request: Request, caller: Caller, new: NewWebhook) -> NewWebhookView:
    """What happens from now on in the region is sent, signed with the secret that is told this once."""
    caller.need("webhook.change")
    hosts = request.app.state.settings.webhook_hosts
    with caller.desk(writes=True) as desk:
        made, secret = webhooks.add(desk, new.url, new.kinds, new.region, hosts)
    return NewWebhookView(**made.model_dump(), secret=secret)


@router.post("/webhooks/{webhook}:rotate", summary="换密钥", responses={200: _NEW})
def rotate(caller: Caller, webhook: Id) -> NewWebhookView:
    """The one before goes on signing beside it until the next change; a webhook that was given up is tried again."""
    caller.need("webhook.change")
    with caller.desk(writes=True) as desk:
        made, secret = webhooks.rotate(desk, webhook)
    return NewWebhookView(**made.model_dump(), secret=secret)


@router.delete("/webhooks/{webhook}", status_code=204, summary="删推送")
def remove(caller: Caller, webhook: Id) -> None:
    """Nothing is sent there any more."""
    caller.need("webhook.change")
    with caller.desk(writes=True) as desk:
        webhooks.remove(desk, webhook)
