"""Payment back: the bank's result file, the repay batch that comes of it, and the payer's own word on payslips."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.money import format_yuan, parse_yuan
from domain.problems import InputProblems, Problem
from engine.folder.output import MANIFEST
from engine.pay.exports.answer import results
from engine.pay.exports.back import Repay, enter_answer, repay_of, sha256_of, write_repay
from engine.pay.exports.bank import Batch as BankBatch
from engine.pay.exports.bank import batch_of as bank_batch
from engine.pay.exports.opened import opened
from engine.pay.exports.paid import Paid
from engine.pay.exports.register import registered
from engine.printing.system import in_memory
from engine.storage.desk import Desk
from engine.storage.tables.pay import PayFolder, PayResult, PaySaid
from engine.storage.tables.period import Batch
from engine.workflow import pay, pay_folders, pay_layouts, uploads
from engine.workflow.refusals import Guard, Unmet
from engine.workflow.roles import require

RESULT = "银行结果"
"""What a result file is called: its own name may name somebody."""
_SUFFIXES = (".xlsx", ".xls", ".txt", ".csv")
_OPEN = frozenset({"payable", "paid"})
_AFTER: dict[str | None, frozenset[str]] = {
    None: frozenset({"paid", "held"}),
    "held": frozenset({"paid"}),
    "paid": frozenset({"returned"}),
    "returned": frozenset({"paid", "held"}),
}
"""What may follow what."""
Said = Literal["paid", "returned", "held"]


class RepayView(BaseModel):
    """The repay batch that came of an answer: exported like any other."""

    model_config = ConfigDict(frozen=True)

    batch_no: str
    lines: int
    amount: str


class AnswerView(BaseModel):
    """What the bank said of a bank batch: how many lines of each state."""

    model_config = ConfigDict(frozen=True)

    batch_no: str
    ok: int
    failed: int
    returned: int
    repay: RepayView | None


class SlipSaid(BaseModel):
    """What the payer says of a payslip that no bank answers for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    payer: str = Field(max_length=64)
    person_code: str = Field(max_length=64)
    kind: str = Field(max_length=20)
    state: Said
    voucher: str = Field(default="", max_length=200)
    date: dt.date | None = None
    reason: str = Field(default="", max_length=2000)


def take_back(desk: Desk, number: int, batch_no: str, name: str, content: bytes) -> AnswerView:
    """Take in the bank's answer to a bank batch; what was not paid goes into a repay batch.

    Raises NotThere, NotAllowed, Unmet (STATE), InputProblems and Refused as `pay back`; then nothing changes.
    """
    batch = pay.pay_batch(desk, number, lock=True)
    require(desk.actor, "pay.told", batch.region, batch.unit)
    _check_state(batch)
    if not batch_no:
        raise InputProblems([Problem("$.batch_no", "MISSING", "缺少 batch_no", "写导出时的批次号")])
    suffix = next((one for one in _SUFFIXES if name.lower().endswith(one)), "")
    if not suffix:
        said = "不是工作簿或文本"
        raise InputProblems([Problem("$.file", "FILE-KIND", said, f"交一个 {'、'.join(_SUFFIXES)} 文件")])
    region, unit = batch.region, batch.unit
    kept = uploads.keep(desk, f"{RESULT}{suffix}", content, "", region=region, unit=unit, personal=True)
    row = pay_folders.holding(desk, batch, batch_no)
    with pay_folders.laid_out(desk, row) as laid, in_memory(content, kept.name) as path:
        paid = opened(laid.folder)
        with registered(laid.folder) as register:
            one = bank_batch(paid, register.batch(batch_no))
            live = register.live(one.number)
            layout = pay_layouts.exported_by(desk, live[-1].layout, live[-1].layout_sha256).layout if live else None
            answers = results(path, layout, one) if layout is not None else []
            repay = repay_of(register, one, answers, sha256_of(path))
            again = _keep(desk, batch, row, paid, one, repay) if repay.lines else None
            enter_answer(register, one, repay, sha256_of(path))
        pay_folders.keep_register(desk, laid)
    for told in answers:
        desk.add(
            PayResult(
                region=region, unit=unit, batch=batch.id or 0, number=one.number, person_code=told.person,
                amount=told.fen, state=told.state, file=kept.sha, by=desk.actor.user, at=desk.now,
            )
        )  # fmt: skip
    batch.version += 1
    desk.add(batch)
    pay.noted(
        desk, batch, "pay.results", {"batch_no": one.number, "file": kept.sha, "repay": again.batch_no if again else ""}
    )
    counted = Counter(told.state for told in answers)
    return AnswerView(
        batch_no=one.number, ok=counted["ok"], failed=counted["failed"], returned=counted["returned"], repay=again
    )


