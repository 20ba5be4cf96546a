"""The examples' results that tests compare; `python tests/examples/goldens.py` writes them anew."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pandas as pd

from domain.period import Period
from engine.policy.configs import load_configs
from engine.policy.load import load
from engine.read import read
from engine.run.result import Result
from engine.run.run import run
from engine.run.tables import texts
from tests import words

EXAMPLES = Path(__file__).parents[2] / "examples"
GOLDEN = Path(__file__).parent / "golden"
RUNS = {  # name: plan, data, period
    "pilot-counties": ("pilot-counties", "pilot-counties/2019.xlsx", "2019"),
    "hz-xiacheng-2018": ("demo-hz-xiacheng", "hz-xiacheng-2018/2020.xlsx", "2020"),
    "jilin-city-2017": ("demo-jilin", "jilin-city-2017/2018.xlsx", "2018"),
    "beijing-2021": ("demo-beijing", "beijing-2021/2022.xlsx", "2022"),
    "liaoning-2017": ("demo-liaoning", "liaoning-2017/2017.xlsx", "2017"),
    "county-2025Q3": ("demo-county", "county/2025Q3.xls", "2025Q3"),
    "county-2025Q4": ("demo-county", "county/2025Q4-csv", "2025Q4"),
    "county-2026Q1": ("demo-county", "county/2026Q1.xlsx", "2026Q1"),
    "county-2026Q2": ("demo-county", "county/2026Q2.xlsx", "2026Q2"),
    "county-2026Q3": ("demo-county", "county/2026Q3.xlsx", "2026Q3"),
    "county-2025": ("demo-county", "county/2025.xlsx", "2025"),
    "county-2025-overspend": ("demo-county", "county/2025-overspend.xlsx", "2025"),
}
TABLES = ("scores", "totals", "pools", "allocations", "settlements", "permits", "overspend")
SCORES = ["scope", "unit_code", "indicator", "value", "target", "full_marks", "score", "rule"]  # no names, no clauses


@cache
def result(name: str) -> Result:
    """One example computed, without writing anything."""
    return _computed(name, batch=True)


@cache
def tables(name: str) -> dict[str, pd.DataFrame]:
    """The tables of an example, as texts."""
    return texts(result(name))


@cache
def stories(name: str) -> tuple[SimpleNamespace, ...]:
    """The story of every number of an example, in words."""
    return tuple(words.stories(_computed(name, batch=False)).values())


def _computed(name: str, *, batch: bool) -> Result:
    plan, data, text = RUNS[name]
    period = Period.parse(text)
    loaded, catalogue = load(load_configs(), plan, period.end), load_configs().catalogue
    facts = read(EXAMPLES / data, catalogue, loaded.plan, period)
    return run(loaded.plan, loaded.packs, facts, catalogue, period, batch=batch)


def golden_tables(name: str) -> dict[str, pd.DataFrame]:
    """The tables that are compared: those with rows."""
    made = tables(name)
    kept = {table: made[table] for table in TABLES if table in made and len(made[table])}
    return {table: frame[SCORES] if table == "scores" else frame for table, frame in kept.items()}


def golden_path(name: str, table: str) -> Path:
    """Where one table is kept."""
    return GOLDEN / f"{name}.{table}.csv"


if __name__ == "__main__":
    for name in RUNS:
        for table, frame in golden_tables(name).items():
            frame.to_csv(golden_path(name, table), index=False, lineterminator="\n")
