"""What a plan or pack hands to a file of code: `params` as written, and as its `Params` once that file took them."""

from __future__ import annotations

from typing import Any, Self

from pydantic import PrivateAttr

from domain.facts import Strict


class Given(Strict):
    """An entry with `params`. They are taken once, when plan and packs are loaded (`engine.policy`), and stay typed."""

    _given: Strict | None = PrivateAttr(default=None)

    @property
    def given(self) -> Any:
        """The params as the `Params` of the file that the entry names. Raises LookupError if nobody took them."""
        found = (self.__pydantic_private__ or {}).get("_given")  # pydantic looks `self._given` up last, after all else
        if found is None:
            raise LookupError(f"params 尚未校验: {self!r}")
        return found

    @property
    def sound(self) -> bool:
        """Whether the file took them."""
        return self._given is not None

    def taking(self, given: Strict | None) -> Self:
        """The same entry with its params taken; None: they do not fit."""
        made = self.model_copy()
        made.__pydantic_private__ = {"_given": given}
        return made
