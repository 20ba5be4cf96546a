"""Stages of an alliance that look into its figures: what they looked at is what their answers were read from."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any, Generic, TypeVar

from allocation.context import Context, PoolContext
from engine.run.memo import Memo, Name, Noted, Read, Watched, found

C = TypeVar("C", bound=Context)
T = TypeVar("T")
Asked = tuple[dict[str, tuple[Hashable, ...] | None], tuple[str, ...], tuple[str, ...]]

FIGURES = ("money", "year_money", "money_to_date", "facts", "year_facts", "scores", "titles", "blanks", "withheld")
"""The mappings of a context; all else but its pool belongs to what is known beforehand."""


class Observed(Generic[C]):
    """A context (`given`), and for stages to look at the same with figures and pool that note what is asked of them."""

    def __init__(self, memo: Memo, given: C) -> None:
        self._memo, self.given = memo, given
        self._figures = {name: Watched[Any](getattr(given, name)) for name in FIGURES}
        put_in: dict[str, Any] = dict(self._figures)
        self._pool = Noted(getattr(given, "pool", None))
        self._known: Read = (given.period, given.alliance_code, given.members, given.district, given.away)
        if isinstance(given, PoolContext):
            put_in["pool"] = self._pool
            self._known += (given.pool.tiers, given.pool.ownership)  # who shares is worked out once, whoever asks first
        self.context: C = replace(given, **put_in)

    def of(self, stage: Name, key: Read, make: Callable[[], T], also: Noted | None = None) -> T:
        """The answer of a stage of this alliance (`Memo.of`).

        key: what it is made from besides the context; also: something of which it may look at a part.
        """
        given = self.given

        def made() -> tuple[T, Asked]:
            for noted in (self._pool, *([] if also is None else [also])):
                noted.begin()
            for figures in self._figures.values():
                figures.begin()
            answer = make()
            figures_asked = {name: figures.asked for name, figures in self._figures.items()}
            return answer, (figures_asked, self._pool.asked, () if also is None else also.asked)

        def reads(answer: tuple[T, Asked]) -> Read:
            figures, of_pool, of_other = answer[1]
            told = tuple(found(getattr(given, name), asked) for name, asked in figures.items())
            other = None if also is None else also.found(of_other)
            return told, self._pool.found(of_pool), other

        return self._memo.of((*stage, given.alliance_code), (*self._known, *key), made, reads)[0]
