"""What a worker's process is: the clock and one worker, until it is told to stop."""

from __future__ import annotations

import threading
from threading import Event

from engine.schedule.clock import start_clock
from engine.schedule.worker import Worker
from engine.storage.desk import Store

GRACE = 6.0
"""Seconds that a job gets to end once the process is told to stop; then it goes back."""


def serve_jobs(store: Store, stop: Event, grace: float = GRACE) -> bool:
    """Tick and work until `stop` is set; whether the last job ended. If it did not, it is the next worker's.

    The work is not done in this thread, so that a signal is heard whatever the work is. A job that did not end goes on
    in its thread, for nothing: only the end of the process ends it.
    """
    worker = Worker(store)
    clock = start_clock(store)
    thread = threading.Thread(target=worker.run, args=(stop,), name="worker", daemon=True)
    thread.start()
    stop.wait()
    clock.shutdown(wait=False)
    thread.join(grace)
    if thread.is_alive():
        worker.give_back()
        return False
    return True
