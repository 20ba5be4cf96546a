"""应发年薪: what a pool of heads' annual salaries (`pools/head_salary`) owes each member's head, in yuan."""

from __future__ import annotations

from fractions import Fraction

from allocation.context import PoolContext
from allocation.merit import Merits
from allocation.pools import head_salary
from domain.facts import Strict
from domain.problems import InputProblems, Problem

TITLE = "应发年薪"


class Params(Strict):
    """None: the pool's own parameters say what each head is due."""


def merit(context: PoolContext, _params: Params) -> Merits:
    """What is payable, as the pool computes it. Raises InputProblems as `pools.head_salary.salaries`, and HEAD-POOL."""
    pool = context.pool
    if pool.use != "head_salary":
        where = pool.merit.at or pool.id
        said = "merit: head_salary 只用于 use: head_salary 的资金池"
        raise InputProblems([Problem(where, "HEAD-POOL", said, "换一个")])
    heads = head_salary.salaries(context, head_salary.Params.model_validate(dict(pool.params)))
    traces = tuple(line for unit, one in heads.items() for line in head_salary.story(context, unit, one))
    return Merits({unit: Fraction(one.payable, 100) for unit, one in heads.items()}, traces)
