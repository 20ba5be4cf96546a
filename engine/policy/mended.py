"""A plan that cannot be read whole, made whole enough to look at the rest of it: all problems in one round.

What is wrong with a value is said by the schema. Here the value is replaced by one that would do, so that what spans
the plan (sums, citations, rules that need a quota) is looked at too; nothing is said of what was replaced, nor of what
holds it. Where what a part is at all cannot be read (its scope, its members), nothing more is said.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from pydantic import ValidationError

from domain.keys import key_of
from domain.money import exact, format_exact
from domain.plan import Plan
from engine.yaml.document import Document, KeyPath
from engine.yaml.schema import models_at, real_path

_ROUNDS = 4  # what is mended may show what was hidden behind it
_WHAT_IT_IS = frozenset({"id", "scope", "tiers", "forms", "levels", "ownership", "use", "indicator", "periods"})
"""Keys on which the rest of the plan leans: no value stands for them."""
_BY_POINTS = frozenset({"CARD-TOTAL", "GRADE"})


@dataclass
class Rest(Document):
    """A document that takes problems of what was not replaced. replaced: the key paths of what was."""

    replaced: list[KeyPath] = field(default_factory=list)

    def add(self, path: KeyPath, code: str, message: str, remedy: str = "", *, line: int | None = None) -> None:
        """Note a problem, unless it is of what was replaced, of what holds that, or of a sum that it is part of."""
        if any(one[: len(path)] == path for one in self.replaced):
            return
        if code in _BY_POINTS and any(one[:2] == path[:2] for one in self.replaced):
            return
        super().add(path, code, message, remedy, line=line)


def mended(document: Document) -> tuple[Plan, Rest] | None:
    """The plan with a value that would do in the place of each that does not, and the document for what else is wrong.

    None where that cannot be done.
    """
    data, replaced = copy.deepcopy(document.data), list[KeyPath]()
    for _ in range(_ROUNDS):
        try:
            plan = Plan.model_validate(data)
        except ValidationError as error:
            if not all(_mend(data, one, replaced) for one in _places(data, error)):
                return None
        else:
            bad = document.bad | {*replaced}
            return plan, Rest(document.name, data, document.lines, [], bad, document.lacking, replaced)
    return None


def _places(data: Any, error: ValidationError) -> list[tuple[KeyPath, str]]:
    """Where something is wrong and of which kind, the last of a list first."""
    found: dict[KeyPath, str] = {}
    for detail in error.errors(include_url=False):
        real, union = real_path(detail["loc"], data, missing=detail["type"] == "missing")
        found.setdefault(real if union is None else union, detail["type"])
    return sorted(found.items(), key=lambda one: tuple(map(str, one[0])), reverse=True)


def _mend(data: Any, place: tuple[KeyPath, str], replaced: list[KeyPath]) -> bool:
    """Put something in a place that will do; whether there is something."""
    path, kind = place
    while path and isinstance(path[-1], int) and kind != "value_error":
        path = path[:-1]  # the list as a whole
    holder = _at(data, path[:-1])
    if len(path) == 1 and kind == "value_error":
        return False  # a part of the plan as a whole: without it others would lack it
    if not path or not isinstance(holder, dict | list) or (isinstance(path[-1], str) and path[-1] in _WHAT_IT_IS):
        return False
    replaced.append(path)
    if kind == "value_error" and isinstance(held := _at(data, path), dict) and isinstance(held.get("items"), list):
        held["points"] = _sum(held["items"])
        replaced[-1] = (*path, "points")
        return True
    name = path[-1]
    if not isinstance(holder, dict) or not isinstance(name, str):
        return False
    if kind == "extra_forbidden":
        del holder[name]
        return True
    return _stand_in(holder, name, path)


def _stand_in(holder: dict[str, Any], name: str, path: KeyPath) -> bool:
    """Leave out what may be left out, else write the example of the key."""
    for model in models_at(Plan, path[:-1]):
        field_ = next((one for key, one in model.model_fields.items() if (one.alias or key) == name), None)
        words = key_of(model, name)
        if field_ is None:
            continue
        if not field_.is_required():
            holder.pop(name, None)
            return True
        if words is not None and words.example is not None:
            holder[name] = words.example
            return True
    return False


def _sum(items: Iterable[Any]) -> str:
    total = Fraction(0)
    for item in items:
        try:
            total += exact(item["points"])
        except (KeyError, TypeError, ValueError):
            continue  # which is said of the item
    return format_exact(total)


def _at(data: Any, path: KeyPath) -> Any:
    for key in path:
        there = key in data if isinstance(data, dict) else isinstance(data, list) and isinstance(key, int)
        if not there:
            return None
        data = data[key]
    return data
