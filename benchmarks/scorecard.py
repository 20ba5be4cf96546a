"""What a run does with its scores: exact fractions through `score`, 200 alliances of 12 members by 20 items.

For information; nothing is compared. The stories of the numbers are left out, as in a run of many alliances.
"""

from __future__ import annotations

import random
import time
from fractions import Fraction
from typing import Any

import pandas as pd

from domain.period import Period
from domain.plan import Scorecard
from engine.policy.given import given_card
from indicators.evaluate import COLUMNS, LINE_COLUMNS, Measures
from indicators.scorecard import score

ALLIANCES, MEMBERS, ITEMS, DIMENSIONS, GAPS = 200, 12, 20, 5, 0.03
CURVES: tuple[dict[str, Any], ...] = (
    {"use": "attainment", "params": {"target": "0.75", "floor": "0.25"}},
    {"use": "attainment", "params": {"target": "0.25", "floor": "0.75"}},
    {"use": "attainment", "params": {"band": ["0.25", "0.5"], "tolerance": "0.25"}},
    {"use": "steps", "params": {"steps": [{"min": "0.75", "share": "1"}, {"min": "0.5", "share": "0.75"}]}},
)


def card() -> Scorecard:
    """Five dimensions of four items, each kind of curve in turn; gaps are re-weighted."""
    items = [
        {"id": f"I{at}", "indicator": "i", "points": "5", "curve": CURVES[at % len(CURVES)], "source": "local"}
        for at in range(ITEMS)
    ]
    each = ITEMS // DIMENSIONS
    made = Scorecard.model_validate(
        {
            "id": "card", "title": "基准", "scope": "member", "missing": "reweight", "not_applicable": "reweight",
            "source": "local",
            "dimensions": [
                {"id": f"D{at}", "title": "维度", "points": str(5 * each), "source": "local",
                 "items": items[at * each : (at + 1) * each]}
                for at in range(DIMENSIONS)
            ],
        }
    )  # fmt: skip
    return given_card(made, {})


def measured(codes: list[str]) -> Measures:
    """Fractions of whole counts, as facts give them."""
    rng = random.Random(20260701)  # noqa: S311  (a repeatable example, not a secret)
    rows = []
    for code in codes:
        for item in range(ITEMS):
            there = rng.random() >= GAPS
            value = Fraction(rng.randint(0, 400), rng.randint(200, 400)) if there else None
            state = "ok" if there else "missing"
            rows.append(
                {"unit_code": code, "key": f"card/I{item}", "numerator": value, "value": value, "status": state}
            )
    same = {"scope": "member", "indicator": "i", "denominator": None, "per": None, "previous": None, "missing": "",
            "cells": (), "told": (), "definition": ""}  # fmt: skip
    table = pd.DataFrame([same | row for row in rows], dtype=object)[list(COLUMNS)]
    return Measures(table, pd.DataFrame(columns=list(LINE_COLUMNS)))


def measure(alliances: int = ALLIANCES) -> dict[str, Any]:
    """Seconds for all units; the best of three."""
    codes = [f"U{at:05d}" for at in range(alliances * MEMBERS)]
    units = pd.DataFrame({"unit_code": codes, "name": codes, "tier": "township", "form": ""})
    sheet, measures, period = card(), measured(codes), Period(2026, "quarter", 3)
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        score(sheet, measures, units, {}, period, traces=False)
        best = min(best, time.perf_counter() - start)
    return {
        "what": f"{alliances} 个医联体 × {MEMBERS} 个成员 × {ITEMS} 项指标, 精确分数, 缺数 {GAPS:.0%}, 三次取最快",
        "ours": "indicators.scorecard.score", "ours_seconds": round(best, 3),
        "ours_ms_each": round(best / alliances * 1000, 3),
    }  # fmt: skip
