"""A pool told in words: what bounds its members, what is left over and where it goes, who is under no cap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from allocation.context import PoolContext
from allocation.pools import pools
from allocation.rules import rules
from domain.money import floor_fen, format_exact, format_yuan, parse_yuan
from domain.plan import Pool
from domain.problems import Problem
from domain.trace import Trace
from engine.run.result import Allocation
from engine.run.words import UNPAID, held_words, rule_title


def wrongs(where: str, answer: Mapping[str, Any]) -> list[Problem]:
    """What the optimizer found wrong with a problem."""
    return [Problem(where, one["code"], f"{one['where']}: {one['message']}") for one in answer["problems"]]


def bounds(member: Mapping[str, Any]) -> dict[str, str]:
    """What of a member its own caps and floors are measured by, in words."""
    fields = {"wage_headroom": rule_title("wage_cap"), "reward_base": rule_title("income_cap"), "previous": "上次分配"}
    return {title: str(member[name]) for name, title in fields.items() if name in member}


def draws(pool: Pool) -> bool:
    """Whether a pool pays staff out of R."""
    return pool.purpose == "staff_reward" and any(rule.use == "income_cap" for rule in pool.rules)


def unbounded(here: PoolContext, problem: Mapping[str, Any], got: Mapping[str, int]) -> list[str]:
    """Warnings of members that every cap of the pool passes over: such a one takes whatever the others cannot.

    None where the pool owes each member its own amount.
    """
    if pools()[here.pool.use].own:
        return []
    caps = {
        rule["use"] for rule in problem["rules"] if rules()[rule["use"]].KIND == "cap" and rule.get("priority") is None
    }
    return [
        f"{here.alliance_code} 资金池 {here.pool.id}: {here.where(member['code'])} 不受任何封顶规则约束 "
        f"({'; '.join(dict.fromkeys(member['exempt'][use] for use in sorted(caps)))}), 其他单位到顶后的余款归它, "
        f"本期分得 {format_yuan(got[member['code']])} 元 (CAP-FREE-MEMBER)"
        for member in problem["members"]
        if caps and got[member["code"]] and caps <= set(member.get("exempt", {}))
    ]


def own_because(answer: Mapping[str, Any]) -> list[str]:
    """The caps that hold members below their dues: they, not the total that follows from them, keep money back."""
    held = {use for entry in answer["amounts"] for use in entry["held_by"]} - {"total_cap"}
    return sorted(held) or list(answer["undistributed_because"])


def rest(here: PoolContext, allocation: Allocation) -> Trace:
    """What of a pool cannot be paid, why, and where it goes."""
    answer = allocation.answer
    return Trace(
        here.key("undistributed"),
        "未分配",
        "资金池 − 已分配",
        {"资金池": str(answer["pool"]), "已分配": str(answer["distributed"])},
        str(answer["undistributed"]),
        f"unpaid_to: {here.pool.unpaid_to}",
        here.cites,
        (),
        (*held_words(answer["undistributed_because"]), f"去向: {UNPAID[here.pool.unpaid_to]}"),
    )


def nothing_paid(here: PoolContext, answer: Mapping[str, Any]) -> list[str]:
    """A warning where the rules hold together only if nobody gets anything of a pool that has money."""
    if answer["pool"] == "0.00" or answer["distributed"] != "0.00":
        return []
    because = "、".join(held_words(answer["undistributed_because"]))
    said = f"{here.alliance_code} 资金池 {here.pool.id} 的 {answer['pool']} 元一分也分不出去 ({because})"
    return [f"{said}, 核对各条规则能否同时成立 (POOL-NOTHING-PAID)"]


def left_over(pool: Pool, answer: Mapping[str, Any]) -> str:
    """The same for the table of pools; "" if nothing is left."""
    if parse_yuan(answer["undistributed"]) == 0:
        return ""
    because = "、".join(held_words(answer["undistributed_because"]))
    return f"未分配 = 资金池 − 已分配 = {answer['undistributed']} 元 ({because}), {UNPAID[pool.unpaid_to]}"


def rule_words(entries: Iterable[Any]) -> list[str]:
    """The rules of a pool, in words."""
    return [
        f"{rules()[entry.use].CHINESE} ({entry.use})" + (f", 软规则第 {entry.priority} 级" if entry.priority else "")
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
            share = rule.given.share
            words[f"R × {format_exact(share)} − 前序池已发"] = format_yuan(
                max(0, floor_fen(share * max(0, base)) - drawn)
            )
    return words
