"""What Prometheus reads: requests by route, method and status, how long they took, refusals of strangers."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest


class Metrics:
    """The counters of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.seconds = Histogram(
            "liangyun_request_seconds",
            "Seconds until a request was answered",
            ["route", "method"],
            registry=self.registry,
        )
        self.answers = Counter(
            "liangyun_answers",
            "Requests by how they were answered",
            ["route", "method", "status"],
            registry=self.registry,
        )
        self.strangers = Counter(
            "liangyun_stranger_refusals", "Refusals of callers who are not signed in", registry=self.registry
        )

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answer. route: its template, so that no id makes a series of its own."""
        self.seconds.labels(route, method).observe(seconds)
        self.answers.labels(route, method, str(status)).inc()

    def text(self) -> bytes:
        """The page."""
        return generate_latest(self.registry)
