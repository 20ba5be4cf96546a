"""The OpenAPI document: what FastAPI reads off the routes, with every status that can come and its problem."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts

from api.http import schemas
from api.http.answering import Open, Signed
from api.http.problems import MEDIA, TITLES
from api.http.who import COOKIE

_WAIT = (409, 429, 503)
_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
    "description": "同一个键和内容只办一次, 保存 90 天",
}
_IF_MATCH: dict[str, Any] = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "pattern": '^"[0-9]{1,18}"$'},
    "description": "所看到的版本",
    "example": '"7"',
}
_IF_NONE_MATCH: dict[str, Any] = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "已有的 ETag: 没有变就答 304",
}
_TITLE = "两允: 医联体绩效考核与分配"
_ABOUT = """金额是以元为单位的文本, 时间带时区.
请求带 `Authorization: Bearer 令牌`, 或先 `POST /api/v1/session` 登录.
错误是 `application/problem+json`, 一次列出全部问题. 列表是 `{items, next}`."""


def routes_of(app: FastAPI) -> Iterator[tuple[str, str, Open]]:
    """Every (method, path, route) of the application that answers as `Open` or `Signed`."""
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, Open):
            for method in sorted(route.methods or ()):
                yield method, route.path_format, route


def document(app: FastAPI) -> dict[str, Any]:
    """The document, made once."""
    if app.openapi_schema is None:
        made = get_openapi(title=_TITLE, version=version("liangyun"), description=_ABOUT, routes=app.routes)
        for method, path, route in routes_of(app):
            if route.include_in_schema:
                _complete(made["paths"][path][method.lower()], method, route)
        parts = made.setdefault("components", {})
        parts["securitySchemes"] = {
            "token": {"type": "http", "scheme": "bearer"},
            "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
        }
        named = parts.setdefault("schemas", {})
        for name in ("HTTPValidationError", "ValidationError"):
            named.pop(name, None)
        named["Problem"] = schemas.problem()
        named["AllocationProblem"] = schemas.allocation_problem()
        named["AllocationAnswer"] = schemas.allocation_answer()
        app.openapi_schema = made
    return app.openapi_schema


def statuses(route: Open, method: str) -> set[int]:
    """The refusals that a route can answer beside those that it declares itself."""
    found = {422, 500, 503}
    if isinstance(route, Signed):
        found |= {401, 403, 409, 429}
    if route.accepts():
        found |= {413, 415}
    if "{" in route.path_format:
        found.add(404)
    if method not in {"GET", "HEAD"}:
        found.add(413)
    return found


def _complete(said: dict[str, Any], method: str, route: Open) -> None:
    signed = isinstance(route, Signed)
    said["security"] = [{"token": []}, {"session": []}] if signed else []
    given = said.setdefault("responses", {})
    if "HTTPValidationError" in str(given.get("422", "")):
        del given["422"]
    for status in sorted(statuses(route, method) | {int(status) for status in route.responses} - {422}):
        if status >= 400:
            _refusal(given, status)
    for answer, content in _examples(route):  # FastAPI leaves out what is null
        given[answer]["content"][content[0]]["example"] = content[1]
    headers = [_KEY] if signed and method == "POST" else []
    headers += [_IF_MATCH] if "428" in given else []
    headers += [_IF_NONE_MATCH] if "304" in given else []
    if headers:
        said["parameters"] = [*said.get("parameters", []), *headers]
    said["responses"] = dict(sorted(given.items()))


def _examples(route: Open) -> Iterator[tuple[str, tuple[str, Any]]]:
    """(status, (kind of content, example)) as the route gives them."""
    for status, answer in route.responses.items():
        for kind, content in answer.get("content", {}).items():
            if "example" in content:
                yield str(status), (kind, content["example"])


def _refusal(given: dict[str, Any], status: int) -> None:
    body = {"schema": {"$ref": "#/components/schemas/Problem"}, "example": schemas.problem_example(status)}
    said = given.setdefault(str(status), {"description": TITLES[status]})
    said["description"] = said.get("description") or TITLES[status]
    said.setdefault("content", {}).setdefault(MEDIA, body)
    if status in _WAIT:
        wait = {"Retry-After": {"schema": {"type": "string"}, "description": "几秒后再试"}}
        said.setdefault("headers", {}).update(wait)


def named(text: str) -> str:
    """A name of an operation: `post_jobs_id_retry`."""
    return re.sub(r"\W+", "_", text).strip("_")
