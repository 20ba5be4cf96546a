"""What packs and plans are written with: exact numbers, amounts, dated values, clauses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, model_validator

from domain.facts import Strict
from domain.money import exact, format_exact, format_yuan, parse_yuan


def _exact(value: object) -> Fraction:
    if isinstance(value, Fraction):
        return value
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return exact(value)
    raise ValueError(f'{value!r}: 小数须加引号, 例如 "0.6"')


def _fen(value: object) -> int:
    if isinstance(value, str):
        return parse_yuan(value)
    raise ValueError(f'{value!r}: 金额须为带引号的元, 例如 "1200000.00"')


_ID = re.compile(r"[0-9A-Za-z\u4e00-\u9fff][0-9A-Za-z\u4e00-\u9fff._-]*")


def plain_id(text: str) -> bool:
    """Whether a text may be an id or a code: letters, digits, Chinese characters, ".", "_" and "-".

    What keys are put together with ("/", ":", ";", blanks) is not among them, so that a key can be taken apart again.
    """
    return _ID.fullmatch(text) is not None


def _id(value: str) -> str:
    if plain_id(value):
        return value
    raise ValueError(f"{value!r} 不能作 id: 只用字母、数字、汉字和 . _ -, 不用空格和 /")


Id = Annotated[str, AfterValidator(_id)]
Exact = Annotated[Fraction, BeforeValidator(_exact), PlainSerializer(lambda value: format_exact(value, 60))]
Share = Annotated[Exact, Field(ge=0, le=1)]
Ratio = Annotated[Exact, Field(ge=0)]
Yuan = Annotated[int, BeforeValidator(_fen), PlainSerializer(format_yuan, when_used="json")]  # held as fen
PeriodKind = Literal["year", "half", "quarter", "month"]


class Dated(Strict):
    """A value from a date on; `value: null` ends it."""

    since: date = Field(alias="from")
    value: Any


def in_force(value: Any, day: date) -> Any:
    """`value` with every dated list inside replaced by the entry in force on `day` (None before the first)."""
    if isinstance(value, Mapping):
        return {key: in_force(inner, day) for key, inner in value.items()}
    if isinstance(value, list):
        if value and all(isinstance(entry, Mapping) and set(entry) == {"from", "value"} for entry in value):
            past = [entry for entry in value if entry["from"] <= day]
            return max(past, key=lambda entry: entry["from"])["value"] if past else None
        return [in_force(entry, day) for entry in value]
    return value


class Cite(Strict):
    """A clause of a document; `document` is a pack id (in a pack: left out, it is the pack itself)."""

    clause: str
    document: str | None = None

    def __str__(self) -> str:
        return f"{self.document} {self.clause}" if self.document else self.clause


Source = Literal["local"] | Cite


class Cited(Strict):
    """A part of a plan and the clause it carries out; one of local making has none where no document speaks of it."""

    cite: Cite | None = None
    source: Source

    @model_validator(mode="after")
    def _of_a_document(self) -> Self:
        if self.cite is None and self.source != "local":
            raise ValueError("没有写 cite (条款); 只有 source: local 的可以不写")
        return self

    @property
    def clauses(self) -> tuple[str, ...]:
        """The clause it carries out and the one its numbers come from, without repeats."""
        found = (self.cite, None if self.source == "local" else self.source)
        return tuple(dict.fromkeys(str(one) for one in found if one is not None))
