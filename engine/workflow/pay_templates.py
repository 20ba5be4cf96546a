"""The workbook of people to fill in for a pay batch: blank, or with what the institution's payments before it tell."""

from __future__ import annotations

from engine.pay.read.people import read_people
from engine.pay.scheme import scheme_of
from engine.pay.template.carry import carry
from engine.pay.template.workbook import pay_template
from engine.storage.desk import Desk
from engine.storage.query import among, newest
from engine.storage.tables.pay import PayExport
from engine.storage.tables.period import Batch
from engine.workflow import pay, pay_folders, pay_rosters, policies
from engine.workflow.batch import RELEASED
from engine.workflow.cases import Case
from engine.workflow.pay_exports import Made
from engine.workflow.refusals import Guard, Unmet
from engine.workflow.results import MEDIA
from engine.workflow.roles import require

KIND = "template"


def template(desk: Desk, number: int, *, carried: bool) -> Made:
    """The workbook of a batch. carried: with roster, posts and accounts of the last payment, and what was paid since.

    What is carried names people: it is recorded like every export.
    Raises NotThere, NotAllowed, Unmet (CARRY-NONE), InputProblems.
    """
    batch = pay.pay_batch(desk, number)
    require(desk.actor, "pay.work", batch.region, batch.unit)
    case, month = Case(desk, batch), pay.own_of(desk, batch).month
    pinned = policies.pinned(desk.store, batch.policy, case.period, alone=True)
    scheme, catalogue = scheme_of(case.plan), pinned.configs.catalogue
    given = carry(None, (), case.period, month)
    if carried:
        require(desk.actor, "pay.reveal", batch.region, batch.unit)
        last = _last(desk, batch)
        with pay_rosters.laid(desk, pay_folders.of(desk, last).people) as path:
            read = read_people(path, scheme, case.period, month, catalogue=catalogue, correcting=True, of_month=False)
        people = pay_rosters.with_mended(desk, last, read.people, scheme, case.period, month)
        given = carry(people, pay_folders.earlier_own(desk, but=batch.id), case.period, month)
    content = pay_template(case.plan, scheme, case.period, month, carried=given, catalogue=catalogue)
    made = Made(KIND, f"{pay.WORKBOOK}.xlsx", MEDIA["xlsx"], content)
    if carried:
        place = {"region": batch.region, "unit": batch.unit}
        row = {"batch": batch.id, "kind": KIND, "sha": made.sha, "by": desk.actor.user, "at": desk.now}
        desk.add(PayExport.model_validate(place | row))
        pay.noted(desk, batch, f"pay.export.{KIND}", {"sha": made.sha})
    return made


def _last(desk: Desk, batch: Batch) -> Batch:
    """The last payment of the institution that was released, corrections and completions aside."""
    of = (Batch.kind == pay.KIND, Batch.unit == batch.unit, Batch.region == batch.region)
    for one in desk.rows(Batch, *of, among(Batch.state, RELEASED), order=newest(Batch.id)):
        if one.id != batch.id and pay_folders.before(desk, one) is None:
            return one
    raise Unmet([Guard("CARRY-NONE", "本机构没有交付发放过的批次, 没有可以带入的: 下载空表 (carry=false)")])
