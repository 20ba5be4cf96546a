"""What kind of code stands where in a plan: schema, reference, terms and the reader of Chinese names ask here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from domain.capitation import Capitation
from domain.check import CheckRule, Checks
from domain.facts import Catalogue
from domain.key import Key
from domain.plan import Carry, Entry, Item, LocalIndicator, Plan, Pool
from engine.policy.entries import CHECKS, CURVES, EITHER_KEYS, MERITS, METRIC_KEYS, MONEY_KEYS, POOLS, RULES, files
from indicators.registry import indicators

INDICATORS = "指标"
ENTRIES: Mapping[tuple[type[BaseModel], str], str] = {
    (Plan, "pools"): POOLS,
    (Pool, "merit"): MERITS,
    (Pool, "rules"): RULES,
    (Item, "curve"): CURVES,
    (Checks, "rules"): CHECKS,
}
"""The keys that hold an entry with `use` (or a list of them), and what its `use` names."""
ENVELOPES: frozenset[type[BaseModel]] = frozenset({Entry, Pool, CheckRule, Item})
"""What has `params`."""
OF_PLAN = ("scorecard", "prepaid_pools", "withheld_from", "claw_back", "pools")
"""Keys that name scorecards (the first) and pools of the plan itself."""
_IN_PLAN = ((LocalIndicator, "numerator"), (LocalIndicator, "denominator"), (Carry, "metrics"))


def titles(kind: str) -> dict[str, str]:
    """The Chinese name of each curve, rule, pool, merit formula, kind of check or indicator, by its code."""
    if kind == INDICATORS:
        return {code: one.title for code, one in indicators().items()}
    return {use: str(getattr(one, "title", "") or one.words.title) for use, one in files(kind).items()}


def params_of(kind: str, use: str) -> type[BaseModel] | None:
    """The parameters of one of them; None where there is none of this code."""
    known: Mapping[str, Any] = indicators() if kind == INDICATORS else files(kind)
    found: type[BaseModel] | None = known[use].params if use in known else None
    return found


def catalogued(model: type[BaseModel], name: str, catalogue: Catalogue) -> dict[str, str]:
    """The codes of the catalogue that a key takes, with their titles; nothing where it takes none."""
    metrics, items = _sides(model, name)
    found = {code: one.title for code, one in catalogue.metrics.items()} if metrics else {}
    return found | ({code: one.title for code, one in catalogue.items.items()} if items else {})


def _sides(model: type[BaseModel], name: str) -> tuple[bool, bool]:
    """Whether a key takes metrics, and whether items."""
    if (model, name) in _IN_PLAN:
        return True, True
    if model.__module__.startswith(("domain.", "indicators.curves.")) and model is not Capitation:
        return False, False
    return name in (*METRIC_KEYS, *EITHER_KEYS), name in (*MONEY_KEYS, *EITHER_KEYS)


def written(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The keys that a file may write, by the name that it writes."""
    return {field.alias or name: field for name, field in model.model_fields.items() if not field.exclude}


def flat(annotation: Any, metadata: Iterable[Any] = ()) -> tuple[Any, list[Any]]:
    """A type without its `Annotated`, and everything that was said of it."""
    said = list(metadata)
    while get_origin(annotation) is Annotated:
        annotation, *more = get_args(annotation)
        said += more
    inner = [one for field in said if isinstance(field, FieldInfo) for one in field.metadata]
    return annotation, [*said, *inner]


def choices(kind: Any, words: Key) -> dict[str, str] | None:
    """The values of a closed choice with their Chinese names ("" where there is none); None of any other type."""
    if get_origin(kind) is Literal:
        return {str(one): words.values.get(str(one), "") for one in get_args(kind)}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {str(one.value): str(getattr(one, "chinese", "")) for one in kind}
    return None


def named(annotation: Any, words: Key) -> dict[str, str]:
    """Every code that may stand in a key or in what it holds, with its Chinese name."""
    kind, _ = flat(annotation)
    found = choices(kind, words)
    if found is not None:
        return found
    inner = [one for arg in get_args(kind) for one in named(arg, words).items()]
    return dict(inner) | (dict(words.values) if kind is str else {})
