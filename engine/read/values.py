"""What a cell may hold besides a text, a number, a day or yes and no: an error, nothing yet, a percentage."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Fault:
    """A cell that holds no value: an error value of Excel ("#N/A"), or a formula that no program has worked out."""

    text: str

    def __str__(self) -> str:
        return self.text


UNCALCULATED = Fault("#UNCALCULATED")


@dataclass(frozen=True, slots=True)
class Percent:
    """A number in a cell whose format shows it as a percentage. value: the number itself; 1 is shown as 100%."""

    value: float

    @property
    def shown(self) -> Decimal:
        """The percentage, exactly, without rounding to the decimals of the format: 0.9976 → 99.76."""
        return Decimal(repr(self.value)) * 100

    def __str__(self) -> str:
        return f"{self.shown.normalize():f}%"
