"""The allocation problem of one pool, from everything before it.

A payment must fit the quota: a pool inside the total (of staff reward or of a subsidy) always carries a hard
`wage_cap`, and under an approval for the whole alliance a hard `total_cap` of what it leaves, whether the plan lists
them or not. Members without a quota do not use up that approval, which a cap on everybody's sum cannot say: where they
share in a pool, none is added if what the others can get fits the approval anyhow, and else the pool is refused. The
pay of one person is never cut by the alliance's approval: salaries that it does not leave are refused.
A pool outside the total uses no headroom and may not list `wage_cap`. R pays once: what earlier pools of the period
paid out of it comes off the bound of the next. A field that a rule needs of a member is taken from the facts or
refused; only a plan's exemption, or having no quota, lets a rule pass over a member, with the reason.
Where each amount is due to its member alone (`allocation.pools`, `owed`), what a cap keeps from one is not shared on: a
hard `total_cap` of what all may have of their own dues keeps the level of the others at what is due to them.

    merits = merit(context)                                              # allocation.merit
    built = build(context, formed.amount, merits.values, book=book, base=reward_base(permits, context, allotted))
    solve(built.problem)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from pydantic import ValidationError

from allocation.context import PoolContext
from allocation.exact.model import compile_model
from allocation.member_facts import MemberFacts
from allocation.pools import pools
from allocation.quota import QuotaBook
from allocation.rules import exemptible, fields
from allocation.rules import rules as rule_files
from allocation.rules.income_cap import Params as IncomeCap
from allocation.rules.total_cap import Params as TotalCap
from allocation.statement import Problem, Rule, group_refusals, misfits
from allocation.terms import Member
from domain.institution import Ownership
from domain.money import ceil_fen, floor_fen, format_yuan
from domain.plan import Entry, Exemption
from domain.problems import InputProblems, Problems

OUT_OF_PERMITS = "民办机构, 不在两个允许适用范围"
_NOBODY = "核对机构层级和成员关系, 或在方案里删去该规则"


@dataclass(frozen=True)
class Built:
    """The problem of a pool.

    dues_held: members of a pool that owes them are held below what is due, and of all total caps the one that follows
    from that is the lowest; loosening any of their caps would loosen it as well, which the problem cannot say.
    """

    problem: Problem
    dues_held: bool = False


def build(
    context: PoolContext,
    amount: int,
    merits: Mapping[str, Fraction],
    *,
    book: QuotaBook | None = None,
    base: Mapping[str, int] | None = None,
    drawn: Mapping[str, int] | None = None,
) -> Built:
    """The problem of one pool.

    amount: fen in the pool; merits: of every member that shares; book: as it stands before this pool; base: R
    without this pool (`allocation.permits.reward_base`), needed where `income_cap` is a rule; drawn: what pools under
    `income_cap` paid out of it before, so that the bound is share·R − drawn.
    Raises InputProblems: MONEY-MISSING, FACT-MISSING, QUOTA-…, REWARD-BASE-MISSING, MERIT-ALL-ZERO, POOL-OUT-OF-TOTAL,
    EXEMPT-NOBODY, NO-MEMBERS, HEAD-OVER-TOTAL, and what is wrong with the problem itself: NEGATIVE, INCOME-POOL,
    UNKNOWN-RULE, EMPTY-GROUP, RESERVED-TIER, NO-HEADS, or codes of its parameters.
    """
    problems = Problems()
    pool, at = context.pool, context.pool.at or context.pool.id
    rules = _rules(context, problems)
    exempt = _exempt(context, rules, book, problems)
    shared = context.sharing
    members = {
        unit: Member(
            unit,
            str(tier),
            grassroots=bool(grassroots),
            signing=bool(signing),
            merit=merits[unit],
            name=name,
            exempt=exempt[unit],
        )
        for unit, name, tier, grassroots, signing in zip(
            *(shared[column] for column in ("unit_code", "name", "tier", "grassroots", "signing")), strict=True
        )
    }
    if not members:
        problems.add(at, "NO-MEMBERS", "没有参与分配的成员单位", "核对 tiers 和 ownership")
    elif not any(merits.values()):
        where = f"{context.alliance_code} {pool.id}"
        problems.add(where, "MERIT-ALL-ZERO", "全部成员单位的绩效都是 0, 无从分配", "核对得分和数量指标")
    left = None if base is None else {unit: _left(rules, fen, (drawn or {}).get(unit, 0)) for unit, fen in base.items()}
    members = _comparable(context, rules, members)
    members = MemberFacts(context, book, left, problems).added(members, rules)
    if pool.inside_total:
        rules = _within_alliance(context, rules, members, amount, book=book, problems=problems)
    if not problems:
        _refuse(context, rules, list(members.values()), amount, problems)
    problems.raise_if_any()
    made = Problem(
        f"{pool.id}-{context.period}", pool.purpose, amount, tuple(members.values()), tuple(rules), pool.soft_keep
    )
    payable = _payable(made) if amount and pools()[pool.use].own else amount
    if payable >= amount:
        return Built(made)
    lower = any(cap <= payable for cap in _total_caps(rules))
    return Built(replace(made, rules=(*rules, _total_cap(payable))), dues_held=not lower)


def _payable(problem: Problem) -> int:
    """Fen that all may have of their own dues.

    A due is the member's part of the pool by merit, exactly. Leximin under that total ends at the dues: at that level
    the amounts, each held by its own caps, add up to it.
    """
    whole = sum(problem.weights)
    payable = Fraction(0)
    for weight, high in zip(problem.weights, compile_model(problem, soft=False).high, strict=True):
        due = Fraction(problem.pool * weight, whole)
        payable += due if high is None else min(due, Fraction(high))
    return floor_fen(payable)


def _refuse(
    context: PoolContext, rules: Sequence[Rule], members: Sequence[Member], amount: int, problems: Problems
) -> None:
    """Note what the optimizer could not take: each rule by itself was looked at when the plan was read."""
    where, pool = f"{context.alliance_code} {context.pool.id}", context.pool
    if amount < 0:
        problems.add(where, "NEGATIVE", f"资金池 {format_yuan(amount)} 元不能小于 0", "核对填报")
    for member in members:
        for name, value in member.fields.items():
            if value < 0 and not fields()[name].signed:
                problems.add(context.where(member.code), "NEGATIVE", f"{name} 不能小于 0", "核对填报")
        for use in member.exempt:
            if use not in exemptible() and any(rule.use == use for rule in rules):
                problems.add(where, "UNKNOWN-RULE", f"不能豁免 {use}", f"可豁免的规则: {'、'.join(exemptible())}")
    for rule in rules:
        if rule.file.staff_only and pool.purpose == "income":
            problems.add(where, "INCOME-POOL", f"{rule.use} 约束的是个人收入, 不能用于 income 资金池", "删去")
        for _, _, code, said in group_refusals(rule.file, rule.params, members):
            problems.add(where, code, f"{rule.use}: {said}", _NOBODY)
        for _, code, said in rule.file.refusals(rule.params, members):
            problems.add(where, code, f"{rule.use}: {said}", "核对填报, 或在方案里删去该规则")


def _rules(context: PoolContext, problems: Problems) -> list[Rule]:
    pool = context.pool
    rules = [rule for entry in pool.rules if (rule := _rule(entry, pool.id, problems)) is not None]
    if not pool.inside_total:
        stated = f"in_total: {pool.in_total}" if pool.in_total else f"purpose: {pool.purpose}"
        for entry in pool.rules:
            if entry.use == "wage_cap":
                problems.add(
                    entry.at or pool.id,
                    "POOL-OUT-OF-TOTAL",
                    f"资金池 {pool.id} 不占绩效工资总量 ({stated})",
                    "删去 wage_cap, 或改 in_total",
                )
        return rules
    if not any(rule.use == "wage_cap" and rule.priority is None for rule in rules):
        file = rule_files()["wage_cap"]
        rules.append(Rule(file, file.params()))
    return rules


def _rule(entry: Entry, pool: str, problems: Problems) -> Rule | None:
    file = rule_files()[entry.use]
    if entry.sound:
        return Rule(file, entry.given, entry.priority)
    try:
        return Rule(file, file.params.model_validate(entry.params), entry.priority)
    except ValidationError as error:
        for place, code, said in misfits(error):
            problems.add(entry.at or pool, code, f"{entry.use}{place}: {said}", "改方案里该规则的参数")
        return None


def _total_cap(fen: int) -> Rule:
    file = rule_files()["total_cap"]
    return Rule(file, TotalCap.model_construct(amount=fen))


def _total_caps(rules: Iterable[Rule]) -> list[int]:
    """The amounts of the hard total caps, in fen."""
    return [rule.params.amount for rule in rules if rule.priority is None and isinstance(rule.params, TotalCap)]


def _left(rules: Iterable[Rule], base: int, drawn: int) -> int:
    """The base on which every income cap allows its share of R less what was drawn before; R itself if nothing was.

    floor(share·n) takes every whole number up to share·R, so the least n that gives the wanted bound exists.
    """
    shares = [rule.params.share for rule in rules if isinstance(rule.params, IncomeCap)]
    if not drawn or base <= 0:
        return base
    wanted = [(share, max(0, floor_fen(share * base) - drawn)) for share in shares if share]
    return min((ceil_fen(bound / share) for share, bound in wanted), default=base)


def _within_alliance(
    context: PoolContext,
    rules: list[Rule],
    members: Mapping[str, Member],
    amount: int,
    *,
    book: QuotaBook | None,
    problems: Problems,
) -> list[Rule]:
    """The rules with what the alliance's approval leaves as a hard total cap (below 0 counts as 0)."""
    if book is None:
        return rules
    try:
        left = book.alliance_headroom()
    except InputProblems as refused:
        problems.extend(refused.problems)
        return rules
    if left is None or problems:
        return rules
    free = [context.where(unit) for unit in members if unit in book.exempt]
    if free:
        if _most(context, members, amount, book.exempt) > max(0, left):
            problems.add(
                context.pool.at or context.pool.id,
                "QUOTA-MIXED",
                f"医联体 {context.alliance_code} 的核定总量只余 {format_yuan(max(0, left))} 元, 而没有总量的 "
                f"{'、'.join(free)} 也参加资金池 {context.pool.id}: 余量只管有总量的单位, 一个池里分不清",
                "用 ownership 把没有总量的单位另列资金池, 或先报批核增总量",
            )
        return rules
    if pools()[context.pool.use].personal and amount > max(0, left):
        problems.add(
            context.pool.at or context.pool.id,
            "HEAD-OVER-TOTAL",
            f"资金池 {context.pool.id} 应发 {format_yuan(amount)} 元, 医联体 {context.alliance_code} 的核定总量只余 "
            f"{format_yuan(max(0, left))} 元",
            "先报批核增, 或按批复改为总量外 (in_total)",
        )
    cap = min([max(0, left), *_total_caps(rules)])
    others = [rule for rule in rules if not (rule.use == "total_cap" and rule.priority is None)]
    return [*others, _total_cap(cap)]


