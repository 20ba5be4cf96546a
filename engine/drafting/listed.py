"""Every key of a plan, with where it stands: "pools.merit.use"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from domain.facts import Strict
from domain.key import Key
from domain.keys import key_of
from domain.plan import Plan
from domain.values import Cite, Dated
from engine.drafting.types import is_model
from engine.policy.places import flat, written

_ONCE = (Cite, Dated)  # stand in many places and are told once
ANY = "*"
"""Stands in a place for a name of the writer's own: "pay.pools.*.points"."""


@dataclass(frozen=True)
class Listed:
    """One key: its place ("pools.merit.use"), the model that has it, its name there, and its words."""

    place: str
    model: type[BaseModel]
    name: str
    words: Key
    required: bool


@cache
def plan_keys() -> tuple[Listed, ...]:
    """Every key of a plan, in the order of its models; what a clause and a dated value hold stands last."""
    return (*_of(Plan, ""), *_of(Cite, "source"), *_of(Dated, "…"))


def params_keys(model: type[BaseModel]) -> tuple[Listed, ...]:
    """The same of the parameters of one file."""
    return tuple(_of(model, ""))


def _of(model: type[BaseModel], place: str) -> Iterator[Listed]:
    for name, field in written(model).items():
        at = f"{place}.{name}" if place else name
        yield Listed(at, model, name, key_of(model, name) or Key(name), field.is_required())
        for inner, below in _inside(field.annotation):
            if inner not in _ONCE:
                yield from _of(inner, f"{at}{below}")


def _inside(annotation: Any) -> Iterator[tuple[type[Strict], str]]:
    """The models that a type holds, with what stands between."""
    kind, _ = flat(annotation)
    if is_model(kind):
        yield kind, ""
        return
    origin = get_origin(kind)
    below = f".{ANY}" if isinstance(origin, type) and issubclass(origin, Mapping) else ""
    for inner in get_args(kind):
        yield from ((model, below + more) for model, more in _inside(inner))