def say(desk: Desk, number: int, slips: list[SlipSaid]) -> int:
    """The payer's word on payslips; all of it or nothing. How many.

    Raises NotThere, NotAllowed, Unmet (STATE), InputProblems (SLIP-UNKNOWN, LINE-TWICE, LINE-STATE, LINE-VOUCHER,
    LINE-REASON).
    """
    batch = pay.pay_batch(desk, number, lock=True)
    require(desk.actor, "pay.told", batch.region, batch.unit)
    _check_state(batch)
    known = {
        (row["payer"], row["person_code"], row["kind"]): row["net"]
        for row in pay_folders.rows(desk, pay_folders.of(desk, batch), "payslips")
    }
    last = {
        (row.payer, row.person_code, row.kind): row.state
        for row in desk.rows(PaySaid, PaySaid.batch == batch.id, order=PaySaid.id)
    }
    if problems := _problems(slips, known, last):
        raise InputProblems(problems)
    for one in slips:
        net = known[one.payer, one.person_code, one.kind]
        desk.add(
            PaySaid(
                region=batch.region, unit=batch.unit, batch=batch.id or 0, payer=one.payer, kind=one.kind,
                person_code=one.person_code, amount=parse_yuan(net) if net else 0, state=one.state,
                voucher=one.voucher, dated=one.date, reason=one.reason, by=desk.actor.user, at=desk.now,
            )
        )  # fmt: skip
    batch.version += 1
    desk.add(batch)
    pay.noted(desk, batch, "pay.said", {"slips": len(slips)})
    return len(slips)


def _check_state(batch: Batch) -> None:
    if batch.state not in _OPEN:
        raise Unmet([Guard("STATE", "交付发放后才能登记付款", (("state", batch.state),))])
    if batch.restored:
        raise Unmet([Guard("RESTORED", "从备份恢复后尚未核对: 财务先登记备份之后已办的付款")])


def _keep(desk: Desk, batch: Batch, row: PayFolder, paid: Paid, one: BankBatch, repay: Repay) -> RepayView:
    """Keep the repay folder among the runs."""

    def build(folder: Path) -> str:
        inner = folder / "repay"
        write_repay(paid, one, repay, inner)
        for child in sorted(inner.iterdir()):
            child.rename(folder / child.name)
        inner.rmdir()
        return sha256((folder / MANIFEST).read_bytes()).hexdigest()

    digest = desk.store.files.put_folder("runs", build)
    desk.add(
        PayFolder(
            region=batch.region, unit=batch.unit, batch=batch.id or 0, kind=pay_folders.REPAY, folder=digest,
            people=row.people, number=repay.number, of=one.number, amount=repay.total, lines=len(repay.lines),
            at=desk.now,
        )
    )  # fmt: skip
    return RepayView(batch_no=repay.number, lines=len(repay.lines), amount=format_yuan(repay.total))


def _problems(
    slips: list[SlipSaid], known: dict[tuple[str, str, str], str], last: dict[tuple[str, str, str], str]
) -> list[Problem]:
    problems: list[Problem] = []
    seen: set[tuple[str, str, str]] = set()
    for place, one in enumerate(slips, start=1):
        at, where = (one.payer, one.person_code, one.kind), f"slips[{place}]"
        if at not in known:
            problems.append(Problem(where, "SLIP-UNKNOWN", "批次里没有这条工资条", "核对发放单位、人员编号和种类"))
            continue
        if at in seen:
            problems.append(Problem(where, "LINE-TWICE", "同一条写了两次", "只写一次"))
        seen.add(at)
        if one.state not in _AFTER[last.get(at)]:
            said = f"{last.get(at, '未办')} 之后不能是 {one.state}"
            problems.append(Problem(where, "LINE-STATE", said, "核对这一条的办理情况"))
        if one.state == "paid" and not known[at]:
            problems.append(Problem(where, "LINE-STATE", "个税待定的工资条不能付", "登记暂缓, 数据到齐后补付"))
        if one.state != "held" and not (one.voucher.strip() and one.date):
            problems.append(Problem(where, "LINE-VOUCHER", "没有凭证号或日期", "写明 voucher 和 date"))
        if one.state != "paid" and not one.reason.strip():
            problems.append(Problem(where, "LINE-REASON", "没有写明理由", "写明 reason"))
    return problems
