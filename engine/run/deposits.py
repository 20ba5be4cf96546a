"""The deposits of one alliance's members, once the pools of all alliances are through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from allocation.deposit import deposit_statement
from domain.plan import Plan
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
    form = forms.get(context.alliance_code)
    pools = [pool for pool in plan.pools if pool.id in rules.pools and (not pool.forms or form in pool.forms)]
    paid: Counter[tuple[str, str]] = Counter()
    for one in (one for other in runs if other.contradiction is None for one in other.pools):
        if one.here.pool.id in rules.pools:
            paid.update({(unit, one.here.pool.id): fen for unit, fen in _paid_now(one).items()})
    releasing = context.period.kind in rules.release.periods
    return deposit_statement(rules, context, pools, paid, releasing=releasing)


def _paid_now(pool: PoolRun) -> dict[str, int]:
    """What a pool pays its members now: less what was prepaid or is taken back."""
    if pool.settled:
        return {step.place.unit: step.fen for step in pool.settled if step.place.line == "top_up"}
    return dict(pool.split.answer.paid) if pool.split else {}
