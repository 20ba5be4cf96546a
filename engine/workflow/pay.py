"""Pay batches: opened for one institution, its people handed in, looked at; the same functions as the command line.

A pay batch is `collecting` until a job has made its pay folder, then `allocated`; from there it takes the steps of
`engine.workflow.batch.PAY_STEPS`. What is paid stands in the folder; the database knows who did what when.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from domain.money import format_yuan, parse_yuan
from domain.period import Period
from domain.problems import InputProblems, Problem
from domain.workflow import DUTY_TITLES
from engine.pay.exports.opened import opened
from engine.pay.scheme import scheme_of
from engine.storage.audit import Record
from engine.storage.connect import Taken
from engine.storage.desk import Desk
from engine.storage.query import newest, under
from engine.storage.tables.pay import PayBatch, PayFolder, PayPeople
from engine.storage.tables.period import Batch, PeriodRow
from engine.storage.tables.results import Amount, Hold
from engine.storage.tables.work import Job
from engine.workflow import hands, jobs, pay_folders, pay_rosters, places, policies, runs, uploads
from engine.workflow.batch import RELEASED
from engine.workflow.batches import period_of
from engine.workflow.cases import Case
from engine.workflow.refusals import Guard, NotAllowed, NotThere, Unmet
from engine.workflow.roles import MAY, require
from engine.workflow.steps import batch_of

KIND, JOB = "pay", "pay"
PEOPLE, TEAMS = "people", "teams"
"""What a workbook of people is handed in for."""
WORKBOOK = "人员"
"""What the workbook of people is called: its own name may name somebody."""
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_TAKES_PEOPLE, _TAKES_ACCOUNTS = frozenset({"collecting", "allocated"}), frozenset({"payable", "paid"})
_TITLES = {PEOPLE: "发放到人", TEAMS: "分到科室"}


class PayView(BaseModel):
    """A pay batch as the API shows it; sums in yuan, slips: how many of each status. people: sha of the workbook.

    corrects, completes: the batch that it puts right, or whose open payslips it pays. accounts: who mended accounts
    after the approval, and when.
    """

    model_config = ConfigDict(frozen=True)

    id: int
    plan: str
    period: str
    month: str
    region: str
    unit: str
    number: int
    state: str
    version: int
    round: int
    run: int | None
    parent: int | None
    corrects: int | None
    completes: int | None
    digest: str | None
    people: str | None
    job: int | None
    approvals: list[dict[str, Any]] | None
    posted: dict[str, Any] | None
    deadline: datetime | None
    restored: bool
    hands: dict[str, str]
    slips: dict[str, int]
    payable: str | None
    net: str | None
    warnings: list[str]
    accounts: list[dict[str, str]]


def open_batch(desk: Desk, plan: str, unit: str, code: str, month: str, run: int | None) -> PayView:
    """Open the pay batch of an institution; run: whose amounts it pays (None: the table 机构发放额 of its people).

    Raises NotThere (the run), NotAllowed, Unmet (POLICY-UNPUBLISHED, PAY-NONE, UNIT-UNKNOWN, RUN-NOT-RELEASED,
    RUN-NEEDED, HELD, BATCH-OPEN), InputProblems (PERIOD, MONTH), Refused (PAY-NO-APPROVAL).
    """
    row = policies.published(desk, plan)
    require(desk.actor, "pay.work", row.region, unit)
    period = _said(code, month)
    loaded = policies.pinned(desk.store, row.bundle or "", period, alone=True).loaded
    if loaded.plan.pay is None:
        raise Unmet([Guard("PAY-NONE", f"方案 {plan} 没有写怎样发放到人 (pay)")])
    scheme_of(loaded.plan)
    if places.is_region(unit) or not places.is_known(desk, unit):
        raise Unmet([Guard("UNIT-UNKNOWN", f"没有机构 {unit}")])
    if run is None and loaded.plan.pools:
        raise Unmet([Guard("RUN-NEEDED", "方案有资金池: 写明金额所出的分配结果 (run)")])
    parent = None if run is None else _parent(desk, run, row.region, period, unit)
    of = period_of(desk, row.region, plan, code)
    own = PayBatch(region=row.region, unit=unit, batch=0, month=month, run=run)
    return _opened(desk, of, row.bundle or "", own, parent=parent, corrects=None)


def correct(desk: Desk, number: int, month: str, run: int | None) -> PayView:
    """Open the pay batch that puts this one right; its people bring the cases. run: whose amounts a unit's case takes.

    Raises NotThere, NotAllowed, Unmet (CORRECTS-NONE, CORRECTED-BEFORE, RUN-NOT-RELEASED, HELD, BATCH-OPEN),
    InputProblems (MONTH).
    """
    base = pay_batch(desk, number)
    require(desk.actor, "pay.work", base.region, base.unit)
    of = Case(desk, base).period_row
    period = _said(of.code, month)
    if base.state not in RELEASED:
        raise Unmet([Guard("CORRECTS-NONE", "交付发放之后才有更正, 之前退回重办")])
    if own_of(desk, base).completes is not None:
        raise Unmet([Guard("CORRECTS-NONE", "这一批是补付: 更正它所补付的批次")])
    for other in desk.rows(Batch, Batch.corrects == base.id):
        if other.state != "abandoned":
            said = f"批次 {other.id} 已在更正这一批: 另更正那一批, 或先废止它"
            raise Unmet([Guard("CORRECTED-BEFORE", said, (("batch", other.id),))])
    parent = base.parent if run is None else _parent(desk, run, base.region, period, base.unit)
    own = PayBatch(region=base.region, unit=base.unit, batch=0, month=month, run=run)
    return _opened(desk, of, base.policy, own, parent=parent, corrects=base.id)


def complete(desk: Desk, number: int) -> PayView:
    """Open the pay batch that pays what this one left open for want of data; its people bring that data.

    Raises NotThere, NotAllowed, Unmet (COMPLETES-NONE, COMPLETED-BEFORE, BATCH-OPEN).
    """
    base = pay_batch(desk, number, lock=True)
    require(desk.actor, "pay.work", base.region, base.unit)
    if base.state not in RELEASED:
        raise Unmet([Guard("COMPLETES-NONE", "交付发放之后才有补付, 之前补齐数据重办")])
    if not pay_folders.left_open(desk, base):
        raise Unmet([Guard("COMPLETES-NONE", "没有因缺数据而未付的工资条, 不需要补付")])
    for other in pay_folders.completions(desk, base):
        if other.state != "abandoned":
            said = f"批次 {other.id} 已在补付这一批: 还有没付的另补付那一批, 或先废止它"
            raise Unmet([Guard("COMPLETED-BEFORE", said, (("batch", other.id),))])
    before = own_of(desk, base)
    own = PayBatch(region=base.region, unit=base.unit, batch=0, month=before.month, run=before.run, completes=base.id)
    return _opened(desk, Case(desk, base).period_row, base.policy, own, parent=base.parent, corrects=None)


def hand_in(desk: Desk, number: int, name: str, content: bytes, what: str = PEOPLE) -> PayView:
    """Take in the workbook of people; a job pays them, or divides among their teams alone (what: `teams`).

    Until it is done nothing of the batch changes; teams change nothing of it at all.
    Raises NotThere, NotAllowed (ROLE, HAND), Unmet (STATE), InputProblems (FILE-KIND, FILE-EMPTY, FILE-LARGE).
    """
    batch = pay_batch(desk, number, lock=True)
    require(desk.actor, "pay.work", batch.region, batch.unit)
    if batch.state not in _TAKES_PEOPLE:
        raise Unmet([Guard("STATE", "报审以后不能换人员工作簿: 退回后再办", (("state", batch.state),))])
    if what == TEAMS and (batch.corrects is not None or own_of(desk, batch).completes is not None):
        raise Unmet([Guard("TEAMS-NONE", "更正和补付不另分科室: 直接交人员工作簿")])
    job = desk.get(Job, batch.job) if batch.job else None
    if what == TEAMS and job is not None and job.state in {"queued", "running"}:  # what it pays would be given up
        raise Unmet([Guard("STATE", "上一个工作簿的任务还没有办完: 办完再分科室", (("job", job.id),))])
    case = Case(desk, batch)
    held = hands.may(desk, batch, desk.actor.person, "made", case.plan.hands)
    if held is not None:
        raise NotAllowed(held.code, held.message)
    row = _kept(desk, batch, name, content, what)
    hands.take(desk, batch, desk.actor.person, "made")
    batch.version += 1
    args = {"batch": batch.id, "version": batch.version, "people": row.id}
    title = f"{case.period_row.plan} {case.period_row.code} {batch.unit} {_TITLES[what]}"
    region, unit = batch.region, batch.unit
    batch.job = jobs.request(desk, f"pay:{batch.id}:{row.id}", JOB, args, title=title, region=region, unit=unit).id
    desk.add(batch)
    noted(desk, batch, f"pay.{what}", {"file": row.file, "people": row.id})
    return view(desk, batch)


def mend_accounts(desk: Desk, number: int, name: str, content: bytes) -> PayView:
    """Take in a workbook whose accounts go before those that were approved: a line came back for a wrong one.

    Nothing that was paid changes; who hands it in exports no bank batch of it (`pay_exports.bank`).
    Raises NotThere, NotAllowed (ROLE, HAND), Unmet (STATE), InputProblems as the reader of people and accounts.
    """
    batch = pay_batch(desk, number, lock=True)
    require(desk.actor, "pay.work", batch.region, batch.unit)
    if batch.state not in _TAKES_ACCOUNTS:
        raise Unmet([Guard("STATE", "办到可发放、还没有办结时才改账户", (("state", batch.state),))])
    held = hands.may(desk, batch, desk.actor.person, "made", Case(desk, batch).plan.hands)
    if held is not None:
        raise NotAllowed(held.code, held.message)
    row = _kept(desk, batch, name, content, pay_rosters.ACCOUNTS)
    with pay_folders.laid_out(desk, pay_folders.of(desk, batch)) as placed:
        pay_rosters.check_accounts(desk, row, opened(placed.folder))
    hands.take(desk, batch, desk.actor.person, "made")
    batch.version += 1
    desk.add(batch)
    noted(desk, batch, "pay.accounts", {"file": row.file, "people": row.id})
    return view(desk, batch)


def _kept(desk: Desk, batch: Batch, name: str, content: bytes, what: str) -> PayPeople:
    """A workbook of people, kept encrypted. Raises InputProblems (FILE-KIND, FILE-EMPTY, FILE-LARGE)."""
    suffix = next((one for one in (".xlsx", ".xls") if name.lower().endswith(one)), "")
    if not suffix:
        raise InputProblems([Problem("$.file", "FILE-KIND", "不是工作簿", "交一个 .xlsx 或 .xls 文件")])
    region, unit = batch.region, batch.unit
    kept = uploads.keep(desk, f"{WORKBOOK}{suffix}", content, "", region=region, unit=unit, personal=True)
    return desk.add(
        PayPeople(
            region=region, unit=unit, batch=batch.id or 0, file=kept.sha, what=what, by=desk.actor.user, at=desk.now
        )
    )


def own_of(desk: Desk, batch: Batch) -> PayBatch:
    """What a pay batch pays. Raises NotThere."""
    own = desk.get(PayBatch, batch.id)
    if own is None:
        raise NotThere
    return own


def pay_batch(desk: Desk, number: int, *, lock: bool = False) -> Batch:
    """A pay batch that is there for the caller. Raises NotThere."""
    batch = batch_of(desk, number, lock=lock)
    if batch.kind != KIND:
        raise NotThere
    return batch


def readable(desk: Desk, number: int) -> Batch:
    """A pay batch whose codes the caller may read. Raises NotThere, NotAllowed."""
    batch = pay_batch(desk, number)
    require(desk.actor, "pay.read", batch.region, batch.unit)
    return batch


def listed(desk: Desk, *, below: int | None = None, limit: int = 100) -> list[PayView]:
    """Pay batches of the caller's units, newest first."""
    where = [Batch.kind == KIND, *([under(Batch.id, below)] if below is not None else [])]
    found = desk.rows(Batch, *where, order=newest(Batch.id), limit=limit)
    return [view(desk, one) for one in found if desk.actor.may(MAY["pay.read"], one.region, one.unit)]


