"""Figures as the sheets write them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from domain.money import format_yuan, printed
from engine.report.view import View
from engine.run.words import UNPAID, rule_title

AMOUNTS = ("amount", "distributed", "undistributed")


def yuan(fen: int) -> str:
    """An amount within a text: with thousands separators."""
    return format_yuan(fen, thousands=True)


def as_printed(value: Any) -> Fraction | None:
    """A number as the tables carry it."""
    return None if value is None else printed(value)


def unpaid(view: View, alliance: str, pool: str, fen: int) -> str:
    """Why money of a pool is left, and where it goes; "" if none is."""
    if not fen:
        return "—"
    to = UNPAID.get(view.pool(pool).unpaid_to, "")
    if alliance in view.result.contradictions:
        return "规则互相矛盾，未分配，待修改方案后重算"
    one = view.answers.get((alliance, pool))
    why = "、".join(rule_title(use) for use in one.answer.undistributed_because) if one else ""
    return "；".join(filter(None, (f"受{why}限制" if why else "", to)))
