"""Scores of whole tables against Fractions, one by one: random cards, values on every edge and beyond int64."""

from __future__ import annotations

import random
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from domain.period import Period
from domain.plan import Scorecard
from engine.policy.given import given_card
from indicators.curves import curves
from indicators.measures import Measure, Measures
from indicators.quantity import STATUS, Quantity
from indicators.ratios import Column
from indicators.registry import ratio
from indicators.scorecard import score

from . import oracle_scores
from .oracle_scores import MISSING, NOT_APPLICABLE, Cell

PERIOD = Period.parse("2026Q3")
CASES, SOAK_CASES, SOAK_CHUNKS = 500, 10_000, 20
HUGE = 2**63 + 1
EDGES = ("0", "0.2", "0.25", "0.4", "0.5", "0.6", "0.75", "0.8", "1", "3")
SHARES = ("0", "0.25", "0.5", "1")
POINTS = ("5", "5", "5", "0.1", "33.3", "12.345678", "7.12345678901234567891")
DAYS = (0, 20260629, 20260630, 20260701, 20260730, 20260731, 20260831, 20260930, 20261001, 20270101)
USES = ("attainment", "attainment", "steps", "efficacy", "trend", "milestone", "checklist", "deduction")
GRADES = [("90", "优"), ("60", "良"), ("0", "差")]


def curve(rng: random.Random) -> dict[str, Any]:
    """A curve whose params are all among the edges."""
    low, high = sorted(rng.sample(EDGES, 2), key=Decimal)
    use = rng.choice(USES)
    if use == "attainment":
        params = rng.choice(
            [
                {"target": high, "floor": low},
                {"target": low, "floor": high, "cap": "1.2"},
                {"target": high, "form": "ratio"},
                {"band": [low, high], "tolerance": rng.choice(["0", "0.3", "1"])},
                {"band": [low, low]},
            ]
        )
    elif use == "steps":
        side = rng.choice(["min", "max"])
        bounds = rng.sample(EDGES, rng.randint(1, 4))
        params = {"steps": [{side: bound, "share": rng.choice(SHARES)} for bound in bounds], "below": "0.25"}
    elif use == "efficacy":
        params = {"satisfactory": low, "unacceptable": high, "clip": rng.random() < 0.5}
    elif use == "trend":
        params = {
            "direction": rng.choice(["up", "down"]),
            "min_change": rng.choice(["0", "0.2"]),
            "partial": "0.5",
            "unchanged": rng.choice(SHARES),
        }
    elif use == "milestone":
        late = [{"days": 30, "share": "0.75"}, {"days": 62, "share": "0.25"}]
        params = {"by": rng.choice(["2026-06-30", "2026-09-30", "2026-12-31"]), "late": late}
    elif use == "checklist":
        params = rng.choice([{"of": 3}, {"items": ["a", "b"]}]) | {"mode": rng.choice(["share", "all"])}
    else:
        params = {"lines": [{"count": "a", "points": "0.3"}, {"count": "b", "points": "7"}]}
    return {"use": use, "params": params, "source": "local"}


def card(rng: random.Random) -> Scorecard:
    """One to three dimensions of one to five items; some are for one tier only."""
    dimensions = []
    for at in range(rng.randint(1, 3)):
        items = [
            {
                "id": f"D{at}I{n}",
                "indicator": "i",
                "points": rng.choice(POINTS),
                "curve": curve(rng),
                "source": "local",
                "tiers": ["township"] if rng.random() < 0.15 else [],
            }
            for n in range(rng.randint(1, 5))
        ]
        points = str(sum(Decimal(one["points"]) for one in items))
        dimensions.append({"id": f"D{at}", "title": "维度", "points": points, "items": items, "source": "local"})
    made = Scorecard.model_validate(
        {
            "id": "card",
            "title": "随机",
            "scope": "member",
            "source": "local",
            "dimensions": dimensions,
            "missing": rng.choice(["reweight", "zero"]),
            "not_applicable": rng.choice(["reweight", "zero", "full"]),
            "grades": [{"min": least, "title": title} for least, title in GRADES],
        }
    )
    return given_card(made, {})


def pair(rng: random.Random) -> tuple[Cell, Cell]:
    """A numerator and a denominator: on an edge, a hair beside it, beyond int64, anything, zero below, or missing."""
    kind, below = rng.random(), Fraction(rng.choice([1, 7, 400, 12_030, HUGE, 10**30]))
    edge = Fraction(rng.choice(EDGES)) * below
    if kind < 0.45:
        return edge, below
    if kind < 0.6:
        return edge + Fraction(rng.choice([-1, 1]), 10 ** rng.randint(1, 30)) * below, below
    if kind < 0.7:
        return Fraction(rng.randint(-HUGE * 5, HUGE * 5)), Fraction(rng.randint(1, HUGE * 3))
    if kind < 0.85:
        return Fraction(rng.randint(-50, 800), rng.choice([1, 100])), Fraction(rng.randint(200, 400))
    if kind < 0.92:
        return edge, Fraction(0)
    state = rng.choice([MISSING, MISSING, NOT_APPLICABLE])
    return rng.choice([(state, below), (edge, state), (state, state)])


