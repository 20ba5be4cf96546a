"""更正: how a plan funds what a corrected run gives more than the run before it.

Source: a correction after an appeal names its funding, domain/B_money ("Through the year").
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from domain.facts import Strict

REDIVIDE, RESERVE = "redivide", "reserve:"


class Corrections(Strict):
    """funding: `redivide` (重新分配: the same money among the same members) or `reserve: NAME` (由该项准备金支付)."""

    funding: Annotated[str, Field(pattern=rf"^(?:{REDIVIDE}|{RESERVE} *\S.*)$")]

    @property
    def reserve(self) -> str:
        """The name of the reserve that pays; "" where the money is divided anew."""
        return "" if self.funding == REDIVIDE else self.funding[len(RESERVE) :].strip()
