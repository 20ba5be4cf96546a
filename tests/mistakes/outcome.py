"""What a run says of a workbook with a mistake, and what it pays that the workbook without it does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple

from domain.facts import Facts
from domain.institution import Tier
from domain.period import Period
from domain.problems import InputProblems
from engine.policy.configs import load_configs
from engine.policy.load import Loaded, load
from engine.read.files import open_sheets
from engine.run.result import Result
from engine.whatif.prepared import Prepared, prepare, rerun
from tests.mistakes.making import Book, Mistake
from tests.mistakes.reading import Reading

EXAMPLES = Path(__file__).parents[2] / "examples"
RUNS = (
    ("county/2026Q3.xlsx", "demo-county", "2026Q3"),
    ("county/2025.xlsx", "demo-county", "2025"),
    ("county/2025Q4-csv", "demo-county", "2025Q4"),
    ("beijing-2021/2022.xlsx", "demo-beijing", "2022"),
    ("hz-xiacheng-2018/2020.xlsx", "demo-hz-xiacheng", "2020"),
    ("jilin-city-2017/2018.xlsx", "demo-jilin", "2018"),
    ("liaoning-2017/2017.xlsx", "demo-liaoning", "2017"),
    ("pilot-counties/2019.xlsx", "pilot-counties", "2019"),
)
CONFIGS = load_configs()
PAID = {
    "permits": ("alliance_code", "unit_code", "line"),
    "allocations": ("alliance_code", "pool", "unit_code"),
    "overspend": ("alliance_code", "unit_code", "line"),
    "settlements": ("alliance_code", "pool", "unit_code", "line", "of"),
}
"""The frames of what is paid, with what names a row."""

Said = Literal["refused", "told", "silent"]


class Outcome(NamedTuple):
    """said: what a run says; moved: whether an amount is another by more than 1%; paid: by any; scored: a score."""

    said: Said
    moved: bool
    paid: bool
    scored: bool


@dataclass(frozen=True)
class Clean:
    """A workbook without mistakes and its run."""

    name: str
    loaded: Loaded
    period: Period
    book: Book
    facts: Facts
    prepared: Prepared
    reading: Reading

    @classmethod
    def of(cls, name: str, plan: str, period: str) -> Clean:
        """The example and its run."""
        when = Period.parse(period)
        loaded = load(CONFIGS, plan, when.end)
        sheets = open_sheets(EXAMPLES / name)
        reading = Reading(name, sheets, loaded, CONFIGS.catalogue, when)
        facts = reading.read(sheets)
        book = Book.of(sheets, facts, CONFIGS.catalogue)
        return cls(name, loaded, when, book, facts, prepare(CONFIGS, loaded, facts, when), reading)

    @cached_property
    def around(self) -> dict[str, set[str]]:
        """By unit the alliances and districts that speak for it too."""
        districts = self.facts.institutions["tier"] == Tier.DISTRICT.value
        wider = set(self.facts.institutions.loc[districts, "unit_code"])
        found: dict[str, set[str]] = {}
        for unit, alliance in zip(*(self.facts.memberships[n] for n in ("unit_code", "alliance_code")), strict=True):
            found.setdefault(unit, set(wider)).add(alliance)
        return found

    def facts_with(self, mistake: Mistake) -> Facts:
        """What is read of the workbook with a mistake. Raises InputProblems."""
        return self.reading.read(self.book.changed(mistake.cells))

    def outcome(self, mistake: Mistake) -> Outcome:
        """What comes of a mistake."""
        try:
            result = rerun(self.prepared, facts=self.facts_with(mistake))
        except InputProblems:
            return Outcome("refused", moved=False, paid=False, scored=False)
        before = self.prepared.result
        pairs = list(_both(amounts(before), amounts(result)))
        moved = any(abs(new - old) * 100 > abs(old) for old, new in pairs)
        scored = not before.frames["totals"].equals(result.frames["totals"])
        told = any(self._speaks(mistake, one) for one in _told(result) - _told(before))
        return Outcome("told" if told else "silent", moved, any(old != new for old, new in pairs), scored)

    def _speaks(self, mistake: Mistake, told: tuple[str, str, str]) -> bool:
        """Whether what was told is about the cell, its unit, or an alliance or district around it."""
        _, unit, cell = told
        units = mistake.units.union(*(self.around.get(one, set()) for one in mistake.units))
        return not unit or unit in units or cell in {self.book.cell(at) for at in mistake.cells}


def amounts(result: Result) -> Counter[tuple[str, ...]]:
    """Fen by frame and row."""
    found: Counter[tuple[str, ...]] = Counter()
    for name, keys in PAID.items():
        if name in result.frames:
            frame = result.frames[name]
            for *key, fen in zip(*(frame[one] for one in (*keys, "amount")), strict=True):
                found[name, *key] += int(fen)
    return found


def _both(before: Counter[tuple[str, ...]], after: Counter[tuple[str, ...]]) -> Iterator[tuple[int, int]]:
    return ((before[key], after[key]) for key in {**before, **after})


def _told(result: Result) -> set[tuple[str, str, str]]:
    """Everything a run tells: what, of whom, at which cell."""
    checks = result.frames["checks"]
    told = set(zip(*(checks[name] for name in ("rule", "unit_code", "cell")), strict=True))
    places = ((one.code, one.place) for one in result.warnings)
    told |= {(code, place.unit or place.alliance, "") for code, place in places}
    return told | {("conflict", alliance, "") for alliance in result.contradictions}
