"""应得数: what a pool owes each member (`allocation.pools`: `owed`), in yuan; it takes no parameters.

merit = what is due to the member; their sum is the pool, so that everybody is paid exactly that. Only for pools that
owe, and the only formula for those: shared by any other, one member would get what is due to another.
"""

from __future__ import annotations

from fractions import Fraction

from allocation.context import PoolContext
from allocation.merit import Merits
from allocation.pools import owed
from domain.facts import Strict
from domain.key import Key, Keys

TITLE = "应得数"
KEYS: Keys = {
    "Params": Key(TITLE, "资金池欠各成员多少就给多少, 不再分配"),
}


class Params(Strict):
    """None: the pool's own parameters say what each member is due."""


def merit(context: PoolContext, _params: Params) -> Merits:
    """What is due, as the pool computes it. Raises InputProblems as `allocation.pools.owed`."""
    dues = owed(context)
    values = {unit: Fraction(one.fen, 100) for unit, one in dues.items()}
    return Merits(values, lambda: tuple(step for one in dues.values() for step in (*one.before, one.story)))
