"""What a folder of code holds: one file per curve, rule, pool, formula or method, found by looking into the folder."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from importlib.util import find_spec
from types import ModuleType


@cache
def names(folder: str) -> tuple[str, ...]:
    """The modules of a package (its dotted name), by name; without sub-packages and names that begin with "_".

    Nothing inside the package is imported.
    """
    spec = find_spec(folder)
    places = spec.submodule_search_locations if spec else None
    found = (each.name for each in pkgutil.iter_modules(places or ()) if not each.ispkg)
    return tuple(sorted(name for name in found if not name.startswith("_")))


def modules(folder: str) -> dict[str, ModuleType]:
    """The modules of a package by name, imported."""
    return {name: importlib.import_module(f"{folder}.{name}") for name in names(folder)}
