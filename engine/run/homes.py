"""Where each member is at home: what it alone is due, owes or was prepaid is reckoned in one alliance of a period."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from allocation.pools import claws_back, pools, settles
from domain.facts import Facts
from domain.plan import Plan, Pool
from domain.problems import Problem
from domain.selection import Homes, homes
from engine.run.indexed import Indexed
from engine.run.memo import Memo


@dataclass(frozen=True)
class MemberHomes:
    """any: the alliance that speaks for each member, of all that run.

    of_pool: the one of those that run a pool, where that owes members their own amounts or sets off what they were
    prepaid or owe; overspend: the one of those that share an overspend. problems: members of which the plan does not
    say where they are at home, though money hangs on it.
    """

    any: Mapping[str, str]
    of_pool: Mapping[str, Mapping[str, str]]
    overspend: Mapping[str, str]
    problems: tuple[Problem, ...] = ()


def homes_of(
    plan: Plan,
    indexed: Indexed,
    memo: Memo,
    running: Mapping[str, Sequence[Pool]],
    overspending: Collection[str],
) -> MemberHomes:
    """The homes of the members of a period.

    running: the pools of each alliance that has any, or an overspend; overspending: those that share an overspend.
    """
    facts, period, forms = indexed.facts, indexed.period, indexed.forms
    order = {str(form): place for place, form in enumerate(plan.home)}
    rank = {alliance: order[forms[alliance]] for alliance in running if forms.get(alliance) in order}

    def among(name: str, alliances: list[str]) -> Homes:
        known = (facts.memberships, period, alliances, rank)
        return memo.of(("home", name), known, lambda: homes(facts.memberships, period, alliances, rank))

    own = sorted({pool.id for given in running.values() for pool in given if _of_members(pool)})
    by_pool = {
        pool: among(pool, [one for one, given in running.items() if pool in {each.id for each in given}])
        for pool in own
    }
    everywhere, shared = among("", list(running)), among("overspend", sorted(overspending))
    asked = [everywhere] if _anywhere(plan, running) else []
    problems = {
        unit: _problem(facts, forms, unit, alliances)
        for one in (*by_pool.values(), shared, *asked)
        for unit, alliances in one.doubtful.items()
    }
    by_id = {pool: one.of for pool, one in by_pool.items()}
    return MemberHomes(everywhere.of, by_id, shared.of, tuple(problems.values()))


def _of_members(pool: Pool) -> bool:
    """Whether a pool reckons something of each member alone: its own amount, what it was prepaid or owes."""
    return bool(pools()[pool.use].own or settles(pool) or claws_back(pool))


def _anywhere(plan: Plan, running: Mapping[str, Sequence[Pool]]) -> bool:
    """Whether more than single pools hangs on a member's home: quota, permits, overspend, deposits, prepayments."""
    settling = any(settles(pool) or claws_back(pool) for given in running.values() for pool in given)
    return bool(plan.quota or plan.permits or plan.overspend or plan.deposit or settling)


def _problem(facts: Facts, forms: Mapping[str, str], unit: str, alliances: Sequence[str]) -> Problem:
    people = facts.memberships
    rows = people[(people["unit_code"] == unit) & people["alliance_code"].isin(alliances)]
    named = "、".join(f"{one} ({forms.get(one) or '未填形式'})" for one in alliances)
    return Problem(
        str(rows["source"].iloc[-1]),
        "MEMBER-HOMES",
        f"{unit} 同时属于 {named}, 它自己应得、应担和已预付的钱不知归哪一家",
        "在方案写 home: [医联体形式], 或在成员关系表填退出日期",
    )
