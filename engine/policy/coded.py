"""Chinese names in a plan where codes are expected, and what is still to be filled in.

    told = coded(document, configs)      # the document's data now hold codes; told: a note for each name

A name stands for its code where it is the name of one code only; anything else is left for the reader to refuse. What
is `待填` is a problem (TO-FILL) that says what to write there; nothing else is said of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from domain.key import Key, example_text
from domain.keys import key_of
from domain.plan import Exemption, Item, Plan
from domain.problems import Problem
from engine.policy.configs import Configs
from engine.policy.entries import RULES
from engine.policy.places import (
    ENTRIES,
    INDICATORS,
    OF_PLAN,
    catalogued,
    flat,
    named,
    params_of,
    titles,
    written,
)
from engine.yaml.document import Document, KeyPath

TO_FILL = "待填"
_INDICATOR = "indicator"


def coded(document: Document, configs: Configs) -> list[Problem]:
    """Put codes in the place of their names, in the document itself; a note for each (TITLE-CODE).

    What is to be filled in is noted in the document.
    """
    walk = _Walk(document, configs)
    if isinstance(document.data, dict):
        walk.model(Plan, document.data, ())
    return walk.told


def said_of(words: Key) -> str:
    """What to write for a key: its meaning and an example."""
    example = "" if words.example is None else f"例如 {example_text(words.example)}"
    return "; ".join(filter(None, (words.text, example)))


@dataclass(frozen=True)
class _Of:
    """What is known of a value: the codes it may be with their names, its words, its type.

    kind: what the `use` of the models in it names.
    """

    known: Mapping[str, str]
    words: Key
    annotation: Any = str
    kind: str = ""


class _Walk:
    """Goes through a plan's data with the models that read it."""

    def __init__(self, document: Document, configs: Configs) -> None:
        self.document = document
        self.configs = configs
        self.told: list[Problem] = []

    def model(self, model: type[BaseModel], data: dict[str, Any], path: KeyPath, kind: str = "") -> None:
        """One mapping. kind: what its `use` (of an item: its `indicator`) names."""
        fields = written(model)
        for by in ("use", _INDICATOR):  # first, for `params` depend on it
            if by in data and kind:
                self.value(data, by, (*path, by), _Of(self._known(model, by, kind), key_of(model, by) or Key(by)))
        for name in [one for one in data if one in fields and not (kind and one in ("use", _INDICATOR))]:
            at: KeyPath = (*path, name)
            words = key_of(model, name) or Key(name)
            if name == "params" and kind:
                self._params(data, at, kind)
                continue
            inner = INDICATORS if _holds(fields[name].annotation, Item) else ENTRIES.get((model, name), "")
            self.value(data, name, at, _Of(self._known(model, name, ""), words, fields[name].annotation, inner))

    def _params(self, entry: dict[str, Any], path: KeyPath, kind: str) -> None:
        by = entry.get(_INDICATOR if kind == INDICATORS else "use")
        params, model = entry["params"], params_of(kind, by) if isinstance(by, str) else None
        if isinstance(params, dict) and model is not None:
            self.model(model, params, path)

    def _known(self, model: type[BaseModel], name: str, kind: str) -> Mapping[str, str]:
        """The codes that a key takes, with their names."""
        if kind:
            return titles(kind) | (self._local if kind == INDICATORS else {})
        if (model, name) == (Exemption, "rule"):
            return titles(RULES)
        if name in OF_PLAN and model is not Plan:
            return self._own["scorecards" if name == OF_PLAN[0] else "pools"]
        field = written(model)[name]
        found = catalogued(model, name, self.configs.catalogue)
        return found or named(field.annotation, key_of(model, name) or Key(name))

    @cached_property
    def _local(self) -> dict[str, str]:
        return _listed(self.document.data.get("local_indicators"))

    @cached_property
    def _own(self) -> dict[str, dict[str, str]]:
        return {name: _listed(self.document.data.get(name)) for name in ("scorecards", "pools")}

    def value(self, holder: dict[str, Any] | list[Any], key: Any, path: KeyPath, of: _Of) -> None:
        """One value in what holds it."""
        held = holder[key]
        if held == TO_FILL:
            self.document.add(path, "TO-FILL", f"{TO_FILL}: {of.words.title}", said_of(of.words) or "写上")
            self.document.bad.add(path)
        elif isinstance(held, str):
            holder[key] = self._code(held, path, of.known)
        elif isinstance(held, list):
            for index in range(len(held)):
                self.value(held, index, (*path, index), of)
        elif isinstance(held, dict):
            self._mapping(held, path, of)

    def _mapping(self, held: dict[str, Any], path: KeyPath, of: _Of) -> None:
        model, keyed = _model_in(of.annotation)
        if {*held} == {"from", "value"}:
            self.value(held, "value", (*path, "value"), of)
        elif model is not None and not keyed:
            self.model(model, held, path, of.kind)
        else:
            self._rename(held, path, of.known)
            inner = replace(of, known={} if keyed else of.known, annotation=model or str)
            for key in held:
                self.value(held, key, (*path, key), inner)

    def _rename(self, held: dict[str, Any], path: KeyPath, known: Mapping[str, str]) -> None:
        """Codes in the place of names that are keys."""
        codes = {key: self._code(key, (*path, key), known) for key in held}
        if all(code not in held for key, code in codes.items() if code != key):
            again = {codes[key]: value for key, value in held.items()}
            held.clear()
            held.update(again)

    def _code(self, text: str, path: KeyPath, known: Mapping[str, str]) -> str:
        if text in known or not text:
            return text
        codes = [code for code, title in known.items() if title == text]
        if len(codes) != 1:
            return text
        self.told.append(Problem(self.document.where(path), "TITLE-CODE", f"{text} 即 {codes[0]}", "不用改"))
        for at in [one for one in self.document.lines if one[: len(path)] == path]:
            self.document.lines.setdefault((*path[:-1], codes[0], *at[len(path) :]), self.document.lines[at])
        return codes[0]


def _listed(entries: Any) -> dict[str, str]:
    """The ids of entries of the plan, with their titles where these are told apart."""
    found = [one for one in entries or () if isinstance(one, dict)] if isinstance(entries, list) else []
    counts = Counter(one.get("title") for one in found)
    return {str(one.get("id")): str(one.get("title")) if counts[one.get("title")] == 1 else "" for one in found}


def _holds(annotation: Any, model: type[BaseModel]) -> bool:
    return _model_in(annotation)[0] is model


def _model_in(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """The model that a type holds, if any, and whether it stands behind names (`pay.pools`)."""
    kind, _ = flat(annotation)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind, False
    origin = get_origin(kind)
    keyed = isinstance(origin, type) and issubclass(origin, Mapping)
    for inner in get_args(kind):
        found, below = _model_in(inner)
        if found is not None:
            return found, keyed or below
    return None, keyed
