"""平均分配: every member that shares counts the same. Source: an example of the tests."""

from __future__ import annotations

from fractions import Fraction

from allocation.context import PoolContext
from allocation.merit import COUNTED, Merits, Part, counted
from domain.facts import Strict
from domain.key import Key, Keys
from domain.step import Words

TITLE = "平均分配"
WORDS = {"merit": Words("绩效", "每家{weight}{by_months}", COUNTED | {"weight": "每家"})}
KEYS: Keys = {"Params": Key(TITLE, "各单位一样多"), "prorate": Key("按在册月数折算", "", example=True)}


class Params(Strict):
    """weight: of every member; prorate: by months."""

    prorate: bool


def merit(context: PoolContext, params: Params) -> Merits:
    """One for each."""
    parts = {unit: Part(Fraction(1), numbers={"weight": Fraction(1)}) for unit in context.sharing["unit_code"]}
    return counted(context, parts, f"{__name__}:merit", prorate=params.prorate)
