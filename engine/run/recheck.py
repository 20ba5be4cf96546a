"""Every rule of an allocation checked again on the whole-fen amounts: integers and fractions, no solver.

Written from the contract alone and sharing nothing with the optimizer, so that a fault there cannot hide here. Soft
rules bind nobody and are not looked at. Where the answer warns FEN-GRID, a group rule may miss its mark by what
rounding each member by less than a fen can do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from domain.money import ceil_fen, exact, floor_fen, format_yuan, parse_yuan

Rule = Mapping[str, Any]
Member = Mapping[str, Any]


@dataclass(frozen=True)
class Paid:
    """The members by code, what each gets in fen, and whether the answer warned that fen could not be placed."""

    members: Mapping[str, Member]
    amounts: Mapping[str, int]
    grid: bool

    @property
    def total(self) -> int:
        """What is paid, in fen."""
        return sum(self.amounts.values())

    def group(self, name: str, rule: str = "") -> list[str]:
        """Codes of a group, without those exempt from `rule`."""
        return [code for code, member in self.members.items() if _in_group(member, name) and not _exempt(member, rule)]

    def sum(self, codes: list[str]) -> int:
        """What these members get, in fen."""
        return sum(self.amounts[code] for code in codes)

    def slack(self, codes: list[str]) -> int:
        """By how many fen rounding the members and the total may move a sum over `codes` against a share of it."""
        return len(codes) + 1 if self.grid else 0


def recheck(problem: Mapping[str, Any], answer: Mapping[str, Any]) -> list[str]:
    """What is wrong with an optimal answer, in words; empty if nothing is.

    problem, answer: as in the allocation contract. Source: contracts "The rules", "Whole fen, one answer".
    """
    members = {str(member["code"]): member for member in problem["members"]}
    amounts = {str(entry["code"]): parse_yuan(entry["amount"]) for entry in answer["amounts"]}
    if sorted(members) != list(amounts) or len(amounts) != len(answer["amounts"]):
        return ["分配结果的单位与问题不一致"]
    grid = any("FEN-GRID" in str(warning) for warning in answer["warnings"])
    paid = Paid(members, amounts, grid)
    wrong = [*_money(problem, answer, paid), *_merit_zero(problem, paid)]
    for rule in problem["rules"]:
        if rule.get("priority") is None:
            wrong += [f"{rule['use']}: {said}" for said in CHECKS[rule["use"]](rule, paid)]
    return wrong


def _money(problem: Mapping[str, Any], answer: Mapping[str, Any], paid: Paid) -> Iterator[str]:
    pool, left = parse_yuan(problem["pool"]["amount"]), parse_yuan(answer["undistributed"])
    for code, amount in paid.amounts.items():
        if amount < 0:
            yield f"{code} 分得 {format_yuan(amount)} 元, 不得为负"
    if left < 0:
        yield f"未分配 {format_yuan(left)} 元, 不得为负"
    if paid.total + left != pool:
        yield f"分配 {format_yuan(paid.total)} 元加未分配 {format_yuan(left)} 元不等于资金池 {format_yuan(pool)} 元"
    if parse_yuan(answer["distributed"]) != paid.total:
        yield f"各单位合计 {format_yuan(paid.total)} 元, 记为 {answer['distributed']} 元"


def _merit_zero(problem: Mapping[str, Any], paid: Paid) -> Iterator[str]:
    floors = [rule for rule in problem["rules"] if rule["use"] == "floor_previous" and rule.get("priority") is None]
    for code, member in paid.members.items():
        if exact(member["merit"]) == 0:
            own = [0] + [_previous(member, rule, ceil_fen) for rule in floors if not _exempt(member, rule["use"])]
            if paid.amounts[code] > max(own):
                yield f"{code} 绩效为 0, 分得 {format_yuan(paid.amounts[code])} 元"


def _in_group(member: Member, name: str) -> bool:
    if name == "all":
        return True
    if name == "grassroots":
        return bool(member.get("grassroots"))
    if name == "signing_grassroots":
        return bool(member.get("grassroots")) and bool(member.get("signing"))
    return str(member["tier"]) == name


def _exempt(member: Member, rule: str) -> bool:
    return rule in (member.get("exempt") or {})


def _previous(member: Member, rule: Rule, rounded: Callable[[Fraction], int]) -> int:
    return rounded(exact(rule["ratio"]) * parse_yuan(member["previous"]))


def _min_share(group: str) -> Callable[[Rule, Paid], Iterator[str]]:
    def check(rule: Rule, paid: Paid) -> Iterator[str]:
        codes = paid.group(group)
        least = exact(rule["share"]) * paid.total
        if paid.sum(codes) + paid.slack(codes) < least:
            yield f"应不低于 {format_yuan(ceil_fen(least))} 元, 实为 {format_yuan(paid.sum(codes))} 元"

    return check


def _tier_shares(rule: Rule, paid: Paid) -> Iterator[str]:
    tolerance = exact(rule.get("tolerance", "0"))
    for tier, share in rule["shares"].items():
        codes = paid.group(tier)
        got, slack = paid.sum(codes), paid.slack(codes)
        low, high = (exact(share) - tolerance) * paid.total, (exact(share) + tolerance) * paid.total
        if not low - slack <= got <= high + slack:
            bounds = f"{format_yuan(ceil_fen(low))} 至 {format_yuan(floor_fen(high))}"
            yield f"{tier} 应在 {bounds} 元, 实为 {format_yuan(got)} 元"


def _own(bound: Callable[[Member, Rule], int], *, most: bool) -> Callable[[Rule, Paid], Iterator[str]]:
    def check(rule: Rule, paid: Paid) -> Iterator[str]:
        for code, member in paid.members.items():
            if _exempt(member, rule["use"]):
                continue
            limit, got = bound(member, rule), paid.amounts[code]
            if (got > limit) if most else (got < limit):
                word = "超过上限" if most else "低于下限"
                yield f"{code} 分得 {format_yuan(got)} 元, {word} {format_yuan(limit)} 元"

    return check


def _total_cap(rule: Rule, paid: Paid) -> Iterator[str]:
    limit = parse_yuan(rule["amount"])
    if paid.total > limit:
        yield f"合计 {format_yuan(paid.total)} 元, 超过 {format_yuan(limit)} 元"


def _pay_gap(rule: Rule, paid: Paid) -> Iterator[str]:
    low, high = (paid.group(rule[side], "pay_gap") for side in ("low", "high"))
    heads = [sum((exact(paid.members[c]["headcount"]) for c in side), Fraction(0)) for side in (low, high)]
    income = [sum(parse_yuan(paid.members[c]["gap_income"]) for c in side) + paid.sum(side) for side in (low, high)]
    ratio = exact(rule["ratio"])
    if not all(heads):
        return
    mean_low = (income[0] + paid.slack(low)) / heads[0]
    mean_high = (income[1] - paid.slack(high)) / heads[1]
    if mean_low < ratio * mean_high:
        said = [format_yuan(floor_fen(total / head)) for total, head in zip(income, heads, strict=True)]
        yield f"{rule['low']} 人均 {said[0]} 元, 低于 {rule['high']} 人均 {said[1]} 元的规定比例"


CHECKS: dict[str, Callable[[Rule, Paid], Iterator[str]]] = {
    "grassroots_min_share": _min_share("grassroots"),
    "signing_min_share": _min_share("signing_grassroots"),
    "tier_shares": _tier_shares,
    "wage_cap": _own(lambda member, _: max(0, parse_yuan(member["wage_headroom"])), most=True),
    "income_cap": _own(
        lambda member, rule: floor_fen(exact(rule["share"]) * max(0, parse_yuan(member["reward_base"]))), most=True
    ),
    "total_cap": _total_cap,
    "pay_gap": _pay_gap,
    "floor_previous": _own(lambda member, rule: _previous(member, rule, ceil_fen), most=False),
    "cap_previous": _own(lambda member, rule: _previous(member, rule, floor_fen), most=True),
}
