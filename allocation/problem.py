"""The allocation problem of one pool (contracts: the JSON the optimizer takes), from everything before it.

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
    built = build(context, formed.amount, merits.values, ledger=ledger, base=reward_base(permits, context, allotted))
    solve(built.problem)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

from allocation.context import PoolContext
from allocation.exact.model import compile_model
from allocation.parse import parse
from allocation.pools import pools
from allocation.quota import Ledger
from domain.institution import Ownership
from domain.money import ceil_fen, exact, floor_fen, format_exact, format_yuan, parse_yuan
from domain.plan import Entry, Exemption
from domain.problems import InputProblems, Problems

OUT_OF_PERMITS = "民办机构, 不在两个允许适用范围"


@dataclass(frozen=True)
class Built:
    """A problem as decoded JSON: money in yuan, merits and ratios as decimal texts.

    dues_held: members of a pool that owes them are held below what is due, and of all total caps the one that follows
    from that is the lowest; loosening any of their caps would loosen it as well, which the problem cannot say.
    """

    problem: dict[str, Any]
    dues_held: bool = False


def build(
    context: PoolContext,
    amount: int,
    merits: Mapping[str, Fraction],
    *,
    ledger: Ledger | None = None,
    base: Mapping[str, int] | None = None,
    drawn: Mapping[str, int] | None = None,
) -> Built:
    """The problem of one pool.

    amount: fen in the pool; merits: of every member that shares; ledger: as it stands before this pool; base: R
    without this pool (`allocation.permits.reward_base`), needed where `income_cap` is a rule; drawn: what pools under
    `income_cap` paid out of it before, so that the bound is share·R − drawn. Merits whose decimals
    do not end are all multiplied by one whole number, which changes nothing.
    Raises InputProblems: MONEY-MISSING, FACT-MISSING, QUOTA-…, REWARD-BASE-MISSING, MERIT-ALL-ZERO, POOL-OUT-OF-TOTAL,
    EXEMPT-NOBODY, NO-MEMBERS, HEAD-OVER-TOTAL.
    """
    problems = Problems()
    rules = _rules(context, problems)
    exempt = _exempt(context, rules, ledger, problems)
    members = context.sharing
    texts, _ = decimal_merits(merits)
    entries: dict[str, dict[str, Any]] = {
        unit: {
            "code": unit, "name": name, "tier": str(tier), "grassroots": bool(grassroots), "signing": bool(signing),
            "merit": texts[unit],
        }
        for unit, name, tier, grassroots, signing in zip(
            *(members[column] for column in ("unit_code", "name", "tier", "grassroots", "signing")), strict=True
        )
    }  # fmt: skip
    if not entries:
        problems.add(
            context.pool.at or context.pool.id, "NO-MEMBERS", "没有参与分配的成员单位", "核对 tiers 和 ownership"
        )
    elif not any(merits.values()):
        problems.add(context.pool.id, "MERIT-ALL-ZERO", "全部成员单位的绩效都是 0, 无从分配", "核对得分和数量指标")
    left = None if base is None else {unit: _left(rules, fen, (drawn or {}).get(unit, 0)) for unit, fen in base.items()}
    _fields(context, rules, exempt, entries, ledger=ledger, base=left, problems=problems)
    if context.pool.inside_total:
        rules = _within_alliance(context, rules, entries, amount, ledger=ledger, problems=problems)
    problems.raise_if_any()
    for unit, reasons in exempt.items():
        if reasons:
            entries[unit]["exempt"] = reasons
    made: dict[str, Any] = {
        "pool": {
            "code": f"{context.pool.id}-{context.period}",
            "purpose": context.pool.purpose,
            "amount": format_yuan(amount),
        },
        "members": list(entries.values()),
        "rules": rules,
    }
    if context.pool.soft_keep is not None:
        made["soft_keep"] = decimal_text(context.pool.soft_keep)
    payable = _payable(made, amount) if amount and pools()[context.pool.use].own else amount
    if payable >= amount:
        return Built(made)
    lower = any(parse_yuan(rule["amount"]) <= payable for rule in rules if _hard(rule, "total_cap"))
    made["rules"] = [*rules, {"use": "total_cap", "amount": format_yuan(payable)}]
    return Built(made, dues_held=not lower)


def _payable(made: Mapping[str, Any], amount: int) -> int:
    """Fen that all may have of their own dues.

    A due is the member's part of the pool by merit, exactly. Leximin under that total ends at the dues: at that level
    the amounts, each held by its own caps, add up to it.
    """
    try:
        stated = parse(made)
    except InputProblems:  # the optimizer refuses it, in its own words
        return amount
    whole = sum(stated.weights)
    payable = Fraction(0)
    for weight, high in zip(stated.weights, compile_model(stated, soft=False).high, strict=True):
        due = Fraction(amount * weight, whole)
        payable += due if high is None else min(due, Fraction(high))
    return floor_fen(payable)


def decimal_text(value: Fraction) -> str:
    """The exact decimal text of a rational. Raises ValueError if its decimals do not end."""
    twos, fives, rest = _powers(value.denominator)
    if rest != 1:
        raise ValueError(f"{value} 不是有限小数")
    return format_exact(value, max(twos, fives))


def decimal_merits(merits: Mapping[str, Fraction]) -> tuple[dict[str, str], int]:
    """Merits as exact decimal texts, and the whole number all were multiplied by (1 if all decimals end)."""
    factor = lcm(*(_powers(merit.denominator)[2] for merit in merits.values()))
    return {unit: decimal_text(merit * factor) for unit, merit in merits.items()}, factor


def _powers(denominator: int) -> tuple[int, int, int]:
    counts = []
    for prime in (2, 5):
        count = 0
        while denominator % prime == 0:
            denominator //= prime
            count += 1
        counts.append(count)
    return counts[0], counts[1], denominator


def _rules(context: PoolContext, problems: Problems) -> list[dict[str, Any]]:
    pool = context.pool
    rules = [_rule(entry) for entry in pool.rules]
    if not pool.inside_total:
        stated = f"in_total: {pool.in_total}" if pool.in_total else f"purpose: {pool.purpose}"
        for entry in pool.rules:
            if entry.use == "wage_cap":
                problems.add(
                    entry.at or pool.id, "POOL-OUT-OF-TOTAL",
                    f"资金池 {pool.id} 不占绩效工资总量 ({stated})",
                    "删去 wage_cap, 或改 in_total",
                )  # fmt: skip
        return rules
    if not any(_hard(rule, "wage_cap") for rule in rules):
        rules.append({"use": "wage_cap"})
    return rules


def _left(rules: Iterable[Mapping[str, Any]], base: int, drawn: int) -> int:
    """The base on which every income cap allows its share of R less what was drawn before; R itself if nothing was.

    floor(share·n) takes every whole number up to share·R, so the least n that gives the wanted bound exists.
    """
    shares = [exact(rule["share"]) for rule in rules if rule["use"] == "income_cap"]
    if not drawn or base <= 0:
        return base
    wanted = [(share, max(0, floor_fen(share * base) - drawn)) for share in shares if share]
    return min((ceil_fen(bound / share) for share, bound in wanted), default=base)


def _within_alliance(
    context: PoolContext,
    rules: list[dict[str, Any]],
    entries: Mapping[str, Mapping[str, Any]],
    amount: int,
    *,
    ledger: Ledger | None,
    problems: Problems,
) -> list[dict[str, Any]]:
    """The rules with what the alliance's approval leaves as a hard total cap (below 0 counts as 0)."""
    if ledger is None:
        return rules
    try:
        left = ledger.alliance_headroom()
    except InputProblems as refused:
        problems.extend(refused.problems)
        return rules
    if left is None or problems:
        return rules
    free = [context.where(unit) for unit in entries if unit in ledger.exempt]
    if free:
        if _most(context, entries, amount, ledger.exempt) > max(0, left):
            problems.add(
                context.pool.at or context.pool.id, "QUOTA-MIXED",
                f"医联体 {context.alliance_code} 的核定总量只余 {format_yuan(max(0, left))} 元, 而没有总量的 "
                f"{'、'.join(free)} 也参加资金池 {context.pool.id}: 余量只管有总量的单位, 一个池里分不清",
                "用 ownership 把没有总量的单位另列资金池, 或先报批核增总量",
            )  # fmt: skip
        return rules
    if pools()[context.pool.use].personal and amount > max(0, left):
        problems.add(
            context.pool.at or context.pool.id, "HEAD-OVER-TOTAL",
            f"资金池 {context.pool.id} 应发 {format_yuan(amount)} 元, 医联体 {context.alliance_code} 的核定总量只余 "
            f"{format_yuan(max(0, left))} 元",
            "先报批核增, 或按批复改为总量外 (in_total)",
        )  # fmt: skip
    hard = [rule for rule in rules if _hard(rule, "total_cap")]
    cap = min([max(0, left), *(parse_yuan(rule["amount"]) for rule in hard if "amount" in rule)])
    return [rule for rule in rules if rule not in hard] + [{"use": "total_cap", "amount": format_yuan(cap)}]


