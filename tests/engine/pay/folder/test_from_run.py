"""Which of a run's amounts go to people: allocations, of a settled pool what is still to be paid, line r as a pool."""

from __future__ import annotations

from pathlib import Path

from domain.period import Period
from engine.pay.folder.from_run import _amounts
from tests.engine.pay.folder.making import PERIOD
from tests.engine.pay.paying import scheme

TABLES = {
    "allocations": "pool,unit_code,amount\nperf,U1,100.00\nyear,U1,1000.00\nothers,U1,7.00\n",
    "settlements": "pool,unit_code,line,amount\nyear,U1,due,1000.00\nyear,U1,top_up,40.00\nyear,U2,claw_back,30.00\n",
    "permits": "line,unit_code,amount\nbase,U1,500.00\nr,U1,9.00\n",
}


def test_of_a_settled_pool_the_top_up_alone(tmp_path: Path) -> None:
    """What was paid before of the year's 1,000.00 is not paid again, and what is to come back is no amount."""
    for name, text in TABLES.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    manifest = {"files": {f"{name}.csv": "" for name in TABLES}}
    pay = scheme({"perf": {}, "year": {}, "r": {}})
    found = sorted(one[1:4] for one in _amounts(tmp_path, manifest, pay, {}, Period.parse(PERIOD)))
    assert found == [("U1", "perf", 10000), ("U1", "r", 900), ("U1", "year", 4000)]
