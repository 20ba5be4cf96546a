"""The JSON Schema (draft 2020-12) of a plan, made from its models and from the files of code that it may name.

Editors complete and check by it while one writes. It accepts what the reader (`engine.policy.load`) may accept: what
spans several keys is the reader's alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from types import NoneType
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from domain.facts import Catalogue
from domain.key import Key
from domain.keys import key_of, key_of_model
from domain.plan import Exemption, Item, Plan
from domain.values import Dated
from engine.drafting.types import NUMBERS, Schema, chosen, counted, dated, is_model, numbered, scalar
from engine.policy.entries import CHECKS, CURVES, MERITS, POOLS, RULES
from engine.policy.places import ENTRIES, INDICATORS, catalogued, choices, flat, params_of, titles, written

FILE = "plan.schema.json"
"""Its name beside the plans."""
FIRST_LINE = f"# yaml-language-server: $schema={FILE}\n"
"""The first line of a plan beside it, by which editors find it."""
_FROM_RULE = ("target", "band", "by")  # of a curve: its item's rule may give them
_CODES = {CURVES: "curve", RULES: "rule", POOLS: "pool", MERITS: "merit", CHECKS: "check", INDICATORS: "indicator"}
_NEEDED = {("source", kind) for kind in (POOLS, MERITS, RULES)}
"""Keys that a plan must state though their model can do without (`engine.policy.plan_checks`)."""
_CHANGING = {f"#/$defs/{name}" for name in NUMBERS}
_UNDATED = ("id", "title", "use", "source", "cite", "document")


def plan_schema(catalogue: Catalogue) -> Schema:
    """The schema, with everything that it refers to under `$defs`."""
    maker = _Maker(catalogue)
    top = maker.model(Plan)
    body = maker.made.pop(top["$ref"].rpartition("/")[2])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **body,
        "anyOf": [{"required": ["packs", "scorecards"]}, {"required": ["pay"]}],
        "$defs": dict(sorted(maker.made.items())),
    }


def schema_text(catalogue: Catalogue) -> str:
    """The file."""
    made = plan_schema(catalogue)
    parts = {name: _line(one) for name, one in made["$defs"].items()}
    defs = ",\n".join(f"  {json.dumps(name)}: {one}" for name, one in parts.items())
    lines = [f"{json.dumps(name)}: {_line(one)}" for name, one in made.items() if name != "$defs"]
    return "{\n" + ",\n".join([*lines, f'"$defs": {{\n{defs}\n}}']) + "\n}\n"


def _texts(kind: str) -> dict[str, str]:
    """What each of a kind does."""
    models = {code: params_of(kind, code) for code in titles(kind)}
    found = {code: key_of_model(model) for code, model in models.items() if model is not None}
    return {code: words.text for code, words in found.items() if words}


def _line(made: Any) -> str:
    return json.dumps(made, ensure_ascii=False)


class _Maker:
    """Makes one definition per model. made: by name."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.made: dict[str, Schema] = {}

    def model(self, model: type[BaseModel], name: str = "", kind: str = "") -> Schema:
        """A reference to a model's definition. kind: what the `use` of an entry names."""
        name = name or _name(model)
        if name not in self.made:
            self.made[name] = {}  # a model may hold itself
            self.made[name] = self._model(model, kind)
        return {"$ref": f"#/$defs/{name}"}

    def _model(self, model: type[BaseModel], kind: str) -> Schema:
        words = key_of_model(model)
        fields = {
            key: one for key, one in written(model).items() if not (key == "priority" and kind not in ("", RULES))
        }
        made: Schema = {
            **({"title": words.title, "description": words.text} if words else {}),
            "type": "object",
            "properties": {key: self.key(model, key, kind) for key in fields},
            "required": [key for key, field in fields.items() if field.is_required() or (key, kind) in _NEEDED],
            "additionalProperties": False,
        }
        if kind or model is Item:
            made["allOf"] = self._branches(kind or INDICATORS)
        return made

    def _branches(self, kind: str) -> list[Schema]:
        """The params that go with each code; codes with the same stand together."""
        by = "indicator" if kind == INDICATORS else "use"
        names = titles(kind)
        alike: dict[type[BaseModel], list[str]] = {}
        for code in names:
            if (model := params_of(kind, code)) is not None:
                alike.setdefault(model, []).append(code)
        made = []
        for model, codes in alike.items():
            then: Schema = {"properties": {"params": self._params(kind, model, codes)}}
            if kind not in (CURVES, INDICATORS) and any(field.is_required() for field in written(model).values()):
                then["required"] = ["params"]
            said = [*codes, *(names[code] for code in codes if list(names.values()).count(names[code]) == 1)]
            made.append({"if": {"properties": {by: {"enum": said}}, "required": [by]}, "then": then})
        return made

    def _params(self, kind: str, model: type[BaseModel], codes: list[str]) -> Schema:
        name = f"{_CODES[kind]}.{codes[0]}" if len(codes) == 1 else _name(model)
        if name not in self.made:
            made = self._model(model, "")
            if kind == CURVES:
                made["required"] = [key for key in made["required"] if key not in _FROM_RULE]
            said = f"{titles(kind)[codes[0]]} {codes[0]}" if len(codes) == 1 else "参数"
            self.made[name] = {**made, "title": said}
        return {"$ref": f"#/$defs/{name}"}

    def key(self, model: type[BaseModel], name: str, kind: str = "") -> Schema:
        """One key with its words."""
        words = key_of(model, name) or Key(name)
        return {**_words(words), **self._value(model, name, words, kind)}

    def _value(self, model: type[BaseModel], name: str, words: Key, kind: str) -> Schema:
        if name == "use" and kind:
            return chosen(titles(kind), texts=_texts(kind))
        if name == "params":
            return {"type": "object"}
        if (model, name) == (Item, "indicator"):
            return chosen(titles(INDICATORS), closed=False)
        if (model, name) == (Exemption, "rule"):
            return chosen(titles(RULES))
        field = written(model)[name]
        entry = ENTRIES.get((model, name), "")
        kind, said = flat(field.annotation, field.metadata)
        known = catalogued(model, name, self.catalogue)
        made = self.of(kind, said, words, entry=entry, codes=self._codes(known) if known else None)
        return self._dated(made) if name not in _UNDATED and _may_change(made, model) else made

    def _dated(self, made: Schema) -> Schema:
        """The same, or what it is from which day on."""
        if set(made) != {"$ref"}:
            return dated(made)
        name = f"{made['$ref'].rpartition('/')[2]}.dated"
        return self._shared(name, dated(made))

    def _shared(self, name: str, made: Schema) -> Schema:
        self.made.setdefault(name, made)
        return {"$ref": f"#/$defs/{name}"}

    def _codes(self, codes: Mapping[str, str]) -> Schema:
        """A reference to the codes of the catalogue."""
        metrics, items = (
            any(code in table for code in codes) for table in (self.catalogue.metrics, self.catalogue.items)
        )
        return self._shared("metric_or_item" if metrics and items else "metric" if metrics else "item", chosen(codes))

    def of(self, kind: Any, said: list[Any], words: Key, *, entry: str = "", codes: Schema | None = None) -> Schema:
        """The schema of a type. entry: what the `use` of its models names; codes: what its texts are."""
        listed = choices(kind, words)
        if listed is not None:
            made = chosen(listed)
            return self._shared(kind.__name__.lower(), made) if isinstance(kind, type) else made
        if kind is str and codes is not None:
            return codes
        if kind is str and words.values:
            return chosen(words.values, closed=False)
        found = scalar(kind, said)
        if found is not None:
            return self._shared(*numbered(found)) if "pattern" in json.dumps(found) else found
        if is_model(kind):
            return self.model(kind, _CODES.get(entry, ""), entry)
        inner = partial(self._inner, words=words, entry=entry, codes=codes)
        origin, args = get_origin(kind), get_args(kind)
        if origin in (list, tuple):
            return _listed(origin, args, inner, said)
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return {"type": "object", "propertyNames": inner(args[0]), "additionalProperties": inner(args[1])}
        return self._union(args, partial(inner, outer=said)) if args else {}

    def _inner(
        self, annotation: Any, words: Key, entry: str, codes: Schema | None, outer: Sequence[Any] = ()
    ) -> Schema:
        """The schema of a type inside another. outer: what is said of a union, and so of each of its types."""
        kind, said = flat(annotation, outer)
        return self.of(kind, said, words, entry=entry, codes=codes)

    def _union(self, args: tuple[Any, ...], inner: Any) -> Schema:
        rest = [one for one in args if one is not NoneType and not _is_dated(one)]
        made = [inner(one) for one in rest]
        made += [{"type": "null"}] if NoneType in args else []
        return made[0] if len(made) == 1 else {"anyOf": made}


