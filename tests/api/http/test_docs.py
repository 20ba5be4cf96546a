"""The OpenAPI document is whole and valid, and its page is made of files that are those of the vendor."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema_rs
import pytest
import schemathesis

from api.http.answering import Open, Signed
from api.http.app import create_app
from api.http.openapi import routes_of
from api.http.problems import TITLES, told
from tests.databases import Clock

VENDOR = Path(__file__).parents[3] / "api/http/static/vendor"
LICENCES = ("swagger-ui.LICENSE.txt", "swagger-ui.NOTICE.txt", "swagger-ui-bundle.js.LICENSE.txt")


@pytest.fixture(scope="module")
def app() -> Any:
    return create_app(SimpleNamespace(clock=Clock()))  # type: ignore[arg-type]  # no request is made


@pytest.fixture(scope="module")
def said(app: Any) -> dict[str, Any]:
    return app.openapi()


def operations(said: dict[str, Any]):
    return [(f"{method} {path}", one) for path, item in said["paths"].items() for method, one in item.items()]


def test_every_route_is_open_or_signed_and_told(app, said):
    routes = list(routes_of(app))
    told = {(method, path) for method, path, route in routes if route.include_in_schema}
    assert told == {(method.upper(), path) for path, item in said["paths"].items() for method in item}
    assert {path for _, path, route in routes if not route.include_in_schema} == {"/api/docs/{name}"}
    opened = {path for _, path, route in routes if not isinstance(route, Signed)}
    assert opened == {
        *("/healthz", "/readyz", "/metrics"),
        *("/api/v1/session", "/api/v1/openapi.json", "/api/docs", "/api/docs/{name}"),
    }


def test_a_list_has_items_and_what_follows(said):
    """But for the steps of a batch, which are a plain array."""
    plain = {
        name
        for name, one in operations(said)
        for answer in one["responses"].values()
        if answer.get("content", {}).get("application/json", {}).get("schema", {}).get("type") == "array"
    }
    assert plain == {"get /api/v1/batches/{batch}/transitions"}


def test_the_document_is_valid(said):
    assert said["openapi"].startswith("3.1")
    for name, schema in said["components"]["schemas"].items():
        assert jsonschema_rs.meta.is_valid(schema), name
    text = str(said)
    named = set(re.findall(r"#/components/schemas/(\w+)", text))
    assert named <= set(said["components"]["schemas"])
    loaded = schemathesis.openapi.from_dict(said)
    assert len(list(loaded.get_all_operations())) == len(operations(said))


def resolved(said: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "components": said["components"]}


def test_every_operation_has_examples_that_fit(said):
    for name, one in operations(said):
        contents = [("body", kind, content) for kind, content in one.get("requestBody", {}).get("content", {}).items()]
        for status, answer in one["responses"].items():
            contents += [(status, kind, content) for kind, content in answer.get("content", {}).items()]
        for where, kind, content in contents:
            schema = content.get("schema", {})
            model = said["components"]["schemas"].get(str(schema.get("$ref", "")).rpartition("/")[2], {})
            example = content.get("example", (model.get("examples") or [None])[0])
            assert example is not None or "ndjson" in kind or "jsonl" in kind, (name, where, kind)
            if kind.endswith("json") and example is not None and schema:
                jsonschema_rs.validator_for(resolved(said, schema)).validate(example)


def test_every_operation_tells_what_can_come(app, said):
    for method, path, route in routes_of(app):
        if not route.include_in_schema:
            continue
        one = said["paths"][path][method.lower()]
        told = {int(status) for status in one["responses"]}
        assert any(status < 300 for status in told), path
        assert {500, 503, 422} <= told, path
        if isinstance(route, Signed):
            assert {401, 403, 409, 429} <= told, path
            assert one["security"] == [{"token": []}, {"session": []}], path
        else:
            assert one["security"] == [], path
        if "{" in path:
            assert 404 in told, path
        for status in told:
            if status >= 400 and "allocations:solve" not in path:
                assert list(one["responses"][str(status)]["content"]) == ["application/problem+json"], (path, status)
            assert status < 400 or status in TITLES
        assert one["summary"]
        assert one["description"]


def test_operation_names_are_unique(said):
    names = [one["operationId"] for _, one in operations(said)]
    assert len(set(names)) == len(names)


def test_vendored_files_are_the_vendor_s():
    lines = [line.split() for line in (VENDOR / "SHA256SUMS").read_text().splitlines()]
    assert {name for _, name in lines} == {path.name for path in VENDOR.iterdir()} - {"SHA256SUMS"}
    for sha, name in lines:
        assert sha256((VENDOR / name).read_bytes()).hexdigest() == sha, name
    assert set(LICENCES) <= {name for _, name in lines}


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_the_page_takes_nothing_from_elsewhere(served):
    page = served.client.get("/api/docs")
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    assert "<style" not in page.text
    assert not re.search(r"<script(?! src=)|\son\w+=|style=", page.text)
    links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(links) == 5
    for link in links:
        if link == "data:,":
            continue
        part = served.client.get(link)
        assert part.status_code == 200, link
        again = served.client.get(link, headers={"If-None-Match": part.headers["etag"]})
        assert (again.status_code, again.content) == (304, b""), link
    assert served.client.get("/api/docs/other.js").status_code == 404
    assert served.client.get("/api/docs/..%2Fapp.py").status_code == 404
    assert served.client.get("/api/v1/openapi.json").json()["openapi"].startswith("3.1")


def test_open_is_the_base_of_signed():
    assert issubclass(Signed, Open)


def test_a_session_does_not_live_on_by_what_a_page_asks_of_itself(app):
    touching = {path for _, path, route in routes_of(app) if isinstance(route, Signed) and route.touches}
    assert {"/api/v1/jobs/{job}", "/api/v1/jobs/{job}/events", "/api/v1/events"}.isdisjoint(touching)
    assert "/api/v1/me" in touching


def test_what_nobody_expected_has_no_answer_of_its_own():
    assert told(KeyError("x")) is None
    assert set(TITLES) == {401, 403, 404, 405, 409, 412, 413, 415, 422, 428, 429, 500, 503}