def _most(context: PoolContext, members: Mapping[str, Member], amount: int, free: Mapping[str, str]) -> Fraction:
    """Fen that all but the `free` can get of the pool at most, by their own headroom and, where owed, their dues."""
    whole, most = sum((one.merit for one in members.values()), Fraction(0)), Fraction(0)
    for one in (one for unit, one in members.items() if unit not in free):
        due = amount * one.merit / whole if pools()[context.pool.use].own else Fraction(amount)
        room = max(0, one.fen("wage_headroom")) if "wage_headroom" in one.fields else amount
        most += min(due, Fraction(room))
    return min(most, Fraction(amount))


def _comparable(context: PoolContext, rules: Iterable[Rule], members: Mapping[str, Member]) -> dict[str, Member]:
    """The members, those passed over by rules that set a flow beside a snapshot and have only some months of the flow.

    Who joined or left owes no more than its months; its income of these over its heads is not income per head of the
    period. So it is in neither sum. Source: 分子分母同口径, MONEY "Both sides of a ratio".
    """
    found = dict(members)
    for rule in rules:
        items = [field.item for field in rule.file.fields if field.item]
        if not items or not any(field.metric for field in rule.file.fields):
            continue
        for unit, member in found.items():
            if rule.use in member.exempt or not rule.file.concerns(rule.params, member):
                continue
            rows = (one for item in items for one in context.money.get((unit, item), ()))
            part = next((one.part for one in rows if one.part), "")
            if part:
                reason = f"期中加入或退出, 只有{part}的数, 不能与整期的比"
                found[unit] = replace(member, exempt={**member.exempt, rule.use: reason})
    return found


