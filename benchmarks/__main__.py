"""Run every benchmark and write docs/performance.json."""

from __future__ import annotations

import json
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks import allocation, clock, paying, rerun, running, scoring, service, sheets, taxing

DOCS = Path(__file__).parent.parent / "docs" / "performance.json"
NAMES = ("pulp", "highspy", "numpy", "pandas", "typer", "openfisca-core", "cvxpy-leximin", "xlsxwriter", "typst")


def versions() -> dict[str, str]:
    """The libraries measured with or against, those that are installed."""
    found = {}
    for name in NAMES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def main() -> None:
    """Measure, print and write."""
    with running.tree_of(running.BEFORE) as before:
        run = running.measure_run(before)
    found = {
        "allocation": allocation.measure(),
        "allocation_leximin": allocation.measure_leximin(),
        **scoring.measure(),
        "run": run,
        "help": running.measure_help(),
        **rerun.measure(),
        **service.measure(),
        "pay_split": paying.measure(),
        "tax": taxing.measure(),
        **sheets.measure(),
    }
    written = {
        "python": platform.python_version(),
        "machine": clock.machine(),
        "versions": versions(),
        "measures": found,
    }
    DOCS.write_text(json.dumps(written, ensure_ascii=False, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    for name, one in found.items():
        print(f"{name}: {one['ratio']} ({one.get('goal', '只列出')})")


if __name__ == "__main__":
    main()
