"""R is there once a year: what shorter periods of it may have paid to staff, before a longer one reckons again.

Staff pools under `income_cap` draw out of R in their periods; the statement of a longer period takes off what they were
paid (`reward_paid`, to date), and the r that statements of shorter periods paid (`permits_paid`). Both are items of the
workbook; a plan with both kinds of periods needs them. Source: R 一年只有一次, domain/B_money B.3.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from allocation.context import Context
from domain.institution import Ownership
from domain.period import MONTHS, Period
from domain.plan import Plan, Pool
from domain.values import PeriodKind

PAID, STATED = "reward_paid", "permits_paid"


@dataclass(frozen=True)
class Earlier:
    """What shorter periods of the same year may have paid already.

    pools: those that pay out of R in shorter periods; stated: whether the statement is made in shorter periods too.
    What they paid are items of the workbook (PAID, STATED).
    """

    pools: tuple[Pool, ...] = ()
    stated: bool = False

    def asked(self, unit: str, context: Context) -> bool:
        """Whether any of the pools may have paid a member."""
        if not self.pools:
            return False
        rows = context.members[context.members["unit_code"] == unit]
        return self.asks(str(rows["tier"].iloc[0]), str(rows["ownership"].iloc[0]))

    def asks(self, tier: str, owner: str) -> bool:
        """Whether any of the pools may have paid members of this kind."""
        return any(pool.shared_by(tier, owner) for pool in self.pools)


NOTHING = Earlier()


def spared(pool: Pool, context: Context, unit: str) -> bool:
    """Whether `income_cap` of a pool passes over a member: what it got was not drawn out of R."""
    row = context.members[context.members["unit_code"] == unit].iloc[0]
    if Ownership(row["ownership"]) is Ownership.PRIVATE:
        return True
    who = (unit, str(row["tier"]), str(row["ownership"]))
    return any(one.rule == "income_cap" and one.names(*who) for one in pool.exempt)


def draws(pool: Pool) -> bool:
    """Whether a pool pays staff out of R."""
    return pool.purpose == "staff_reward" and any(rule.use == "income_cap" for rule in pool.rules)


def earlier_in(plan: Plan, period: Period) -> Earlier:
    """What the plan's shorter periods may have paid out of R before a period."""

    def shorter(kinds: Iterable[PeriodKind]) -> bool:
        return any(MONTHS[kind] < period.months for kind in kinds)

    return Earlier(
        tuple(pool for pool in plan.pools if draws(pool) and shorter(pool.periods)),
        stated=plan.permits is not None and shorter(plan.permits.periods),
    )
