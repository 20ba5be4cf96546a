"""Settlements of pools of every kind: what each member is due, was prepaid, and is paid or pays back now."""

from __future__ import annotations

import pytest

from allocation.pools import claws_back, form, owed, pools
from allocation.settlement import LINES, carried, prepaid, settle
from domain.money import format_yuan, parse_yuan
from domain.problems import InputProblems

from .money import Json, cases, pool_context, said, told


@pytest.mark.parametrize("case", cases("settlement"))
def test_case(case: Json) -> None:
    context = pool_context(case)
    formed = form(context)
    if "formed" in case:
        assert (format_yuan(formed.amount), formed.settles) == (case["formed"], ())
        return
    if "refused" in case:
        with pytest.raises(InputProblems) as refused:
            _ = prepaid(context, formed.settles), carried(context, claws_back(context.pool))
        assert said(refused.value) == case["refused"]
        return
    due = {unit: parse_yuan(yuan) for unit, yuan in case.get("paid", {}).items()}
    if pools()[context.pool.use].own:
        due = {unit: one.fen for unit, one in owed(context).items()}
    steps = settle(context, due, prepaid(context, formed.settles), carried(context, claws_back(context.pool)))
    assert all(map(told, steps))
    found: dict[str, dict[str, int]] = {}
    for step in steps:
        lines = found.setdefault(step.place.unit, {})
        lines[step.place.line] = lines.get(step.place.line, 0) + step.fen
    assert {unit: [format_yuan(fen) for fen in lines.values()] for unit, lines in found.items()} == case["lines"]
    for one in found.values():
        assert list(one) == [line for line in LINES if line in one]
        assert one["due"] + one.get("prepaid", 0) + one.get("carried", 0) == one["top_up"] + one["claw_back"]
