"""Allocation problems as text: one JSON object, an array, or JSON Lines; answers in the same form and order."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from allocation.solve import solve
from domain.problems import InputProblems, Problem
from engine.exchange.limits import BYTES, DIGITS, PROBLEMS, TEXT, TOLD_OF_ALL, VALUES
from engine.exchange.parse import parse
from engine.exchange.written import answer_json

Form = Literal["one", "array", "lines"]
RELIEF_PROBLEMS, RELIEF_MEMBERS = 100, 300
"""More problems than this, and one of more members, are answered without relief unless it is asked for."""
_ANSWER = re.compile(rb'\s*(\[\s*)?(\{\s*"status"|\]\s*$)')
_BEGINNING = 64  # bytes in which an answer shows that it is one
_NOT_UTF8 = re.compile("[\udc80-\udcff]")
_NOT_WHOLE = ("NOT-JSON", "NOT-UTF8")
"""What a text of JSON Lines is refused for, taken as a whole."""
_EXIT = {"optimal": 0, "invalid": 2, "infeasible": 3}


@dataclass(frozen=True)
class Unreadable:
    """A problem whose text is not JSON, in the place where its answer will stand."""

    problem: Problem


def decode(raw: bytes) -> str:
    """Bytes as UTF-8 text; those that are not UTF-8 stay marked, so that `read_problems` refuses what they stand in."""
    return raw.decode("utf-8-sig", "surrogateescape")


def read_bytes(raw: bytes, *, lines: bool = False) -> tuple[Form, list[object]]:
    """The problems in what was read from a file or a stream, of which BYTES and one more are enough."""
    if len(raw) > BYTES:
        too_large = Problem("$", "TOO-LARGE", f"输入超过 {BYTES // 10**6} MB", "分成几次")
        return "lines" if lines else "one", [Unreadable(too_large)]
    return read_problems(decode(raw), lines=lines)


def read_problems(text: str, *, lines: bool = False) -> tuple[Form, list[object]]:
    """The problems in `text`; one that cannot be read is an `Unreadable` in its place.

    lines: the text is JSON Lines even if it is one line. Else it is taken as such if, not being JSON as a whole, it has
    several lines and one is an object with a pool, or more than one is an object and the first looks like one.
    """
    text = text.removeprefix("\ufeff")
    if text.count("{") + text.count("[") > VALUES:
        return ("lines" if lines else "one"), [_too_many("JSON 对象和列表", VALUES)]
    whole = Unreadable(_NO_JSON) if lines else _decode(text, "$")
    if isinstance(whole, list) and len(whole) > PROBLEMS:
        return "one", [_too_many("分配问题", PROBLEMS)]
    if isinstance(whole, list):
        return "array", [_spoiled(one) or one for one in whole]
    if not lines and not (isinstance(whole, Unreadable) and whole.problem.code in _NOT_WHOLE):
        return "one", [whole]
    numbered = ((n, line.strip()) for n, line in enumerate(StringIO(text), start=1))
    each = list(islice((one for one in numbered if one[1]), PROBLEMS + 1))
    if len(each) > PROBLEMS:
        return ("lines", [_too_many("分配问题", PROBLEMS)]) if lines or _object(each[0][1]) else ("one", [whole])
    decoded = [_decode(line, f"第 {n} 行", one_line=True) for n, line in each]
    objects = [one for one in decoded if isinstance(one, dict)]
    begins = bool(each) and _object(each[0][1])
    if lines or (len(each) > 1 and (any("pool" in one for one in objects) or (len(objects) > 1 and begins))):
        return "lines", decoded
    return "one", [whole]


def _object(line: str) -> bool:
    """Whether a line looks like an object."""
    return line.startswith("{") and line.endswith("}")


def _too_many(what: str, most: int) -> Unreadable:
    return Unreadable(Problem("$", "TOO-LARGE", f"{what}至多 {most} 个", "分成几次"))


_NO_JSON = Problem("$", "NOT-JSON", "不是 JSON", "核对引号、逗号和括号")


def _decode(text: str, where: str, *, one_line: bool = False) -> object:
    """What the text says; in a list, what cannot be read stays in its place."""
    try:
        made = _loaded(text)
    except json.JSONDecodeError as error:
        line = "" if one_line else f"第 {error.lineno} 行"
        said = f"不是 JSON, {line}第 {error.colno} 列附近有误"
        return _bad_bytes(text, where) or Unreadable(Problem(where, "NOT-JSON", said, "核对引号、逗号和括号"))
    except RecursionError:
        return Unreadable(Problem(where, "NOT-JSON", "嵌套过深"))
    if isinstance(made, list) and not one_line:
        return made
    spoiled = _spoiled(made)
    return _bad_bytes(text, where) or (Unreadable(replace(spoiled.problem, where=where)) if spoiled else made)


def _loaded(text: str) -> object:
    """JSON as Python's objects; whole numbers are looked at one by one only where one is longer than Python reads."""
    try:
        return json.loads(text, object_pairs_hook=_no_duplicates)
    except json.JSONDecodeError:
        raise
    except ValueError:
        return json.loads(text, object_pairs_hook=_no_duplicates, parse_int=_whole)


