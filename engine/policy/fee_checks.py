"""What must hold of fees beside the documents: prices are those printed, and signing fees (签约服务费) are one fee.

A price for which a pool names a pack's entry is the one in force on the day. The pools of a signing fee pay one fee
together, each part of it once.

The payers' parts make up the fee only where every pool of the same members states one standard, the same shares of the
payers and one share for staff. Nor may the standard be below what a pack of the plan demands on the day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from itertools import combinations
from typing import Any

from allocation.pools import priced_services
from domain.money import format_exact, format_yuan
from domain.pack import Pack
from domain.plan import Plan
from engine.yaml.document import Document
from engine.yaml.schema import closest

USE, STANDARD = "signing_fee", "signing_fee_standard"
PRICED = "priced_services"


def check_fees(document: Document, plan: Plan, packs: Mapping[str, Pack], day: date | None) -> None:
    """Note what contradicts: FEE-DIFFERS, FEE-TWICE, and FEE-STANDARD once a rule's deadline has come; PRICE-DIFFERS.

    day: the day whose parameters `plan` has; without one no deadline has come.
    """
    sound = [(index, pool) for index, pool in enumerate(plan.pools) if pool.sound]
    for index, pool in sound:
        if pool.use == PRICED:
            _check_prices(document, index, pool.given, packs)
    pools = [(index, pool) for index, pool in sound if pool.use == USE]
    for (_, first), (index, second) in combinations(pools, 2):
        if not (first.meets(second) and first.basis == second.basis):
            continue
        mine, other = first.given, second.given
        for key, word in (("standard", "补偿标准"), ("payers", "分担比例"), ("staff_share", "人员比例")):
            if _differ(getattr(mine, key), getattr(other, key)):
                said = f"签约服务费资金池 {second.id} 的{word} ({key}) 与 {first.id} 不同"
                document.add(("pools", index, "params", key), "FEE-DIFFERS", said, "同一笔签约服务费写成一致")
        parts = {mine.part, other.part}
        if mine.payer == other.payer and (len(parts) == 1 or "all" in parts):
            said = f"签约服务费资金池 {second.id} 与 {first.id} 付的是同一支付方的同一部分"
            document.add(("pools", index, "params", "part"), "FEE-TWICE", said, "删去一个, 或改 payer、part")
    for index, pool in pools:
        standard = pool.given.standard
        for rule, least in _demands(packs, day):
            if standard < least:
                said = f"补偿标准 {format_exact(standard)} 元/人年, 低于 {rule} 的 {format_exact(least)} 元/人年"
                document.add(("pools", index, "params", "standard"), "FEE-STANDARD", said, "不低于文件的标准")


def _check_prices(document: Document, index: int, given: priced_services.Params, packs: Mapping[str, Pack]) -> None:
    """The prices of a pool are those of the entries it names."""
    printed = {f"{pack.id}:{price.id}": price for pack in packs.values() for price in pack.prices}
    for metric, reference in given.entries.items():
        stated = given.prices[metric]
        if reference not in printed:
            at = ("pools", index, "params", "entries", metric)
            document.add(at, "PRICE-UNKNOWN", f"没有价格条目 {reference}", closest(reference, printed))
        elif stated != printed[reference].amount:
            ours, theirs = format_exact(Fraction(stated, 100)), format_yuan(printed[reference].amount)
            said = f"单价 {ours} 元, {reference} 是 {theirs} 元"
            at = ("pools", index, "params", "prices", metric)
            document.add(at, "PRICE-DIFFERS", said, "照文件的价格写 (可分期取值); 本地另定的不写 entries")


def _differ(mine: Any, other: Any) -> bool:
    """Whether both are stated and not the same; a pool that pays all of a fee has no share for staff."""
    return mine is not None and other is not None and mine != other


def _demands(packs: Mapping[str, Pack], day: date | None) -> Iterator[tuple[str, Fraction]]:
    """(pack:rule, yuan per person and year) of every rule whose deadline has come and that sets a least standard."""
    for pack in packs.values():
        for rule in pack.indicators:
            least = rule.target if rule.indicator == STANDARD and rule.op == ">=" and not rule.recommended else None
            come = rule.deadline is None or (day is not None and rule.deadline <= day)
            if isinstance(least, Fraction) and come:
                yield f"{pack.id}:{rule.id}", least
