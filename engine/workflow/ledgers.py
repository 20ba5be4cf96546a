"""Tasks of a plan's documents (任务台账) whose deadline is near or over: what a reminder tells beside the batches."""

from __future__ import annotations

from datetime import date

from domain.period import Period
from engine.ledger.make import make_ledger
from engine.ledger.period import figures
from engine.storage.desk import Store
from engine.workflow import policies
from engine.workflow.figures import register_of

WAITING = frozenset({"due", "overdue", "past"})
"""How the ledger shows what waits: due within its 30 days, overdue, or past its deadline with nothing reported."""


def waiting(store: Store, bundle: str, period: Period, dataset: str, day: date) -> list[str]:
    """What waits on a day, as `pack:entry`, in the order of the deadlines.

    dataset: whose figures tell how far things are; "": there are none, and nothing is known to be done. Raises
    InputProblems, Refused as `policies.pinned` and `figures`.
    """
    pinned = policies.pinned(store, bundle, period)
    loaded, catalogue = pinned.loaded, pinned.configs.catalogue
    facts = register_of((), ())
    if dataset:
        facts, _ = figures(store.files.folder("datasets", dataset), catalogue, loaded, day, period)
    made = make_ledger(loaded.plan, loaded.packs, facts, catalogue, day, period)
    return [f"{line.pack}:{line.id}" for line in made.lines if line.shown in WAITING]
