"""What must hold between a settlement and the pools that prepaid it, and of a deposit and the pools it is held from."""

from __future__ import annotations

from itertools import combinations

from allocation.pools import claws_back, pools, settles
from domain.plan import Plan, Pool
from engine.yaml.document import Document, KeyPath
from engine.yaml.schema import closest


def check_settlements(document: Document, plan: Plan) -> None:
    """Note settlements that do not say what was prepaid, estimates that settle, and prepayments set off twice.

    Codes: PREPAID-POOLS, PREPAID-TWICE, PREPAID-DIFFERS (paid in the total on one side only, so that nobody could tell
    what of the quota the prepayment took; or a prepayment or claw-back of another purpose), FIELD-VALUE.
    """
    sound = [(index, pool) for index, pool in enumerate(plan.pools) if pool.sound]
    by_id = {pool.id: pool for _, pool in sound}
    for index, pool in sound:
        _check_pool(document, ("pools", index, "params"), pool, by_id)
    for (_, first), (index, second) in combinations(sound, 2):
        for one in sorted({*settles(first)} & {*settles(second)}) if first.meets(second) else ():
            said = f"{one} 的预付在 {first.id} 和 {second.id} 两处抵扣"
            document.add(("pools", index, "params", "prepaid_pools"), "PREPAID-TWICE", said, "只写在一处")
        for one in sorted({*claws_back(first)} & {*claws_back(second)}) if first.meets(second) else ():
            said = f"{one} 的扣回余额在 {first.id} 和 {second.id} 两处扣"
            document.add(("pools", index, "params", "claw_back"), "PREPAID-TWICE", said, "只写在一处")


def _check_pool(document: Document, path: KeyPath, pool: Pool, by_id: dict[str, Pool]) -> None:
    former = pools()[pool.use]
    if pool.basis == "settled" and former.unsettled(pool.given):
        document.add(path, "PREPAID-POOLS", "清算 (settled) 须写 prepaid_pools", "没有预付的写 []")
    if pool.basis == "settled" and former.to_date(pool.given):
        said = "basis: settled 的资金池是全期的清算数, 不写 to_date"
        document.add((*path, "to_date"), "FIELD-VALUE", said, "删去, 或改 basis: estimate")
    if pool.basis == "estimate" and getattr(pool.given, "prepaid_pools", None):
        said = "basis: estimate 的资金池不清算, 不写 prepaid_pools"
        document.add((*path, "prepaid_pools"), "FIELD-VALUE", said, "删去, 或改 basis: settled")
    for name in claws_back(pool):
        if name in by_id and by_id[name].purpose != pool.purpose:
            said = f"{name} 与 {pool.id} 的用途不同, 一种钱的扣回不能从另一种钱里扣"
            document.add((*path, "claw_back"), "PREPAID-DIFFERS", said, "写 purpose 相同的资金池")
    for one in (by_id[name] for name in settles(pool) if name in by_id):
        if one.id == pool.id:
            document.add((*path, "prepaid_pools"), "PREPAID-POOLS", "清算不能抵扣自己", "写预付的资金池")
        elif one.purpose != pool.purpose:
            said = f"{one.id} 与 {pool.id} 的用途不同, 一种钱的预付不能从另一种钱里抵扣"
            document.add((*path, "prepaid_pools"), "PREPAID-DIFFERS", said, "写 purpose 相同的资金池")
        elif pool.purpose != "income" and one.inside_total != pool.inside_total:
            said = f"{one.id} 与 {pool.id} 一个占绩效工资总量, 一个不占"
            document.add((*path, "prepaid_pools"), "PREPAID-DIFFERS", said, "两处的 in_total 写成一样")


def check_withheld(document: Document, plan: Plan) -> None:
    """Note pools of withheld money that is not there, not theirs alone, or of another source.

    Codes: WITHHELD-FROM (the pool withholds nothing that may be divided, is an estimate, or does not come first in
    every period and form), WITHHELD-TWICE, FUND-MIXED.
    """
    found = [(index, pool) for index, pool in enumerate(plan.pools) if pool.sound and pool.use == "from_withheld"]
    for index, pool in found:
        name, path = pool.given.withheld_from, ("pools", index, "params", "withheld_from")
        one = next((one for one in plan.pools if one.id == name), None)
        if one is None or not one.sound:
            continue
        if not pools()[one.use].withholds:
            said = f"{name} 没有可再分配的扣减 (签约服务费的扣减退回支付方)"
            document.add(path, "WITHHELD-FROM", said, "写按结果扣减的资金池")
        elif one.basis != "settled":
            document.add(path, "WITHHELD-FROM", f"{name} 是预估, 扣减清算时才定", "写清算的资金池")
        elif (
            one not in plan.pools[:index]
            or {*pool.periods} - {*one.periods}
            or (one.forms and (not pool.forms or {*pool.forms} - {*one.forms}))
        ):
            said = f"{name} 不是每次都先于 {pool.id} 形成"
            document.add(path, "WITHHELD-FROM", said, "排在它之后, periods 和 forms 不超出它的")
        if (one.fund.title, one.fund.document) != (pool.fund.title, pool.fund.document):
            said = f"扣下的是 {one.fund.title} {one.fund.document} 的钱"
            document.add(("pools", index, "fund"), "FUND-MIXED", said, f"fund 写成与 {name} 一样")
    for (_, first), (index, second) in combinations(found, 2):
        if first.given.withheld_from == second.given.withheld_from and first.meets(second):
            said = f"{first.given.withheld_from} 扣下的钱在 {first.id} 和 {second.id} 各分一遍"
            document.add(("pools", index, "params", "withheld_from"), "WITHHELD-TWICE", said, "只留一个")


def check_deposit(document: Document, plan: Plan) -> None:
    """Note pools and scorecards of the deposit that are not there, and a score of others than those whose it is."""
    rules = plan.deposit
    if rules is None:
        return
    ids, cards = {pool.id for pool in plan.pools}, {card.id: card for card in plan.scorecards}
    for index, name in enumerate(rules.pools):
        if name not in ids:
            document.add(("deposit", "pools", index), "NAME-UNKNOWN", f"方案里没有 {name}", closest(name, ids))
        elif name in rules.pools[:index]:
            document.add(("deposit", "pools", index), "DUPLICATE-ID", f"{name} 写了两遍", "删去一个")
    at: KeyPath = ("deposit", "release", "scorecard")
    name, whose = rules.release.scorecard, rules.release.whose
    if name not in cards:
        document.add(at, "NAME-UNKNOWN", f"方案里没有 {name}", closest(name, {*cards}))
    elif cards[name].scope != whose:
        said = f"评分表 {name} 评的不是 whose: {whose}"
        document.add(at, "SCORE-WHOSE", said, f"换一张 scope: {whose} 的评分表")