def _bad_bytes(text: str, where: str) -> Unreadable | None:
    """The refusal of a text with bytes that are not UTF-8."""
    found = _NOT_UTF8.search(text)
    if found is None:
        return None
    byte = len(text[: found.start()].encode("utf-8", "surrogateescape")) + 1
    return Unreadable(Problem(where, "NOT-UTF8", f"第 {byte} 个字节不是 UTF-8", "另存为 UTF-8"))


def _spoiled(made: object) -> Unreadable | None:
    """What within a problem could not be read, if anything."""
    waiting = [made]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Unreadable):
            return one
        waiting += one.values() if isinstance(one, dict) else one if isinstance(one, list) else []
    return None


def _whole(digits: str) -> int | Unreadable:
    try:
        return int(digits)
    except ValueError:
        return Unreadable(Problem("$", "TOO-LARGE", f"数字有 {len(digits)} 位, 至多 {DIGITS} 位"))


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any] | Unreadable:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    times = Counter(key for key, _ in pairs)
    twice = next(key for key in times if times[key] > 1)[:TEXT].encode("utf-8", "backslashreplace").decode()
    return Unreadable(Problem("$", "DUPLICATE-KEY", f"字段 {twice} 写了两次", "只留一个"))


def answer_one(data: object, *, solver: str = "auto", relief: bool = True) -> dict[str, Any]:
    """The answer to one problem (decoded JSON). Never raises for bad input: the answer then has status "invalid"."""
    try:
        problem = parse(data)
    except InputProblems as error:
        return {"status": "invalid", "problems": [problem.as_json() for problem in error.problems]}
    return answer_json(solve(problem, solver=solver, relief=relief))


def answer_problems(
    problems: list[object],
    *,
    solver: str = "auto",
    relief: bool | None = None,
    step: Callable[[int], None] | None = None,
) -> tuple[list[dict[str, object]], int]:
    """The answers in order, and the exit code: the largest that occurred (0 optimal, 2 invalid, 3 infeasible).

    relief None: of up to RELIEF_PROBLEMS problems, for those of up to RELIEF_MEMBERS members. step: told how many are
    done.
    """
    few, told = len(problems) <= RELIEF_PROBLEMS, 0
    answers: list[dict[str, object]] = []
    for n, data in enumerate(problems, start=1):
        if isinstance(data, Unreadable):
            answer: dict[str, Any] = {"status": "invalid", "problems": [data.problem.as_json()]}
        else:
            loosen = few and _small(data) if relief is None else relief
            answer = answer_one(data, solver=solver, relief=loosen)
        wrong = answer.get("problems", [])
        told += len(wrong)
        if told > TOLD_OF_ALL and len(wrong) > 1:
            more = Problem("$", "MORE-PROBLEMS", f"另有 {len(wrong) - 1} 处问题没有列出")
            answer["problems"] = [wrong[0], more.as_json()]
        answers.append(answer)
        if step:
            step(n)
    return answers, max((_EXIT[str(answer["status"])] for answer in answers), default=0)


def _small(data: object) -> bool:
    members = data.get("members") if isinstance(data, dict) else None
    return not isinstance(members, list) or len(members) <= RELIEF_MEMBERS


def is_answer(path: Path) -> bool:
    """Whether a file begins as answers do, in any form."""
    with path.open("rb") as file:
        return _ANSWER.match(file.read(_BEGINNING)) is not None


def format_answers(form: Form, answers: list[dict[str, object]]) -> str:
    """Answers as text, in the form of the problems."""
    if form == "lines":
        return "".join(json.dumps(answer, ensure_ascii=False) + "\n" for answer in answers)
    return json.dumps(answers[0] if form == "one" else answers, ensure_ascii=False, indent=2) + "\n"
