"""The clock: APScheduler in memory, on every worker; all it does is look what is due and what is to be sent.

A job store that processes share would fire each instant several times, and hold pickles; here the database's keys make
one job of it, whoever looks first.
"""

from __future__ import annotations

import logging

from apscheduler.schedulers.background import BackgroundScheduler

from engine.schedule.ticking import tick
from engine.storage.connect import Busy
from engine.storage.desk import Store
from engine.workflow import webhooks
from engine.workflow.calendar import SHANGHAI

EVERY = 10.0
"""Seconds between two looks."""
log = logging.getLogger(__name__)


def start_clock(store: Store, every: float = EVERY) -> BackgroundScheduler:
    """A clock that runs until `shutdown(wait=False)`."""
    usual = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    clock = BackgroundScheduler(timezone=SHANGHAI, job_defaults=usual)
    clock.add_job(_look, "interval", seconds=every, args=[store], id="tick")
    clock.start()
    return clock


def _look(store: Store) -> None:
    try:
        tick(store)
        webhooks.ask(store)
    except Busy:
        log.warning("database busy")
