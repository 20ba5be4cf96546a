"""年度清算: what each member is due of a settlement, what it was prepaid, and what is paid or taken back now.

    due         清算应得: the member's part of the whole settlement amount, divided by the settlement's own rules
    prepaid/…   已预付: less what each prepayment pool gave it this year (`prepaid`, of a surplus `surplus_prepaid`;
                document = pool id)
    top_up      补发: what is still due; claw_back 扣回: what was prepaid too much, negative, off the next payment

Due and prepaid stand beside each other and so do top-up and claw-back, never a net alone; due + prepaid = top_up +
claw_back, to the fen. The tilt of 天津 三(四)17 concerns the year's surplus, so it is the whole that is divided, and
it is the whole that is the member's income of the year (`allocation.permits`). What was prepaid to staff is among what
is paid in the total and out of R: before the whole is divided both have room for it again. Source: annual settlement,
signed lines (domain/B_money B.1.3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from allocation.context import Amount, PoolContext
from allocation.pools import pools
from domain.money import format_yuan
from domain.problems import Problems
from domain.step import Numbers, Phrase, Step, Words

LINES = ("due", "prepaid", "top_up", "claw_back")
"""The lines in the order of the steps; `prepaid` stands once per prepayment pool, whose id is the place's `of`."""
_NUMBERS = {"due": "清算应得", "prepaid": "已预付 ({it})"}
WORDS = {
    "due": Words("清算应得", "清算资金池的分配额", {"allocated": "清算资金池的分配额"}),
    "prepaid": Words("已预付 ({pool})", "本年已预付, 记为负数", {"paid": "本年已预付"}),
    "top_up": Words("补发", "清算应得 − 已预付, 不小于 0", _NUMBERS),
    "claw_back": Words("扣回", "清算应得 − 已预付, 不大于 0", _NUMBERS),
    "next": "已预付超过清算应得, 差额从下次支付中扣回",
}


Prepaid = Mapping[str, Mapping[str, Amount]]
"""What every member was prepaid, by unit and prepayment pool."""


def prepaid(context: PoolContext, named: Sequence[str]) -> dict[str, dict[str, Amount]]:
    """What every member of the alliance was prepaid, by unit and pool; nothing of one that is at home elsewhere.

    named: ids of the prepayment pools. Raises InputProblems: MONEY-MISSING for a member without a row (one that got
    nothing states 0; of a pool that owes members their own amount those that share), PREPAID-SUM where the alliance
    states another sum than its members.
    """
    problems, former = Problems(), pools()[context.pool.use]
    units = sorted(context.members["unit_code"])
    item, away = former.prepaid, frozenset[str]() if former.own else context.away
    sharing = {*context.sharing["unit_code"]} if former.own else {*units}

    def one(unit: str, pool: str) -> Amount:
        found = context.need(problems, unit, item, pool) if unit in sharing else context.find(unit, item, pool)
        return found or Amount(0)

    paid = {unit: {} if unit in away else {pool: one(unit, pool) for pool in named} for unit in units}
    # Of an alliance that members joined or left in the year its own figure and theirs are of different places.
    whole_year = not context.away and context.members["months"].ge(context.period.months).all()
    for pool in named if whole_year else ():
        whole = context.find(context.alliance_code, item, pool)
        total = sum(paid[unit][pool].fen for unit in units)
        if whole is not None and whole.fen != total and not problems:
            problems.add(
                whole.cells[0] if whole.cells else context.alliance_code,
                "PREPAID-SUM",
                f"医联体填的 {pool} 已预付 {format_yuan(whole.fen)} 元, 成员单位合计 {format_yuan(total)} 元",
                "核对各成员单位的已预付数",
            )
    problems.raise_if_any()
    return paid


def settle(context: PoolContext, due: Mapping[str, int], paid: Prepaid) -> tuple[Step, ...]:
    """The signed lines of every member that is due something or was prepaid, in the order of units and steps.

    due: fen by unit, of the members that share; paid: as `prepaid`.
    """
    return tuple(
        line
        for unit, before in paid.items()
        if unit in due or any(amount.fen for amount in before.values())
        for line in _lines(context, unit, due.get(unit, 0), before)
    )


def _lines(context: PoolContext, unit: str, due: int, paid: Mapping[str, Amount]) -> list[Step]:
    net = due - sum(amount.fen for amount in paid.values())
    numbers: Numbers = {"due": due, **{("prepaid", pool): amount.fen for pool, amount in paid.items()}}
    notes = (Phrase(f"{__name__}:next"),) if net < 0 else ()

    def line(
        code: str,
        fen: int,
        put_in: Numbers,
        *,
        pool: str = "",
        cells: tuple[str, ...] = (),
        notes: tuple[Phrase, ...] = (),
    ) -> Step:
        place = context.place(unit=unit, line=code, of=pool)
        fields, use = {"pool": pool}, context.pool.use
        return Step("settlement", place, f"{__name__}:{code}", fen, put_in, fields, use, context.cites, cells, notes)

    return [
        line("due", due, {"allocated": due}),
        *(
            line("prepaid", -amount.fen, {"paid": amount.fen}, pool=pool, cells=amount.cells)
            for pool, amount in paid.items()
        ),
        line("top_up", max(0, net), numbers),
        line("claw_back", min(0, net), numbers, notes=notes),
    ]
