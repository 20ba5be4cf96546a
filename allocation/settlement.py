"""年度清算: what each member is due of a settlement, what it was prepaid, and what is paid or taken back now.

    due         清算应得: the member's part of the whole settlement amount, divided by the settlement's own rules
    prepaid/…   已预付: less what each prepayment pool gave it this year (`prepaid`, of a surplus `surplus_prepaid`;
                document = pool id)
    carried/…   扣回余额: less what an earlier settlement could not take back yet (`claw_back_opening`, document = that
                pool's id), where the plan's `claw_back` has this pool's payments bear it; outside settlements too
    top_up      补发: what is still due; claw_back 扣回: what was prepaid too much, negative, off the next payment

Due and what comes off stand beside each other and so do top-up and claw-back, never a net alone; due + prepaid +
carried = top_up + claw_back, to the fen. The tilt of 天津 三(四)17 concerns the year's surplus, so it is the whole that
is divided, and it is the whole that is the member's income of the year (`allocation.permits`). What was prepaid to
staff is among what is paid in the total and out of R: before the whole is divided both have room for it again. Source:
annual settlement, signed lines (domain/B_money B.1.3).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from allocation.context import Amount, PoolContext
from allocation.pools import pools, settles
from domain.money import format_yuan
from domain.problems import Problems
from domain.step import Numbers, Phrase, Step, Words

ITEM = "claw_back_opening"
LINES = ("due", "prepaid", "carried", "top_up", "claw_back")
"""The lines in the order of the steps; `prepaid` and `carried` stand once per pool, whose id is the place's `of`."""
_NUMBERS = {"due": "清算应得", "now": "本期应付", "prepaid": "已预付 ({it})", "carried": "扣回余额 ({it})"}
WORDS = {
    "due": Words("清算应得", "清算资金池的分配额", {"allocated": "清算资金池的分配额"}),
    "due_now": Words("本期应付", "资金池的分配额", {"allocated": "资金池的分配额"}),
    "prepaid": Words("已预付 ({pool})", "本年已预付, 记为负数", {"paid": "本年已预付"}),
    "carried": Words("扣回余额 ({pool})", "以前清算应扣回、尚未扣清的, 记为负数", {"left": "扣回余额"}),
    "top_up": Words("补发", "清算应得 − 已预付, 不小于 0", _NUMBERS),
    "claw_back": Words("扣回", "清算应得 − 已预付, 不大于 0", _NUMBERS),
    "top_up_carried": Words("补发", "清算应得 − 已预付 − 扣回余额, 不小于 0", _NUMBERS),
    "claw_back_carried": Words("扣回", "清算应得 − 已预付 − 扣回余额, 不大于 0", _NUMBERS),
    "top_up_now": Words("实付", "本期应付 − 扣回余额, 不小于 0", _NUMBERS),
    "claw_back_now": Words("未扣清余额", "本期应付 − 扣回余额, 不大于 0", _NUMBERS),
    "next": "已预付超过清算应得, 差额从下次支付中扣回",
    "next_now": "扣回余额超过本期应付, 其余结转下次支付扣回",
}


Prepaid = Mapping[str, Mapping[str, Amount]]
"""What every member was prepaid, or still owes, by unit and pool."""


def prepaid(context: PoolContext, named: Sequence[str]) -> dict[str, dict[str, Amount]]:
    """What every member of the alliance was prepaid, by unit and pool; nothing of one that is at home elsewhere.

    named: ids of the prepayment pools. Raises InputProblems: MONEY-MISSING for a member without a row (one that got
    nothing states 0; of a pool that owes members their own amount those that share), PREPAID-SUM where the alliance
    states another sum than its members.
    """
    problems, former = Problems(), pools()[context.pool.use]
    item = former.prepaid
    asked = {*context.sharing["unit_code"]} if former.own else {*context.members["unit_code"]}
    paid = _stated(context, item, named, asked, problems)
    # Of an alliance that members joined or left in the year its own figure and theirs are of different places.
    whole_year = not context.away and context.members["months"].ge(context.period.months).all()
    for pool in named if whole_year else ():
        whole = context.find(context.alliance_code, item, pool)
        total = sum(rows[pool].fen for rows in paid.values())
        if whole is not None and whole.fen != total and not problems:
            problems.add(
                whole.cells[0] if whole.cells else context.alliance_code,
                "PREPAID-SUM",
                f"医联体填的 {pool} 已预付 {format_yuan(whole.fen)} 元, 成员单位合计 {format_yuan(total)} 元",
                "核对各成员单位的已预付数",
            )
    problems.raise_if_any()
    return paid