def view(desk: Desk, batch: Batch) -> PayView:
    """A pay batch as it is shown."""
    case, own = Case(desk, batch), desk.get(PayBatch, batch.id)
    last = desk.first(PayPeople, PayPeople.batch == batch.id, PayPeople.what == PEOPLE, order=newest(PayPeople.id))
    slips, payable, net = _sums(desk, case.paid)
    return PayView(
        id=batch.id or 0,
        plan=case.period_row.plan,
        period=case.period_row.code,
        month=own.month if own else "",
        region=batch.region,
        unit=batch.unit,
        number=batch.number,
        state=batch.state,
        version=batch.version,
        round=batch.round,
        run=own.run if own else None,
        parent=batch.parent,
        corrects=batch.corrects,
        completes=own.completes if own else None,
        digest=batch.seen or case.digest or None,
        people=last.file if last else None,
        job=batch.job,
        approvals=batch.approvals,
        posted=batch.posted,
        deadline=batch.deadline,
        restored=batch.restored,
        hands={DUTY_TITLES[duty]: name for duty, name in hands.of(desk, batch).items()},  # type: ignore[index]
        slips=slips,
        payable=payable,
        net=net,
        warnings=pay_folders.warnings(desk, case.paid) if case.paid else [],
        accounts=[
            {"by": name, "at": at.isoformat(), "file": file} for name, at, file in pay_rosters.mended(desk, batch)
        ],
    )


