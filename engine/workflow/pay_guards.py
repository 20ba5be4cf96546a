"""The guards of a pay batch's own steps (engine.workflow.guards has those that every batch shares)."""

from __future__ import annotations

from collections.abc import Iterator

from domain.period import Period
from domain.problems import LiangyunError
from engine.folder.output import INPUTS, PAYMENT, frame_of, read_manifest
from engine.pay.exports.register import Register
from engine.pay.folder.earlier import check_paid, earlier_payments
from engine.pay.folder.earmarked import twice_earmarked
from engine.pay.folder.key import pay_key
from engine.storage.query import among
from engine.storage.tables.decisions import Decision
from engine.storage.tables.pay import PayFolder, PayResult, PaySaid
from engine.storage.tables.period import Batch
from engine.workflow import pay_folders
from engine.workflow.batch import RELEASED
from engine.workflow.cases import Case
from engine.workflow.refusals import Guard

_SETTLED = frozenset({"ok", "no_payment"})


def minutes_there(case: Case) -> Iterator[Guard]:
    """Whoever submits or approves attaches the minutes: once in a round is enough."""
    if case.given is not None and not case.given.minutes and minutes_wanted(case):
        yield Guard("MINUTES", "报审或审批须附会议纪要: 上传后写明 (minutes)")


def minutes_wanted(case: Case) -> bool:
    """Whether nobody attached minutes in this round of a pay batch."""
    desk, batch = case.desk, case.batch
    taken = desk.rows(Decision, Decision.batch == batch.id, Decision.round == batch.round)
    return not any((one.more or {}).get("minutes") for one in taken)


def parent_released(case: Case) -> Iterator[Guard]:
    """The batch whose amounts are paid may still be paid."""
    if case.batch.parent is None:
        return
    parent = case.desk.get(Batch, case.batch.parent, lock=case.given is not None)
    if parent is None or parent.state not in RELEASED:
        yield Guard("RUN-NOT-RELEASED", "金额所出的分配批次没有交付发放, 或已撤回: 废止这一批")


def not_paid_out(case: Case) -> Iterator[Guard]:
    """No institution pays its people out of it: what they have would have no source."""
    with case.desk.beyond():
        paying = case.desk.rows(Batch, Batch.parent == case.batch.id, among(Batch.state, RELEASED))
    for one in paying:
        yield Guard("PAID-OUT", f"发放批次 {one.id} ({one.unit}) 已按它交付发放", (("batch", one.id),))


def nobody_paid_before(case: Case) -> Iterator[Guard]:
    """What other institutions released meanwhile is looked into again, as when the folder was made."""
    if case.paid is None or pay_folders.before(case.desk, case.batch) is not None:
        return
    desk, folder = case.desk, case.desk.store.files.folder("runs", case.paid.folder)
    try:
        with pay_folders.keyed(desk.store):
            earlier = earlier_payments(pay_folders.earlier(desk, but=case.batch.id), pay_key())
        lines = frame_of(folder, "lines")
        check_paid(lines, earlier)
    except LiangyunError as error:
        yield Guard("PAY-PAID", str(error))
        return
    period = Period.parse(str(read_manifest(folder, PAYMENT)["period"]))
    for problem in twice_earmarked(folder / INPUTS, lines, period, earlier):
        yield Guard(problem.code, f"{problem.where}: {problem.message}")


def completes_latest(case: Case) -> Iterator[Guard]:
    """What is completed may be paid, and nobody else completed it: of two completions each would pay the same."""
    base = pay_folders.before(case.desk, case.batch)
    if base is None or case.batch.corrects is not None:
        return
    base = case.desk.get(Batch, base.id, lock=case.given is not None)
    if base is None or base.state not in RELEASED:
        yield Guard("COMPLETES-NONE", "所补付的批次没有交付发放, 或已撤回: 废止这一批")
        return
    for other in pay_folders.completions(case.desk, base):
        if other.id != case.batch.id and other.state in RELEASED:
            said = f"批次 {other.id} 已补付过同一批次: 废止这一批, 还有没付的另补付那一批"
            yield Guard("COMPLETED-BEFORE", said, (("batch", other.id),))


def not_completed(case: Case) -> Iterator[Guard]:
    """No completion of it may be paid: what that pays was left open here."""
    for other in pay_folders.completions(case.desk, case.batch):
        if other.state in RELEASED:
            yield Guard("COMPLETED", f"补付批次 {other.id} 已交付发放: 先撤回它", (("batch", other.id),))


