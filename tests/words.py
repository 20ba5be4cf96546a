"""Steps, phrases and warnings that say just what a test gives them, and what real ones say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import SimpleNamespace

from domain.step import Basis, Kind, Phrase, Place, RunWarning, Step, Words
from engine.run.labels import Labels
from engine.run.result import Result
from engine.run.say import Speaker

WORDS = {"said": "{said}", "step": Words("{title}", "{formula}", one_cite=True)}


def saying(text: str) -> Phrase:
    """A phrase of this text."""
    return Phrase(f"{__name__}:said", {"said": text})


def warning(text: str, code: str = "CODE") -> RunWarning:
    """A warning of this text."""
    return RunWarning(code, saying(text))


def step(
    kind: Kind,
    place: Place,
    title: str,
    formula: str = "",
    numbers: Mapping[str, str] | None = None,
    result: str = "",
    *,
    cites: tuple[Basis, ...] = (),
    notes: tuple[str, ...] = (),
) -> Step:
    """A step of these texts."""
    fields = {"title": title, "formula": formula}
    said = tuple(map(saying, notes))
    return Step(kind, place, f"{__name__}:step", result, {**(numbers or {})}, fields, cites=cites, notes=said)


def said(phrases: Iterable[Phrase], words: Mapping[str, str]) -> list[str]:
    """What phrases say with these titles."""
    return list(map(Speaker(Labels(words=words)).phrase, phrases))


def warned(result: Result, code: str = "") -> list[str]:
    """What a run warns of in words, under one code or any."""
    return [text for text in Speaker(result.labels).warnings(result.warnings) if code in text]


def stories(result: Result) -> dict[str, SimpleNamespace]:
    """Every step of a result in words, by key."""
    speaker = Speaker(result.labels)
    return {one.key: SimpleNamespace(**speaker.told(one)) for one in result.steps}
