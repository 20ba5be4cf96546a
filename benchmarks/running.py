"""Whole processes: a run of the demo quarter to the written folder against this program before, and `--help`.

What the run took before is data, `before.json`; `python -m benchmarks.running TREE` takes that figure of another tree.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import clock

ROOT = Path(__file__).parent.parent
BEFORE = Path(__file__).with_name("before.json")
LIANGYUN = "from api.cli import main; main()"
DEMO = ("demo-county", "examples/county/2026Q3.xlsx", "--period", "2026Q3")


def run_of(tree: Path) -> Callable[[], None]:
    """`liangyun run` of the demo quarter by the code in a tree."""

    def work() -> None:
        with tempfile.TemporaryDirectory() as folder:
            _python(tree, LIANGYUN, "run", *DEMO, "--out", f"{folder}/out")

    return work


def _python(tree: Path, code: str, *arguments: str) -> None:
    command, here = [sys.executable, "-c", code, *arguments], os.environ | {"PYTHONPATH": str(tree)}
    subprocess.run(command, check=True, cwd=tree, env=here, capture_output=True)


def spent(tree: Path, runs: int = clock.RUNS) -> list[float]:
    """Seconds of CPU of each run."""
    return clock.turns([run_of(tree)], runs)[0]


def measure_run(runs: int = clock.RUNS) -> dict[str, Any]:
    """The run now against the run before."""
    before = json.loads(BEFORE.read_text("utf-8"))
    ours, theirs = median(spent(ROOT, runs)), before["seconds"]
    return {
        "what": "示例县一个季度, 整个进程到结果文件夹写完",
        "ours": "liangyun run",
        "ours_seconds": round(ours, 2),
        "baseline": "{version} 版 ({measured} 测, {machine})".format_map(before),
        "baseline_seconds": theirs,
        "ratio": round(ours / theirs, 2),
        "goal": "ratio <= 0.5",
    }


def measure_help(runs: int = 15) -> dict[str, Any]:
    """`liangyun --help` against `import typer`."""
    works = [partial(_python, ROOT, LIANGYUN, "--help"), partial(_python, ROOT, "import typer")]
    ours, theirs = clock.turns(works, runs)
    return {
        "what": f"冷启动, {runs} 次取中位数",
        "ours": "liangyun --help",
        "ours_seconds": round(median(ours), 3),
        "baseline": 'python -c "import typer"',
        "baseline_seconds": round(median(theirs), 3),
        "ratio": clock.times(ours, theirs),
        "goal": "ratio <= 1.3",
    }


if __name__ == "__main__":
    machine = clock.machine()
    figure = {
        "version": "0.1.0",
        "measured": datetime.now(UTC).date().isoformat(),
        "machine": f"{machine['processor']}, {machine['cores']} 核, 负载 {machine['load'][0]}",
        "seconds": round(median(spent(Path(sys.argv[1]).resolve())), 2),
    }
    print(json.dumps(figure, ensure_ascii=False, indent=2))
