"""What writing a pay folder leaves behind: the payment, and what is to be told of what was read for it."""

from __future__ import annotations

from dataclasses import dataclass

from domain.step import Phrase, RunWarning
from engine.pay.read.people import Roster
from engine.pay.result import Payment

WORDS = {"cases": "更正表有 {rows} 行 (如 {at}), 这次不是更正, 不用: 要更正的另用 --before 办"}


@dataclass(frozen=True)
class Done:
    """A payment that was written. warnings: of its reading; they are no part of the folder."""

    payment: Payment
    warnings: tuple[RunWarning, ...]


def done(payment: Payment, read: Roster, *, correcting: bool = False) -> Done:
    """What is told; cases count in a correction alone, and whoever wrote some elsewhere is told so."""
    cases = read.people["cases"]
    if correcting or cases.empty:
        return Done(payment, read.warnings)
    said = Phrase(f"{__name__}:cases", {"rows": str(len(cases)), "at": str(cases["source"].iloc[0])})
    return Done(payment, (*read.warnings, RunWarning("PAY-CASES-UNUSED", said)))
