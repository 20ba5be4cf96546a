"""Every key that a plan may write has a Chinese name, and an example that fits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from pydantic import BaseModel

from domain.keys import key_of, key_of_model
from domain.plan import Plan
from engine.drafting.schema import plan_schema
from engine.policy.configs import load_configs
from engine.policy.entries import CHECKS, CURVES, MERITS, POOLS, RULES
from engine.policy.places import INDICATORS, choices, flat, params_of, titles, written

CHINESE = re.compile(r"[\u4e00-\u9fff]")
SCHEMA = plan_schema(load_configs().catalogue)


def inside(annotation: Any) -> list[type[BaseModel]]:
    """The models that a type holds."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in getattr(annotation, "__args__", ()) for model in inside(inner)]


def models() -> Iterator[tuple[type[BaseModel], bool]]:
    """Every model that a plan holds or that its params are read with; whether it is the params of a file."""
    heads = [
        params_of(kind, use) for kind in (CURVES, RULES, POOLS, MERITS, CHECKS, INDICATORS) for use in titles(kind)
    ]
    left: list[type[BaseModel]] = [Plan, *(head for head in heads if head is not None)]
    seen: set[type[BaseModel]] = set()
    while left:
        model = left.pop()
        if model not in seen:
            seen.add(model)
            yield model, model in heads
            left += [inner for field in written(model).values() for inner in inside(field.annotation)]


MODELS = dict(models())
KEYS = [(model, name) for model in MODELS for name in written(model)]


@pytest.mark.parametrize(("model", "name"), KEYS, ids=lambda one: str(getattr(one, "__name__", one)))
def test_a_key_has_words(model: type[BaseModel], name: str) -> None:
    words = key_of(model, name)
    assert words is not None
    assert CHINESE.search(words.title)
    listed = choices(flat(written(model)[name].annotation)[0], words)
    assert listed is None or len(listed) == 1 or all(listed.values())


@pytest.mark.parametrize("model", [model for model, params in MODELS.items() if not params])
def test_what_holds_keys_has_a_name(model: type[BaseModel]) -> None:
    words = key_of_model(model)
    assert words is not None
    assert CHINESE.search(words.title)


def examples() -> Iterator[tuple[str, str, Any]]:
    """Definition, key and example, all of them."""
    parts = {"": SCHEMA, **SCHEMA["$defs"]}
    for name, part in parts.items():
        for key, said in part.get("properties", {}).items():
            yield from ((name, key, one) for one in said.get("examples", ()))


def test_most_keys_have_an_example() -> None:
    assert len(list(examples())) > 250


def test_every_example_fits() -> None:
    parts = {"": SCHEMA, **SCHEMA["$defs"]}
    told = {f"{name}.{key}": (parts[name]["properties"][key], example) for name, key, example in examples()}
    whole = {"properties": {at: said for at, (said, _) in told.items()}, "$defs": SCHEMA["$defs"]}
    written = {at: example for at, (_, example) in told.items()}
    found = jsonschema_rs.Draft202012Validator(whole).iter_errors(written)
    assert [(list(error.instance_path), error.message) for error in found] == []
