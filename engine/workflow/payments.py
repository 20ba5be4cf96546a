"""Vouchers: every line of a payable batch is ordered, paid, returned or held, with its voucher and date."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.money import MoneyError, format_yuan, parse_yuan
from domain.problems import InputProblems, Problem
from engine.storage.audit import Record
from engine.storage.desk import Desk
from engine.storage.query import false
from engine.storage.tables.decisions import Voucher
from engine.storage.tables.period import Batch
from engine.storage.tables.results import Hold, PayLine
from engine.workflow import results, runs
from engine.workflow.refusals import Guard, Unmet
from engine.workflow.roles import require
from engine.workflow.steps import batch_of

State = Literal["ordered", "paid", "returned", "held"]
_AFTER: dict[str | None, frozenset[str]] = {
    None: frozenset({"ordered", "held", "paid"}),
    "ordered": frozenset({"paid", "returned", "held"}),
    "returned": frozenset({"ordered", "paid", "held"}),
    "held": frozenset({"ordered", "paid"}),
    "paid": frozenset({"returned"}),
}
"""What may follow what."""


class LineGiven(BaseModel):
    """What the payer says of a line; amount: decimal text in yuan, which must be the line's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    alliance: str
    pool: str
    unit: str
    amount: str
    state: State
    voucher: str = Field(default="", max_length=200)
    date: dt.date | None = None
    reason: str = Field(default="", max_length=2000)


class LineView(BaseModel):
    """A line and what was last said of it."""

    model_config = ConfigDict(frozen=True)

    alliance: str
    pool: str
    unit: str
    amount: str
    payer: str
    state: str
    voucher: str
    date: dt.date | None
    reason: str


def record(desk: Desk, number: int, lines: list[LineGiven]) -> list[LineView]:
    """Take in what was ordered, paid, returned or held; all of it or nothing.

    Raises NotAllowed, Unmet (STATE), InputProblems with every line that is wrong: LINE-UNKNOWN, LINE-AMOUNT,
    LINE-STATE, LINE-VOUCHER, LINE-REASON, LINE-TWICE.
    """
    batch = batch_of(desk, number, lock=True)
    require(desk.actor, "payment.write", batch.region, batch.unit)
    if batch.state not in {"payable", "paid"}:
        raise Unmet([Guard("STATE", "交付发放后才能登记付款")])
    known = {(line.alliance, line.pool, line.unit): line for line in _lines(desk, batch)}
    last = {(row.alliance, row.pool, row.unit): row for row in _current(desk, batch)}
    problems = _problems(lines, known, last)
    if problems:
        raise InputProblems(problems)
    for one in lines:
        at = (one.alliance, one.pool, one.unit)
        old = last.get(at)
        if old is not None:
            desk.change(Voucher, Voucher.id == old.id, superseded=True)
        desk.add(
            Voucher(
                region=batch.region, unit=one.unit, batch=batch.id or 0, alliance=one.alliance, pool=one.pool,
                amount=known[at].amount, state=one.state, voucher=one.voucher, dated=one.date, reason=one.reason,
                by=desk.actor.user, at=desk.now,
            )
        )  # fmt: skip
    batch.version += 1
    desk.add(batch)
    detail = {"lines": [one.model_dump(mode="json") for one in lines]}
    desk.audit(Record("batch.payments", f"batch/{batch.id}", region=batch.region, unit=batch.unit, detail=detail))
    desk.event("batch.payments", f"batch/{batch.id}", region=batch.region, unit=batch.unit)
    return listed(desk, number)


def listed(desk: Desk, number: int) -> list[LineView]:
    """Every line of a batch that is the caller's, with what was last said of it ("" nothing yet).

    Raises NotThere where the caller sees no amounts yet.
    """
    batch = batch_of(desk, number)
    if batch.run is None:
        return []
    results.access(desk, runs.of(desk, batch.run), amounts=True)
    said = {(row.alliance, row.pool, row.unit): row for row in _current(desk, batch)}
    return [_view(line, said.get((line.alliance, line.pool, line.unit))) for line in _lines(desk, batch)]


def _view(line: PayLine, row: Voucher | None) -> LineView:
    return LineView(
        alliance=line.alliance,
        pool=line.pool,
        unit=line.unit,
        amount=format_yuan(line.amount),
        payer=line.payer,
        state=row.state if row else "",
        voucher=row.voucher if row else "",
        date=row.dated if row else None,
        reason=row.reason if row else "",
    )


def _lines(desk: Desk, batch: Batch) -> list[PayLine]:
    held = frozenset(hold.alliance for hold in desk.rows(Hold, Hold.batch == batch.id))
    return runs.lines(desk, batch, held)


def _current(desk: Desk, batch: Batch) -> list[Voucher]:
    return desk.rows(Voucher, Voucher.batch == batch.id, false(Voucher.superseded))


def _problems(
    lines: list[LineGiven], known: dict[tuple[str, str, str], PayLine], last: dict[tuple[str, str, str], Voucher]
) -> list[Problem]:
    problems: list[Problem] = []
    seen: set[tuple[str, str, str]] = set()
    for place, one in enumerate(lines, start=1):
        at, where = (one.alliance, one.pool, one.unit), f"lines[{place}]"
        line, old = known.get(at), last.get(at)
        if line is None:
            problems.append(Problem(where, "LINE-UNKNOWN", "批次里没有这一行", "核对医联体、资金池和单位"))
            continue
        if at in seen:
            problems.append(Problem(where, "LINE-TWICE", "同一行写了两次", "只写一次"))
        seen.add(at)
        if _fen(one.amount) != line.amount:
            said = f"金额 {one.amount} 与应付 {format_yuan(line.amount)} 不同"
            problems.append(Problem(where, "LINE-AMOUNT", said, "一行只能按应付金额付"))
        if one.state not in _AFTER[old.state if old else None]:
            said = f"{old.state if old else '未办'} 之后不能是 {one.state}"
            problems.append(Problem(where, "LINE-STATE", said, "核对这一行的办理情况"))
        if one.state in {"ordered", "paid", "returned"} and not (one.voucher.strip() and one.date):
            problems.append(Problem(where, "LINE-VOUCHER", "没有凭证号或日期", "写明 voucher 和 date"))
        if one.state in {"held", "returned"} and not one.reason.strip():
            problems.append(Problem(where, "LINE-REASON", "没有写明理由", "写明 reason"))
    return problems


def _fen(text: str) -> int | None:
    try:
        return parse_yuan(text)
    except MoneyError:
        return None
