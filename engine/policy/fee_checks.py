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

from domain.money import exact, format_exact, format_yuan
from domain.pack import Pack
from domain.plan import Plan, Pool
from engine.yaml.document import Document
from engine.yaml.schema import closest

USE, STANDARD = "signing_fee", "signing_fee_standard"
PRICED = "priced_services"


def check_fees(document: Document, plan: Plan, packs: Mapping[str, Pack], day: date | None) -> None:
    """Note what contradicts: FEE-DIFFERS, FEE-TWICE, and FEE-STANDARD once a rule's deadline has come; PRICE-DIFFERS.

    day: the day whose parameters `plan` has; without one no deadline has come.
    """
    for index, pool in enumerate(plan.pools):
        if pool.use == PRICED:
            _check_prices(document, index, pool, packs)
    pools = [(index, pool) for index, pool in enumerate(plan.pools) if pool.use == USE]
    for (_, first), (index, second) in combinations(pools, 2):
        if not (first.meets(second) and first.basis == second.basis):
            continue
        for key, word in (("standard", "补偿标准"), ("payers", "分担比例"), ("staff_share", "人员比例")):
            if _differ(first, second, key):
                said = f"签约服务费资金池 {second.id} 的{word} ({key}) 与 {first.id} 不同"
                document.add(("pools", index, "params", key), "FEE-DIFFERS", said, "同一笔签约服务费写成一致")
        parts = {str(pool.params.get("part")) for pool in (first, second)}
        if first.params.get("payer") == second.params.get("payer") and (len(parts) == 1 or "all" in parts):
            said = f"签约服务费资金池 {second.id} 与 {first.id} 付的是同一支付方的同一部分"
            document.add(("pools", index, "params", "part"), "FEE-TWICE", said, "删去一个, 或改 payer、part")
    for index, pool in pools:
        standard = _number(pool.params.get("standard"))
        for rule, least in _demands(packs, day):
            if standard is not None and standard < least:
                said = f"补偿标准 {format_exact(standard)} 元/人年, 低于 {rule} 的 {format_exact(least)} 元/人年"
                document.add(("pools", index, "params", "standard"), "FEE-STANDARD", said, "不低于文件的标准")


def _check_prices(document: Document, index: int, pool: Pool, packs: Mapping[str, Pack]) -> None:
    """The prices of a pool are those of the entries it names."""
    prices, entries = pool.params.get("prices"), pool.params.get("entries")
    printed = {f"{pack.id}:{price.id}": price for pack in packs.values() for price in pack.prices}
    for metric, reference in entries.items() if isinstance(entries, Mapping) else ():
        stated = _number(prices.get(metric)) if isinstance(prices, Mapping) else None
        if reference not in printed:
            at = ("pools", index, "params", "entries", metric)
            document.add(at, "PRICE-UNKNOWN", f"没有价格条目 {reference}", closest(str(reference), printed))
        elif stated is not None and stated * 100 != printed[reference].amount:
            said = f"单价 {format_exact(stated)} 元, {reference} 是 {format_yuan(printed[reference].amount)} 元"
            at = ("pools", index, "params", "prices", metric)
            document.add(at, "PRICE-DIFFERS", said, "照文件的价格写 (可分期取值); 本地另定的不写 entries")


def _differ(first: Pool, second: Pool, key: str) -> bool:
    mine, other = first.params.get(key), second.params.get(key)
    if key == "staff_share" and (mine is None or other is None):
        return False  # a pool that pays all of it has none
    return bool(_plain(mine) != _plain(other))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _number(share) for name, share in value.items()}
    return _number(value)


def _number(value: Any) -> Fraction | None:
    """A parameter as a number; None for what its own check refuses."""
    try:
        return exact(value)
    except (TypeError, ValueError):
        return None


def _demands(packs: Mapping[str, Pack], day: date | None) -> Iterator[tuple[str, Fraction]]:
    """(pack:rule, yuan per person and year) of every rule whose deadline has come and that sets a least standard."""
    for pack in packs.values():
        for rule in pack.indicators:
            least = rule.target if rule.indicator == STANDARD and rule.op == ">=" and not rule.recommended else None
            come = rule.deadline is None or (day is not None and rule.deadline <= day)
            if isinstance(least, Fraction) and come:
                yield f"{pack.id}:{rule.id}", least
