"""Whole processes: a run of the demo quarter to the written folder against version 0.1.0, and `--help`.

That version is taken out of the history and runs in turns with this one, with the same Python and libraries.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import clock

ROOT = Path(__file__).parent.parent
BEFORE = "0ced27e1f73459c778b07fd788a0c528f0f983b6"
"""The last commit of version 0.1.0."""
LIANGYUN = "from api.cli import main; main()"
DEMO = ("demo-county", "examples/county/2026Q3.xlsx", "--period", "2026Q3")


@contextmanager
def tree_of(commit: str, root: Path = ROOT) -> Iterator[Path]:
    """A folder with the files of a commit. Raises CalledProcessError where the history does not have it."""
    command = ["git", "-C", str(root), "archive", commit]
    packed = subprocess.run(command, check=True, capture_output=True).stdout
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(packed)) as files:
            files.extractall(folder, filter="data")
        yield Path(folder)


def run_of(tree: Path) -> Callable[[], None]:
    """`liangyun run` of the demo quarter by the code in a tree."""

    def work() -> None:
        with tempfile.TemporaryDirectory() as folder:
            _python(tree, LIANGYUN, "run", *DEMO, "--out", f"{folder}/out")

    return work


def _python(tree: Path, code: str, *arguments: str) -> None:
    here = os.environ | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": ""}  # a tree is compiled once
    subprocess.run([sys.executable, "-c", code, *arguments], check=True, cwd=tree, env=here, capture_output=True)


def measure_run(before: Path, runs: int = clock.RUNS) -> dict[str, Any]:
    """The run by this code against the run by the code in another tree."""
    works = [run_of(ROOT), run_of(before)]
    clock.turns(works, 1)
    ours, theirs = clock.turns(works, runs)
    return clock.against(
        f"示例县一个季度, 整个进程到结果文件夹写完, 轮流各 {runs} 次取中位",
        ("liangyun run", ours),
        ("0.1.0 版, 同一环境", theirs),
        clock.times(ours, theirs),
        "ratio <= 0.5",
    )


def measure_help(runs: int = 15) -> dict[str, Any]:
    """`liangyun --help` against `import typer`."""
    works = [partial(_python, ROOT, LIANGYUN, "--help"), partial(_python, ROOT, "import typer")]
    ours, theirs = clock.turns(works, runs)
    return clock.against(
        f"冷启动, {runs} 次取中位数",
        ("liangyun --help", ours),
        ('python -c "import typer"', theirs),
        clock.times(ours, theirs),
        "ratio <= 1.3",
    )
