"""The deposits of one alliance's members, once the pools of all alliances are through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from allocation.context import Context
from allocation.deposit import ITEM as OPENING
from allocation.deposit import deposit_statement
from domain.plan import Plan, Pool
from domain.step import Step
from engine.run.alliance import AllianceRun, PoolRun


def deposits_of(
    plan: Plan, run: AllianceRun, runs: Sequence[AllianceRun], forms: Mapping[str, str]
) -> tuple[Step, ...]:
    """What is held and released of the members at home in the alliance of `run`; nothing where its rules contradict.

    runs: of all alliances; forms: of alliances. Raises InputProblems as `allocation.deposit.deposit_statement`.
    """
    rules, context = plan.deposit, run.context
    if rules is None or run.contradiction is not None:
        return ()
    paid: Counter[tuple[str, str]] = Counter()
    for one in (one for other in runs if other.contradiction is None for one in other.pools):
        if one.here.pool.id in rules.pools:
            paid.update({(unit, one.here.pool.id): fen for unit, fen in _paid_now(one).items()})
    held = [pool for pool in plan.pools if pool.id in rules.pools]
    own = {pool.id for pool in held if not pool.forms or forms.get(context.alliance_code) in pool.forms}
    pools = [pool for pool in held if pool.id in own or _left_elsewhere(pool, context, paid)]
    elsewhere = {pool.id for pool in pools} - own
    releasing = context.period.kind in rules.release.periods
    return deposit_statement(rules, context, pools, paid, releasing=releasing, elsewhere=elsewhere)


def _left_elsewhere(pool: Pool, context: Context, paid: Mapping[tuple[str, str], int]) -> bool:
    """Whether a member at home in the alliance got something of a pool of others, or left a deposit of it there."""
    at_home = [unit for unit in context.members["unit_code"] if unit not in context.away]
    return any((unit, pool.id) in paid or context.find(unit, OPENING, pool.id) for unit in at_home)


def _paid_now(pool: PoolRun) -> dict[str, int]:
    """What a pool pays its members now: less what was prepaid or is taken back."""
    if pool.settled:
        return {step.place.unit: step.fen for step in pool.settled if step.place.line == "top_up"}
    return dict(pool.split.answer.paid) if pool.split else {}