def slips_ordered(case: Case) -> Iterator[Guard]:
    """Every bank batch was exported, or each of its lines told by the payer."""
    if case.paid is None:
        return
    register, said = pay_folders.register(case.desk, case.paid), _said(case)
    wanting: dict[str, int] = {}
    for row in pay_folders.rows(case.desk, case.paid, "batches"):
        number = row["batch_no"]
        if not register.live(number) and (row["payer"], row["person_code"], row["kind"]) not in said:
            wanting[number] = wanting.get(number, 0) + 1
    for number, lines in sorted(wanting.items()):
        told = f"代发批次 {number} 没有导出, {lines} 条没有登记付款: 导出, 或逐条登记"
        yield Guard("LINE-OPEN", told, (("batch_no", number), ("lines", lines)))


def slips_settled(case: Case) -> Iterator[Guard]:
    """Every payslip was paid, is held, came back and was paid again, or a completion pays it."""
    if case.paid is None:
        return
    elsewhere = pay_folders.completed(case.desk, case.batch)
    said, answers, repaid = _said(case), _answers(case), _repaid(case)
    open_lines = 0
    for row in pay_folders.rows(case.desk, case.paid, "batches"):
        told = said.get((row["payer"], row["person_code"], row["kind"]))
        if told not in {"paid", "held"} and not _settled(row["batch_no"], row["person_code"], answers, repaid):
            open_lines += 1
    blank = [
        row
        for row in pay_folders.rows(case.desk, case.paid, "payslips")
        if row["status"] not in _SETTLED
        and (row["payer"], row["person_code"], row["kind"]) not in elsewhere
        and said.get((row["payer"], row["person_code"], row["kind"])) not in {"paid", "held"}
    ]
    if open_lines:
        yield Guard("LINE-UNPAID", f"{open_lines} 笔没有付讫: 读入银行结果, 或登记已付、暂缓", (("lines", open_lines),))
    if blank:
        told_of = f"{len(blank)} 条工资条个税待定, 没有付: 补付交付发放, 或写明理由登记暂缓"
        yield Guard("SLIP-BLANK", told_of, (("slips", len(blank)),))


def slips_not_ordered(case: Case) -> Iterator[Guard]:
    """No bank batch left the house, nothing was told as paid."""
    folders = [*([case.paid] if case.paid else []), *pay_folders.repaid(case.desk, case.batch)]
    live = sum(_live(pay_folders.register(case.desk, one)) for one in folders)
    moved = live + sum(state == "paid" for state in _said(case).values())
    if moved:
        yield Guard(
            "ORDERED", f"已有 {moved} 个代发批次或付款: 先作废没有付的批次, 已付的另立更正批次", (("lines", moved),)
        )


GUARDS = (
    minutes_there, parent_released, not_paid_out, nobody_paid_before, completes_latest, not_completed, slips_ordered,
    slips_settled, slips_not_ordered,
)  # fmt: skip
"""In the order of the steps."""


def _live(register: Register) -> int:
    return len({one.batch_no for one in register.entries if register.live(one.batch_no)})


def _said(case: Case) -> dict[tuple[str, str, str], str]:
    """What the payer said last of a payslip."""
    rows = case.desk.rows(PaySaid, PaySaid.batch == case.batch.id, order=PaySaid.id)
    return {(row.payer, row.person_code, row.kind): row.state for row in rows}


def _answers(case: Case) -> dict[tuple[str, str], str]:
    """What the bank said last of a line."""
    rows = case.desk.rows(PayResult, PayResult.batch == case.batch.id, order=PayResult.id)
    return {(row.number, row.person_code): row.state for row in rows}


def _repaid(case: Case) -> dict[tuple[str, str], list[str]]:
    """By bank batch and person the repay batches that it stands in."""
    found: dict[tuple[str, str], list[str]] = {}
    folders: list[PayFolder] = pay_folders.repaid(case.desk, case.batch)
    for one in folders:
        for row in pay_folders.rows(case.desk, one, "batches"):
            found.setdefault((one.of, row["person_code"]), []).append(one.number)
    return found


def _settled(
    number: str, person: str, answers: dict[tuple[str, str], str], repaid: dict[tuple[str, str], list[str]]
) -> bool:
    if answers.get((number, person)) == "ok":
        return True
    return any(_settled(one, person, answers, repaid) for one in repaid.get((number, person), ()))
