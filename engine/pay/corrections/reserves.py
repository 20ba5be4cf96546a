"""Reserves that pay for corrections: drawn and returned, never below nothing."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from domain.money import format_yuan
from domain.problems import InputProblems, Problem, Refused
from engine.pay.corrections.cases import Case
from engine.pay.result import frame


def reserves_after(reserves: pd.DataFrame, cases: Iterable[tuple[Case, int]]) -> pd.DataFrame:
    """The table `reserves`. cases: in their order, each with the fen it draws (negative: gives back).

    Raises InputProblems (PAY-RESERVE-UNKNOWN); Refused (PAY-RESERVE-SHORT) where one is short at any moment.
    """
    opening = dict(zip(reserves["reserve"], reserves["opening"], strict=True))
    drawn, returned = dict.fromkeys(opening, 0), dict.fromkeys(opening, 0)
    left = dict(opening)
    for case, fen in cases:
        if not case.reserve:
            continue
        if case.reserve not in opening:
            known = "、".join(sorted(map(str, opening))) or "无"
            said = f"备用金表没有 {case.reserve}"
            raise InputProblems([Problem(case.at, "PAY-RESERVE-UNKNOWN", said, f"已有: {known}")])
        left[case.reserve] -= fen
        if fen > 0:
            drawn[case.reserve] += fen
        else:
            returned[case.reserve] -= fen
        if left[case.reserve] < 0:
            short = format_yuan(-left[case.reserve])
            raise Refused(
                f"{case.at}: 更正案 {case.number} 要用的备用金 {case.reserve} 不足, 差 {short} 元 (PAY-RESERVE-SHORT)"
            )
    rows = [(name, opening[name], drawn[name], returned[name], left[name]) for name in sorted(opening)]
    return frame("reserves", rows)
