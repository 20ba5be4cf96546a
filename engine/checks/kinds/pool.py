"""资金池: what a pool has to split against what was paid of it last time."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Annotated

import numpy as np
from pydantic import Field

from domain.facts import Strict
from domain.key import Key, Keys
from domain.step import Phrase
from domain.values import Exact, Ratio
from engine.checks.kinds import Hit, Looked, beyond
from engine.checks.rows import POOLED

TITLE = "资金池与上次"
WORDS = {"pool": "{pool:title} {now}, 上次 {then}"}
LAST = "previous_amount"
KEYS: Keys = {
    "Params": Key(TITLE, "资金池与上次比, 大了小了都查"),
    "factor": Key("倍数", "与上次相差几倍才提", "2"),
    "floor": Key("不看的小数", "低于它的不看; 金额按元", "10"),
}


class Params(Strict):
    """factor: how many times the last amount a pool may have, or that be of it. floor: in yuan, as in `change`."""

    factor: Annotated[Exact, Field(gt=1)]
    floor: Ratio = Fraction(0)


def find(params: Params, looked: Looked) -> Iterator[Hit]:
    """Every pool of an alliance that is more than `factor` times the last one, or less than that part of it."""
    columns = ("alliance_code", "pool", "amount")
    for alliance, pool, amount in zip(*(looked.pools[name].tolist() for name in columns), strict=True):
        code = f"{LAST}{POOLED}{pool}"
        told = ~np.isnan(looked.now.column(code))
        if not told.any():
            continue
        members = (looked.unit[one] for one in looked.alliances.get(alliance, ()) if one in looked.unit)
        units = [at for at in members if told[at]]
        rows = [row for unit in units for row in looked.now.rows_of(unit, [code])]
        before = sum(map(looked.table.exact, rows), Fraction(0))
        now = Fraction(int(amount), 100)
        if before > 0 and max(now, before) >= params.floor and beyond(now / before, 1 / params.factor, params.factor):
            what = Phrase(f"{__name__}:pool", {"pool": pool, "now": int(amount), "then": int(before * 100)})
            yield Hit(str(alliance), tuple(rows), what, now / before, 1 / params.factor, params.factor)
