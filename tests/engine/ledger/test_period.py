"""Which period's figures tell how far things are on a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from domain.period import Period
from domain.problems import InputProblems, Problem
from engine.ledger import period as ledger_period
from engine.ledger.period import figures, told
from engine.policy.configs import load_configs
from tests.engine.ledger.test_make import INPUT, YEAR, facts, loaded


@pytest.mark.parametrize(
    ("periods", "day", "told_of"),
    [
        (["2026Q3", "2025Q3"], "2026-09-30", "2026Q3"),  # the quarter and the one it is compared with
        (["2026Q1", "2026Q2"], "2026-09-30", "2026Q2"),
        (["2026Q1", "2026Q2", "2026Q3", "2026Q4"], "2027-01-05", "2026"),  # the parts make the year
        (["2026", "2026", "2026Q3"], "2026-12-31", "2026"),  # most rows are of the year
        (["2026", "2026Q3", "2026Q3"], "2026-12-31", "2026Q3"),
        (["2025", "2026Q3"], "2026-06-30", "2025"),  # what had not begun by the day does not count
        ([], "2026-06-30", "2026"),
    ],
)
def test_the_period_the_figures_tell_of(periods: list[str], day: str, told_of: str) -> None:
    rows = pd.DataFrame({"period": pd.Series(periods, dtype=object)})
    assert str(told(replace(facts(), facts=rows), date.fromisoformat(day))) == told_of


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The periods that were read, of a workbook that has figures of 2017 only."""
    years: list[str] = []

    def read(_path: Path, _catalogue: object, _plan: object, period: Period, _packs: object, *, later: str) -> object:
        years.append(f"{period} {later}")
        if period != YEAR:
            raise InputProblems([Problem("a.xlsx", "PERIOD-NONE", f"没有{period.title}的数据")])
        return facts()

    monkeypatch.setattr(ledger_period, "read", read)
    return years


@pytest.mark.parametrize(
    ("day", "period", "read", "told_of"),
    [
        ("2017-11-20", None, ["2017 drop"], "2017"),
        ("2018-01-10", None, ["2018 drop", "2017 drop"], "2017"),  # early in a year those of the last one stand
        ("2018-01-10", "2017", ["2017 drop"], "2017"),  # what is asked for is taken
    ],
)
def test_whose_figures_are_read(asked: list[str], day: str, period: str | None, read: list[str], told_of: str) -> None:
    when = Period.parse(period) if period else None
    _, of = figures(INPUT, load_configs().catalogue, loaded(), date.fromisoformat(day), when)
    assert (asked, str(of)) == (read, told_of)


def test_without_either_year_the_first_is_told(asked: list[str]) -> None:
    with pytest.raises(InputProblems, match="没有2019年的数据"):
        figures(INPUT, load_configs().catalogue, loaded(), date(2019, 1, 10))
    assert asked == ["2019 drop", "2018 drop"]
