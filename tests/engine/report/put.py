"""What a report is made from: frames of rows written as texts, a problem put to the optimizer, and its answer."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pandas as pd

from allocation.answer import Answer, MemberAmount, Relief, SoftMiss
from allocation.rules import rules
from allocation.statement import Problem, Rule
from allocation.terms import Member
from domain.money import exact, parse_yuan
from domain.step import Phrase, Place, Step
from engine.run.result import FRAMES
from engine.run.result import frame as typed
from tests.words import saying


def put(amounts: Mapping[str, str], tiers: Mapping[str, str], pool: int) -> tuple[Problem, Answer]:
    """Members that got as much last time, but T2 that has no quota; H1 is at its headroom. pool: fen."""
    stated = [
        Member(
            code,
            tier,
            grassroots=tier != "lead",
            signing=False,
            merit=Fraction(1),
            fields={} if code == "T2" else {"previous": 1_000_000_00},
            exempt={"wage_cap": "没有核定总量"} if code == "T2" else {},
        )
        for code, tier in tiers.items()
    ]
    gap = rules()["pay_gap"].params(low="grassroots", high="lead", ratio="0.8")
    ruled = (Rule(rules()["wage_cap"], rules()["wage_cap"].params()), Rule(rules()["pay_gap"], gap, 1))
    problem = Problem("pool-2026Q3", "staff_reward", pool, tuple(stated), ruled)
    answer = Answer(
        pool,
        tuple(
            MemberAmount(code, parse_yuan(amount), ("wage_cap",) if code == "H1" else ())
            for code, amount in amounts.items()
        ),
        undistributed_because=("wage_cap",),
        soft_violations=(SoftMiss("pay_gap", 1, 88_00),),
        relief=(Relief("wage_cap", "H1", 12_345_67, {"H1": 12_345_67, "T1": -1_00}),),
    )
    return problem, answer


def frame(name: str, rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    """A frame of rows written as texts: amounts in yuan, "" for no number."""
    kinds = FRAMES[name]
    return typed(name, [{one: read(kinds[one], text) for one, text in zip(kinds, row, strict=True)} for row in rows])


def read(kind: str, text: Any) -> object:
    if kind == "fen":
        return parse_yuan(text)
    if kind in {"exact", "count"}:
        return (exact(text) if kind == "exact" else int(text)) if text else None
    return (text,) if kind == "cites" else text


def gap(unit: str, item: str, fact: str) -> Step:
    """The story of an item that lacks a fact."""
    fields = {"unit": unit, "item": f"card/{item}", "curve": saying("达标得分")}
    note = Phrase("indicators.stories:missing", {"gaps": (saying(fact),), "rule": saying("按 0 分计")})
    place = Place(unit=unit, card="card", item=item)
    return Step("score", place, "indicators.stories:item", None, {}, fields, notes=(note,))
