"""How a number came about, as data; the words for it are made elsewhere (`engine.run.say`), from `WORDS`.

    Step("permits", Place(unit="T01"), "risk_fund", "allocation.permits:risk_fund", 1_250_00,
         {"by_rate": 1_300_00, "limit": 1_250_00})

A value says by its type what it is: int is whole fen, Fraction any other exact number, date a day, str a code or a text
of the input, a Phrase something said with values of its own, a tuple several of them.

A module that makes steps, phrases or warnings holds `WORDS`, by code: `Words` of a step, a text of a phrase. Texts name
values in braces, with how they are written behind a colon where it is not the usual way (`engine.run.say.FORMS`):

    WORDS = {
        "risk_fund": Words("提取医疗风险基金 e", "min(按比例应提, 限额)", {"by_rate": "按比例应提", "limit": "限额"}),
        "below": "得分低于 {least}, 不参与分配",
    }
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal, TypeAlias, Union

Kind = Literal[
    "score",
    "pool",
    "quota",
    "reward",
    "allocation",
    "settlement",
    "permits",
    "overspend",
    "deposit",
    "correction",
    "pay",
]
Value: TypeAlias = Union[int, Fraction, date, str, "Phrase", tuple["Value", ...]]
Basis: TypeAlias = Union[str, "Phrase", tuple[str, ...]]
"""What a number rests on: a clause or document; several documents that are one approval together; a clause with what is
to be said of it; or one of those below."""
LOCAL, LOCAL_TARGET, LOCAL_MARKS = "local", "local:target", "local:marks"
"""What the place decided by itself: all, its target, or what earns how many points."""
Name: TypeAlias = str | tuple[str, str] | tuple[str, str, str]
"""What a number put in is called: a code of the step's words; with one more code put in ("prepaid", "Q3-pool"), which
its text names as {it}, or two, {it} and {of}; or, where the words have no such code, what it is the number of (a unit,
a metric, a pool)."""
Numbers: TypeAlias = dict[Name, Value | None]
"""Numbers put into a step, in the order of its formula; None: there is none, as a rate of nothing."""


@dataclass(frozen=True)
class Named:
    """The name of a number put in, and how it is written (`engine.run.say.FORMS`)."""

    title: str
    form: str = ""


@dataclass(frozen=True)
class Words:
    """A step in words: its name, its formula, and the names of the numbers put in.

    form: how its result is written; none: what is said where there is none; one_cite: whether what it rests on is one
    citation of several parts.
    """

    title: str
    formula: str = ""
    numbers: Mapping[str, str | Named] = field(default_factory=dict)
    form: str = ""
    none: str = "—"
    one_cite: bool = False


@dataclass(frozen=True)
class Phrase:
    """Something to be said: where its text stands ("module:code"), and the values put in."""

    words: str
    values: Mapping[str, Value | None] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self.words, frozenset(self.values.items())))


@dataclass(frozen=True)
class Place:
    """What a number is of; empty where that does not apply.

    part: "merit" of what members of a pool are measured by; item: of a scorecard; line: the step within a statement;
    of: the pool that a line is about, where that is another one. team, post: of pay to people.
    """

    alliance: str = ""
    pool: str = ""
    part: str = ""
    unit: str = ""
    team: str = ""
    post: str = ""
    card: str = ""
    item: str = ""
    line: str = ""
    of: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """Those that are there, from the largest to the smallest."""
        return tuple(filter(None, vars(self).values()))


NOWHERE = Place()


@dataclass(frozen=True)
class Step:
    """The story of one number.

    words: where its `Words` stand ("module:code"). result: None where there is none (an item that is not counted).
    numbers: put in; fields: other values that its texts name. rule: the code of the rule or formula behind it, or
    several in words. cells: "file sheet!cell" texts.
    """

    kind: Kind
    place: Place
    words: str
    result: Value | None
    numbers: Mapping[Name, Value | None] = field(default_factory=dict)
    fields: Mapping[str, Value] = field(default_factory=dict)
    rule: str | Phrase = ""
    cites: tuple[Basis, ...] = ()
    cells: tuple[str, ...] = ()
    notes: tuple[Phrase, ...] = ()

    @property
    def key(self) -> str:
        """The one name of the number, as in "score/T01/card/TJ-I03" or "allocation/A01/surplus/T01"."""
        return "/".join((self.kind, *self.place.parts))

    @property
    def fen(self) -> int:
        """Its result as money. Raises TypeError where it is none: a fault of the program."""
        if not isinstance(self.result, int):
            raise TypeError(f"{self.key} 不是金额")
        return self.result


@dataclass(frozen=True)
class RunWarning:
    """What every output of a run carries: a stable code, what is said, and whom or what it is about."""

    code: str
    said: Phrase
    place: Place = NOWHERE


def has_money(value: Value | None) -> bool:
    """Whether an amount is among what is said."""
    if isinstance(value, Phrase):
        return any(map(has_money, value.values.values()))
    return any(map(has_money, value)) if isinstance(value, tuple) else isinstance(value, int)


def as_data(value: Value | None) -> object:
    """A value as JSON keeps it, with its type: {"fen": 1}, {"ratio": "2/3"}, {"day": "2026-09-30"}; a text itself."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return {"fen": value}
    if isinstance(value, Fraction):
        return {"ratio": str(value)}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, Phrase):
        return {"words": value.words, "values": {name: as_data(one) for name, one in value.values.items()}}
    return [as_data(one) for one in value]


def step_data(step: Step) -> dict[str, object]:
    """A step as JSON keeps it beside its words: what is compared, whatever words a version finds for it."""
    numbers = [[list(name) if isinstance(name, tuple) else name, as_data(one)] for name, one in step.numbers.items()]
    return {
        "kind": step.kind,
        "place": _place_data(step.place),
        "words": step.words,
        "result": as_data(step.result),
        "numbers": numbers,
        "fields": {name: as_data(one) for name, one in step.fields.items()},
        "rule": as_data(step.rule),
        "cites": [as_data(one) for one in step.cites],
        "cells": list(step.cells),
        "notes": [as_data(note) for note in step.notes],
    }


def warning_data(one: RunWarning) -> dict[str, object]:
    """A warning as JSON keeps it beside its words."""
    return {"code": one.code, "said": as_data(one.said), "place": _place_data(one.place)}


def _place_data(place: Place) -> dict[str, str]:
    return {name: part for name, part in vars(place).items() if part}
