"""`GET /api/v1/openapi.json`, and `GET /api/docs`, a page that reads it; both work without sign-in and internet."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from api.http.answering import Open
from api.http.openapi import document
from api.http.versions import etag, unchanged
from engine.workflow.refusals import NotThere

STATIC = Path(__file__).parent.parent / "static"
_FILES = {
    "swagger-ui-bundle.js": ("vendor/swagger-ui-bundle.js", "text/javascript"),
    "swagger-ui.css": ("vendor/swagger-ui.css", "text/css"),
    "docs.js": ("docs.js", "text/javascript"),
    "docs.css": ("docs.css", "text/css"),
}
_PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>两允接口</title>
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
<link rel="stylesheet" href="/api/docs/docs.css">
<link rel="icon" href="data:,">
</head>
<body>
<main id="docs"></main>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/docs.js"></script>
</body>
</html>
"""
router = APIRouter(route_class=Open, tags=["docs"])


@router.get(
    "/api/v1/openapi.json",
    summary="本文档 (OpenAPI 3.1)",
    responses={200: {"content": {"application/json": {"example": {"openapi": "3.1.0"}}}}},
)
async def openapi(request: Request) -> JSONResponse:
    """The document of all routes."""
    return JSONResponse(document(request.app))


@router.get(
    "/api/docs",
    summary="接口页面",
    response_class=HTMLResponse,
    responses={200: {"content": {"text/html": {"example": "<!doctype html>…"}}}},
)
async def page() -> HTMLResponse:
    """The page on which the routes can be read and tried."""
    return HTMLResponse(_PAGE)


@router.get("/api/docs/{name}", include_in_schema=False)
async def part(request: Request, name: str) -> Response:
    """A file of the page."""
    if name not in _FILES:
        raise NotThere
    content, tag = _read(name)
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    return unchanged(request, tag) or Response(content, media_type=_FILES[name][1], headers=headers)


@cache
def _read(name: str) -> tuple[bytes, str]:
    content = (STATIC / _FILES[name][0]).read_bytes()
    return content, etag(sha256(content).hexdigest())
