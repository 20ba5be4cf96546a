"""The files of code that a plan or pack names, and whether their parameters fit.

A curve, rule, pool or merit formula is a module of its folder with a `Params` model; its name is the `use`. Only
the files that are named are imported. Indicators come from the registry.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from typing import Any

from pydantic import BaseModel

from engine.schema import closest, validate
from engine.yaml import Document, KeyPath

FOLDERS = {
    "indicators.curves": "计分曲线",
    "allocation.rules": "分配规则",
    "allocation.pools": "资金池",
    "allocation.merit": "绩效占比公式",
}


@cache
def names(folder: str) -> frozenset[str]:
    """The uses of a folder: its modules, without those that begin with an underscore."""
    spec = find_spec(folder)
    places = spec.submodule_search_locations if spec else None
    return frozenset(found.name for found in pkgutil.iter_modules(places or ()) if not found.name.startswith("_"))


def params_model(folder: str, use: str) -> type[BaseModel]:
    """The `Params` of one file. Raises TypeError if the file declares none: a fault of the program, not the plan."""
    model = getattr(importlib.import_module(f"{folder}.{use}"), "Params", None)
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise TypeError(f"{folder}.{use} 没有声明 Params")
    return model


def staff_only(use: str) -> bool:
    """Whether a rule bounds pay, so that an income pool refuses it."""
    return bool(getattr(importlib.import_module(f"allocation.rules.{use}"), "STAFF_ONLY", False))


def known_use(folder: str, use: str, document: Document, path: KeyPath) -> bool:
    """Note a `use` (at `path`) that its folder does not have."""
    if use in names(folder):
        return True
    document.add(path, "USE-UNKNOWN", f"没有{FOLDERS[folder]} {use}", closest(use, set(names(folder))))
    return False


def check_entry(
    folder: str, entry: Mapping[str, Any], document: Document, path: KeyPath, *, filled: Mapping[str, Any] | None = None
) -> BaseModel | None:
    """The validated parameters of an entry (raw data at `path`), or None with what is wrong noted.

    filled: parameters that something else supplies (a target from the pack's rule), taken where the file has such a
    parameter and the entry does not give it.
    """
    use = entry["use"]
    if not known_use(folder, use, document, (*path, "use")):
        return None
    model = params_model(folder, use)
    given = dict(entry.get("params") or {})
    if "band" not in given:  # a band of good values stands in for a target
        given = {key: value for key, value in (filled or {}).items() if key in model.model_fields} | given
    return validate(model, document, given, (*path, "params"))


def check_indicator(name: str, params: Any, document: Document, path: KeyPath, *, local: frozenset[str]) -> None:
    """Note an indicator that neither the registry nor the plan has, and parameters it does not take."""
    from indicators.registry import indicators  # noqa: PLC0415  (brings pandas; listing packs needs none)

    if name in local:
        if params:
            document.add((*path, "params"), "INDICATOR-PARAMS", f"本地指标 {name} 没有参数", "删去 params")
        return
    known = indicators()
    if name not in known:
        document.add((*path, "indicator"), "INDICATOR-UNKNOWN", f"没有指标 {name}", closest(name, {*known, *local}))
        return
    validate(known[name].params, document, dict(params or {}), (*path, "params"))
