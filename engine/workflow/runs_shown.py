"""Runs as the caller may see them: one that shows it nothing is not there."""

from __future__ import annotations

from typing import Any

from engine.storage.desk import Desk
from engine.workflow import results, runs
from engine.workflow.refusals import NotThere
from engine.workflow.runs import RunView


def shown(desk: Desk, number: int) -> RunView:
    """A run of which the caller sees anything. Raises NotThere."""
    row = runs.of(desk, number)
    results.access(desk, row, amounts=False)
    return runs.view(desk, row)


def listed(desk: Desk, *, below: int | None, limit: int, **having: Any) -> list[RunView]:
    """The newest of these runs, as many as `limit`."""
    found: list[RunView] = []
    while True:
        page = runs.listed(desk, below=below, limit=limit, **having)
        found += [one for one in page if _is_shown(desk, one.id)]
        if len(found) >= limit or len(page) < limit:
            return found[:limit]
        below = page[-1].id


def _is_shown(desk: Desk, number: int) -> bool:
    try:
        results.access(desk, runs.of(desk, number), amounts=False)
    except NotThere:
        return False
    return True
