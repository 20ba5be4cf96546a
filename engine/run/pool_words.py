"""A pool told in words: what bounds its members, what is left over and where it goes, who is under no cap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from allocation.answer import Answer
from allocation.context import PoolContext
from allocation.pools import pools
from allocation.rules import fields
from allocation.statement import Problem
from allocation.terms import Member
from domain.money import exact, floor_fen, format_exact, format_yuan
from domain.plan import Pool
from domain.trace import Trace
from engine.run.result import Allocation
from engine.run.words import UNPAID, held_words, rule_title


def bounds(member: Member) -> dict[str, str]:
    """What of a member its own caps and floors are measured by, in words."""
    told = [field for name, field in fields().items() if field.title and name in member.fields]
    return {field.title: format_yuan(member.fen(field.name)) for field in told}


def draws(pool: Pool) -> bool:
    """Whether a pool pays staff out of R."""
    return pool.purpose == "staff_reward" and any(rule.use == "income_cap" for rule in pool.rules)


def unbounded(here: PoolContext, problem: Problem, got: Mapping[str, int]) -> list[str]:
    """Warnings of members that every cap of the pool passes over: such a one takes whatever the others cannot.

    None where the pool owes each member its own amount.
    """
    if pools()[here.pool.use].own:
        return []
    caps = {rule.use for rule in problem.rules if rule.kind == "cap" and rule.priority is None}
    return [
        f"{here.alliance_code} 资金池 {here.pool.id}: {here.where(member.code)} 不受任何封顶规则约束 "
        f"({'; '.join(dict.fromkeys(member.exempt[use] for use in sorted(caps)))}), 其他单位到顶后的余款归它, "
        f"本期分得 {format_yuan(got[member.code])} 元 (CAP-FREE-MEMBER)"
        for member in problem.members
        if caps and got[member.code] and caps <= set(member.exempt)
    ]


def own_because(answer: Answer) -> Answer:
    """The answer with the caps that hold members below their dues as what keeps money back, not the total they make."""
    held = {use for entry in answer.amounts for use in entry.held_by} - {"total_cap"}
    return replace(answer, undistributed_because=tuple(sorted(held)) or answer.undistributed_because)


def rest(here: PoolContext, allocation: Allocation) -> Trace:
    """What of a pool cannot be paid, why, and where it goes."""
    answer = allocation.answer
    return Trace(
        here.key("undistributed"),
        "未分配",
        "资金池 − 已分配",
        {"资金池": format_yuan(answer.pool), "已分配": format_yuan(answer.distributed)},
        format_yuan(answer.undistributed),
        f"unpaid_to: {here.pool.unpaid_to}",
        here.cites,
        (),
        (*held_words(answer.undistributed_because), f"去向: {UNPAID[here.pool.unpaid_to]}"),
    )


def nothing_paid(here: PoolContext, answer: Answer) -> list[str]:
    """A warning where the rules hold together only if nobody gets anything of a pool that has money."""
    if not answer.pool or answer.distributed:
        return []
    because = "、".join(held_words(answer.undistributed_because))
    said = f"{here.alliance_code} 资金池 {here.pool.id} 的 {format_yuan(answer.pool)} 元一分也分不出去 ({because})"
    return [f"{said}, 核对各条规则能否同时成立 (POOL-NOTHING-PAID)"]


def left_over(pool: Pool, answer: Answer) -> str:
    """The same for the table of pools; "" if nothing is left."""
    if not answer.undistributed:
        return ""
    because = "、".join(held_words(answer.undistributed_because))
    return f"未分配 = 资金池 − 已分配 = {format_yuan(answer.undistributed)} 元 ({because}), {UNPAID[pool.unpaid_to]}"


def rule_words(entries: Iterable[Any]) -> list[str]:
    """The rules of a pool, in words."""
    return [
        f"{rule_title(entry.use)} ({entry.use})" + (f", 软规则第 {entry.priority} 级" if entry.priority else "")
        for entry in entries
    ]


def clauses(pool: Pool) -> tuple[str, ...]:
    """The clauses and sources of a pool's rules."""
    found = [clause for entry in pool.rules for clause in (entry.cite, entry.source) if clause not in (None, "local")]
    return tuple(dict.fromkeys(map(str, found)))


def reward_words(pool: Pool, base: int, drawn: int) -> dict[str, str]:
    """R and what it leaves to a pool, in place of the base that the optimizer was given."""
    words = {rule_title("income_cap"): format_yuan(base)}
    if drawn:
        words["前序池已从 R 发放"] = format_yuan(drawn)
    for rule in pool.rules:
        if rule.use == "income_cap":
            share = exact(rule.params["share"])
            words[f"R × {format_exact(share)} − 前序池已发"] = format_yuan(
                max(0, floor_fen(share * max(0, base)) - drawn)
            )
    return words