def prepaid_away(context: PoolContext, named: Sequence[str]) -> dict[str, dict[str, Amount]]:
    """What members at home elsewhere were prepaid, by unit and pool, as far as it is stated: there it must be.

    It is set off at home; in the total and out of R a member was paid it wherever it is looked at.
    """
    item, away = pools()[context.pool.use].prepaid, sorted(context.away & {*context.members["unit_code"]})
    return {unit: {pool: context.find(unit, item, pool) or Amount(0) for pool in named} for unit in away}


def carried(context: PoolContext, named: Sequence[str]) -> Prepaid:
    """What every member still owes of earlier settlements, by unit and pool (`claw_back_opening`); as `prepaid`.

    named: ids of the pools that settled. Raises InputProblems: MONEY-MISSING for a member that shares and has no row.
    """
    problems = Problems()
    left = _stated(context, ITEM, named, {*context.sharing["unit_code"]}, problems)
    problems.raise_if_any()
    return left


def _stated(
    context: PoolContext, item: str, named: Sequence[str], asked: Collection[str], problems: Problems
) -> dict[str, dict[str, Amount]]:
    """An item of every member by pool, nothing of one at home elsewhere. asked: those that must have a row."""
    away = frozenset[str]() if pools()[context.pool.use].own else context.away

    def one(unit: str, pool: str) -> Amount:
        found = context.need(problems, unit, item, pool) if unit in asked else context.find(unit, item, pool)
        return found or Amount(0)

    units = sorted(context.members["unit_code"])
    return {unit: {} if unit in away else {pool: one(unit, pool) for pool in named} for unit in units}


def settle(context: PoolContext, due: Mapping[str, int], paid: Prepaid, left: Prepaid) -> tuple[Step, ...]:
    """The signed lines of every member that is due something, was prepaid or owes, in the order of units and steps.

    due: fen by unit, of the members that share; paid: as `prepaid`; left: as `carried`.
    """
    return tuple(
        line
        for unit in sorted(context.members["unit_code"])
        for line in _lines(context, unit, due.get(unit), paid.get(unit, {}), left.get(unit, {}))
    )


def _lines(
    context: PoolContext, unit: str, due: int | None, paid: Mapping[str, Amount], left: Mapping[str, Amount]
) -> list[Step]:
    off = {
        **{("prepaid", pool): one for pool, one in paid.items()},
        **{("carried", pool): one for pool, one in left.items()},
    }
    if due is None and not any(one.fen for one in off.values()):
        return []
    due = due or 0
    net = due - sum(one.fen for one in off.values())
    now = not settles(context.pool)
    kind = "_now" if now else "_carried" if left else ""
    numbers: Numbers = {"now" if now else "due": due, **{name: one.fen for name, one in off.items()}}

    def line(code: str, fen: int, put_in: Numbers, words: str = "", pool: str = "", **more: Any) -> Step:
        place, said = context.place(unit=unit, line=code, of=pool), f"{__name__}:{words or code}"
        return Step("settlement", place, said, fen, put_in, {"pool": pool}, context.pool.use, context.cites, **more)

    notes = (Phrase(f"{__name__}:{'next_now' if now else 'next'}"),) if net < 0 else ()
    return [
        line("due", due, {"allocated": due}, "due_now" if now else "due"),
        *(
            line(code, -one.fen, {"paid" if code == "prepaid" else "left": one.fen}, pool=pool, cells=one.cells)
            for (code, pool), one in off.items()
        ),
        line("top_up", max(0, net), numbers, f"top_up{kind}"),
        line("claw_back", min(0, net), numbers, f"claw_back{kind}", notes=notes),
    ]
