"""What can be wrong with an input, and how it is said.

LiangyunError              anything this program refuses on purpose
├── InputProblems          bad input: every problem at once, nothing was changed   (exit code 2)
├── Contradiction          hard rules that cannot hold together                    (exit code 3)
└── Refused                understood, but not allowed                             (exit code 4)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong: where it stands, what it is, how to mend it, and a stable code.

    about: the code of the metric or money item that is not there, where that is what is wrong.
    """

    where: str
    code: str
    message: str
    remedy: str = ""
    about: str = field(default="", compare=False, repr=False)

    def __str__(self) -> str:
        said = f"{self.message}, {self.remedy}" if self.remedy else self.message
        return f"{self.where}: {said} ({self.code})"

    def as_json(self) -> dict[str, str]:
        """The problem as the JSON answers carry it."""
        said = f"{self.message}, {self.remedy}" if self.remedy else self.message
        return {"where": self.where, "code": self.code, "message": said}


class LiangyunError(Exception):
    """Base of everything this program refuses on purpose; `exit_code` is what the command line returns."""

    exit_code = 1


class InputProblems(LiangyunError):
    """Bad input. `problems` holds all of them, in the order of the input."""

    exit_code = 2

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class Contradiction(LiangyunError):
    """Hard rules that cannot hold together."""

    exit_code = 3


class Refused(LiangyunError):
    """Understood, but not allowed (for example: paying under a draft)."""

    exit_code = 4


class Problems:
    """Collects problems so that all of them are reported together."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, where: str, code: str, message: str, remedy: str = "", *, about: str = "") -> None:
        """Note one problem."""
        self.found.append(Problem(where, code, message, remedy, about))

    def extend(self, problems: Iterable[Problem]) -> None:
        """Note several."""
        self.found.extend(problems)

    def __bool__(self) -> bool:
        return bool(self.found)

    def raise_if_any(self) -> None:
        """Raise InputProblems if anything was noted."""
        if self.found:
            raise InputProblems(self.found)