def cells(rng: random.Random, use: str) -> dict[str, Any]:
    """What one unit reports for an item: value and value before as pairs, and two lines."""
    gap = rng.random() < 0.1
    if use == "milestone":
        value: tuple[Cell, Cell] = (Fraction(rng.choice(DAYS)), Fraction(1))
    elif use == "checklist":
        value = (Fraction(rng.randint(0, 3)), Fraction(1))
    else:
        value = pair(rng)
    if gap:
        value = (MISSING, value[1])
    before = rng.choice([pair(rng), value])
    if before == value and not isinstance(value[0], str) and not isinstance(value[1], str):
        before = (value[0] + rng.choice([Fraction(0), Fraction(1, 5), Fraction(-1, 5)]) * value[1], value[1])
    most = 1 if use == "checklist" else 3 * HUGE if rng.random() < 0.05 else 9
    lines = {code: MISSING if rng.random() < 0.1 else Fraction(rng.randint(0, most)) for code in "ab"}
    return {"value": value, "before": before, "lines": lines}


def quantity(column: list[Cell]) -> Quantity:
    values = Column.of([None if isinstance(cell, str) else cell for cell in column]).filled
    return Quantity(values, np.array([STATUS.index(one if isinstance(one, str) else "ok") for one in column], np.int8))


def known(column: list[Cell]) -> Column:
    return Column.of([None if isinstance(cell, str) else cell for cell in column])


def measure(said: list[dict[str, Any]], per: Fraction) -> Measure:
    """An item's measure of all units, by the product's own quotient."""
    now, before = (
        ratio(*(quantity([one[when][side] for one in said]) for side in (0, 1)), per=per)
        for when in ("value", "before")
    )
    return Measure(
        scope="member",
        indicator="i",
        status=now.state,
        value=Column(now.value, now.state == 0),
        previous=Column(before.value, before.state == 0),
        numerator=known([one["value"][0] for one in said]),
        lines={code: known([one["lines"][code] for one in said]) for code in "ab"},
    )


def agrees(seed: int, seen: Counter[str]) -> None:
    """One random card for random units, the product's table against the oracle's numbers."""
    rng = random.Random(seed)
    sheet = card(rng)
    items = [(at, item) for at, one in enumerate(sheet.dimensions) for item in one.items]
    units = [{item.id: cells(rng, item.curve.use) for _, item in items} for _ in range(rng.randint(1, 5))]
    if rng.random() < 0.5:
        units.append(dict(rng.choice(units)))  # a tie
    if rng.random() < 0.3:
        nothing = {"value": (MISSING, MISSING), "before": (MISSING, MISSING), "lines": dict.fromkeys("ab", MISSING)}
        units.append({item.id: nothing for _, item in items})
    codes = [f"U{at:02d}" for at in range(len(units))]
    tiers = [rng.choice(["township", "community"]) for _ in units]
    pers = {
        item.id: Fraction(1) if item.curve.use in {"milestone", "checklist"} else Fraction(rng.choice([1, 1, 100]))
        for _, item in items
    }
    measures = Measures(
        {f"card/{item.id}": measure([unit[item.id] for unit in units], pers[item.id]) for _, item in items},
        {"member": np.array(codes, dtype=object)},
    )
    frame = pd.DataFrame({"unit_code": codes, "name": codes, "tier": tiers, "form": ""})
    result = score(sheet, measures, frame, {}, PERIOD)

    rules = {MISSING: sheet.missing, NOT_APPLICABLE: sheet.not_applicable, "by_plan": "reweight"}
    uses = [(item, curves()[item.curve.use].params.model_validate(item.curve.params)) for _, item in items]
    points = [item.points for _, item in items]
    states, marks, scores, totals = [], [], [], []
    for unit, tier in zip(units, tiers, strict=True):
        answers: list[Cell] = []
        for item, params in uses:
            one = unit[item.id]
            value, before = (oracle_scores.quotient(*one[when], pers[item.id]) for when in ("value", "before"))
            said = oracle_scores.answer(
                item.curve.use, params, value, before, lines=one["lines"], as_of=PERIOD.end, full=item.points
            )
            answers.append("by_plan" if item.tiers and tier != "township" else said)
            seen[answers[-1] if isinstance(answers[-1], str) else item.curve.use] += 1
        full, earned, total = oracle_scores.scored(answers, points, [at for at, _ in items], rules)
        states.append([said if isinstance(said, str) else "ok" for said in answers])
        marks.append(full)
        scores.append(earned)
        totals.append(total)
    scoring = result.scoring
    assert np.array([*STATUS, "by_plan"], dtype=object)[scoring.status].tolist() == states
    assert scoring.full.tolist() == marks
    assert scoring.score.tolist() == scores
    assert scoring.matrix.total.fractions(scoring.matrix.any_left).tolist() == totals
    there = [total for total in totals if total is not None]
    if seed % 10 == 0:  # the tables made of them
        flat = [one for unit in scores for one in unit]
        assert result.scored["score"].tolist() == flat
        assert result.totalled["score"].tolist() == totals
        for rank, grade, total in zip(result.totalled["rank"], result.totalled["grade"], totals, strict=True):
            if total is not None:
                assert rank == 1 + sum(other > total for other in there)
                assert grade == next((title for least, title in GRADES if total >= Fraction(least)), "")
    seen["units"] += len(units)
    seen["ties"] += len(there) > len(set(there))
    seen["python ints"] += any(one.num.dtype == object for one in result.scoring.matrix.score)


def test_scores_agree_with_fractions() -> None:
    seen: Counter[str] = Counter()
    for seed in range(CASES):
        agrees(seed, seen)
    # every kind of case is really among them
    assert {*USES, MISSING, NOT_APPLICABLE, "by_plan", "ties", "python ints"} <= {name for name in seen if seen[name]}
    assert seen["python ints"] < CASES


@pytest.mark.soak
@pytest.mark.parametrize("chunk", range(SOAK_CHUNKS))
def test_soak_scores(chunk: int) -> None:
    each = SOAK_CASES // SOAK_CHUNKS
    for seed in range(CASES + chunk * each, CASES + (chunk + 1) * each):
        agrees(seed, Counter())
