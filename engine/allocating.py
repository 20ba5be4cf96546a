"""Allocation problems as text: one JSON object, an array, or JSON Lines; answers in the same form and order."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from allocation.solve import solve
from domain.problems import Problem

Form = Literal["one", "array", "lines"]
RELIEF_LIMIT = 100  # more problems than this are answered without relief unless it is asked for
_EXIT = {"optimal": 0, "invalid": 2, "infeasible": 3}


@dataclass(frozen=True)
class Unreadable:
    """A problem whose text is not JSON, in the place where its answer will stand."""

    problem: Problem


def read_problems(text: str, *, lines: bool = False) -> tuple[Form, list[object]]:
    """The problems in `text`; one that cannot be read is an `Unreadable` in its place.

    lines: the text is JSON Lines even if it is one line.
    """
    text = text.removeprefix("\ufeff")
    if not lines:
        whole = _decode(text, "$")
        if isinstance(whole, list):
            return "array", whole
        if not isinstance(whole, Unreadable):
            return "one", [whole]
    each = [(n, line) for n, line in enumerate(text.splitlines(), start=1) if line.strip()]
    decoded = [_decode(line, f"第 {n} 行") for n, line in each]
    if lines or (len(each) > 1 and any(isinstance(one, dict) and "pool" in one for one in decoded)):
        return "lines", decoded
    return "one", [_decode(text, "$")]


def _decode(text: str, where: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_no_duplicates)
    except _DuplicateKeyError as error:
        return Unreadable(Problem(where, "DUPLICATE-KEY", f"字段 {error} 写了两次", "只留一个"))
    except json.JSONDecodeError as error:
        said = f"不是 JSON, 第 {error.lineno} 行第 {error.colno} 列附近有误"
        return Unreadable(Problem(where, "NOT-JSON", said, "核对引号、逗号和括号"))
    except RecursionError:
        return Unreadable(Problem(where, "NOT-JSON", "嵌套过深"))
    except ValueError:
        return Unreadable(Problem(where, "NOT-JSON", "数字过长", "金额和小数写成带引号的文本"))


class _DuplicateKeyError(Exception):
    pass


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _DuplicateKeyError(next(key for key in keys if keys.count(key) > 1))
    return made


def answer_problems(
    problems: list[object],
    *,
    solver: str = "auto",
    relief: bool | None = None,
    step: Callable[[int], None] | None = None,
) -> tuple[list[dict[str, object]], int]:
    """The answers in order, and the exit code: the largest that occurred (0 optimal, 2 invalid, 3 infeasible).

    relief None: for up to RELIEF_LIMIT problems. step: told how many are done.
    """
    with_relief = len(problems) <= RELIEF_LIMIT if relief is None else relief
    answers: list[dict[str, object]] = []
    for n, data in enumerate(problems, start=1):
        if isinstance(data, Unreadable):
            answers.append({"status": "invalid", "problems": [data.problem.as_json()]})
        else:
            answers.append(solve(data, solver=solver, relief=with_relief))
        if step:
            step(n)
    return answers, max((_EXIT[str(answer["status"])] for answer in answers), default=0)


def format_answers(form: Form, answers: list[dict[str, object]]) -> str:
    """Answers as text, in the form of the problems."""
    if form == "lines":
        return "".join(json.dumps(answer, ensure_ascii=False) + "\n" for answer in answers)
    return json.dumps(answers[0] if form == "one" else answers, ensure_ascii=False, indent=2) + "\n"
