"""`/healthz`, `/readyz`, `/metrics`: for whoever watches the machine; no sign-in."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.http.answering import Open
from api.http.problems import Told
from engine.workflow.desks import not_ready

router = APIRouter(route_class=Open, tags=["health"])
_OK: dict[str, Any] = {"content": {"application/json": {"example": {"status": "ok"}}}}


class Health(BaseModel):
    """Whether it works."""

    status: str


@router.get("/healthz", summary="进程在运行", responses={200: _OK}, response_model=Health)
async def healthz() -> Health:
    """The process answers."""
    return Health(status="ok")


@router.get("/readyz", summary="可以办理", responses={200: _OK}, response_model=Health)
def readyz(request: Request) -> Response:
    """200, or 503 with what is not ready."""
    found = not_ready(request.app.state.store)
    if found:
        return Told(503, found, headers={"Retry-After": "5"}).response()
    return JSONResponse({"status": "ok"})


@router.get(
    "/metrics",
    summary="Prometheus 指标",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}, "example": "# HELP liangyun_answers …"}}}
    },
)
async def metrics(request: Request) -> Response:
    """Counts of answers and their times; no business data."""
    return Response(request.app.state.metrics.text(), media_type="text/plain; version=0.0.4")
