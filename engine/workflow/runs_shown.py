"""Runs as the caller may see them: one that shows it nothing is not there."""

from __future__ import annotations

from typing import Any

from engine.storage.desk import Desk
from engine.storage.tables.results import Run
from engine.workflow import results, runs
from engine.workflow.refusals import NotThere
from engine.workflow.runs import RunView


def shown(desk: Desk, number: int) -> RunView:
    """A run of which the caller sees anything; its warnings, which name units, where it sees all. Raises NotThere."""
    row = runs.of(desk, number)
    return _told(desk, row, runs.view(desk, row))


def listed(desk: Desk, *, below: int | None, limit: int, **having: Any) -> list[RunView]:
    """The newest of these runs, as many as `limit`."""
    found: list[RunView] = []
    while True:
        page = runs.listed(desk, below=below, limit=limit, **having)
        with results.known(desk, page) as holds:
            told = (_or_none(desk, row, view, holds) for row, view in zip(page, runs.views(desk, page), strict=True))
            found += [one for one in told if one is not None]
        if len(found) >= limit or len(page) < limit:
            return found[:limit]
        below = page[-1].id


def _or_none(desk: Desk, row: Run, view: RunView, holds: results.Holds) -> RunView | None:
    try:
        return _told(desk, row, view, holds)
    except NotThere:
        return None


def _told(desk: Desk, row: Run, view: RunView, holds: results.Holds | None = None) -> RunView:
    seen = results.access(desk, row, amounts=False)
    whole = seen.everything and results.sees_amounts(desk, row, holds=holds)
    return view if whole else view.model_copy(update={"warnings": []})
