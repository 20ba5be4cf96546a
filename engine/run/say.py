"""The one place where steps, phrases and warnings become Chinese: texts of `WORDS` (domain.step) with values put in."""

from __future__ import annotations

import importlib
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from domain.money import exact_text, factor_text, format_exact, format_yuan
from domain.step import Name, Named, Phrase, RunWarning, Step, Value, Words

FORMS: dict[str, Callable[[Fraction], str]] = {
    "": format_exact,  # six decimals at most
    "whole": exact_text,  # all digits where the decimal ends
    "factor": factor_text,  # never rounded: 2/3
}
"""How a number that is no money is written; `{name:FORM}` in a text. Besides: `{name:title}`, what a code is called,
`{name:where}`, a unit by code and name, and `{name:join X}`, several values with X between them."""


@dataclass(frozen=True)
class Titles:
    """What codes are called: facts, money items, scorecards and pools by `words`, units by `names`."""

    words: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


class Speaker(string.Formatter):
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
        return self._text(_step_words(step).title, _values(step))

    def formula(self, step: Step) -> str:
        """The formula of a step."""
        return self._text(_step_words(step).formula, _values(step))

    def numbers(self, step: Step) -> dict[str, str]:
        """The numbers put in, by their names, in the order of the formula."""
        known = _step_words(step).numbers
        return {self._name(known, name): self.value(one, _form(known, name)) for name, one in step.numbers.items()}

    def result(self, step: Step) -> str:
        """The result of a step."""
        words = _step_words(step)
        return words.none if step.result is None else self.value(step.result, words.form)

    def told(self, step: Step) -> dict[str, Any]:
        """A step as explain.json tells it."""
        return {
            "key": step.key,
            "title": self.title(step),
            "formula": self.formula(step),
            "numbers": self.numbers(step),
            "result": self.result(step),
            "rule": step.rule,
            "cites": list(step.cites),
            "cells": list(step.cells),
            "notes": [self.phrase(note) for note in step.notes],
        }

    def _name(self, known: Mapping[str, str | Named], name: Name) -> str:
        code, put_in = name if isinstance(name, tuple) else (name, "")
        if code not in known:
            return self.titles.words.get(code, code)
        label = known[code]
        return self._text(label.title if isinstance(label, Named) else label, {"it": put_in})

    def _text(self, text: str, values: Mapping[str, Value | None]) -> str:
        return self.vformat(text, (), values)

    def format_field(self, value: Any, format_spec: str) -> str:
        """One value of a text."""
        if format_spec.startswith("join "):
            return format_spec[5:].join(map(self.value, value))
        if format_spec == "title":
            return self.titles.words.get(value, value)
        if format_spec == "where":
            return f"{value} {self.titles.names[value]}" if value in self.titles.names else value
        return self.value(value, format_spec)


def _values(step: Step) -> dict[str, Value | None]:
    plain = {name: one for name, one in step.numbers.items() if isinstance(name, str)}
    return {**plain, **step.fields, "result": step.result}


def _form(known: Mapping[str, str | Named], name: Name) -> str:
    label = known.get(name[0] if isinstance(name, tuple) else name)
    return label.form if isinstance(label, Named) else ""


def _words(place: str) -> Any:
    module, _, code = place.partition(":")
    return importlib.import_module(module).WORDS[code]


def _step_words(step: Step) -> Words:
    found = _words(step.words)
    if not isinstance(found, Words):
        raise TypeError(f"{step.words} 不是一步的说法")
    return found
