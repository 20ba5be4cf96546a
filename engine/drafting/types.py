"""The type of a key as JSON Schema (draft 2020-12): numbers as plans write them, codes with their Chinese names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from annotated_types import Ge, Gt, Le, MaxLen, MinLen
from pydantic import AfterValidator, BaseModel, BeforeValidator

from domain.values import Exact, Id, Yuan
from engine.policy.places import flat

Schema = dict[str, Any]
DAY: Schema = {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
ID: Schema = {"type": "string", "pattern": "^[0-9A-Za-z\u4e00-\u9fff][0-9A-Za-z\u4e00-\u9fff._-]*$"}
_SHARE = r"\+?0*(0(\.[0-9]+)?|1(\.0+)?)"
_NUMBER = r"[+-]?[0-9]+(\.[0-9]+)?"
_YUAN = r"[+-]?[0-9]+(\.[0-9]{1,2})?"


def _validators(annotation: Any) -> set[Any]:
    _, said = flat(annotation)
    return {one.func for one in said if isinstance(one, BeforeValidator | AfterValidator)}


_EXACT, _FEN, _ID = _validators(Exact), _validators(Yuan), _validators(Id)


def scalar(kind: Any, said: list[Any]) -> Schema | None:
    """The schema of a type that holds one value; None of one that holds others."""
    used = {one.func for one in said if isinstance(one, BeforeValidator | AfterValidator)}
    if kind is Fraction or used & _EXACT:
        return _number(said)
    if used & _FEN:
        return {"type": "string", "pattern": _bounded(_YUAN, said)}
    if used & _ID:
        return ID
    plain: Mapping[Any, Schema] = {str: {"type": "string"}, bool: {"type": "boolean"}, date: DAY, int: _whole(said)}
    made = plain.get(kind)
    if made is None:
        return None
    return {**made, **_lengths(said), **_pattern(said)} if kind is str else made


def numbered(schema: Schema) -> tuple[str, Schema]:
    """A schema with a pattern, and a name by which it is known among the definitions."""
    known = {json.dumps(one): name for name, one in _NAMED.items()}
    said = json.dumps(schema)
    return known.get(said, f"text.{sha256(said.encode()).hexdigest()[:8]}"), schema


def _whole(said: list[Any]) -> Schema:
    least, most = _bound(said, Ge, "ge"), _bound(said, Le, "le")
    return {
        "type": "integer",
        **({} if least is None else {"minimum": int(least)}),
        **({} if most is None else {"maximum": int(most)}),
    }


def _bound(said: list[Any], kind: type, name: str) -> Any:
    return next((getattr(one, name) for one in said if isinstance(one, kind)), None)


def _bounded(number: str, said: list[Any]) -> str:
    """The pattern of a number within bounds of 0 and 1; other bounds are the reader's to look at."""
    above, least, most = _bound(said, Gt, "gt"), _bound(said, Ge, "ge"), _bound(said, Le, "le")
    positive = "(?=.*[1-9])" if above == 0 else ""
    if most == 1 and (least == 0 or above == 0):
        return f"^{positive}{_SHARE}$"
    return f"^{positive}{number.replace('[+-]', '[+]') if least == 0 or above == 0 else number}$"


def _number(said: list[Any]) -> Schema:
    above, least, most = _bound(said, Gt, "gt"), _bound(said, Ge, "ge"), _bound(said, Le, "le")
    whole: Schema = {"type": "integer"}
    if least == 0 or above == 0:
        whole["minimum"] = 0 if above is None else 1
    if most == 1:
        whole["maximum"] = 1
    return {"anyOf": [{"type": "string", "pattern": _bounded(_NUMBER, said)}, whole]}


def _lengths(said: list[Any]) -> Schema:
    least, most = _bound(said, MinLen, "min_length"), _bound(said, MaxLen, "max_length")
    return {
        **({} if least is None else {"minLength": least}),
        **({} if most is None else {"maxLength": most}),
    }


def _pattern(said: list[Any]) -> Schema:
    found = next((one.pattern for one in said if isinstance(getattr(one, "pattern", None), str)), None)
    return {} if found is None else {"pattern": found.replace("(?:", "(")}


def counted(said: list[Any]) -> Schema:
    """How many a list or mapping holds at least and at most."""
    least, most = _bound(said, MinLen, "min_length"), _bound(said, MaxLen, "max_length")
    return {
        **({} if least is None else {"minItems": least}),
        **({} if most is None else {"maxItems": most}),
    }


def chosen(codes: Mapping[str, str], *, closed: bool = True, texts: Mapping[str, str] = MappingProxyType({})) -> Schema:
    """One of several codes, or its Chinese name; not closed: or any other text. texts: what codes mean."""
    made: list[Schema] = []
    for code, title in codes.items():
        said = {"title": title, "description": texts.get(code, "")}
        made.append({"const": code, **{name: text for name, text in said.items() if text}})
    names = [title for title in dict.fromkeys(codes.values()) if title and title not in codes]
    if names:
        made.append({"enum": names, "description": "中文名, 与代码一样"})
    if not closed:
        made.append({"type": "string"})
    return {"anyOf": made}


def dated(schema: Schema) -> Schema:
    """The same, or what it is from which day on."""
    entry = {
        "type": "object",
        "properties": {
            "from": {**DAY, "title": "起"},
            "value": {"anyOf": [schema, {"type": "null"}], "title": "值 (null 是终止)"},
        },
        "required": ["from", "value"],
        "additionalProperties": False,
    }
    return {"anyOf": [schema, {"type": "array", "minItems": 1, "items": entry, "title": "随时间变的值"}]}


_NAMED: Mapping[str, Schema] = {
    "day": DAY,
    "id": ID,
    "number": _number([]),
    "ratio": _number([Ge(0)]),
    "share": _number([Ge(0), Le(1)]),
    "positive": _number([Gt(0)]),
    "part": _number([Ge(0), Le(1), Gt(0)]),
    "yuan": {"type": "string", "pattern": _bounded(_YUAN, [])},
    "yuan_from_0": {"type": "string", "pattern": _bounded(_YUAN, [Ge(0)])},
    "yuan_above_0": {"type": "string", "pattern": _bounded(_YUAN, [Gt(0)])},
}


NUMBERS = frozenset(_NAMED) - {"day", "id"}
"""The definitions of numbers."""


def is_model(kind: Any) -> bool:
    """Whether a type is a model of its own."""
    return isinstance(kind, type) and issubclass(kind, BaseModel)
