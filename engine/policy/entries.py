"""The files of code that a plan or pack names, whether their parameters fit, and those of a pack typed.

A curve, rule, pool, merit formula or kind of check is a file of its folder with `Params`; its name is the `use`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from allocation.merit import merits
from allocation.pools import pools
from allocation.rules import rules
from domain.demand import Target, misfit, supplied
from domain.facts import Catalogue, Strict
from domain.pack import Measurable, Pack
from engine.checks.kinds import kinds
from engine.yaml.document import Document, KeyPath
from engine.yaml.schema import closest, validate
from indicators.curves import curves
from indicators.registry import indicators

METRIC_KEYS = ("metric", "metrics", "quantity", "among", "prices")
EITHER_KEYS = ("numerator", "denominator", "lines", "codes", "without")
MONEY_KEYS = ("items", "budget", "spend")
Files = Callable[[], Mapping[str, Any]]
CURVES, RULES, POOLS, MERITS, CHECKS = "计分曲线", "分配规则", "资金池", "绩效占比公式", "数据核对"
_REGISTRIES: Mapping[str, Files] = {CURVES: curves, RULES: rules, POOLS: pools, MERITS: merits, CHECKS: kinds}


def files(kind: str) -> Mapping[str, Any]:
    """The files of a kind, by their `use`."""
    return _REGISTRIES[kind]()


def params_model(kind: str, use: str) -> type[Strict]:
    """The parameters that one curve, rule, pool, merit formula or kind of check takes."""
    found = _REGISTRIES[kind]()[use]
    model: type[Strict] = found.params
    return model


def known_use(kind: str, use: str, document: Document, path: KeyPath) -> bool:
    """Note a `use` (at `path`) that there is no file of."""
    known = _REGISTRIES[kind]()
    if use in known:
        return True
    titles = {code: str(getattr(one, "title", "") or one.words.title) for code, one in known.items()}
    document.add(path, "USE-UNKNOWN", f"没有{kind} {use}", closest(use, titles, titles))
    return False


def check_entry(
    kind: str, entry: Mapping[str, Any], document: Document, path: KeyPath, *, target: Target | None = None
) -> Strict | None:
    """The validated parameters of an entry (raw data at `path`), or None with what is wrong noted.

    kind: CURVES, RULES, POOLS, MERITS or CHECKS. target: of a curve, what the pack's rule demands; the curve takes it
    where it has no own, and must reward it.
    """
    use = entry["use"]
    if not known_use(kind, use, document, (*path, "use")):
        return None
    model = params_model(kind, use)
    params = entry.get("params")
    if not (params is None or isinstance(params, Mapping)):
        return None  # the schema says so
    made = validate(model, document, supplied(target, model.model_fields, params or {}), (*path, "params"))
    if made is not None and target is not None:
        wrong = misfit(target, curves()[use].lean(made))
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
    name, written = entry["indicator"], entry.get("params") or {}
    if name in local:
        if written:
            document.add((*path, "params"), "INDICATOR-PARAMS", f"本地指标 {name} 没有参数", "删去 params")
        return
    known = indicators()
    if name not in known:
        titles = {code: one.title for code, one in known.items()}
        remedy = closest(name, {*known, *local}, titles, listed_by="liangyun terms --kind indicator")
        document.add((*path, "indicator"), "INDICATOR-UNKNOWN", f"没有指标 {name}", remedy)
        return
    if not (given and isinstance(written, Mapping)):
        return
    params = validate(known[name].params, document, written, (*path, "params"))
    if params is not None:
        check_codes(document, (*path, "params"), params, catalogue)


def given_pack(pack: Pack) -> Pack:
    """A pack whose entries have the params of their indicators typed."""
    sections = ("indicators", "trends", "named", "duties")
    return pack.model_copy(update={name: [given_measurable(one) for one in getattr(pack, name)] for name in sections})


def given_measurable(entry: Measurable) -> Measurable:
    """The same of one entry; without an indicator, or where the params do not fit, nothing is taken."""
    if (known := indicators().get(entry.indicator or "")) is None:
        return entry
    try:
        return entry.taking(known.params.model_validate(dict(entry.params)))
    except ValidationError:
        return entry.taking(None)


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
        **dict.fromkeys(METRIC_KEYS, (metrics, "指标目录没有")),
        **dict.fromkeys(EITHER_KEYS, (metrics | items, "指标目录没有")),
        **dict.fromkeys(MONEY_KEYS, (items, "指标目录没有金额项目")),
        **{key: (names_there, "方案里没有") for key, names_there in (own or {}).items()},
    }
    for key, value in params:
        if isinstance(value, BaseModel):
            check_codes(document, (*path, key), value, catalogue, own)
        elif isinstance(value, list) and any(isinstance(one, BaseModel) for one in value):
            for index, one in enumerate(value):
                check_codes(document, (*path, key, index), one, catalogue, own)
        elif key in known:
            names_there, said = known[key]
            for name in [value] if isinstance(value, str) else value or ():
                if name not in names_there:
                    remedy = closest_code(name, names_there, catalogue)
                    document.add((*path, key), "NAME-UNKNOWN", f"{said} {name}", remedy)


def closest_code(name: str, known: Collection[str], catalogue: Catalogue) -> str:
    """What to do about a code that there is none of: the nearest of those that may stand there."""
    titles = {code: one.title for code, one in catalogue.metrics.items()}
    titles |= {code: one.title for code, one in catalogue.items.items()}
    kinds = [word for word, codes in (("metric", catalogue.metrics), ("item", catalogue.items)) if {*codes} & {*known}]
    command = "liangyun terms" + (f" --kind {kinds[0]}" if len(kinds) == 1 else "")
    return closest(name, {*known}, titles, listed_by=command if kinds else "")