def noted(desk: Desk, batch: Batch, action: str, detail: dict[str, Any]) -> None:
    """Record and tell what was done with a pay batch; detail: codes and hashes, no name and no amount."""
    place = {"region": batch.region, "unit": batch.unit}
    desk.audit(Record(action, f"batch/{batch.id}", **place, detail=detail))
    desk.event(action, f"batch/{batch.id}", **place, payload={"state": batch.state})


def _sums(desk: Desk, made: PayFolder | None) -> tuple[dict[str, int], str | None, str | None]:
    if made is None:
        return {}, None, None
    rows = pay_folders.rows(desk, made, "payslips")
    payable, net = (sum(parse_yuan(row[name]) for row in rows if row[name]) for name in ("payable", "net"))
    return dict(sorted(Counter(row["status"] for row in rows).items())), format_yuan(payable), format_yuan(net)


def _said(code: str, month: str) -> Period:
    problems = []
    period = None
    try:
        period = Period.parse(code)
    except ValueError as error:
        problems.append(Problem("$.period", "PERIOD", str(error)))
    if not _MONTH.fullmatch(month):
        problems.append(Problem("$.month", "MONTH", f"{month} 不是月份", "写成 2026-10"))
    if problems or period is None:
        raise InputProblems(problems)
    return period


