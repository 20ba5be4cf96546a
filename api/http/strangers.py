"""Refusals of callers who are not signed in: counted per address and minute, and told to the audit as one number."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime


class Strangers:
    """Counts of the minute that runs. most: how many an address gets before it has to wait for the next."""

    def __init__(self, most: int, clock: Callable[[], datetime]) -> None:
        self.most, self.clock = most, clock
        self._lock = threading.Lock()
        self._minute = ""
        self._counts: Counter[str] = Counter()
        self._past: list[tuple[str, str, int]] = []

    def refused(self, address: str) -> bool:
        """Count a refusal; whether the address has had too many by now."""
        with self._lock:
            self._turn()
            self._counts[address] += 1
            return self._counts[address] > self.most

    def must_wait(self, address: str) -> bool:
        """Whether the address has had too many in this minute."""
        with self._lock:
            self._turn()
            return self._counts[address] > self.most

    def seconds(self) -> int:
        """How long until the next minute."""
        return 60 - self.clock().second

    def told(self, *, all_of_it: bool = False) -> list[tuple[str, str, int]]:
        """(minute, address, count) of the minutes that are over, each once; all_of_it: also of the one that runs."""
        with self._lock:
            self._turn()
            if all_of_it:
                self._put_away()
            past, self._past = self._past, []
            return past

    def _turn(self) -> None:
        minute = self.clock().strftime("%Y-%m-%dT%H:%MZ")
        if minute != self._minute:
            self._put_away()
            self._minute = minute

    def _put_away(self) -> None:
        self._past += [(self._minute, address, count) for address, count in sorted(self._counts.items())]
        self._counts.clear()
