"""Measured against a named baseline in the same run; `python -m benchmarks` writes docs/performance.json."""
