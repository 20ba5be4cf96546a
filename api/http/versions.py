"""`ETag`, `If-Match` and `If-None-Match`: which version a caller saw."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response

from api.http.problems import wrong

_TAG = re.compile(r'(W/)?"([^"]*)"')


def etag(value: object) -> str:
    """The header's value for a version or a digest."""
    return f'"{value}"'


def seen_version(request: Request) -> int:
    """The version that `If-Match` names. Raises Wrong: 428 where it is missing, 412 where it is no version's ETag."""
    given = request.headers.get("if-match")
    if given is None:
        raise wrong(428, "IF-MATCH", "没有写所看到的版本", "在 If-Match 里写上次读到的 ETag", where="If-Match")
    named = _TAG.fullmatch(given.strip())
    if named is None or named[1] or not re.fullmatch("[0-9]{1,18}", named[2]):
        raise wrong(412, "VERSION", "不是读到过的版本", "重新读一次, 照抄 ETag", where="If-Match")
    return int(named[2])


def unchanged(request: Request, tag: str) -> Response | None:
    """304 where the caller has it already; else None. tag: as `etag` makes it."""
    given = request.headers.get("if-none-match", "")
    names = {f'"{name}"' for _, name in _TAG.findall(given)}
    return Response(status_code=304, headers={"ETag": tag}) if given.strip() == "*" or tag in names else None
