"""Whether two texts tell the same in other words: their figures, codes, units, clauses and grades are the same.

Words may change between versions; what they tell may not. Where only figures or names differ, they must be equal in
their order; where the words around them differ as well, another way of saying it may have another order. A word of ours
that stands for a code (a rule, where money goes that is not paid out, a tier) must not be another code's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from domain.institution import TIER_TITLES
from domain.step import LOCAL, LOCAL_MARKS, LOCAL_TARGET, Basis
from engine.policy.words import STATUS
from engine.run.result import FRAMES, Result
from engine.run.words import BASES, PURPOSES, UNPAID, VALUE_STATUS, rule_titles

CITED = "; "  # between what a text cites
_FIGURE = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9]*(?:[_-][A-Za-z0-9]+)+"  # codes as they are put in
    r"|(?:(?<![\w.)])[-−])?[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?[%‰万亿]?|[零壹贰叁肆伍陆柒捌玖拾佰仟万亿元角分整]{2,}"
)
_ZEROS = re.compile(r"\.0+(?![0-9])|(?<=\.)([0-9]*[1-9])0+(?![0-9])")
_CHOICES = tuple(tuple(known.values()) for known in (UNPAID, BASES, PURPOSES, STATUS, TIER_TITLES, VALUE_STATUS))
_DECIDED = frozenset({LOCAL, LOCAL_TARGET, LOCAL_MARKS})
_LEAST = 2  # letters of a name or code: a single one is a letter of a formula, or any word's


class Wording:
    """Holds texts of two versions against each other; names are those of the run's own units and clauses."""

    def __init__(self, result: Result) -> None:
        self.clauses = frozenset(_clauses(result))
        self._choices = [frozenset(known) for known in (rule_titles().values(), *_CHOICES)]
        self._names: dict[str, list[str]] = {}
        units = result.labels.names
        for name in sorted({*units, *units.values(), *self.clauses, *_given(result)}, key=_longest):
            if len(name) >= _LEAST:
                self._names.setdefault(name[:_LEAST], []).append(name)

    def alike(self, old: str, new: str) -> bool:
        """Whether two texts tell the same."""
        if old == new:
            return True
        if not old.strip() or not new.strip():
            return False
        said, meant = self._taken(old), self._taken(new)
        if said[1] == meant[1]:
            return said[0] == meant[0]
        return sorted(said[0]) == sorted(meant[0]) and not any(_chosen(old, new, known) for known in self._choices)

    def told(self, text: str) -> list[str]:
        """The figures, codes, units and clauses that a text tells, in its order."""
        return self._taken(text)[0]

    def cited(self, old: str, new: str) -> bool:
        """Whether two texts cite the same, in the same order: only what is no clause or document may be said anew."""
        before, after = old.split(CITED), new.split(CITED)
        return len(before) == len(after) and all(
            one == other or (not {one, other} & self.clauses and self.alike(one, other))
            for one, other in zip(before, after, strict=True)
        )

    def _taken(self, text: str) -> tuple[list[str], str]:
        """What a text tells, and the words around it."""
        told, words, at = [], [], 0
        while at < len(text):
            if name := self._name(text, at):
                told.append(name)
                at += len(name)
            elif figure := _FIGURE.match(text, at):
                told.append(_ZEROS.sub(lambda zeros: f"{zeros[1]}" if zeros[1] else "", figure[0].replace(",", "")))
                at = figure.end()
            else:
                words.append(text[at])
                at += 1
                continue
            words.append("\0")
        return told, "".join(words)

    def _name(self, text: str, at: int) -> str:
        """The longest name or code that begins there and is not part of a longer word of letters and digits."""
        for name in self._names.get(text[at : at + _LEAST], ()):
            if text.startswith(name, at) and not (_joined(text, at) or _joined(text, at + len(name))):
                return name
        return ""


def _longest(name: str) -> tuple[int, str]:
    return -len(name), name


def _joined(text: str, at: int) -> bool:
    """Whether letters or digits of ASCII go on across a place."""
    return 0 < at < len(text) and all(one.isascii() and one.isalnum() for one in text[at - 1 : at + 1])


def _chosen(old: str, new: str, known: frozenset[str]) -> bool:
    """Whether one of several words that exclude each other became another one."""
    said, meant = ({word for word in known if word in text} for text in (old, new))
    return bool(said - meant and meant - said)


def _given(result: Result) -> Iterator[str]:
    """Texts of the plan and the workbook that stand in tables: grades, decisions."""
    for name, frame in result.frames.items():
        for column, kind in FRAMES[name].items():
            if kind == "text":
                yield from frame[column].unique()


def _clauses(result: Result) -> Iterator[str]:
    """Clauses and documents that a run cites."""
    for step in result.steps:
        yield from _texts(step.cites)
    if "scores" in result.frames:
        for cites in result.frames["scores"]["cite"]:
            yield from _texts(cites)


def _texts(cites: Iterable[Basis]) -> Iterator[str]:
    for one in cites:
        if isinstance(one, str):
            yield from () if one in _DECIDED else (one,)
        elif isinstance(one, tuple):
            yield "、".join(one)
