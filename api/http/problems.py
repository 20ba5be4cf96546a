"""Every exception as an answer: `application/problem+json`. No other module maps one.

    {"code": "ROLE", "title": "没有权限", "problems": [{"where": …, "code": …, "message": …, "remedy": …}]}

`code` is that of the first problem; 409 has `unmet`, every guard that is not met; 500 has the `id` under which the log
tells what happened, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from domain.objections import objection
from domain.problems import InputProblems, LiangyunError, Problem
from engine.workflow.idempotency import UnderWay
from engine.workflow.passwords import TooManySignIns
from engine.workflow.refusals import NotAllowed, NotThere, Stale, Unavailable, Unmet
from engine.workflow.sign_in import NotSignedIn

MEDIA = "application/problem+json"
TITLES = {
    401: "没有登录",
    403: "没有权限",
    404: "没有这一项",
    405: "不支持这种方法",
    409: "当前状态不允许",
    412: "版本已过期",
    413: "内容过大",
    415: "不支持这种内容",
    422: "输入有误",
    428: "缺少版本",
    429: "次数过多",
    500: "程序出错",
    503: "暂时不能办理",
}
_CODES = {
    "missing": "MISSING",
    "extra_forbidden": "UNKNOWN-FIELD",
    "json_invalid": "NOT-JSON",
    "literal_error": "NOT-A-CHOICE",
    "enum": "NOT-A-CHOICE",
    "string_type": "NOT-TEXT",
    "bool_type": "NOT-BOOLEAN",
    "bool_parsing": "NOT-BOOLEAN",
}
_FORMS = {
    "^[0-9]{6}$": "写六位行政区划代码",
    "^[0-9a-f]{64}$": "照抄上传文件时答的 sha",
    r"^(\*|[0-9]{1,18})$": "写填报任务的编号, 或 *",
}
"""What a pattern asks for, in words."""
_TAG = r"\[\w+\]"
"""What a place names that is no key: the form of a value that has several, the key of a table."""
_PLACES = {"body": "$", "query": "?", "header": "", "cookie": ""}


@dataclass
class Wrong(Exception):
    """What the HTTP side itself refuses. status: of TITLES."""

    status: int
    problem: Problem
    headers: Mapping[str, str] = field(default_factory=dict)

    def told(self) -> Told:
        """It as an answer."""
        return Told(self.status, [self.problem], headers=self.headers)


def wrong(status: int, code: str, message: str, remedy: str = "", *, where: str = "", **headers: str) -> Wrong:
    """A refusal of the HTTP side; headers by their names with _ for -."""
    return Wrong(status, Problem(where, code, message, remedy), {k.replace("_", "-"): v for k, v in headers.items()})


@dataclass(frozen=True)
class Told:
    """An exception as an answer."""

    status: int
    problems: Sequence[Problem]
    unmet: Sequence[Mapping[str, Any]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    id: str = ""

    @property
    def code(self) -> str:
        """Of the first problem."""
        return self.problems[0].code

    def response(self) -> JSONResponse:
        """The answer."""
        said: dict[str, Any] = {
            "code": self.code,
            "title": TITLES[self.status],
            "problems": [
                {"where": one.where, "code": one.code, "message": one.message, "remedy": one.remedy}
                for one in self.problems
            ],
        }
        if self.unmet:
            said["unmet"] = list(self.unmet)
        if self.id:
            said["id"] = self.id
        return JSONResponse(said, self.status, dict(self.headers), media_type=MEDIA)


def told(error: Exception) -> Told | None:
    """What is answered to an exception; None for one that nobody expected."""
    if isinstance(error, Wrong):
        return error.told()
    if isinstance(error, RequestValidationError):
        return _validation(error)
    if isinstance(error, HTTPException):
        return _starlette(error)
    return _workflow(error) if isinstance(error, LiangyunError) else None


def unexpected(number: str) -> Told:
    """The answer to what nobody expected. number: under which the log tells it."""
    problem = Problem("", "UNEXPECTED", f"程序出错, 编号 {number}", "把编号告诉系统管理员")
    return Told(500, [problem], id=number)


_STATUS: tuple[tuple[type[LiangyunError], int], ...] = (
    (InputProblems, 422),
    (NotSignedIn, 401),
    (NotAllowed, 403),
    (NotThere, 404),
    (Unmet, 409),
    (UnderWay, 409),
    (Stale, 412),
    (TooManySignIns, 429),
    (Unavailable, 503),
)
"""What the workflow refuses, by its kind; anything else of it is a state that does not allow it (409)."""


def _workflow(error: LiangyunError) -> Told:
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 409)
    if isinstance(error, InputProblems):
        return Told(status, error.problems or [Problem("", "INPUT", "输入有误")])
    if isinstance(error, Unmet):
        guards = error.guards
        problems = [Problem("", one.code, one.message, one.advice) for one in guards]
        return Told(status, problems, [one.as_json() for one in guards])
    code, where, remedy, headers = "REFUSED", "", "", {}
    if isinstance(error, NotThere):
        code, remedy = "NOT-THERE", "核对编号; 不在本人单位范围内的也不显示"
    elif isinstance(error, NotAllowed):
        code = error.code
    elif isinstance(error, Stale):
        code, where, headers = "VERSION", "If-Match", {"ETag": f'"{error.version}"'}
    elif isinstance(error, UnderWay):
        code, where, headers = "UNDER-WAY", "Idempotency-Key", {"Retry-After": str(error.seconds)}
    elif isinstance(error, TooManySignIns):
        code, headers = "SIGN-IN-BUSY", {"Retry-After": str(error.retry_after)}
    elif isinstance(error, Unavailable):
        code, remedy, headers = "BUSY", "稍后再试", {"Retry-After": str(error.seconds)}
    elif isinstance(error, NotSignedIn):
        headers = {"WWW-Authenticate": "Bearer"}
    said = getattr(error, "problem", None)
    return Told(
        status,
        [said if isinstance(said, Problem) else Problem(where, code, str(error), remedy)],
        headers=headers,
    )


def _starlette(error: HTTPException) -> Told:
    if error.status_code not in TITLES:  # a body that is no form, or no text
        return Told(422, [Problem("$", "BODY", "请求的内容不成形", "核对 Content-Type 和内容")])
    status = error.status_code
    problem = Problem("", HTTPStatus(status).phrase.upper().replace(" ", "-"), TITLES[status])
    return Told(status, [problem], headers=dict(error.headers or {}))


def _validation(error: RequestValidationError) -> Told:
    found = [_problem(detail) for detail in error.errors()]
    if any(detail["loc"][0] == "path" for detail in error.errors()):
        return _workflow(NotThere())
    return Told(422, found)


def _problem(detail: Mapping[str, Any]) -> Problem:
    kind = str(detail["type"])
    place, *inside = (step for step in detail["loc"] if not re.fullmatch(_TAG, str(step)))
    code = _CODES.get(kind, kind.upper().replace("_", "-"))
    if kind == "json_invalid":
        return Problem(f"$ 第 {detail['loc'][-1]} 个字符", code, "不是 JSON", "核对引号、逗号和括号")
    where = _PLACES.get(str(place), "")
    for n, step in enumerate(inside):
        where += f"[{step}]" if isinstance(step, int) else str(step) if n == 0 and place != "body" else f".{step}"
    remedy = _FORMS.get(str(detail.get("ctx", {}).get("pattern")), "")
    return Problem(where or "$", code, "不合格式" if remedy else objection(detail), remedy)
