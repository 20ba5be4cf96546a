"""The application: every route of `api/http/routes`, and what stands around them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from importlib.metadata import version
from pkgutil import iter_modules
from typing import TextIO

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartParser
from starlette.requests import Request
from starlette.responses import Response

from api.http import routes
from api.http.metrics import Metrics
from api.http.openapi import document, named
from api.http.problems import Told, told
from api.http.settings import HttpSettings
from api.http.solving import Solving
from api.http.strangers import Strangers
from api.http.surround import Surround, logger
from engine.workflow.desks import House, itself
from engine.workflow.refusals import Unavailable

EVERY = 60.0
"""Seconds between two records of strangers who were refused."""


def create_app(store: House, settings: HttpSettings | None = None, *, log: TextIO | None = None) -> FastAPI:
    """The application over a store that is open. log: where its lines go (default: standard error)."""
    app = FastAPI(
        title="liangyun",
        version=version("liangyun"),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=_living,
        generate_unique_id_function=_operation,
        redirect_slashes=False,
    )
    app.state.store, app.state.settings = store, settings or HttpSettings()
    # what is handed in holds people: no part of it lies in a temporary file, the body is bounded and in memory anyway
    MultiPartParser.spool_max_size = max(MultiPartParser.spool_max_size, app.state.settings.upload_bytes)
    app.state.metrics, app.state.log = Metrics(), logger(log)
    app.state.ends = False
    app.state.strangers = Strangers(app.state.settings.refusals, store.clock)
    for router in routers():
        app.include_router(router)
    for kind in (HTTPException, RequestValidationError):
        app.add_exception_handler(kind, _answered)
    app.add_middleware(Surround, metrics=app.state.metrics, log=app.state.log)
    app.openapi = lambda: document(app)  # type: ignore[method-assign]  # FastAPI's own way to change the document
    return app


def let_go(app: FastAPI) -> None:
    """The server is told to end: whoever waits for events is answered with what there is."""
    app.state.ends = True


def routers() -> Iterator[APIRouter]:
    """Every router of a module of `api/http/routes`: there is no list to edit."""
    for found in sorted(iter_modules(routes.__path__), key=lambda one: one.name):
        module = import_module(f"{routes.__name__}.{found.name}")
        yield from (one for one in vars(module).values() if isinstance(one, APIRouter))


@asynccontextmanager
async def _living(app: FastAPI) -> AsyncIterator[None]:
    app.state.solving = Solving(app.state.settings.solving, app.state.settings.waiting)
    telling = asyncio.create_task(_tell_strangers(app))
    try:
        yield
    finally:
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling
        await run_in_threadpool(_record_strangers, app, all_of_it=True)


async def _tell_strangers(app: FastAPI) -> None:
    while True:
        await asyncio.sleep(EVERY)
        with suppress(Unavailable):
            await run_in_threadpool(_record_strangers, app, all_of_it=False)


def _record_strangers(app: FastAPI, *, all_of_it: bool) -> None:
    visit = itself(app.state.store, "http")
    for minute, address, count in app.state.strangers.told(all_of_it=all_of_it):
        visit.refused("stranger", "http", {"minute": minute, "address": address, "count": count})


async def _answered(_: Request, error: Exception) -> Response:
    """What is refused before a route is found."""
    said = told(error)
    if not isinstance(said, Told):
        raise error
    return said.response()


def _operation(route: APIRoute) -> str:
    return named(f"{min(route.methods or {''}).lower()}_{route.path_format.removeprefix('/api/v1')}")
