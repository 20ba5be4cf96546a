"""应拨补助: what a pool of linked subsidies (`pools/subsidy`) owes each member, in yuan; it takes no parameters."""

from __future__ import annotations

from fractions import Fraction

from allocation.context import PoolContext
from allocation.merit import Merits
from allocation.pools import subsidy
from domain.facts import Strict
from domain.problems import InputProblems, Problem

TITLE = "应拨补助"


class Params(Strict):
    """None: the pool's own parameters say what each member is due."""


def merit(context: PoolContext, _params: Params) -> Merits:
    """What is due, as the pool computes it. Raises InputProblems as `pools.subsidy.due`, and SUBSIDY-POOL."""
    pool = context.pool
    if pool.use != "subsidy":
        where = pool.merit.at or pool.id
        raise InputProblems([Problem(where, "SUBSIDY-POOL", "merit: subsidy 只用于 use: subsidy 的资金池", "换一个")])
    owed = subsidy.due(context, subsidy.Params.model_validate(dict(pool.params)))
    traces = tuple(subsidy.story(context, unit, one) for unit, one in owed.items())
    return Merits({unit: Fraction(one.fen, 100) for unit, one in owed.items()}, traces)
