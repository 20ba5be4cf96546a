"""CPU time of this process and the children it waited for; works that are compared take turns, and medians speak."""

from __future__ import annotations

import gc
import os
import platform
import resource
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from api.cli import GARBAGE

RUNS = 5


def cpu() -> float:
    """Seconds of CPU that this process and its finished children have used."""
    each = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in each)


def turns(works: Sequence[Callable[[], object]], runs: int = RUNS) -> list[list[float]]:
    """Seconds of CPU per work and run: in every run each work has its turn."""
    seconds: list[list[float]] = [[] for _ in works]
    for _ in range(runs):
        for work, spent in zip(works, seconds, strict=True):
            start = cpu()
            work()
            spent.append(cpu() - start)
    return seconds


def times(slow: Sequence[float], quick: Sequence[float]) -> float:
    """How many times longer the one took than the other: the median over the runs, each run with its own pair."""
    return round(median(one / other for one, other in zip(slow, quick, strict=True)), 2)


Taken = tuple[str, Sequence[float]]
"""What was measured, and the seconds of its runs."""


def against(what: str, ours: Taken, baseline: Taken | None, ratio: float, goal: str, **more: Any) -> dict[str, Any]:
    """One measure as docs/performance.json has it: medians of the seconds to four digits, their ratio and its goal."""
    sides = {"ours": ours} | ({"baseline": baseline} if baseline else {})
    said: dict[str, Any] = {side: name for side, (name, _) in sides.items()}
    said |= {f"{side}_seconds": float(f"{median(seconds):.4g}") for side, (_, seconds) in sides.items()}
    return {"what": what, **said, "ratio": ratio, **({"goal": goal} if goal else {}), **more}


@contextmanager
def set_aside() -> Iterator[None]:
    """What is there before is not searched for garbage: what waits for one side burdens no other."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Garbage is searched for as seldom as the command line does it."""
    before = gc.get_threshold()
    gc.set_threshold(GARBAGE)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def machine() -> dict[str, Any]:
    """What the figures were taken on, and how busy it was."""
    said = Path("/proc/cpuinfo").read_text("utf-8") if Path("/proc/cpuinfo").exists() else ""
    names = [line.partition(":")[2].strip() for line in said.splitlines() if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "load": [round(one, 2) for one in os.getloadavg()],
        "system": platform.platform(terse=True),
    }
