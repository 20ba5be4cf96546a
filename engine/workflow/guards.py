"""The guards of the steps: each yields what is missing, so that all of it is told at once.

A guard that asks for what the caller has to give with the step (a digest, where 公示 hangs) says nothing while the step
is only looked at (`transitions`): `case.given` is None then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, time

from domain.workflow import Step, Term
from engine.storage.query import among, false
from engine.storage.tables.decisions import Answer, Gate, Objection, Voucher
from engine.storage.tables.facts import Assignment, Submission
from engine.storage.tables.period import Batch, Due
from engine.storage.tables.work import Job
from engine.workflow import collected, hands, pay_guards, runs
from engine.workflow.batch import RELEASED
from engine.workflow.calendar import instant_of, shanghai_day
from engine.workflow.cases import Case, Given
from engine.workflow.days import term_until
from engine.workflow.refusals import Guard, Unmet


def assignments_done(case: Case) -> Iterator[Guard]:
    """Every assignment is accepted or waived with a reason; `*` accepted stands for all that have nothing accepted."""
    found = case.desk.rows(Assignment, Assignment.batch == case.batch.id)
    accepted = set(
        case.desk.values([Submission.assignment], Submission.batch == case.batch.id, Submission.state == "accepted")
    )
    everything = any(one.filer == collected.EVERYTHING and (one.id,) in accepted for one in found)
    if everything:
        return
    for one in found:
        wanted = one.filer != collected.EVERYTHING or len(found) == 1
        if wanted and (one.id,) not in accepted and not one.waived_reason:
            yield Guard(
                "ASSIGNMENT-OPEN", f"{one.filer} 还没有已接收的填报: 接收, 或写明理由免报", (("filer", one.filer),)
            )


def dry_read(case: Case) -> Iterator[Guard]:
    """What was accepted reads as one without a problem."""
    for problem in collected.dry_read(case.desk, case.batch, case.period).problems:
        yield Guard(problem.code, f"{problem.where}: {problem.message}", (("where", problem.where),), problem.remedy)


def findings_answered(case: Case) -> Iterator[Guard]:
    """Every finding that needs a reason has one."""
    answered = set(case.desk.values([Answer.finding], Answer.batch == case.batch.id))
    for finding in collected.findings(case.desk, case.batch, case.period):
        if finding.severity == "confirm" and not finding.answer and (finding.digest,) not in answered:
            said = f"核对第 {finding.n} 条 ({finding.cell}) 没有说明理由: 核实后写明"
            yield Guard("CHECK-UNANSWERED", said, (("n", finding.n),))


def confirm_term_said(case: Case) -> Iterator[Guard]:
    """The plan says how long members have."""
    yield from _term(case, "confirm")


def members_confirmed(case: Case) -> Iterator[Guard]:
    """Every member confirmed, or time is over and the plan lets silence count."""
    missing = runs.unconfirmed(case.desk, case.batch)
    if not missing:
        return
    seen = case.plan.silence_confirms
    over = case.batch.deadline is not None and case.desk.now >= case.batch.deadline
    if over and seen is not None and seen.value:
        missing = [unit for unit in missing if unit in collected.unseen(case.desk, case.batch)]
    for unit in missing:
        yield Guard("MEMBER-UNCONFIRMED", f"{unit} 还没有确认得分: 确认, 或上传盖章扫描件", (("unit", unit),))


def score_objections_answered(case: Case) -> Iterator[Guard]:
    """An open objection blocks its own alliance, unless that is held back; an upheld one wants a new dataset."""
    homes = runs.alliances(case.desk)
    for one in case.desk.rows(Objection, Objection.batch == case.batch.id, Objection.kind == "score"):
        if homes.get(one.unit, frozenset({one.unit})) <= case.held:
            continue
        if one.state == "open":
            yield Guard("OBJECTION-OPEN", f"{one.unit} 的异议还没有答复", (("objection", one.id),))
        elif one.state == "upheld" and case.run is not None and one.at >= case.run.at:
            said = f"{one.unit} 的异议成立: 退回收集, 更正数据后重新评分"
            yield Guard("OBJECTION-UPHELD", said, (("objection", one.id),))


def job_done(case: Case) -> Iterator[Guard]:
    """No job of this batch is under way."""
    job = case.desk.get(Job, case.batch.job) if case.batch.job else None
    if job is not None and job.state in {"queued", "running"}:
        yield Guard("JOB-RUNNING", f"{job.title}正在进行: 等它完成, 或取消", (("job", job.id),))


def pools_there(case: Case) -> Iterator[Guard]:
    """The plan pays something."""
    if not case.plan.pools:
        yield Guard("POOLS-NONE", "方案没有资金池: 得分确认后直接办结")


def gates_allocate(case: Case) -> Iterator[Guard]:
    """What the plan wants to see before amounts are made."""
    yield from _gates(case, "allocate")


def gates_submit(case: Case) -> Iterator[Guard]:
    """What the plan wants to see before the approval begins."""
    yield from _gates(case, "submit")


def gates_approve(case: Case) -> Iterator[Guard]:
    """What the plan wants to see before it is approved."""
    yield from _gates(case, "approve")


def gates_release(case: Case) -> Iterator[Guard]:
    """What the plan wants to see before money is given out."""
    yield from _gates(case, "release")


def contradictions_held(case: Case) -> Iterator[Guard]:
    """An alliance whose rules contradict each other is held back, with a reason."""
    for alliance in (case.run.contradictions if case.run else None) or {}:
        if alliance not in case.held:
            yield Guard(
                "CONTRADICTION",
                f"{alliance} 的规则互相矛盾: 改方案后重新计算, 或写明理由暂缓",
                (("alliance", alliance),),
            )


def hands_left(case: Case) -> Iterator[Guard]:
    """Somebody is left for every duty that is still to be done."""
    approvals = case.batch.approvals or runs.approvals_needed(case.plan, case.total)
    yield from hands.left(case.desk, case.batch, case.plan.hands, approvals)


def digest_seen(case: Case) -> Iterator[Guard]:
    """What is decided on is what was seen."""
    if case.given is not None and case.given.digest != case.batch.seen:
        yield Guard("DIGEST", "写明的摘要不是现在要批的这一版: 看过现在这一版后再办", (("digest", case.batch.seen),))


def stage_review(case: Case) -> Iterator[Guard]:
    """It is the turn of a review."""
    yield from _stage(case, "review")


def stage_approve(case: Case) -> Iterator[Guard]:
    """It is the turn of an approval."""
    yield from _stage(case, "approve")


def posting_told(case: Case) -> Iterator[Guard]:
    """When and where 公示 hangs is said, with its file."""
    given = case.given
    if given is None:
        return
    if given.posted_on is None or not given.where or not given.file:
        yield Guard("POSTING", "写明公示日期 (posted_on)、地点 (where) 和公示件 (file)")
    elif given.posted_on > shanghai_day(case.desk.now):
        yield Guard("POSTING-LATER", "公示日期还没有到")


def disclosure_term_said(case: Case) -> Iterator[Guard]:
    """The plan says how long 公示 stands."""
    yield from _term(case, "disclosure")


def disclosure_over(case: Case) -> Iterator[Guard]:
    """The days of 公示 are over."""
    if case.batch.deadline is None or case.desk.now < case.batch.deadline:
        until = case.batch.deadline.isoformat() if case.batch.deadline else ""
        yield Guard("DISCLOSURE-TERM", f"公示期未满, 到 {until} 为止", (("until", until),))


def disclosure_objections_answered(case: Case) -> Iterator[Guard]:
    """Nothing that was said against it is without an answer; what was upheld wants a withdrawal."""
    for one in case.desk.rows(Objection, Objection.batch == case.batch.id, Objection.kind == "disclosure"):
        if one.state == "open":
            yield Guard("OBJECTION-OPEN", f"公示异议 {one.id} 还没有答复", (("objection", one.id),))
        elif one.state == "upheld":
            yield Guard("OBJECTION-UPHELD", f"公示异议 {one.id} 成立: 撤回后更正", (("objection", one.id),))


def not_restored(case: Case) -> Iterator[Guard]:
    """After a restore the payer first says what was ordered since the backup."""
    if case.batch.restored:
        yield Guard("RESTORED", "从备份恢复后尚未核对: 财务先登记备份之后已办的付款")


def not_paid_before(case: Case) -> Iterator[Guard]:
    """No pool of this period was released before; a correction writes deltas beside what was."""
    if case.batch.kind == "correction":
        return
    taken = set(case.desk.values([Due.alliance, Due.pool], Due.period == case.batch.period))
    for pool in case.pools:
        if (pool.unit, pool.pool) in taken:
            said = f"{pool.unit} 的 {pool.pool} 本期已发放过: 只能更正"
            yield Guard("PAID-BEFORE", said, (("alliance", pool.unit), ("pool", pool.pool)))


def corrects_latest(case: Case) -> Iterator[Guard]:
    """What is corrected may be paid, and nobody else corrected it: of two corrections each would pay the difference."""
    if case.batch.corrects is None:
        return
    base = case.desk.get(Batch, case.batch.corrects, lock=case.given is not None)
    if base is None or base.state not in RELEASED:
        yield Guard("CORRECTS-NONE", "被更正的批次没有交付发放, 或已撤回: 废止这一批")
    for other in _corrections(case, case.batch.corrects):
        said = f"批次 {other.id} 已更正过同一批次: 废止这一批, 另立更正那一批的批次"
        yield Guard("CORRECTED-BEFORE", said, (("batch", other.id),))


def corrects_released(case: Case) -> Iterator[Guard]:
    """A difference is paid only beside what the corrected batch released: of what was held back nothing was paid."""
    if case.batch.corrects is None:
        return
    chain, base = set[int | None](), case.desk.get(Batch, case.batch.corrects)
    while base is not None and base.id not in chain:
        chain.add(base.id)
        base = case.desk.get(Batch, base.corrects) if base.corrects else None
    columns, of = [Due.alliance, Due.pool, Due.batch], Due.period == case.batch.period
    released = {(alliance, pool) for alliance, pool, batch in case.desk.values(columns, of) if batch in chain}
    lines = runs.lines(case.desk, case.batch, case.held)
    for alliance, pool in sorted({(line.alliance, runs.pool_of(line.pool)) for line in lines}):
        if (alliance, pool) not in released:
            said = f"{alliance} 的 {pool} 不是由被更正的批次发放的: 暂缓, 或更正发放它的批次"
            yield Guard("CORRECTS-OTHER", said, (("alliance", alliance), ("pool", pool)))


def not_corrected(case: Case) -> Iterator[Guard]:
    """No correction of it may be paid: its differences are to what this one pays."""
    for other in _corrections(case, case.batch.id):
        yield Guard("CORRECTED", f"更正批次 {other.id} 已交付发放: 先撤回它", (("batch", other.id),))


def _corrections(case: Case, number: int | None) -> list[Batch]:
    """The other batches that correct this one and may be paid."""
    found = case.desk.rows(Batch, Batch.corrects == number, among(Batch.state, RELEASED))
    return [one for one in found if one.id != case.batch.id]


def lines_ordered(case: Case) -> Iterator[Guard]:
    """Every line is ordered, paid or held."""
    yield from _lines(case, {"ordered", "paid", "held"}, "LINE-OPEN", "还没有付款指令")


def closable(case: Case) -> Iterator[Guard]:
    """What pays is closed once it was paid; only what pays nothing is closed on its confirmed scores."""
    if case.batch.state == "confirmed" and case.plan.pools:
        yield Guard("STATE", "有资金池的批次付款后才能办结")


def lines_paid(case: Case) -> Iterator[Guard]:
    """Every line of every payer is paid or held."""
    if case.batch.state == "paid":
        yield from _lines(case, {"paid", "held"}, "LINE-UNPAID", "还没有付讫")


def nothing_ordered(case: Case) -> Iterator[Guard]:
    """No money was ordered yet."""
    moved = case.desk.count(
        Voucher,
        Voucher.batch == case.batch.id,
        false(Voucher.superseded),
        among(Voucher.state, {"ordered", "paid"}),
    )
    if moved:
        yield Guard("ORDERED", f"已有 {moved} 笔付款指令: 不能撤回, 只能另立更正批次", (("lines", moved),))


def _gates(case: Case, before: Step) -> Iterator[Guard]:
    answered = set(case.desk.values([Gate.kind], Gate.batch == case.batch.id))
    paying = {pool.pool for pool in case.pools} if case.pools else {pool.id for pool in case.plan.pools}
    for gate in case.plan.gates:
        if gate.before == before and gate.asked(paying) and (gate.kind,) not in answered:
            yield Guard("GATE", f"缺 {gate.name}: 上传文件并写明文号和日期", (("kind", gate.kind),))


def _term(case: Case, term: Term) -> Iterator[Guard]:
    try:
        deadline(case, term)
    except Unmet as missing:
        yield from missing.guards


def deadline(case: Case, term: Term) -> datetime:
    """When a term ends that begins with this step, 公示 with its posting. Raises Unmet as `term_until`."""
    given, now = case.given or Given(), case.desk.now
    act = min(instant_of(given.posted_on, time()), now) if term == "disclosure" and given.posted_on else now
    days = case.posted_days if term == "disclosure" else None
    return term_until(case.desk, case.plan, term, act, given.until, given.reason, days=days)


def _stage(case: Case, stage: str) -> Iterator[Guard]:
    todo = runs.stages_open(case.desk, case.batch)
    if todo and todo[0]["stage"] != stage:
        yield Guard("STAGE", f"现在该由{todo[0]['title']}办理", (("stage", todo[0]["stage"]),))


def _lines(case: Case, wanted: set[str], code: str, said: str) -> Iterator[Guard]:
    states = {
        (row.alliance, row.pool, row.unit): row.state
        for row in case.desk.rows(Voucher, Voucher.batch == case.batch.id, false(Voucher.superseded))
    }
    for line in runs.lines(case.desk, case.batch, case.held):
        if line.amount and states.get((line.alliance, line.pool, line.unit)) not in wanted:
            more = (("alliance", line.alliance), ("pool", line.pool), ("unit", line.unit))
            yield Guard(code, f"{line.unit} {line.pool} {said}: 登记指令, 或写明理由暂缓", more)


GUARDS: Mapping[str, Callable[[Case], Iterator[Guard]]] = {
    guard.__name__: guard
    for guard in (
        assignments_done, dry_read, findings_answered, confirm_term_said, members_confirmed, score_objections_answered,
        job_done, pools_there, gates_allocate, gates_submit, gates_approve, gates_release, contradictions_held,
        hands_left,
        digest_seen, stage_review, stage_approve, posting_told, disclosure_term_said, disclosure_over,
        disclosure_objections_answered, not_restored, not_paid_before, corrects_latest, corrects_released,
        not_corrected, lines_ordered, closable, lines_paid,
        nothing_ordered, *pay_guards.GUARDS,
    )
}  # fmt: skip


def unmet(case: Case, names: tuple[str, ...]) -> list[Guard]:
    """Everything of these guards that is not met."""
    return [guard for name in names for guard in GUARDS[name](case)]
