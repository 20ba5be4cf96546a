"""The files of code that a plan or pack names, and whether their parameters fit.

A curve, rule, pool or merit formula is a module of its folder with a `Params` model; its name is the `use`. Only
the files that are named are imported. Indicators come from the registry.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from allocation.rules import rules
from domain.demand import Target, misfit, supplied
from domain.facts import Catalogue
from domain.modules import names
from engine.yaml.document import Document, KeyPath
from engine.yaml.schema import closest, validate

_METRIC_KEYS = ("metric", "metrics", "quantity", "among", "prices")
_EITHER_KEYS = ("numerator", "denominator", "lines")
_MONEY_KEYS = ("items", "budget", "spend")
RULES = "allocation.rules"
FOLDERS = {
    "indicators.curves": "计分曲线",
    RULES: "分配规则",
    "allocation.pools": "资金池",
    "allocation.merit": "绩效占比公式",
}


def uses(folder: str) -> tuple[str, ...]:
    """What a plan may name of a folder: its files, of rules also their aliases."""
    return tuple(rules()) if folder == RULES else names(folder)


def params_model(folder: str, use: str) -> type[BaseModel]:
    """The `Params` of one file. Raises TypeError if the file declares none: a fault of the program, not the plan."""
    if folder == RULES:
        return rules()[use].params
    model = getattr(importlib.import_module(f"{folder}.{use}"), "Params", None)
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise TypeError(f"{folder}.{use} 没有声明 Params")
    return model


def staff_only(use: str) -> bool:
    """Whether a rule bounds pay, so that an income pool refuses it."""
    return rules()[use].staff_only


def personal(use: str) -> bool:
    """Whether a pool pays one person of each institution."""
    return use in names("allocation.pools") and bool(
        getattr(importlib.import_module(f"allocation.pools.{use}"), "PERSONAL", False)
    )


def merit_misfit(use: str, merit: str) -> tuple[str, str] | None:
    """Why a pool does not go with a merit formula, and the remedy; None if it does or there is no such pool."""
    pools = importlib.import_module("allocation.pools")  # brings pandas; listing plans needs none
    wrong: tuple[str, str] | None = pools.misfit(use, merit) if use in names("allocation.pools") else None
    return wrong


def keeps_dues(pool: str, rule: str, *, soft: bool) -> bool:
    """Whether a rule may stand in a pool: in one that owes its members, only what holds amounts down, and hard.

    Any other rule would pay one member what is due to another.
    """
    if pool not in names("allocation.pools") or not importlib.import_module("allocation.pools").pools()[pool].own:
        return True
    return not soft and rules()[rule].only_lowers


def known_use(folder: str, use: str, document: Document, path: KeyPath) -> bool:
    """Note a `use` (at `path`) that its folder does not have."""
    if use in uses(folder):
        return True
    document.add(path, "USE-UNKNOWN", f"没有{FOLDERS[folder]} {use}", closest(use, set(uses(folder))))
    return False


def check_entry(
    folder: str, entry: Mapping[str, Any], document: Document, path: KeyPath, *, target: Target | None = None
) -> BaseModel | None:
    """The validated parameters of an entry (raw data at `path`), or None with what is wrong noted.

    target: of a curve, what the pack's rule demands; the curve takes it where it has no own, and must reward it.
    """
    use = entry["use"]
    if not known_use(folder, use, document, (*path, "use")):
        return None
    model = params_model(folder, use)
    params = entry.get("params")
    if not (params is None or isinstance(params, Mapping)):
        return None  # the schema says so
    made = validate(model, document, supplied(target, model.model_fields, params or {}), (*path, "params"))
    if made is not None and target is not None:
        wrong = misfit(target, importlib.import_module(f"{folder}.{use}").lean(made))
        if wrong is not None:
            document.add(path, "CURVE-DIRECTION", *wrong)
    return made


def check_indicator(
    entry: Mapping[str, Any],
    document: Document,
    path: KeyPath,
    catalogue: Catalogue,
    *,
    local: frozenset[str],
    given: bool = True,
) -> None:
    """Note an indicator that neither the registry nor the plan has, and parameters it does not take.

    entry: raw data at `path` with `indicator` and `params`. Codes that the parameters name must be in the catalogue.
    given: False where the parameters are those of a rule that cannot be found: they are not looked at.
    """
    from indicators.registry import indicators  # noqa: PLC0415  (brings pandas; listing packs needs none)

    name, written = entry["indicator"], entry.get("params") or {}
    if name in local:
        if written:
            document.add((*path, "params"), "INDICATOR-PARAMS", f"本地指标 {name} 没有参数", "删去 params")
        return
    known = indicators()
    if name not in known:
        document.add((*path, "indicator"), "INDICATOR-UNKNOWN", f"没有指标 {name}", closest(name, {*known, *local}))
        return
    if not (given and isinstance(written, Mapping)):
        return
    params = validate(known[name].params, document, written, (*path, "params"))
    if params is not None:
        check_codes(document, (*path, "params"), params, catalogue)


def check_codes(
    document: Document,
    path: KeyPath,
    params: BaseModel,
    catalogue: Catalogue,
    own: Mapping[str, set[str]] | None = None,
) -> None:
    """Note names in parameters that are not there, told by the name of their field, at any depth.

    own: by field name what the plan itself has (scorecards, pools); the other fields are looked up in the catalogue.
    """
    metrics, items = {*catalogue.metrics}, {*catalogue.items}
    known: dict[str, tuple[set[str], str]] = {
        **dict.fromkeys(_METRIC_KEYS, (metrics, "指标目录没有")),
        **dict.fromkeys(_EITHER_KEYS, (metrics | items, "指标目录没有")),
        **dict.fromkeys(_MONEY_KEYS, (items, "指标目录没有金额项目")),
        **{key: (names_there, "方案里没有") for key, names_there in (own or {}).items()},
    }
    for key, value in params:
        if isinstance(value, BaseModel):
            check_codes(document, (*path, key), value, catalogue, own)
        elif key in known:
            names_there, said = known[key]
            for name in [value] if isinstance(value, str) else value or ():
                if name not in names_there:
                    document.add((*path, key), "NAME-UNKNOWN", f"{said} {name}", closest(name, names_there))
