"""Sheets read again with one mistake: those without it are read once, and a refusal in the other ends the reading.

What comes out is what `engine.read.reader.read_sheets` makes of all of them, or a refusal where that refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from typing import Any
from unittest.mock import patch

from domain.facts import Catalogue, Facts
from domain.period import Period
from domain.problems import InputProblems, Problem, Problems
from engine.policy.load import Loaded
from engine.read import completions, reader, tables
from engine.read.files import Sheet
from engine.read.layout import Table

_STAGES = (
    *((tables, name) for name in ("institutions", "memberships", "facts", "money", "diseases", "wide")),
    (completions, "completions"),
    (reader, "find_table"),
)
"""What a sheet goes through alone: each takes the sheet or its table first."""


class _First(Problems):
    """Problems of which the first ends the reading: one is enough for a refusal."""

    def add(self, where: str, code: str, message: str, remedy: str = "", *, about: str = "") -> None:
        """Refuse."""
        raise InputProblems([Problem(where, code, message, remedy, about)])

    def extend(self, problems: Iterable[Problem]) -> None:
        """Refuse if there is one."""
        for problem in problems:
            raise InputProblems([problem])


class Reading:
    """Reads a workbook of which now this sheet is another, now that."""

    def __init__(
        self, name: str, sheets: Sequence[Sheet], loaded: Loaded, catalogue: Catalogue, period: Period
    ) -> None:
        self.name, self.loaded, self.catalogue, self.period = name, loaded, catalogue, period
        self.sound = {id(sheet): sheet for sheet in sheets}
        self.known: dict[tuple[str, int], Any] = {}

    def read(self, sheets: Sequence[Sheet]) -> Facts:
        """The facts. Raises InputProblems with the first problem."""
        plan, packs = self.loaded.plan, self.loaded.packs
        with ExitStack() as stack:
            for module, stage in _STAGES:
                stack.enter_context(patch.object(module, stage, self._once(stage, getattr(module, stage))))
            stack.enter_context(patch.object(reader, "Problems", _First))
            return reader.read_sheets([*sheets], self.name, self.catalogue, plan, self.period, packs)

    def _once(self, stage: str, read: Callable[..., Any]) -> Callable[..., Any]:
        def remembered(given: Sheet | Table, *others: Any) -> Any:
            sheet = given if isinstance(given, Sheet) else given.sheet
            key = stage, id(sheet)
            if key in self.known:
                return self.known[key]
            made = read(given, *others)
            if id(sheet) in self.sound:
                self.known[key] = made
            return made

        return remembered
