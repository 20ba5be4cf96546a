"""What kind of code stands where in a plan: schema, reference, terms and the reader of Chinese names ask here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from domain.capitation import Capitation
from domain.check import CheckRule, Checks
from domain.facts import Catalogue
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
    metrics = {code: one.title for code, one in catalogue.metrics.items()}
    items = {code: one.title for code, one in catalogue.items.items()}
    if (model, name) in _IN_PLAN:
        return metrics | items
    if model.__module__.startswith(("domain.", "indicators.curves.")) and model is not Capitation:
        return {}
    if name in METRIC_KEYS:
        return metrics
    return metrics | items if name in EITHER_KEYS else items if name in MONEY_KEYS else {}


def written(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The keys that a file may write, by the name that it writes."""
    return {field.alias or name: field for name, field in model.model_fields.items() if not field.exclude}
