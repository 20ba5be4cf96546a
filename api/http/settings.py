"""What the HTTP side is told by whoever serves it."""

from __future__ import annotations

from dataclasses import dataclass

MB = 1_000_000


@dataclass(frozen=True)
class HttpSettings:
    """json_bytes and upload_bytes: what a body may have; refusals: how many strangers of an address get in a minute.

    solving: allocation problems answered at once, each in a process of its own; waiting: how many more may wait;
    webhook_hosts: to which events may be sent.
    """

    json_bytes: int = 4 * MB
    upload_bytes: int = 50 * MB
    refusals: int = 30
    solving: int = 2
    waiting: int = 16
    webhook_hosts: tuple[str, ...] = ()