def _most(
    context: PoolContext, entries: Mapping[str, Mapping[str, Any]], amount: int, free: Mapping[str, str]
) -> Fraction:
    """Fen that all but the `free` can get of the pool at most, by their own headroom and, where owed, their dues."""
    whole, most = sum((exact(one["merit"]) for one in entries.values()), Fraction(0)), Fraction(0)
    for one in (one for unit, one in entries.items() if unit not in free):
        due = amount * exact(one["merit"]) / whole if pools()[context.pool.use].own else Fraction(amount)
        room = max(0, parse_yuan(one["wage_headroom"])) if "wage_headroom" in one else amount
        most += min(due, Fraction(room))
    return min(most, Fraction(amount))


def _hard(rule: Mapping[str, Any], use: str) -> bool:
    return rule["use"] == use and "priority" not in rule


def _rule(entry: Entry) -> dict[str, Any]:
    made = {"use": entry.use, **{key: _plain(value) for key, value in entry.params.items()}}
    return made if entry.priority is None else made | {"priority": entry.priority}


def _plain(value: Any) -> Any:
    if isinstance(value, Fraction):
        return decimal_text(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    return value


def _exempt(
    context: PoolContext, rules: Iterable[Mapping[str, Any]], ledger: Ledger | None, problems: Problems
) -> dict[str, dict[str, str]]:
    """By unit: rule → reason, for rules of this pool only."""
    uses = {rule["use"] for rule in rules}
    members = context.sharing
    found: dict[str, dict[str, str]] = {unit: {} for unit in members["unit_code"]}
    for unit, ownership in zip(members["unit_code"], members["ownership"], strict=True):
        if "wage_cap" in uses and ledger is not None and unit in ledger.exempt:
            found[unit]["wage_cap"] = ledger.exempt[unit]
        if "income_cap" in uses and Ownership(ownership) is Ownership.PRIVATE:
            found[unit]["income_cap"] = OUT_OF_PERMITS
    for exemption in context.pool.exempt:
        if not (exemption.ownership or exemption.tiers or exemption.units):
            problems.add(
                context.pool.at or context.pool.id, "EXEMPT-NOBODY", f"{exemption.rule} 的豁免没有写对象",
                "写 ownership、tiers 或 units",
            )  # fmt: skip
        elif exemption.rule in uses:
            for unit in _named(context, exemption):
                found[unit][exemption.rule] = exemption.reason
    return found


def _named(context: PoolContext, exemption: Exemption) -> list[str]:
    rows = context.sharing
    for column, wanted in (
        ("ownership", exemption.ownership),
        ("tier", exemption.tiers),
        ("unit_code", exemption.units),
    ):
        if wanted:
            rows = rows[rows[column].isin([str(one) for one in wanted])]
    return rows["unit_code"].tolist()


def _fields(
    context: PoolContext,
    rules: Iterable[Mapping[str, Any]],
    exempt: Mapping[str, Mapping[str, str]],
    entries: Mapping[str, dict[str, Any]],
    *,
    ledger: Ledger | None,
    base: Mapping[str, int] | None,
    problems: Problems,
) -> None:
    """Put in what the rules need of each member that they do not pass over."""
    uses = {rule["use"] for rule in rules}
    under = {use: [unit for unit in entries if use not in exempt[unit]] for use in uses}
    if "wage_cap" in uses:
        for unit, fen in _headrooms(context, under["wage_cap"], ledger, problems).items():
            entries[unit]["wage_headroom"] = format_yuan(fen)
    if "income_cap" in uses:
        for unit in under["income_cap"]:
            if base is None or unit not in base:
                problems.add(
                    context.where(unit), "REWARD-BASE-MISSING", "没有收支结余 (R), 不能按 income_cap 封顶",
                    "在 permits.ownership 中列入, 或在资金池 exempt 中写明 income_cap 的理由",
                )  # fmt: skip
            else:
                entries[unit]["reward_base"] = format_yuan(base[unit])
    for unit in sorted({unit for use in uses & {"floor_previous", "cap_previous"} for unit in under[use]}):
        entries[unit]["previous"] = format_yuan(context.need(problems, unit, "previous_amount", context.pool.id).fen)
    for rule in rules:
        if rule["use"] == "pay_gap":
            for unit in under["pay_gap"]:
                if any(_belongs(entries[unit], rule.get(side)) for side in ("low", "high")):
                    entries[unit]["headcount"] = decimal_text(context.need_value(problems, unit, "heads_on_post").value)
                    entries[unit]["gap_income"] = format_yuan(context.need(problems, unit, "staff_income").fen)


def _headrooms(context: PoolContext, units: list[str], ledger: Ledger | None, problems: Problems) -> dict[str, int]:
    if ledger is None:
        problems.add(
            context.pool.at or context.pool.id, "QUOTA-PLAN", "方案没有 quota, 不知道绩效工资总量", "在方案中写 quota"
        )
        return {}
    try:
        return ledger.headrooms(units)
    except InputProblems as refused:
        problems.extend(refused.problems)
        return {}


def _belongs(member: Mapping[str, Any], group: object) -> bool:
    groups = {
        "all": True,
        "grassroots": member["grassroots"],
        "signing_grassroots": member["grassroots"] and member["signing"],
    }
    return bool(groups.get(str(group), member["tier"] == group))
