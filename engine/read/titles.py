"""Entries of the metric catalogue by what headings and cells may call them: code or Chinese title."""

from __future__ import annotations

from collections.abc import Sequence

from domain.facts import Catalogue, Metric, MoneyItem
from domain.problems import Problems
from engine.read import words
from engine.read.forms import RUN, Entry, money_factor


class Titles:
    """What the tables of a run may name: metrics and money items."""

    forms = RUN

    def __init__(self, catalogue: Catalogue) -> None:
        self.metrics = _named(catalogue.metrics)
        self.items = _named(catalogue.items)
        self.catalogue = catalogue

    def entry(self, name: str) -> Entry | None:
        """Catalogue code and measure that a wide heading names, metrics before items."""
        name = words.starless(name)
        base, measure = words.split_heading(name)
        for known in (self.metrics, self.items):
            if name in known:
                return known[name], None
        for known in (self.metrics, self.items) if measure not in words.MEASURES else (self.items, self.metrics):
            if measure is not None and base in known:
                return known[base], measure
        return None

    def wide(self, headings: Sequence[str], named: str) -> tuple[str, int] | None:
        """Two entries make a wide table, or one beside a role."""
        entries = sum(self.entry(heading) is not None for heading in headings)
        # A row of data of a long table names one metric; a heading that stands alone is not a table.
        roles = sum(RUN.role("wide", heading) is not None for heading in headings)
        if entries >= 2 or (entries and roles and named not in words.HEADINGS):
            return "wide", entries + roles
        return None

    def factor(self, where: str, heading: str, entry: Entry, problems: Problems) -> int | None:
        """How many yuan one of a money item's column is; a metric is counted in its own measure."""
        code, measure = entry
        metric = self.catalogue.metrics.get(code)
        if metric is None:
            return money_factor(where, heading, measure, problems)
        if measure and measure != words.key(metric.unit):
            problems.add(
                where, "MEASURE", f"{heading}: {metric.title} 的计量单位是 {metric.unit}", f"按 {metric.unit} 填写"
            )
        return None


def _named(entries: dict[str, Metric] | dict[str, MoneyItem]) -> dict[str, str]:
    titles = [words.key(entry.title) for entry in entries.values()]
    named = {
        words.key(entry.title): code for code, entry in entries.items() if titles.count(words.key(entry.title)) == 1
    }
    return named | {words.key(code): code for code in entries}
