"""Allocation problems beside the server: each in a process of its own, a few at once, so that others are answered.

A process stays warm for the next; where the caller's request ends early, it ends with it.
"""

from __future__ import annotations

from anyio import CapacityLimiter, to_process

from engine.exchange.allocate import answer_problems, format_answers, read_bytes
from engine.workflow.refusals import Unavailable

SECONDS = 5
"""After how long it may be asked again where too many wait."""


def answer_text(raw: bytes, solver: str, *, lines: bool) -> tuple[str, int]:
    """The answers as the command line writes them, and its exit code."""
    form, problems = read_bytes(raw, lines=lines)
    answers, code = answer_problems(problems, solver=solver)
    return format_answers(form, answers), code


class Solving:
    """The processes of one application."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._limiter = CapacityLimiter(at_once)
        self._most = at_once + waiting
        self._asked = 0

    async def answer(self, raw: bytes, solver: str, *, lines: bool) -> tuple[str, int]:
        """What `answer_text` says. Raises Unavailable where too many wait already."""
        if self._asked >= self._most:
            raise Unavailable("正在求解的分配问题过多", seconds=SECONDS)
        self._asked += 1
        try:
            return await to_process.run_sync(_answer, raw, solver, lines, cancellable=True, limiter=self._limiter)
        finally:
            self._asked -= 1


def _answer(raw: bytes, solver: str, lines: bool) -> tuple[str, int]:  # noqa: FBT001  (to_process passes by position)
    return answer_text(raw, solver, lines=lines)
