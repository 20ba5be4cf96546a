"""Sheets of a batch to print: the one that is signed, with its digest and anchor, and the one for the public.

The anchor on a sheet is the first 16 digits of the audit chain's head at that moment: `liangyun audit verify --printed`
finds the record again, and whoever wrote the chain anew would have to print the sheet anew.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import xlsxwriter

from domain.money import format_daxie, format_yuan
from domain.period import Period
from domain.workflow import DUTY_TITLES
from engine.printing.page import FILL_TOTAL, OPTIONS, Book, Column, Page
from engine.public.disclosure import disclose
from engine.storage.audit import Record
from engine.storage.desk import Desk
from engine.storage.tables.period import Batch, PeriodRow
from engine.storage.tables.place import Unit
from engine.storage.tables.proof import AuditHead
from engine.storage.tables.results import Amount, Hold, PayLine, Run
from engine.workflow import hands, policies, runs
from engine.workflow.batch import AMOUNTS_SHOWN, APPROVED, KINDS, STATES, State
from engine.workflow.refusals import Guard, NotThere, Unmet
from engine.workflow.roles import require, why_not
from engine.workflow.steps import batch_of

PRINTED = 16
"""Hex digits of the chain's head on a sheet."""
_SIGNED_FROM = APPROVED | {"reviewing"}


def approval(desk: Desk, number: int) -> tuple[str, bytes]:
    """The sheet to sign (.xlsx): what is approved, line by line, with its digest. Raises NotThere, Unmet (STATE)."""
    batch = _whole(desk, number, _SIGNED_FROM)
    of = desk.get(PeriodRow, batch.period)
    if of is None:
        raise NotThere
    period = Period.parse(of.code)
    plan = policies.pinned(desk.store, batch.policy, period).loaded.plan
    held = {hold.alliance: hold.reason for hold in desk.rows(Hold, Hold.batch == batch.id)}
    lines = runs.lines(desk, batch, frozenset(held))
    with desk.beyond():
        names = dict(desk.values([Unit.unit, Unit.name]))
        anchor = desk.rows(AuditHead)[0].hash[:PRINTED]
    titles = {pool.id: pool.title for pool in plan.pools}
    stages = [str(one["title"]) for one in batch.approvals or ()]
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, deepcopy(OPTIONS)) as workbook:
        workbook.set_properties({"title": "审批单", "created": datetime(2000, 1, 1, tzinfo=UTC)})
        book = Book(workbook, plan.title, period.title, ("制表", *stages))
        columns = [Column("医联体", 190), Column("资金池", 190), Column("单位编码", 90, "code"), Column("单位", 300),
                   Column("付款方", 120), Column("金额（元）", 140, "money")]  # fmt: skip
        info = _info(desk, batch, period, anchor)
        page = book.page("审批单", "", f"{plan.title} {period.title}{KINDS[batch.kind]}审批单", columns, info)
        for alliance, reason in sorted(held.items()):
            page.line(f"暂缓：{names.get(alliance, alliance)}（{alliance}），{reason}")
        page.headings(freeze=1)
        _rows(page, lines, names, titles)
        page.signatures()
        page.close()
    desk.audit(Record("sheet.print", f"batch/{batch.id}", region=batch.region, unit=batch.unit,
                      detail={"sheet": "approval", "digest": batch.seen or "", "anchor": anchor}))  # fmt: skip
    return f"审批单-{of.plan}-{of.code}.xlsx", content.getvalue()


def public(desk: Desk, number: int) -> tuple[str, bytes]:
    """The sheet for 公示 (.xlsx): scores, grades and totals, nobody by name, nothing of what is held back.

    Once it was posted it is for everybody whom the batch covers; before, for who makes and checks it. Raises NotThere,
    NotAllowed, Unmet (STATE).
    """
    batch = batch_of(desk, number)
    if why_not(desk.actor, "sheet.read", batch.region, batch.unit) is None:
        _whole(desk, number, APPROVED)
    else:
        require(desk.actor, "posting.read", batch.region, batch.unit, covers=True)
        if batch.state not in AMOUNTS_SHOWN:
            raise NotThere("公示表还没有公示")
    of, run = desk.get(PeriodRow, batch.period), desk.get(Run, batch.run) if batch.run else None
    if of is None or run is None:
        raise NotThere
    with TemporaryDirectory() as made:
        path = Path(made) / "public.xlsx"
        disclose(desk.store.files.folder("runs", run.folder), path, held=_held(desk, batch))
        content = path.read_bytes()
    desk.audit(Record("sheet.print", f"batch/{batch.id}", region=batch.region, unit=batch.unit,
                      detail={"sheet": "public", "digest": run.folder}))  # fmt: skip
    return f"公示-{of.plan}-{of.code}.xlsx", content


SHEETS: dict[str, Callable[[Desk, int], tuple[str, bytes]]] = {"approval": approval, "public": public}


def _held(desk: Desk, batch: Batch) -> frozenset[str]:
    """The alliances that are held back, and the units that no other pays; unpaid, that the register has in no other."""
    held = frozenset(hold.alliance for hold in desk.rows(Hold, Hold.batch == batch.id))
    paid: dict[str, set[str]] = {}
    with desk.beyond():
        homes = runs.alliances(desk)
        for unit, alliance in desk.values([Amount.unit, Amount.alliance], Amount.run == batch.run):
            paid.setdefault(unit, set()).add(alliance)
    return held | {unit for unit, alliances in {**homes, **paid}.items() if alliances <= held}


def _whole(desk: Desk, number: int, states: frozenset[str]) -> Batch:
    """The batch, for whoever sees all of it."""
    batch = batch_of(desk, number)
    if batch.kind == "pay" or not desk.actor.scope.sees(batch.region, batch.unit):  # its sheets are exports of pay
        raise NotThere
    require(desk.actor, "sheet.read", batch.region, batch.unit)
    if batch.state not in states:
        raise Unmet([Guard("STATE", "报审后才有审批单, 批准后才有公示表")])
    return batch


def _info(desk: Desk, batch: Batch, period: Period, anchor: str) -> list[str]:
    done = "　".join(f"{duty}：{name}" for duty, name in sorted(_done(desk, batch).items()))
    return [
        f"批次：{batch.id}　第 {batch.number} 批　第 {batch.round} 轮　状态：{_title(batch.state)}　期间：{period}",
        f"摘要：{batch.seen}",
        f"数据集：{batch.dataset}",
        f"审计链：{anchor}　{done}",
    ]


def _done(desk: Desk, batch: Batch) -> dict[str, str]:
    return {DUTY_TITLES[duty]: name for duty, name in hands.of(desk, batch).items()}  # type: ignore[index]


def _title(state: str) -> str:
    known: dict[State, str] = STATES
    return known[state]  # type: ignore[index]


def _rows(page: Page, lines: list[PayLine], names: dict[str, str], titles: dict[str, str]) -> None:
    for line in lines:
        pool = runs.pool_of(line.pool)
        title = titles.get(pool, pool) if pool == line.pool else f"退还保证金：{titles.get(pool, pool)}"
        name = names.get(line.alliance, line.alliance)
        page.row([name, title, line.unit, names.get(line.unit, line.unit), line.payer, line.amount])
    total = sum(line.amount for line in lines)
    page.row(["合计", "", "", f"大写：{format_daxie(total)}" if total >= 0 else format_yuan(total), "", total],
             bold=True, bg_color=FILL_TOTAL)  # fmt: skip
