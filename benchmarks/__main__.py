"""Run every benchmark and write docs/performance.json."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import allocation, scorecard, scoring

DOCS = Path(__file__).parent.parent / "docs" / "performance.json"


def cold_start(runs: int = 15) -> dict[str, Any]:
    """`liangyun --help` against `python -c "import typer"`: the best of several runs each."""
    bin_ = Path(sys.executable).parent

    def best(command: list[str]) -> float:
        times = []
        for _ in range(runs):
            start = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            times.append(time.perf_counter() - start)
        return min(times)

    ours = best([str(bin_ / "liangyun"), "--help"])
    theirs = best([sys.executable, "-c", "import typer"])
    return {
        "what": f"冷启动, {runs} 次取最快", "ours": "liangyun --help", "ours_seconds": round(ours, 3),
        "baseline": 'python -c "import typer"', "baseline_seconds": round(theirs, 3),
        "ratio": round(ours / theirs, 2), "goal": "ratio <= 1.5",
    }  # fmt: skip


def main() -> None:
    """Measure, print and write."""
    found = {
        "allocation": allocation.measure(),
        "scoring": scoring.measure(),
        "scorecard": scorecard.measure(),
        "cold_start": cold_start(),
    }
    names = ("pulp", "highspy", "numpy", "pandas", "typer")
    written = {
        "python": platform.python_version(),
        "versions": {name: version(name) for name in names},
        "measures": found,
    }
    DOCS.write_text(json.dumps(written, ensure_ascii=False, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    for name, one in found.items():
        print(f"{name}: {one['ratio']} ({one['goal']})" if "goal" in one else f"{name}: {one['ours_seconds']} s")


if __name__ == "__main__":
    main()
