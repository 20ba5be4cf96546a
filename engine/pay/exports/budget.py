"""Codes of the budget that approval sheets and vouchers carry: local data in YAML, never in the program.

Source: 政府收支分类科目, domain/E_sheets E.2; which of them a unit uses is the finance bureau's to say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import model_validator

import configs
from domain.facts import Strict
from engine.yaml.document import file_bytes, read_bytes
from engine.yaml.schema import validate

_PARTS = {"paid": ("net", "tax", "other")}
"""What is settled now is what is paid out, withheld and deducted."""


class Entry(Strict):
    """One line of a voucher: account, its title, debit or credit, and which amount it is."""

    account: str
    title: str
    side: Literal["debit", "credit"]
    amount: Literal["payable", "paid", "net", "tax", "other"]


class Budget(Strict):
    """Codes by kind of pay (`wages`, `labour`), the function of each institution, and the vouchers' accounts.

    function: 支出功能分类 by code of the institution, `*` for all others; titles: what codes are called.
    accrual, payment: the entries by kind when pay is due and when it is paid; amount: payable (all that
    is due), paid (what is settled now), net, tax, other.
    """

    status: str
    document: str = ""
    way: str = ""
    function: Mapping[str, str] = {}
    department: Mapping[str, str] = {}
    government: Mapping[str, str] = {}
    titles: Mapping[str, str] = {}
    accrual: Mapping[str, list[Entry]] = {}
    payment: Mapping[str, list[Entry]] = {}

    @model_validator(mode="after")
    def _balanced(self) -> Self:
        for entries in (*self.accrual.values(), *self.payment.values()):
            sums = Counter[str]()
            for one in entries:
                for part in _PARTS.get(one.amount, (one.amount,)):
                    sums[part] += 1 if one.side == "debit" else -1
            if off := [name for name, times in sums.items() if times]:
                raise ValueError(f"分录借贷不平: {'、'.join(off)}")
        return self

    def titled(self, code: str) -> str:
        """A code with what it is called; "" for none."""
        return f"{code} {self.titles.get(code, '')}".strip()

    def function_of(self, unit: str) -> str:
        """支出功能分类 of an institution; "" where the file does not say it."""
        return self.titled(self.function.get(unit, self.function.get("*", "")))


def read_budget(path: Path | None = None) -> Budget:
    """The codes in a file; without one, the examples that come with the program. Raises InputProblems."""
    place = path or configs.folder() / "exports" / "budget.yaml"
    name = str(path) if path else "configs/exports/budget.yaml"
    return budget_in(file_bytes(place, name), name)


def budget_in(content: bytes, name: str) -> Budget:
    """The codes from the bytes of a file. Raises InputProblems with what is wrong, at `name`:line."""
    document = read_bytes(content, name=name)
    made = validate(Budget, document, document.data)
    document.raise_if_any()
    assert made is not None  # noqa: S101  (nothing was noted, so it was read)
    return made
