"""The service's reads on SQLite: one alliance's results against an empty route, and reads while a worker calculates.

The routes are called in this process, without a network; the worker is a process beside it, as `serve` has one.
"""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx

from api.http.app import create_app
from benchmarks import clock
from engine.storage.desk import Store, open_desk, program
from engine.storage.install import Place, bring_up, open_store
from engine.storage.tables.period import Batch
from engine.storage.tables.work import Job
from engine.workflow import jobs, sign_in
from tests.engine.workflow.flow import County

ROOT = Path(__file__).parent.parent
REGION, ALLIANCE = "129901", "A01"
OPERATOR = program("command")
PLAN, PERIOD = "demo-county", "2026Q3"
Ask = Callable[[str], Awaitable[float]]


@contextmanager
def installation() -> Iterator[tuple[Store, int]]:
    """The demo county's quarter, allocated; the number of its batch."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        bring_up(Place(home))
        store = open_store(Place(home))
        try:
            yield store, allocated(store)
        finally:
            store.engine.dispose()


def allocated(store: Store) -> int:
    """Take the demo county's quarter to its allocation; the number of its batch."""
    county = County(store, store.clock, plan=PLAN)
    number = county.confirmed(PERIOD)
    county.step("maker", number, "allocate")
    return number


def asking(store: Store) -> tuple[Ask, Callable[[], Awaitable[None]]]:
    """What asks a route as an auditor and says how many seconds it took; what closes it."""
    with open_desk(store, OPERATOR) as desk:
        secret = sign_in.make_token(desk, "auditor", 1)
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(create_app(store, log=io.StringIO())),
        base_url="http://service/api/v1",
        headers={"Authorization": f"Bearer {secret}"},
    )

    async def ask(path: str) -> float:
        began = time.perf_counter()
        answer = await client.get(path)
        took = time.perf_counter() - began
        answer.raise_for_status()
        return took

    return ask, client.aclose


def batch_of(store: Store, number: int) -> Batch:
    """A batch."""
    with open_desk(store, OPERATOR, writes=False) as desk:
        batch = desk.get(Batch, number)
    if batch is None:
        raise AssertionError("a batch that was opened is there")
    return batch


def measure(times: int = 400, rounds: int = 3) -> dict[str, dict[str, Any]]:
    """times: how often each route is asked; rounds: how often quiet and a run take turns."""
    with installation() as (store, number):
        batch = batch_of(store, number)
        path = f"/runs/{batch.run}/allocations?alliance={ALLIANCE}"
        return {
            **asyncio.run(_compared(store, path, times)),
            "service_busy": asyncio.run(_busy(store, path, batch, times // 4, rounds)),
        }


async def _compared(store: Store, path: str, times: int) -> dict[str, dict[str, Any]]:
    """The two routes in turn."""
    ask, close = asking(store)
    results, empty = [], []
    for number in range(times + 20):
        pair = await ask(path), await ask("/me")
        if number >= 20:  # what is first read is not what is asked about
            results.append(pair[0])
            empty.append(pair[1])
    await close()
    return {
        name: clock.against(
            f"示例县已分配的一个季度, SQLite, 同一进程内轮流各 {times} 次, {said}",
            (f"GET /runs/{{run}}/allocations?alliance={ALLIANCE}", [of(results)]),
            ("GET /me", [of(empty)]),
            round(of(results) / of(empty), 2),
            "ratio <= 4",
        )
        for name, said, of in (("service_read", "中位", median), ("service_read_p95", "95 百分位", p95))
    }


async def _busy(store: Store, path: str, batch: Batch, times: int, rounds: int) -> dict[str, Any]:
    """Reads while nothing goes on, and while the worker evaluates the quarter again and again."""
    ask, close = asking(store)
    quiet, busy = [], []
    with working(store, batch):
        for number in range(rounds):
            quiet.append([await ask(path) for _ in range(times)])
            last = _request(store, batch, number)
            while _state(store, last) == "queued":
                await asyncio.sleep(0.05)
            during: list[float] = []
            while _state(store, last) != "done":
                during += [await ask(path) for _ in range(10)]
            busy.append(during)
    await close()
    slow, fast = median(map(p95, busy)), median(map(p95, quiet))
    return clock.against(
        f"示例县, SQLite: 后台进程评价一个季度时读一个医联体的结果, {rounds} 轮取中位, 95 百分位",
        ("有任务在算", [slow]),
        ("没有任务", [fast]),
        round(median(p95(one) / p95(other) for one, other in zip(busy, quiet, strict=True)), 2),
        "ratio < 2",
    )


@contextmanager
def working(store: Store, batch: Batch) -> Iterator[None]:
    """A worker's process beside this one."""
    env = {**os.environ, "LIANGYUN_HOME": str(store.home), "LIANGYUN_DATABASE": "", "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-m", "api.cli", "work"], cwd=ROOT, env=env) as worker:
        try:
            warm = _request(store, batch, -1)
            while _state(store, warm) != "done":
                time.sleep(0.1)
            yield
        finally:
            worker.terminate()


def _request(store: Store, batch: Batch, number: int) -> int:
    """Ask for an evaluation of a batch once more, under a key of its own."""
    args = {
        "plan": PLAN, "period": PERIOD, "policy": batch.policy, "dataset": batch.dataset, "official": False,
        "batch": batch.id,
    }  # fmt: skip
    with open_desk(store, OPERATOR) as desk:
        job = jobs.request(
            desk, f"measured:{number}", "evaluate", args, title="评价", region=batch.region, unit=batch.unit
        )
        return job.id or 0


def _state(store: Store, number: int) -> str:
    with open_desk(store, OPERATOR, writes=False) as desk:
        job = desk.get(Job, number)
    if job is None or job.state == "failed":
        raise AssertionError("an evaluation that was good before failed")
    return job.state


def p95(seconds: Sequence[float]) -> float:
    """The 95th percentile."""
    return quantiles(seconds, n=20, method="inclusive")[18]


if __name__ == "__main__":
    for name, one in measure().items():
        print(name, one)