def _is_dated(annotation: Any) -> bool:
    return get_origin(annotation) is list and get_args(annotation) == (Dated,)


def _listed(origin: Any, args: tuple[Any, ...], inner: Any, said: list[Any]) -> Schema:
    if origin is tuple and Ellipsis not in args:
        return {
            "type": "array",
            "prefixItems": [inner(one) for one in args],
            "minItems": len(args),
            "maxItems": len(args),
        }
    return {"type": "array", "items": inner(args[0]), **counted(said)}


def _may_change(made: Schema, model: type[BaseModel]) -> bool:
    """Whether a key may be a list of values by day: numbers and choices, and whatever params hold."""
    if not model.__module__.startswith("domain."):
        return True
    return "anyOf" in made or made.get("type") in ("integer", "boolean") or made.get("$ref", "") in _CHANGING


def _name(model: type[BaseModel]) -> str:
    module = model.__module__
    return model.__name__ if module.startswith("domain.") else f"{module.rpartition('.')[2]}.{model.__name__}"


def _words(words: Key) -> Schema:
    listed = "、".join(f"{code} {title}" for code, title in words.values.items() if code)
    text = "; ".join(filter(None, (words.text, f"可写 {listed}" if listed else "")))
    return {
        "title": words.title,
        **({"description": text} if text else {}),
        **({} if words.example is None else {"examples": [words.example]}),
    }
