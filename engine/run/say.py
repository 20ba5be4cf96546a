"""The one place where steps, phrases and warnings become Chinese: texts of `WORDS` (domain.step) with values put in."""

from __future__ import annotations

import importlib
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

from domain.money import exact_text, factor_text, format_exact, format_yuan
from domain.step import Cite, Name, Named, Phrase, RunWarning, Step, Value, Words

FORMS: dict[str, Callable[[Fraction], str]] = {
    "": format_exact,  # six decimals at most
    "whole": exact_text,  # all digits where the decimal ends
    "factor": factor_text,  # never rounded: 2/3
}
"""How a number that is no money is written; `{name:FORM}` in a text. Besides: `{name:title}`, what a code is called,
`{name:rule}`, what a rule is called, `{name:where}`, a unit by code and name, and `{name:join X}`, several values with
X between them."""

LOCAL = "本地规定"


@dataclass(frozen=True)
class Titles:
    """What codes are called. words: facts, money items, scorecards and pools; names: units; rules: allocation rules."""

    words: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)


class Speaker:
    """Says phrases and steps with the titles of one run."""

    def __init__(self, titles: Titles = Titles()) -> None:
        self.titles = titles

    def phrase(self, one: Phrase) -> str:
        """A phrase in words. Raises KeyError for words or values that are not there: a fault of the program."""
        return self._text(str(_words(one.words)), one.values)

    def warning(self, one: RunWarning) -> str:
        """A warning in words, with its code."""
        return f"{self.phrase(one.said)} ({one.code})"

    def value(self, value: Value | None, form: str = "") -> str:
        """A value in words: money in yuan, other numbers as their form says, nothing as a dash."""
        if value is None:
            return "—"
        if isinstance(value, int):
            return format_yuan(value)
        if isinstance(value, Fraction):
            return FORMS[form](value)
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, Phrase):
            return self.phrase(value)
        if isinstance(value, tuple):
            return "、".join(self.value(one, form) for one in value)
        return value

    def title(self, step: Step) -> str:
        """What a step is called."""
        return self._text(_words_of(step.words).title, _values(step))

    def formula(self, step: Step) -> str:
        """The formula of a step."""
        return self._text(_words_of(step.words).formula, _values(step))

    def numbers(self, step: Step) -> dict[str, str]:
        """The numbers put in, by their names, in the order of the formula."""
        known = _words_of(step.words).numbers
        return {self.name(step.words, name): self.value(one, _form(known, name)) for name, one in step.numbers.items()}

    def name(self, words: str, name: Name) -> str:
        """What a number put into a step with these words is called."""
        code, *put_in = name if isinstance(name, tuple) else (name,)
        known = _words_of(words).numbers
        if code not in known:
            return self.titles.words.get(code, code)
        label = known[code]
        text = label.title if isinstance(label, Named) else label
        return self._text(text, dict(zip(("it", "of"), put_in, strict=False)))

    def result(self, step: Step) -> str:
        """The result of a step."""
        words = _words_of(step.words)
        return words.none if step.result is None else self.value(step.result, words.form)

    def told(self, step: Step) -> dict[str, Any]:
        """A step as explain.json tells it."""
        return {
            "key": step.key,
            "title": self.title(step),
            "formula": self.formula(step),
            "numbers": self.numbers(step),
            "result": self.result(step),
            "rule": self.value(step.rule),
            "cites": list(map(cite, step.cites)),
            "cells": list(step.cells),
            "notes": [self.phrase(note) for note in step.notes],
        }

    def _text(self, text: str, values: Mapping[str, Value | None]) -> str:
        if "{" not in text:
            return text
        return "".join(
            literal if name is None else literal + self._field(values[name], spec)
            for literal, name, spec in _parts(text)
        )

    def _field(self, value: Any, spec: str) -> str:
        """One value of a text."""
        if spec.startswith("join "):
            return spec[5:].join(map(self.value, value))
        if spec == "title":
            return self.titles.words.get(value, value)
        if spec == "rule":
            return self.titles.rules.get(value, value)
        if spec == "where":
            return f"{value} {self.titles.names[value]}" if value in self.titles.names else value
        return self.value(value, spec)


@cache
def _parts(text: str) -> tuple[tuple[str, str | None, str], ...]:
    """A text taken apart: what stands before each value, its name and how it is written."""
    return tuple((literal, name, spec or "") for literal, name, spec, _ in string.Formatter().parse(text))


def cite(clause: Cite) -> str:
    """A clause or document as it is cited; what a place decided by itself has none."""
    return "、".join(clause) if isinstance(clause, tuple) else LOCAL if clause == "local" else clause


def _values(step: Step) -> dict[str, Value | None]:
    plain = {name: one for name, one in step.numbers.items() if isinstance(name, str)}
    return {**plain, **step.fields, "result": step.result}


def _form(known: Mapping[str, str | Named], name: Name) -> str:
    label = known.get(name[0] if isinstance(name, tuple) else name)
    return label.form if isinstance(label, Named) else ""


def _words(place: str) -> Any:
    module, _, code = place.partition(":")
    return importlib.import_module(module).WORDS[code]


def _words_of(place: str) -> Words:
    found = _words(place)
    if not isinstance(found, Words):
        raise TypeError(f"{place} 不是一步的说法")
    return found
