"""What `liangyun explain` says first of amounts of the demo county is short and true, and the story fits a screen."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pandas as pd
import pytest

from domain.period import Period
from engine.folder.execute import execute
from engine.folder.explain import explain
from engine.folder.story_text import say
from engine.policy.configs import load_configs

from .goldens import EXAMPLES, RUNS

pytestmark = pytest.mark.xdist_group("examples")

TITLES = {
    "wage_cap": "绩效工资总量余额",
    "income_cap": "可用于人员奖励的收支结余",
    "pay_gap": "收入差距",
    "grassroots_min_share": "基层占比下限",
    "signing_min_share": "签约基层占比下限",
    "floor_previous": "较上期保底",
}


@pytest.fixture(scope="module")
def quarter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("explained") / "out"
    plan, data, period = RUNS["county-2026Q3"]
    execute(load_configs(), plan, EXAMPLES / data, Period.parse(period), out)
    return out


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)


def thousands(amount: str) -> str:
    return f"{Decimal(amount):,.2f}"


def test_amounts(quarter: Path) -> None:
    """Every seventh of 133 amounts, reckoned again from the tables."""
    paid = table(quarter, "pools").set_index("pool")["distributed"]
    rows = table(quarter, "allocations").to_dict("records")[::7]
    assert {row["pool"] for row in rows} == set(paid.index)
    for row in rows:
        text = say(explain(quarter, row["unit_code"], pool=row["pool"]))
        first, *_ = text.splitlines()
        share = Decimal(100) * Decimal(row["amount"]) / Decimal(paid[row["pool"]])
        rounded = share.quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert len(first) <= 80, first
        assert first.startswith(row["unit_name"]), first
        assert f": {thousands(row['amount'])} 元, 占 {rounded.normalize():f}%," in first
        held = [one for one in row["held_by"].split(";") if one]
        assert all(TITLES[one] in first for one in held), first
        assert ("未受限" in first) == (not held), first
        assert len(text.splitlines()) <= 60, text


def test_pools_and_units(quarter: Path) -> None:
    allocations = table(quarter, "allocations")
    for pool in table(quarter, "pools").to_dict("records"):
        text = say(explain(quarter, "A01", pool=pool["pool"]))
        mine = allocations[allocations["pool"] == pool["pool"]]
        first, *_ = text.splitlines()
        for said in (
            f"{thousands(pool['amount'])} 元分给 {len(mine)} 家",
            f"未分配 {thousands(pool['undistributed'])} 元",
            f"受限 {(mine['held_by'] != '').sum()} 家",
        ):
            assert said in first
        assert len(first) <= 80
        assert len(text.splitlines()) <= 60, text
    for unit in ("A01", "T01", "H01", "D01"):
        text = say(explain(quarter, unit))
        assert len(text.splitlines()[0]) <= 80
        assert len(text.splitlines()) <= 60, text
    mine = allocations[allocations["unit_code"] == "T01"]["amount"].map(Decimal)
    assert f"{len(mine)} 个资金池共分得 {thousands(str(mine.sum()))} 元" in explain(quarter, "T01").answer
