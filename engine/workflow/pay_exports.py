"""Exports of a pay batch: made by the functions of the command line, recorded before their bytes leave.

People's names are joined from the encrypted workbook in memory; only who may reveal gets them, `audit` alone goes by
codes. A bank batch is exported once; the same bytes again are no second export.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from domain.problems import InputProblems, Problem
from engine.pay.exports.audit.book import audit_book, audited
from engine.pay.exports.bank import batch_of as bank_batch
from engine.pay.exports.bank import enter, files, rows_of
from engine.pay.exports.opened import opened
from engine.pay.exports.paid import Paid
from engine.pay.exports.public import public_book
from engine.pay.exports.register import registered, void
from engine.pay.exports.roster import Roster
from engine.pay.exports.sheets.book import persons_in, sheet_book
from engine.pay.exports.sheets.edited import check_edited
from engine.pay.exports.slips import slips_pdf
from engine.pay.exports.taxform import persons_taxed, tax_book
from engine.pay.exports.treasury import treasury_book
from engine.printing.system import in_memory
from engine.storage.desk import Desk
from engine.storage.tables.pay import PayExport, PayFolder
from engine.storage.tables.people import User
from engine.storage.tables.period import Batch
from engine.workflow import pay, pay_folders, pay_layouts, pay_rosters
from engine.workflow.batch import AMOUNTS_SHOWN, APPROVED, RELEASED, STATES
from engine.workflow.refusals import Guard, NotAllowed, NotThere, Unmet
from engine.workflow.results import MEDIA, zip_of
from engine.workflow.roles import require

AUDIT, BANK = "audit", "bank"
PDF, ZIP, PLAIN = "application/pdf", "application/zip", "application/octet-stream"
_ALWAYS = frozenset(STATES)
_FROM: Mapping[str, frozenset[str]] = {
    "sheet": _ALWAYS,
    "audit": _ALWAYS,
    "public": APPROVED,
    "slips": AMOUNTS_SHOWN,
    "taxform": RELEASED,
    "treasury": RELEASED,
    BANK: frozenset({"payable", "paid"}),
}
"""From which state on each kind may leave."""
KINDS = tuple(_FROM)


@dataclass(frozen=True)
class Made:
    """An export that was made and has not left yet. number: of the bank batch."""

    kind: str
    name: str
    media: str
    content: bytes
    number: str = ""

    @property
    def sha(self) -> str:
        """Of its bytes."""
        return sha256(self.content).hexdigest()


class ExportView(BaseModel):
    """An export as it is shown; by: the login."""

    model_config = ConfigDict(frozen=True)

    kind: str
    batch_no: str
    sha: str
    by: str
    at: datetime
    voided_reason: str


def made(desk: Desk, number: int, kind: str, *, person: str = "", year: bool = False) -> Made:
    """An export but for a bank batch's. Nothing is recorded yet.

    person, year: of `audit`, only this one's year; all that the institution paid in the batch's year of payment.

    Raises NotThere, NotAllowed, Unmet (STATE, RESTORED), InputProblems and Refused as the commands of `pay`.
    """
    batch = _allowed(desk, number, kind)
    row = pay_folders.of(desk, batch)
    if kind == AUDIT:
        return _audit(desk, _of_year(desk, batch) if year else [row], person)
    with pay_folders.keyed(desk.store), pay_folders.laid_out(desk, row) as laid:
        paid = opened(laid.folder)
        of_persons, build = _BUILD[kind]
        with pay_rosters.known(desk, batch, row, paid, of_persons(paid)) as roster:
            content = build(desk, paid, roster, batch.region)
    if kind == "slips":
        return Made(kind, f"{kind}.pdf", PDF, content)
    return Made(kind, f"{kind}.xlsx", MEDIA["xlsx"], content)


def _audit(desk: Desk, rows: list[PayFolder], person: str) -> Made:
    with pay_folders.keyed(desk.store), ExitStack() as stack:
        laid = [stack.enter_context(pay_folders.laid_out(desk, one)) for one in rows]
        payments, registers = [opened(one.folder) for one in laid], [pay_folders.register(desk, one) for one in rows]
        book = audit_book(payments, registers, None, audited(payments, registers, None), person)
    return Made(AUDIT, f"{AUDIT}.xlsx", MEDIA["xlsx"], book)


def _of_year(desk: Desk, batch: Batch) -> list[PayFolder]:
    """The folders of all that an institution released in the year of payment of a batch, and of the batch itself."""
    month = pay.own_of(desk, batch).month
    of = (Batch.kind == pay.KIND, Batch.region == batch.region, Batch.unit == batch.unit)
    found = [one for one in desk.rows(Batch, *of, order=Batch.id) if one.state in RELEASED or one.id == batch.id]
    return [pay_folders.of(desk, one) for one in found if pay.own_of(desk, one).month[:4] == month[:4]]


def changed(desk: Desk, number: int, name: str, content: bytes) -> list[Problem]:
    """What somebody changed in a workbook of the sheets, cell by cell; only that it was asked is kept.

    Raises as `made`.
    """
    own = made(desk, number, "sheet")
    if Path(name.lower()).suffix != ".xlsx":
        raise InputProblems([Problem("$.file", "FILE-KIND", "不是工作簿", "交导出的发放表 (.xlsx)")])
    found: list[Problem] = []
    with in_memory(content, own.name) as path:
        try:
            check_edited(own.content, path)
        except InputProblems as error:
            found = list(error.problems)
    detail = {"sha": sha256(content).hexdigest(), "changed": len(found)}
    pay.noted(desk, pay.pay_batch(desk, number), "pay.check.sheet", detail)
    return found


def leave(desk: Desk, number: int, done: Made) -> None:
    """Record an export; its bytes leave when this has committed. Raises as `made`."""
    batch = _allowed(desk, number, done.kind)
    desk.add(
        PayExport(
            region=batch.region, unit=batch.unit, batch=batch.id or 0, kind=done.kind, number=done.number,
            sha=done.sha, by=desk.actor.user, at=desk.now,
        )
    )  # fmt: skip
    pay.noted(desk, batch, f"pay.export.{done.kind}", {"sha": done.sha, "batch_no": done.number})


def bank(desk: Desk, number: int, batch_no: str, layout: str, given: Mapping[str, str]) -> Made:
    """Export a bank batch and record it, in one transaction. layout: of a bank, published here or shipped, by its id.

    Raises NotThere, NotAllowed (HAND: whoever mended accounts pays nobody by them), Unmet (STATE, RESTORED,
    BANK-UNKNOWN), InputProblems and Refused as `pay bank`.
    """
    batch = _allowed(desk, number, BANK, lock=True)
    if desk.actor.person in pay_rosters.mended_by(desk, batch):
        raise NotAllowed("HAND", "这一批的账户由您改正过, 代发文件由别人导出")
    row, read = pay_folders.holding(desk, batch, batch_no), pay_layouts.of_bank(desk, layout)
    with pay_folders.keyed(desk.store), pay_folders.laid_out(desk, row) as laid:
        paid = opened(laid.folder)
        with registered(laid.folder) as register:
            one = bank_batch(paid, register.batch(batch_no))
            now = register.number(one.number)
            with pay_rosters.known(desk, batch, row, paid, {line.person for line in one.lines}) as roster:
                parts = files(paid, one, now, rows_of(one, now, roster, "账户表"), read.layout, given)
            fresh = enter(register, one, now, read, parts)
        pay_folders.keep_register(desk, laid)
    if len(parts) == 1:
        media = MEDIA["xlsx"] if read.layout.format == "xlsx" else PLAIN
        done = Made(BANK, parts[0].name, media, parts[0].content, now)
    else:
        done = Made(BANK, f"{now}.zip", ZIP, zip_of((part.name, part.content) for part in parts), now)
    if fresh:
        batch.version += 1
        desk.add(batch)
    leave(desk, number, done)
    return done


def void_batch(desk: Desk, number: int, batch_no: str, reason: str) -> str:
    """Void a bank batch that the bank has not taken; the number it gets. Raises as `bank`, and as `pay bank --void`."""
    batch = _allowed(desk, number, BANK, lock=True)
    row = pay_folders.holding(desk, batch, batch_no)
    with pay_folders.laid_out(desk, row) as laid:
        known = pay_folders.register(desk, row)
        old = known.number(known.batch(batch_no))
        fresh = void(laid.folder, batch_no, reason)
        pay_folders.keep_register(desk, laid)
    desk.change(PayExport, PayExport.batch == batch.id, PayExport.number == old, voided_reason=reason.strip())
    batch.version += 1
    desk.add(batch)
    pay.noted(desk, batch, "pay.void", {"batch_no": old, "number": fresh, "reason": reason.strip()})
    return fresh


def listed(desk: Desk, number: int) -> list[ExportView]:
    """What left of a batch, in order. Raises NotThere, NotAllowed."""
    batch = pay.pay_batch(desk, number)
    require(desk.actor, "pay.read", batch.region, batch.unit)
    logins = {user.id: user.login for user in desk.rows(User)}
    return [
        ExportView(
            kind=row.kind, batch_no=row.number, sha=row.sha, by=logins.get(row.by, ""), at=row.at,
            voided_reason=row.voided_reason,
        )
        for row in desk.rows(PayExport, PayExport.batch == batch.id, order=PayExport.id)
    ]  # fmt: skip


def _allowed(desk: Desk, number: int, kind: str, *, lock: bool = False) -> Batch:
    batch = pay.pay_batch(desk, number, lock=lock)
    if kind not in _FROM:
        raise NotThere
    require(desk.actor, "pay.read" if kind == AUDIT else "pay.reveal", batch.region, batch.unit)
    missing = []
    if batch.restored:
        missing.append(Guard("RESTORED", "从备份恢复后尚未核对: 财务先登记备份之后已办的付款"))
    if batch.state not in _FROM[kind]:
        missing.append(Guard("STATE", f"批次现在是{_title(batch.state)}, 还不能导出 {kind}", (("state", batch.state),)))
    if missing:
        raise Unmet(missing)
    return batch


def _title(state: str) -> str:
    return STATES[state]  # type: ignore[index]


def _tax_book(desk: Desk, paid: Paid, roster: Roster, region: str) -> bytes:
    layouts = {
        "wages": pay_layouts.of_kind(desk, "tax_wages", region).layout,
        "labour": pay_layouts.of_kind(desk, "tax_labour", region).layout,
    }
    return tax_book(paid, roster, layouts)


def _treasury(desk: Desk, paid: Paid, roster: Roster, region: str) -> bytes:
    layout = pay_layouts.of_kind(desk, "treasury", region).layout
    return treasury_book(paid, roster, layout, pay_layouts.budget_of(desk, region))


def _of(table: str) -> Callable[[Paid], Iterable[str]]:
    return lambda paid: {str(code) for code in paid[table]["person_code"]}


_Build = Callable[[Desk, Paid, Roster, str], bytes]
_BUILD: Mapping[str, tuple[Callable[[Paid], Iterable[str]], _Build]] = {
    "sheet": (
        persons_in,
        lambda desk, paid, roster, region: sheet_book(paid, roster, pay_layouts.budget_of(desk, region)),
    ),
    "slips": (_of("payslips"), lambda _desk, paid, roster, _region: slips_pdf(paid, roster)),
    "public": (_of("lines"), lambda _desk, paid, roster, _region: public_book(paid, roster)),
    "taxform": (persons_taxed, _tax_book),
    "treasury": (_of("payslips"), _treasury),
}
"""By kind: whose names it needs, and how it is made for a region."""
