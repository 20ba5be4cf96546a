"""The one place where steps, phrases and warnings become Chinese: texts of `WORDS` (domain.step) with values put in."""

from __future__ import annotations

import importlib
import string
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

from allocation.holding import Held
from domain.money import exact_text, factor_text, format_exact, format_yuan
from domain.period import Period
from domain.step import LOCAL, LOCAL_MARKS, LOCAL_TARGET, Basis, Name, Named, Phrase, RunWarning, Step, Value, Words
from engine.run.labels import UNNAMED, Labels
from engine.run.words import held, rule_title
from indicators.registry import indicators

FORMS: dict[str, Callable[[Fraction], str]] = {
    "": format_exact,  # six decimals at most
    "whole": exact_text,  # all digits where the decimal ends
    "factor": factor_text,  # never rounded: 2/3
}
"""How a number that is no money is written; `{name:FORM}` in a text. Besides there are those of `Speaker.coded` for
codes, and `{name:join X}`: several values with X between them."""
DECIDED = {LOCAL: "本地规定", LOCAL_TARGET: "目标为本地规定", LOCAL_MARKS: "评分参数为本地规定"}


class Speaker:
    """Says phrases, steps and warnings; what codes are called is what the labels of a run say."""

    def __init__(self, labels: Labels = UNNAMED) -> None:
        names, words, definitions = labels.names, labels.words, labels.definitions
        self.words = words
        self.coded: dict[str, Callable[[str], str]] = {
            "title": lambda code: words.get(code, code),  # a fact, money item, scorecard, item or pool
            "name": lambda code: names.get(code, code),  # a unit
            "where": lambda code: f"{code} {names[code]}" if code in names else code,
            "rule": rule_title,
            "period": lambda code: Period.parse(code).title,
            "indicator": _indicator,
            "definition": lambda code: definitions.get(code, code),
        }

    def phrase(self, one: Phrase) -> str:
        """A phrase in words. Raises KeyError for words or values that are not there: a fault of the program."""
        return self._text(str(_words(one.words)), one.values)

    def warning(self, one: RunWarning) -> str:
        """A warning in words, with its code."""
        return f"{self.phrase(one.said)} ({one.code})"

    def warnings(self, several: Iterable[RunWarning]) -> list[str]:
        """Warnings in words."""
        return [self.warning(one) for one in several]

    def value(self, value: Value | None, form: str = "") -> str:
        """A value in words: money in yuan, other numbers as their form says, nothing as a dash."""
        if value is None:
            return "—"
        if isinstance(value, str):
            return value
        if isinstance(value, int):
            return format_yuan(value)
        if isinstance(value, Fraction):
            return FORMS[form](value)
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, Phrase):
            return self.phrase(value)
        return "、".join(self.value(one, form) for one in value)

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
            return self.words.get(code, code)
        label = known[code]
        text = label.title if isinstance(label, Named) else label
        return self._text(text, dict(zip(("it", "of"), put_in, strict=False)))

    def result(self, step: Step) -> str:
        """The result of a step."""
        words = _words_of(step.words)
        return words.none if step.result is None else self.value(step.result, words.form)

    def cite(self, one: Basis) -> str:
        """A clause or document as it is cited; what a place decided by itself has none."""
        return DECIDED.get(one, one) if isinstance(one, str) else self.value(one)

    def told(self, step: Step) -> dict[str, Any]:
        """A step as explain.json tells it."""
        cites = list(map(self.cite, step.cites))
        return {
            "key": step.key,
            "title": self.title(step),
            "formula": self.formula(step),
            "numbers": self.numbers(step),
            "result": self.result(step),
            "rule": self.value(step.rule),
            "cites": ["; ".join(cites)] if _words_of(step.words).one_cite else cites,
            "cells": list(step.cells),
            "notes": [self.phrase(note) for note in step.notes],
        }

    def _text(self, text: str, values: Mapping[str, Value | None]) -> str:
        if "{" not in text:
            return text
        return "".join(
            literal if name is None else literal + self._field(values[name], form)
            for literal, name, form in _parsed(text)
        )

    def _field(self, value: Any, form: str) -> str:
        """One value of a text."""
        if form.startswith("join "):
            return form[5:].join(map(self.value, value))
        return self.coded[form](value) if form in self.coded else self.value(value, form)


def held_words(several: Iterable[Held]) -> list[str]:
    """What held an amount, in words."""
    speaker = Speaker()
    return [speaker.phrase(one) for one in held(several)]


def _indicator(code: str) -> str:
    known = indicators().get(code)
    return f"{known.title} ({code})" if known else code


def _values(step: Step) -> dict[str, Value | None]:
    plain = {name: one for name, one in step.numbers.items() if isinstance(name, str)}
    return {**plain, **step.fields, "result": step.result}


def _form(known: Mapping[str, str | Named], name: Name) -> str:
    label = known.get(name[0] if isinstance(name, tuple) else name)
    return label.form if isinstance(label, Named) else ""


@cache
def _parsed(text: str) -> tuple[tuple[str, str | None, str], ...]:
    """A text as (words before a value, the value's name, its form); words at the end have no value behind them."""
    return tuple((literal, name, form or "") for literal, name, form, _ in string.Formatter().parse(text))


@cache
def _words(place: str) -> Any:
    module, _, code = place.partition(":")
    return importlib.import_module(module).WORDS[code]


def _words_of(place: str) -> Words:
    found = _words(place)
    if not isinstance(found, Words):
        raise TypeError(f"{place} 不是一步的说法")
    return found
