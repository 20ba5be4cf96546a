"""Nothing wrong in silence: workbooks with one typing mistake each, and ordinary quarters without any.

`make soak` takes LIANGYUN_MISTAKES workbooks (20,000) and LIANGYUN_QUARTERS quarters (200) and writes what became of
them to docs/soak.json; otherwise a few are taken to see that it works.
"""

from __future__ import annotations

import os
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import cache, partial
from random import Random

import pytest

from domain.problems import InputProblems
from engine.read.reader import read_sheets
from engine.run.checking import find
from engine.run.indexed import Indexed
from engine.run.memo import Memo
from tests.engine.checks.test_clean import drawn
from tests.mistakes.making import KINDS, Mistake
from tests.mistakes.outcome import CONFIGS, RUNS, Clean, Outcome
from tests.soaking import record

CHUNKS = 20
GOAL = 0.02  # of the mistakes that change an amount by more than 1%
HELD = ("magnitude", "sign", "period", "unit", "percent", "error", "stale")
"""The kinds that the goal is for; a number in the place of another may be as likely as the right one."""
QUICK = "liaoning-2017/2017.xlsx"


@cache
def clean(at: int) -> Clean:
    """An example without mistakes."""
    return Clean.of(*RUNS[at])


def table(count: int, chance: Random) -> tuple[dict[str, dict[str, int]], list[str]]:
    """By kind how many were refused, told or passed over and how many changed pay; and what was paid in silence."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    silent = []
    for number in range(count):
        kinds = list(KINDS)
        kind, example = kinds[number % len(kinds)], clean(number // len(kinds) % len(RUNS))
        mistake = KINDS[kind](example.book, chance)
        found = example.outcome(mistake)
        counted[kind][_column(found)] += 1
        if found.said == "silent" and found.moved:
            silent.append(f"{kind}: {example.name} {mistake.said}")
    return {kind: dict(sorted(row.items())) for kind, row in sorted(counted.items())}, silent


def _column(found: Outcome) -> str:
    """What a mistake counts as: refused; told or silent with amounts moved, less than 1% moved, or the same."""
    if found.said == "refused":
        return "refused"
    return f"{found.said}_{'moved' if found.moved else 'less' if found.paid else 'same'}"


@pytest.mark.soak
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_soak_mistakes(chunk: int) -> None:
    """The chunk that is written last judges all of them together, for one alone is too few; -s prints what was silent.

    LIANGYUN_MISTAKES: workbooks in all chunks.
    """
    count = -(-int(os.environ.get("LIANGYUN_MISTAKES", "20000")) // CHUNKS)
    began = time.perf_counter()
    kinds, silent = table(count, Random(chunk))
    print(*silent, sep="\n")
    seconds = round(time.perf_counter() - began, 1)
    entry = record("mistakes", chunk, {"cases": count, "seconds": seconds, "kinds": kinds})
    assert sum(sum(row.values()) for row in kinds.values()) == count
    if len(entry["chunks"]) == CHUNKS:
        wrong, moved = share(entry["kinds"])
        assert wrong <= GOAL * moved, f"{wrong} of {moved} that move an amount by more than 1% are silent"


def share(kinds: Mapping[str, Mapping[str, int]]) -> tuple[int, int]:
    """Of the mistakes of the kinds that the goal is for: how many move an amount in silence, and how many move one."""
    held = [kinds[kind] for kind in HELD if kind in kinds]
    wrong = sum(row.get("silent_moved", 0) for row in held)
    return wrong, wrong + sum(row.get("told_moved", 0) for row in held)


@pytest.mark.soak
def test_soak_ordinary_quarters() -> None:
    """Every number of an example 15% larger or smaller at most: at most one finding in 200 of them."""
    quarters = int(os.environ.get("LIANGYUN_QUARTERS", "200"))
    chance, facts, findings = Random(0), 0, 0
    began = time.perf_counter()
    for number in range(quarters):
        example = clean(number % len(RUNS))
        quarter = drawn(example.facts, chance)
        facts += len(quarter.facts) + len(quarter.money)
        indexed = Indexed(quarter, CONFIGS.catalogue, example.period)  # a run may refuse what was drawn apart
        findings += len(find(example.loaded.plan, indexed, example.prepared.result.frames["pools"], Memo()))
    figures = {"cases": quarters, "facts": facts, "findings": findings}
    record("quarters", 0, {**figures, "seconds": round(time.perf_counter() - began, 1)})
    assert findings * 200 <= facts


def test_the_share_of_the_kinds_that_the_goal_is_for() -> None:
    """Silent 1 + 0 of 1 + 2 + 3 moved; a number in another's place and what was refused do not count."""
    sign = {"silent_moved": 1, "told_moved": 2, "silent_same": 9}
    kinds = {"sign": sign, "unit": {"told_moved": 3, "refused": 7}, "row": {"silent_moved": 5}}
    assert share(kinds) == (1, 6)


def test_what_is_read_with_a_memory_is_what_is_read() -> None:
    """Twice each: refused by both, or the same tables."""
    example, chance = Clean.of(*next(run for run in RUNS if run[0] == QUICK)), Random(1)
    read = partial(read_sheets, name=example.name, catalogue=CONFIGS.catalogue, plan=example.loaded.plan)
    for make in (*KINDS.values(), *KINDS.values()):
        sheets = example.book.changed(make(example.book, chance).cells)
        try:
            plain = read([*sheets], period=example.period, packs=example.loaded.packs)
        except InputProblems:
            with pytest.raises(InputProblems):
                example.reading.read(sheets)
            continue
        told = example.reading.read(sheets)
        assert all(getattr(plain, name).equals(getattr(told, name)) for name in ("facts", "money", "memberships"))


def test_a_few_mistakes() -> None:
    """Every kind can be made and judged."""
    example, chance = Clean.of(*next(run for run in RUNS if run[0] == QUICK)), Random(0)
    for kind, make in KINDS.items():
        for _ in range(2):
            mistake = make(example.book, chance)
            found = example.outcome(mistake)
            assert mistake.kind in (kind, "error")
            assert found.said == "refused" or kind not in ("error", "stale"), mistake.said


def test_the_same_workbook_says_nothing() -> None:
    """The measure itself: a cell that holds what it held is silent and pays the same."""
    example = Clean.of(*next(run for run in RUNS if run[0] == QUICK))
    at = next(iter(example.book.numbers))
    cell = example.book.sheets[at[0]].cells.at[at[1], at[2]]
    same = Mistake("none", "", {at: cell}, frozenset({example.book.numbers[at].unit}))
    assert example.outcome(same) == Outcome("silent", moved=False, paid=False, scored=False)
    assert CONFIGS.catalogue.checks
