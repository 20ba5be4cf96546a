"""Problems without what would tell who somebody is: a name put into another column is quoted by whoever refuses it.

Problems go into logs, answers and the service's database. Source: contract of pay, DIR; 人员 stand by codes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from domain.problems import Problem
from engine.pay.read.given import Given

_SHORTEST = 2
"""Of a name: a single character stands everywhere."""


def nameless(problems: Iterable[Problem], given: Given) -> list[Problem]:
    """The problems with names as the persons' codes, and ID numbers and accounts as what they are."""
    found = list(problems)
    said = "\n".join(f"{one.message}\n{one.remedy}" for one in found)
    words = [(word, stands) for word, stands in _telling(given) if len(word) >= _SHORTEST and word in said]
    words.sort(key=lambda one: (-len(one[0]), one))

    def without(text: str) -> str:
        for word, stands in words:
            text = text.replace(word, stands)
        return text

    return [replace(one, message=without(one.message), remedy=without(one.remedy)) for one in found]


def _telling(given: Given) -> Iterable[tuple[str, str]]:
    for row in given.rows("people"):
        yield str(row.get("name") or ""), str(row["person_code"])
        yield str(row.get("id_number") or ""), "（证件号码）"
    for row in given.rows("accounts"):
        yield str(row.get("account") or ""), "（账号）"