def _exempt(
    context: PoolContext, rules: Iterable[Rule], book: QuotaBook | None, problems: Problems
) -> dict[str, dict[str, str]]:
    """By unit: rule → reason, for rules of this pool only."""
    uses = {rule.use for rule in rules}
    members = context.sharing
    found: dict[str, dict[str, str]] = {unit: {} for unit in members["unit_code"]}
    for unit, ownership in zip(members["unit_code"], members["ownership"], strict=True):
        if "wage_cap" in uses and book is not None and unit in book.exempt:
            found[unit]["wage_cap"] = book.exempt[unit]
        if "income_cap" in uses and Ownership(ownership) is Ownership.PRIVATE:
            found[unit]["income_cap"] = OUT_OF_PERMITS
    for exemption in context.pool.exempt:
        if not (exemption.ownership or exemption.tiers or exemption.units):
            problems.add(
                context.pool.at or context.pool.id,
                "EXEMPT-NOBODY",
                f"{exemption.rule} 的豁免没有写对象",
                "写 ownership、tiers 或 units",
            )
        elif exemption.rule in uses:
            for unit in _named(context, exemption):
                found[unit][exemption.rule] = exemption.reason
    return found


def _named(context: PoolContext, exemption: Exemption) -> list[str]:
    rows = context.sharing
    members = zip(rows["unit_code"], rows["tier"].astype(str), rows["ownership"].astype(str), strict=True)
    return [member[0] for member in members if exemption.names(*member)]
