"""Exact scores of a nation: 2,188 alliances of 20 members by 26 items, values to totals, by the function `run` calls.

Beside it the same curves and rule for gaps in plain numpy floats, in Fractions one number after another (a sample, by
the unit), and as an OpenFisca system with its inputs. Nothing of ours is rounded; tables and stories are not made.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks import clock
from domain.period import Period
from domain.plan import Scorecard
from engine.policy.given import given_card
from indicators.curves import curves
from indicators.measures import Measure, Measures
from indicators.ratios import Column, Ratios
from indicators.scorecard import score
from tests.indicators import oracle_scores

Array = npt.NDArray[Any]

ALLIANCES, MEMBERS, ITEMS, DIMENSIONS, GAPS, SAMPLE = 2188, 20, 26, 2, 0.03, 20
POINTS = 5.0
TARGET, FLOOR, BAND, TOLERANCE = 0.75, 0.25, (0.25, 0.5), 0.25
STEPS = ((0.75, 1.0), (0.5, 0.75), (0.25, 0.5))
CURVES: tuple[dict[str, Any], ...] = (
    {"use": "attainment", "params": {"target": str(TARGET), "floor": str(FLOOR)}},
    {"use": "attainment", "params": {"target": str(FLOOR), "floor": str(TARGET)}},
    {"use": "attainment", "params": {"band": [str(end) for end in BAND], "tolerance": str(TOLERANCE)}},
    {"use": "steps", "params": {"steps": [{"min": str(least), "share": str(share)} for least, share in STEPS]}},
)


def card() -> Scorecard:
    """Two dimensions, each kind of curve in turn; gaps are re-weighted."""
    items = [
        {
            "id": f"I{at}",
            "indicator": "i",
            "points": str(POINTS),
            "curve": {**CURVES[at % 4], "source": "local"},
            "source": "local",
        }
        for at in range(ITEMS)
    ]
    each = ITEMS // DIMENSIONS
    dimensions = [
        {
            "id": f"D{at}",
            "title": "维度",
            "points": str(POINTS * each),
            "source": "local",
            "items": items[at * each : (at + 1) * each],
        }
        for at in range(DIMENSIONS)
    ]
    made = Scorecard.model_validate(
        {
            "id": "card",
            "title": "基准",
            "scope": "member",
            "missing": "reweight",
            "not_applicable": "reweight",
            "source": "local",
            "dimensions": dimensions,
        }
    )
    return given_card(made, {})


def measured(units: Array) -> Measures:
    """Ratios of whole counts, as facts give them: part of some people out of as many as a county has."""
    source = np.random.default_rng(20260701)
    found = {}
    for item in range(ITEMS):
        people = source.integers(200, 60_000, len(units))
        column = Column(Ratios(source.integers(0, people), people), source.random(len(units)) >= GAPS)
        status = np.where(column.ok, 0, 1).astype(np.int8)
        found[f"card/I{item}"] = Measure("member", "i", status, column, column, column)
    return Measures(found, {"member": units})


def up(value: Array) -> Array:
    """The first kind of curve in floats."""
    return np.clip((value - FLOOR) / (TARGET - FLOOR), 0, 1)


def down(value: Array) -> Array:
    """The second: smaller is better."""
    return np.clip((value - TARGET) / (FLOOR - TARGET), 0, 1)


def band(value: Array) -> Array:
    """The third: full marks inside a band."""
    outside = np.maximum(np.maximum(BAND[0] - value, value - BAND[1]), 0)
    return np.clip(1 - outside / TOLERANCE, 0, 1)


def steps(value: Array) -> Array:
    """The fourth: a table of thresholds."""
    return np.select([value >= least for least, _ in STEPS], [one for _, one in STEPS], 0.0)


KINDS: tuple[Callable[[Array], Array], ...] = (up, down, band, steps)


def shares(values: Array) -> Array:
    """The shares of full marks of all items, (units, items), in floats."""
    share = np.empty_like(values)
    for kind, formula in enumerate(KINDS):
        share[:, kind :: len(KINDS)] = formula(values[:, kind :: len(KINDS)])
    return share


def weighed(share: Array, ok: Array) -> Array:
    """Totals of all units in floats: points of gaps to the rest of the dimension, then to the other dimensions."""
    points, dimension = np.full(ITEMS, POINTS), np.arange(ITEMS) * DIMENSIONS // ITEMS
    here = np.where(ok, points, 0.0)
    belongs = (dimension[:, None] == np.arange(DIMENSIONS)).astype(np.float64)
    whole, left = points @ belongs, here @ belongs
    counted = np.where(left > 0, whole, 0.0)
    grow = counted / np.where(left > 0, left, 1.0)
    spread = points.sum() / np.maximum(counted.sum(axis=1), 1e-300)
    total: Array = (np.where(ok, share, 0) * here * (grow * spread[:, None])[:, dimension]).sum(axis=1)
    return total


def fractions(values: list[Array]) -> list[Fraction | None]:
    """Totals in Fractions, one number after another; values: per item, each (units,)."""
    uses = [(one["use"], curves()[one["use"]].params.model_validate(one["params"])) for one in CURVES]
    points, dimension = [Fraction(POINTS)] * ITEMS, [at * DIMENSIONS // ITEMS for at in range(ITEMS)]
    rules = {oracle_scores.MISSING: "reweight"}
    one_by_one = {"attainment": oracle_scores.attainment, "steps": oracle_scores.steps}
    totals = []
    for row in zip(*values, strict=True):
        answers: list[oracle_scores.Cell] = [
            oracle_scores.MISSING if value is None else one_by_one[use](value, params)
            for value, (use, params) in zip(row, (uses[at % len(uses)] for at in range(ITEMS)), strict=True)
        ]
        totals.append(oracle_scores.scored(answers, points, dimension, rules)[2])
    return totals


def measure(alliances: int = ALLIANCES) -> dict[str, dict[str, Any]]:
    """CPU seconds of ours and of each baseline. Raises if totals differ (beyond float's own error)."""
    count, sample = alliances * MEMBERS, min(alliances, SAMPLE) * MEMBERS
    codes = np.array([f"U{at:06d}" for at in range(count)], dtype=object)
    units = pd.DataFrame({"unit_code": codes, "name": codes, "tier": "township", "form": ""})
    sheet, measures, period = card(), measured(codes), Period(2026, "quarter", 3)
    columns = [measures.by_key[f"card/I{item}"].value for item in range(ITEMS)]
    first = [column.take(np.arange(sample)).fractions for column in columns]
    values = np.stack([column.value.num / column.value.den for column in columns], axis=1)
    ok = np.stack([column.ok for column in columns], axis=1)

    works: dict[str, Callable[[], Any]] = {
        "ours": lambda: score(sheet, measures, units, {}, period).scoring.matrix.total,
        "numpy": lambda: weighed(shares(values), ok),
        "fractions": lambda: fractions(first),
    }
    if find_spec("openfisca_core"):
        works["openfisca"] = import_module("benchmarks.openfisca").simulation(values, ok)
    exact = works["ours"]()
    assert works["fractions"]() == exact[:sample].fractions().tolist()
    in_floats = exact.num.astype(float) / exact.den.astype(float)
    np.testing.assert_allclose(works["numpy"](), in_floats, atol=1e-9)
    if "openfisca" in works:
        np.testing.assert_allclose(works["openfisca"](), in_floats, atol=1e-2)

    seconds = dict(zip(works, clock.turns(list(works.values())), strict=True))
    seconds["fractions"] = [spent * count / sample for spent in seconds["fractions"]]
    what = f"{alliances} 个医联体 × {MEMBERS} 个成员 × {ITEMS} 项指标的精确分数, 缺数 {GAPS:.0%}, 从指标值到总分"
    ours = "indicators.scorecard.score", seconds["ours"]

    def against(name: str, baseline: str, goal: str = "", *, quicker: bool = False) -> dict[str, Any]:
        slow, quick = (seconds[name], seconds["ours"]) if quicker else (seconds["ours"], seconds[name])
        return clock.against(what, ours, (baseline, seconds[name]), clock.times(slow, quick), goal)

    by_unit = f"同样办法的逐个 Fraction ({sample} 个单位, 按单位数折算)"
    found = {
        "scores_numpy": against("numpy", "numpy 浮点直接写的同样曲线和缺数规则", "ratio <= 60"),
        "scores_fractions": against("fractions", by_unit, "ratio >= 10", quicker=True),
    }
    if "openfisca" in works:
        found["scores_openfisca"] = against("openfisca", "OpenFisca-Core (32 位浮点), 含填入数据")
    return found
