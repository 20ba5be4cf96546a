"""The workbook asks for exactly what a run of its plan reads: nothing is missing, nothing is filled in in vain."""

from __future__ import annotations

from typing import Any

import pytest

import engine.run.scoring
from allocation.context import Context
from domain.period import Period
from engine.policy.configs import load_configs
from engine.policy.load import load
from engine.read import read
from engine.run.run import run
from engine.template.workbook import needed
from indicators.evaluate import measure_all
from indicators.measures import Measures
from tests.examples.goldens import EXAMPLES, RUNS

PLANS = {
    "demo-county": ("county-2026Q3", "county-2025"),
    "demo-beijing": ("beijing-2021",),
    "demo-jilin": ("jilin-city-2017",),
    "demo-liaoning": ("liaoning-2017",),
    "demo-hz-xiacheng": ("hz-xiacheng-2018",),
}


@pytest.mark.parametrize("plan", PLANS)
def test_the_workbook_asks_for_what_a_run_reads(plan: str, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue, seen = load_configs().catalogue, set[str]()
    need_value = Context.need_value

    def noted(self: Context, problems: Any, unit: str, metric: str) -> Any:
        seen.add(metric)
        return need_value(self, problems, unit, metric)

    def measured(*given: Any) -> Measures:
        made = measure_all(*given)
        seen.update(code for one in made.by_key.values() for code in one.read if code in catalogue.metrics)
        return made

    asked = set(needed(load(load_configs(), plan, Period.parse(RUNS[PLANS[plan][-1]][2]).end).plan, catalogue).metrics)
    monkeypatch.setattr(Context, "need_value", noted)
    monkeypatch.setattr(engine.run.scoring, "measure_all", measured)
    for name in PLANS[plan]:
        _, data, text = RUNS[name]
        period = Period.parse(text)
        loaded = load(load_configs(), plan, period.end)
        facts = read(EXAMPLES / data, catalogue, loaded.plan, period)
        run(loaded.plan, loaded.packs, facts, catalogue, period, batch=True)
    assert asked == seen
