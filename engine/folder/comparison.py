"""What is found of one run folder while it is held against what its inputs give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from domain.problems import Problem, Problems
from engine.folder.since import lacked
from engine.folder.wording import Wording
from engine.run.result import Result

MOST = 20  # differing cells named per file; the rest are counted
WRONG = "NOT-REPRODUCED"


@dataclass
class Comparison:
    """Problems, and how many texts are said otherwise.

    result: what the folder's inputs give. version: that which the folder says wrote it; same_version: whether it is
    this one, of which every text must be the same.
    """

    result: Result
    version: str
    same_version: bool
    problems: Problems = field(default_factory=Problems)
    words: int = 0

    @cached_property
    def wording(self) -> Wording:
        """Holds texts of two versions against each other."""
        return Wording(self.result)

    def lacks(self, what: str) -> bool:
        """Whether the folder is of a version that did not write this yet (`engine.folder.since`)."""
        return not self.same_version and lacked(what, self.version)

    def says(self, old: str, new: str) -> bool:
        """Whether a text tells what it should; one that says it in other words is counted."""
        return old == new or self._counted(alike=not self.same_version and self.wording.alike(old, new))

    def cites(self, old: str, new: str) -> bool:
        """The same of a text that cites."""
        return old == new or self._counted(alike=not self.same_version and self.wording.cited(old, new))

    def wrong(self, where: str, said: str) -> None:
        """Note that something is not what it should be."""
        self.problems.add(where, WRONG, said)

    def tell(self, name: str, found: Sequence[Problem]) -> None:
        """Note what was found in one file; of many only the first are named."""
        self.problems.extend(found[:MOST])
        if len(found) > MOST:
            self.wrong(name, f"另有 {len(found) - MOST} 处不一致")

    def _counted(self, *, alike: bool) -> bool:
        self.words += alike
        return alike
