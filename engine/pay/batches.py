"""Batches for the bank: what is paid out, by source of funds, payer and kind. Source: contract of pay, batches.csv."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable

import pandas as pd

from domain.pay import Pay
from engine.pay.kinds import LABOUR
from engine.pay.result import frame
from engine.pay.told import Slip

Source = tuple[str, str]
"""Where money comes from: the pool, and its document."""


def batches_of(pay: Pay, paid: pd.DataFrame, slips: Iterable[Slip], month: str) -> pd.DataFrame:
    """The rows of `batches` of the payslips that are to be paid.

    paid: lines with payer and kind. Tax and deductions come off the pools in the plan's `order`, so does what a case
    takes back; a pool that nothing is left of has no row.
    """
    order = {pool: at for at, pool in enumerate(dict.fromkeys((*pay.order, *pay.pools)))}
    keys = ["payer", "person_code", "kind"]
    sources: defaultdict[tuple[str, ...], list[tuple[Source, int]]] = defaultdict(list)
    sums = paid.groupby([*keys, "pool", "document"], sort=True)["amount"].sum().reset_index()
    for *key, pool, document, fen in sums.itertuples(index=False, name=None):
        sources[tuple(key)].append(((pool, document), int(fen)))
    rows: defaultdict[tuple[str, str, int, str, str], list[tuple[str, int]]] = defaultdict(list)
    for one in slips:
        if one.status == "ok":
            given = sorted(sources[one.payer, one.person, one.kind], key=lambda each: (order[each[0][0]], each[0]))
            for (pool, document), fen in _left(given, (one.tax or 0) + one.other):
                rows[one.payer, one.kind, order[pool], pool, document].append((one.person, fen))
    made = []
    counts: defaultdict[tuple[str, str], int] = defaultdict(int)
    for (payer, kind, _, pool, document), people in sorted(rows.items()):
        counts[payer, kind] += 1
        of = (pool, document, payer, kind)
        number = _number(month, of, counts[payer, kind], people)
        made += [(number, *of, person, fen) for person, fen in people]
    return frame("batches", sorted(made))


def _left(given: list[tuple[Source, int]], off: int) -> list[tuple[Source, int]]:
    """What of each source is paid out once so much, and what is below 0, has come off in order."""
    off -= sum(min(fen, 0) for _, fen in given)
    left = []
    for source, fen in given:
        taken = min(max(fen, 0), off)
        off -= taken
        if fen > taken:
            left.append((source, fen - taken))
    return left


def _number(month: str, of: tuple[str, ...], count: int, people: list[tuple[str, int]]) -> str:
    """Month, payer, kind and count, and a few digits of what is in it: no other folder's batch has the same."""
    said = "\n".join(["\t".join((month, *of)), *(f"{person}\t{fen}" for person, fen in people)])
    short = "L" if of[3] == LABOUR else "W"
    return f"{month.replace('-', '')}-{of[2]}-{short}{count:02d}-{hashlib.sha256(said.encode()).hexdigest()[:6]}"
