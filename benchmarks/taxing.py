"""Income tax of 200,000 payments, list to lines, by the function `pay tax` calls; beside it the same tables in floats.

The float one is plain numpy on the same list: codes and dates to numbers, one sort, running sums, a search in the
tables, the months of the year one after another. It checks nothing and rounds only what is withheld. 40 payers, each
person with 12 months of wages, twice in some of them, a bonus apart, and labour beside.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks import clock
from engine.pay.tax.payments import PAYMENTS
from engine.pay.tax.withhold import tax

Array = npt.NDArray[Any]

ROWS, GOAL = 200_000, 3.0
PAYERS, YEAR = 40, 2026
KINDS = ["wages"] * 14 + ["annual_bonus", "labour"]
MONTHS = [*range(1, 13), 6, 12, 2, 3]
RATES = np.array([3, 10, 20, 25, 30, 35, 45])
WAGES = (
    np.array([36, 144, 300, 420, 660, 960]) * 1e5,
    RATES / 100,
    np.array([0, 2520, 16920, 31920, 52920, 85920, 181920]) * 1e2,
)
BONUS = (
    np.array([3, 12, 25, 35, 55, 80]) * 1e5,
    RATES / 100,
    np.array([0, 210, 1410, 2660, 4410, 7160, 15160]) * 1e2,
)
LABOUR = (np.array([20, 50]) * 1e5, np.array([20, 30, 40]) / 100, np.array([0, 2000, 7000]) * 1e2)


def payments(rows: int = ROWS) -> pd.DataFrame:
    """A list as `read_payments` gives it, in no order."""
    source = np.random.default_rng(20261001)
    each = len(KINDS)
    person = np.arange(rows) // each
    turn = np.arange(rows) % each
    kind = np.array(KINDS, dtype=object)[turn]
    wages = kind == "wages"
    made: dict[str, Any] = {
        "payer": [f"U{one % PAYERS:02d}" for one in person],
        "person_code": [f"P{one:06d}" for one in person],
        "month": [f"{YEAR}-{month:02d}" for month in np.array(MONTHS)[turn]],
        "seq": np.where((turn == 12) | (turn == 13), 2, 1),
        "kind": kind,
        "income": source.integers(3_000_00, 40_000_00, rows),
        "special": np.where(wages, source.integers(500_00, 4_000_00, rows), 0),
        "additional": np.where(wages, 1_000_00 * source.integers(0, 4, rows), 0),
        "basic": np.where(wages, "standard", "").astype(object),
        "employed_from": np.array([date(2019, 7, 1), date(YEAR, 1, 15)], dtype=object)[person % 2],
        "employed_to": None,
        "elect": np.where(kind == "annual_bonus", "separate", "").astype(object),
        "note": "",
    }
    frame = pd.DataFrame({name: made.get(name, 0) for name in PAYMENTS}).astype(object)
    return frame.sample(frac=1, random_state=20261001).reset_index(drop=True)


def by_table(table: tuple[Array, Array, Array], base: Array, of: Array) -> Array:
    """Tax in floats, not rounded; of: what the step is found by."""
    ends, rates, quick = table
    step = np.searchsorted(ends, of)
    return np.maximum(base * rates[step] - quick[step], 0)


def floats(frame: pd.DataFrame) -> pd.DataFrame:
    """The same list in floats."""
    payer, person = (pd.factorize(frame[name], sort=True)[0] for name in ("payer", "person_code"))
    places, months = pd.factorize(frame["month"])
    month = np.array([int(text[5:]) for text in months])[places]
    seq = frame["seq"].to_numpy(dtype=np.int64)
    places, days = pd.factorize(frame["employed_from"])
    joined = np.array([1 if day.year < YEAR else day.month for day in days])[places]
    order = np.lexsort((seq, month, person, payer))
    kind = frame["kind"].to_numpy()[order]
    payer, person, month, joined = payer[order], person[order], month[order], joined[order]
    amounts = {
        name: frame[name].to_numpy(dtype=np.float64)[order]
        for name in ("income", "exempt", "special", "additional", "other", "relief")
    }
    taken, base = np.zeros(len(frame)), np.zeros(len(frame))
    wages = np.flatnonzero(kind == "wages")
    year = np.append(True, (person[wages][1:] != person[wages][:-1]) | (payer[wages][1:] != payer[wages][:-1]))
    first = np.maximum.accumulate(np.where(year, np.arange(len(wages)), 0))
    net = amounts["income"] - amounts["exempt"] - amounts["special"] - amounts["additional"] - amounts["other"]
    sums = np.cumsum(net[wages])
    base[wages] = sums - (sums - net[wages])[first] - 5_000_00 * (month - joined + 1)[wages]
    due = by_table(WAGES, base[wages], base[wages])
    whose = np.cumsum(year) - 1
    before = np.zeros(whose[-1] + 1)
    for one in range(1, 13):
        rows = np.flatnonzero(month[wages] == one)
        of = whose[rows]
        new = np.append(True, of[1:] != of[:-1])
        so_far = np.maximum(due[rows] - before[of], 0)
        taken[wages[rows]] = so_far - np.where(new, 0, np.append(0, so_far[:-1]))
        last = np.append(new[1:], True)
        before[of[last]] += so_far[last]
    bonus, labour = kind == "annual_bonus", kind == "labour"
    base[bonus] = amounts["income"][bonus]
    taken[bonus] = by_table(BONUS, base[bonus], base[bonus] / 12)
    fee = np.where(amounts["income"] <= 4_000_00, 800_00, amounts["income"] * 0.2)
    base[labour] = (amounts["income"] - fee)[labour]
    taken[labour] = by_table(LABOUR, base[labour], base[labour])
    made = {name: frame[name].to_numpy()[order] for name in ("payer", "person_code", "month", "seq", "kind")}
    return pd.DataFrame({**made, "income": amounts["income"], "taxable": base, "tax": np.round(taken)})


def measure(rows: int = ROWS, runs: int = clock.RUNS) -> dict[str, Any]:
    """CPU seconds of both over the same list, in turns, and the median of the ratios."""
    stated = payments(rows)
    own, theirs = clock.turns([lambda: tax(stated), lambda: floats(stated)], runs)
    return clock.against(
        f"{rows} 笔发放 (工资、单独计税的奖金、劳务), 单进程 CPU 时间, 轮流各 {runs} 次取中位",
        ("engine.pay.tax.withhold.tax: 检查, 整数分, TAX 全部列", own),
        ("同一税率表的 numpy 浮点向量计算 (不检查, 只算应税额和税)", theirs),
        clock.times(own, theirs),
        f"ratio <= {GOAL:.0f}",
    )
