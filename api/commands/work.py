"""`liangyun work`: one more worker, for what is slow or due later."""

from __future__ import annotations

import os
import signal
import sys
from threading import Event, Thread
from typing import Annotated

import typer

from api.commands.service_log import write_lines
from engine.schedule.process import serve_jobs
from engine.workflow.operations import opened


def work(
    *,
    beside: Annotated[bool, typer.Option("--beside", hidden=True, help="标准输入关闭时结束")] = False,
) -> None:
    """Do jobs until told to stop: SIGTERM, SIGINT, and of a worker beside a server the end of its input."""
    write_lines()
    stop = Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: stop.set())
    if beside:
        Thread(target=_until_closed, args=(stop,), daemon=True).start()
    with opened() as store:
        if serve_jobs(store, stop):
            return
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)  # what it computes cannot be ended otherwise; the job was given back


def _until_closed(stop: Event) -> None:
    """The server holds the other end open as long as it lives, however it ends.

    Read from the system itself: who waits in `sys.stdin` holds its lock, without which the interpreter cannot end.
    """
    while os.read(sys.stdin.fileno(), 1):
        pass
    stop.set()
