"""The words of a key of any model: beside it as `KEYS` of its module; those of a plan's own keys in two files."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from pydantic import BaseModel

from domain.key import Key, Keys
from domain.pay_keys import PAY_KEYS
from domain.plan_keys import PLAN_KEYS

_OWN: dict[str, Keys] = {"domain.pay": PAY_KEYS}


def key_of(model: type[BaseModel], name: str) -> Key | None:
    """The words of a key, by the name that a plan writes; of an inherited key those of the model that it is from."""
    for table, cls in _tables(model):
        found = table.get(f"{cls.__name__}.{name}") or table.get(name)
        if found is not None:
            return found
    return None


def key_of_model(model: type[BaseModel]) -> Key | None:
    """The words of what a model holds as a whole."""
    return next((table[cls.__name__] for table, cls in _tables(model) if cls.__name__ in table), None)


def _tables(model: type[BaseModel]) -> Iterator[tuple[Keys, type]]:
    for cls in model.__mro__:
        if issubclass(cls, BaseModel) and cls is not BaseModel:
            yield _table(cls.__module__), cls


def _table(module: str) -> Keys:
    if module in _OWN:
        return _OWN[module]
    if module.startswith("domain."):
        return PLAN_KEYS
    found: Keys = getattr(sys.modules[module], "KEYS", {})
    return found