def _parent(desk: Desk, number: int, region: str, period: Period, unit: str) -> Batch:
    """The batch whose run it is: payable, of this period and region, and not holding back an alliance of the unit."""
    run = runs.of(desk, number)
    batch = desk.get(Batch, run.batch) if run.batch else None
    if batch is None or batch.kind == KIND:
        raise NotThere
    missing = []
    if batch.run != run.id or batch.state not in RELEASED:
        missing.append(Guard("RUN-NOT-RELEASED", "这个结果不是已交付发放的分配结果: 交付发放后再发到人"))
    if run.period != str(period) or batch.region != region:
        missing.append(Guard("RUN-OTHER", f"这个结果是 {batch.region} {run.period} 的, 要发的是 {region} {period}"))
    with desk.beyond():
        held = {hold.alliance for hold in desk.rows(Hold, Hold.batch == batch.id)}
        mine = {one for (one,) in desk.values([Amount.alliance], Amount.run == run.id, Amount.unit == unit)}
    missing += [
        Guard("HELD", f"{one} 在这个结果里暂缓, 没有交付发放", (("alliance", one),)) for one in sorted(held & mine)
    ]
    if missing:
        raise Unmet(missing)
    return batch


def _opened(
    desk: Desk,
    of: PeriodRow,
    policy: str,
    own: PayBatch,
    *,
    parent: Batch | int | None,
    corrects: int | None,
) -> PayView:
    with desk.beyond():  # other institutions' batches are not the caller's to see
        numbers = desk.values([Batch.number], Batch.period == of.id, order=newest(Batch.number), limit=1)
    unit = own.unit
    batch = Batch(
        region=of.region, unit=unit, period=of.id or 0, number=numbers[0][0] + 1 if numbers else 1, kind=KIND,
        parent=parent.id if isinstance(parent, Batch) else parent, corrects=corrects, state="collecting",
        policy=policy, opened_by=desk.actor.user, opened_at=desk.now,
    )  # fmt: skip
    said = f"{unit} {of.code} 已有发放批次在办: 办到可发放或废止后再开"  # after a refusal no row can be read
    try:
        desk.add(batch)
    except Taken as taken:
        raise Unmet([Guard("BATCH-OPEN", said)]) from taken
    own.batch = batch.id or 0
    desk.add(own)
    detail: dict[str, Any] = {"plan": of.plan, "period": of.code, "month": own.month, "run": own.run, "policy": policy}
    noted(desk, batch, "pay.open", detail | ({"completes": own.completes} if own.completes else {}))
    return view(desk, batch)
