"""The benchmarks still run: a few problems each, and nothing is said of how long they take."""

from __future__ import annotations

from benchmarks import allocation, scorecard, scoring


def test_every_benchmark_runs() -> None:
    for measure in (allocation.measure, scorecard.measure, scoring.measure):
        found = measure(2)
        assert found["what"].startswith("2 个医联体")
        assert found["ours_seconds"] >= 0
