"""An example of every entry that a plan may write: made of the examples of its keys."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import BaseModel

from allocation.merit import merits
from allocation.pools import MERIT, pools
from domain.keys import key_of, key_of_model
from engine.policy.entries import CHECKS, MERITS, POOLS
from engine.policy.places import INDICATORS, params_of, titles, written
from indicators.registry import Indicator, indicators

_POOL = {
    "purpose": "staff_reward",
    "basis": "settled",
    "periods": ["quarter"],
    "fund": {"title": "县级财政奖励资金", "document": "示例财社〔2026〕1号"},
    "unpaid_to": "fund",
    "in_total": "yes",
    "source": "local",
}
_OTHER = next(use for use in merits() if use != MERIT)


def params_example(model: type[BaseModel]) -> dict[str, Any]:
    """Params that fit: the example of the model, else those of the keys that must be there."""
    words = key_of_model(model)
    if words is not None and isinstance(words.example, dict):
        return dict(words.example)
    made: dict[str, Any] = {}
    for name, field in written(model).items():
        if field.is_required():
            key = key_of(model, name)
            made[name] = key.example if key else None
    return made


def _curve(one: Indicator, params: Mapping[str, Any]) -> dict[str, Any]:
    """A curve that fits an indicator: by days, by what it counts, or by where it is good."""
    if one.unit == "日期":
        return {"use": "milestone", "params": {"by": date(2026, 12, 31)}}
    if one.code == "line_counts":
        return {"use": "deduction", "params": {"lines": [{"count": code, "points": "2"} for code in params["lines"]]}}
    ends = {"target": "0.1", "floor": "0.5"} if one.direction == "down" else {"target": "0.9"}
    return {"use": "attainment", "params": ends}


def entry_example(kind: str, code: str) -> dict[str, Any]:
    """An entry with this `use` (of an item: this `indicator`), as a plan would write it."""
    model = params_of(kind, code)
    params = params_example(model) if model is not None else {}
    made: dict[str, Any] = {"params": params} if params else {}
    if kind == INDICATORS:
        curve = _curve(indicators()[code], params)
        return {"id": "A01", "indicator": code, **made, "points": "10", "curve": curve, "source": "local"}
    if kind == CHECKS:
        return {"id": code, "title": titles(kind)[code], "use": code, **made, "severity": "note", "source": "local"}
    if kind == POOLS:
        merit = MERIT if pools()[code].own else _OTHER
        named = {"id": "reward", "title": "绩效奖励", "use": code}
        return {**named, **made, **_POOL, "merit": entry_example(MERITS, merit)}
    return {"use": code, **made, "source": "local"}
