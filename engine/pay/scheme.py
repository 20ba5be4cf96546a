"""What a plan's `pay:` says of one pool, item or post: small questions that reading, split and quota ask alike.

Source: contract of pay, "From amount to person", rules 2, 5 and 8. Columns of posts as in `engine.pay.people`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from domain.pay import SCORE, SIZE, TIME, Bound, Counted, Only, Pay, PayItem, PoolScheme
from domain.period import Period
from domain.plan import Plan
from domain.problems import InputProblems, Problem, Refused
from engine.policy.standing import unapproved
from engine.run.say import Speaker

HEAD = "head"
"""The role of who leads an institution."""
AMOUNT = "amount"
"""The measure of a department's own list (`inside: list`), in yuan."""


def scheme_of(plan: Plan) -> Pay:
    """A plan's `pay`, by which people are paid.

    Raises InputProblems for a plan without it, Refused for one that nobody passed (PAY-NO-APPROVAL).
    """
    if plan.pay is None:
        raise InputProblems([Problem(plan.id, "FIELD-MISSING", "方案没有 pay (怎样发到人)", "补上 pay, 或另选方案")])
    refused = unapproved(plan)
    if refused:
        raise Refused("\n".join(Speaker().warnings(refused)))
    return plan.pay


def counted(plan: Plan, pay: Pay) -> dict[str, Counted]:
    """Whether each pool of `pay.pools` counts in the approved total: its own word, else that of the plan's pool.

    Raises LookupError for a plan that was not checked, where neither is said.
    """
    said = {pool.id: pool.in_total for pool in plan.pools}
    found: dict[str, Counted] = {}
    for name, scheme in pay.pools.items():
        word = scheme.in_total or said.get(name)
        if word is None:
            raise LookupError(f"pay.pools.{name}: in_total is not said")
        found[name] = word
    return found


def line_counted(pay: Pay, pool: str, item: str, in_total: Mapping[str, str]) -> str:
    """Whether a line counts in the approved total: its item's own word, else its pool's (`item` may be "points").

    in_total: by pool, as `counted` has it.
    """
    own = pay.item(item)
    return own.in_total if own else in_total[pool]


def allowed_by(pay: Pay, pool: str, item: str) -> str:
    """The document behind `line_counted`: of an item its own, else its pool's; "" where none is given."""
    own = pay.item(item)
    return own.document if own else pay.pools[pool].document


def pool_of(pay: Pay, item: str) -> str | None:
    """The pool that an item is paid out of; None where no pool pays it."""
    return next((name for name, scheme in pay.pools.items() if item in scheme.items), None)


def last_day(item: PayItem, since: date, until: date | None, left: date | None, period: Period) -> date:
    """The last day of an earmark of a period; an open one of a single time is of its day, others go on.

    since, until: its own days (until None: open); left: the last day of its post, None of one that goes on.
    """
    if until is not None or item.per == "次":
        return until or since
    return max(since, min(left or period.end, period.end))


# ── posts ─────────────────────────────────────────────────────────────────────────────────────────────────


def labour(pay: Pay, posts: pd.DataFrame) -> pd.Series[bool]:
    """Of each post, whether it gets no performance pay (返聘、外聘): by its `staffing`."""
    return posts["staffing"].isin(pay.labour_staffing)


def there(posts: pd.DataFrame, period: Period) -> pd.Series[bool]:
    """Of each post, whether it has a day of the period; no `from` or `to`: without a beginning or an end."""
    since, until = posts["from"], posts["to"]
    begun = since.isna() | (since.fillna(period.start) <= period.end)
    return begun & (until.isna() | (until.fillna(period.end) >= period.start))


def sharing(pay: Pay, scheme: PoolScheme, posts: pd.DataFrame, period: Period) -> pd.Series[bool]:
    """Of each post, whether it may share in a pool (rule 2); `who: rows` asks for a row of `first_quantity` besides."""
    leading = posts["role"] == HEAD
    right = leading if scheme.who == "head" else ~leading
    paid = ~labour(pay, posts) | scheme.labour
    return there(posts, period) & right & paid


def meant(only: Only, posts: pd.DataFrame) -> pd.Series[bool]:
    """Of each post, whether a bound `of` these is for it; a side that names nothing means every post."""
    found = pd.Series(data=True, index=posts.index, dtype=bool)
    for column in ("staffing", "category", "grade"):
        names = getattr(only, column)
        if names:
            found &= posts[column].isin(names)
    return found


# ── what a pool needs ─────────────────────────────────────────────────────────────────────────────────────


def person_measures(scheme: PoolScheme) -> tuple[str, ...]:
    """The measures of `person_facts` that a pool reads: `score` and quantities, or the department's own amounts."""
    if scheme.inside == "list":
        return (AMOUNT,)
    return tuple(name for name in scheme.points if name == SCORE or name in scheme.quantities)


def team_measures(scheme: PoolScheme) -> tuple[str, ...]:
    """The measures of `team_facts` that a pool reads."""
    return tuple(name for name in (scheme.teams.weight if scheme.teams else ()) if name != SIZE)


def first_quantity(scheme: PoolScheme) -> str | None:
    """The quantity whose rows say who shares where `who: rows`; None where points have none."""
    return next(iter(scheme.quantities), None)


def needs_attendance(scheme: PoolScheme) -> bool:
    """Whether every sharing post must have attendance: points or bounds by time, or teams."""
    return TIME in scheme.points or scheme.teams is not None or any(map(_timed, bounds(scheme)))


def bounds(scheme: PoolScheme) -> tuple[Bound, ...]:
    """Caps and floors of a pool."""
    return (*scheme.caps, *scheme.floors)


def untimed(scheme: PoolScheme) -> tuple[Bound, ...]:
    """The bounds that stand whatever the time: with one, no person may have two posts in the pool (PAY-CAP-POSTS)."""
    return tuple(one for one in bounds(scheme) if not one.time)


def _timed(bound: Bound) -> bool:
    return bound.time or bound.times_mean is not None
