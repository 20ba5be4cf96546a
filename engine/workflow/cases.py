"""A batch before a step, with what the step is given: what guards look at and steps are taken on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.period import Period
from domain.plan import Plan
from engine.storage.desk import Desk
from engine.storage.query import newest
from engine.storage.tables.pay import PayFolder
from engine.storage.tables.period import Batch, PeriodRow
from engine.storage.tables.results import Hold, Pool, Run
from engine.workflow import policies, runs


class Given(BaseModel):
    """What a step is given. digest: of what was seen; minutes, file: sha of an uploaded file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: str = Field(default="", max_length=2000)
    digest: str = Field(default="", max_length=64)
    minutes: str = Field(default="", max_length=64)
    posted_on: date | None = None
    where: str = Field(default="", max_length=400)
    file: str = Field(default="", max_length=64)
    until: AwareDatetime | None = None
    fresh: bool = False


@dataclass
class Case:
    """A batch before a step."""

    desk: Desk
    batch: Batch
    given: Given | None = None

    @cached_property
    def period_row(self) -> PeriodRow:
        """Its period."""
        found = self.desk.get(PeriodRow, self.batch.period)
        assert found is not None  # noqa: S101  (a foreign key)
        return found

    @cached_property
    def period(self) -> Period:
        """Its period as one."""
        return Period.parse(self.period_row.code)

    @cached_property
    def plan(self) -> Plan:
        """The plan that it stands on."""
        alone = self.batch.kind == "pay"
        return policies.pinned(self.desk.store, self.batch.policy, self.period, alone=alone).loaded.plan

    @cached_property
    def held(self) -> frozenset[str]:
        """The alliances that are held back."""
        return frozenset(hold.alliance for hold in self.desk.rows(Hold, Hold.batch == self.batch.id))

    @cached_property
    def run(self) -> Run | None:
        """The allocation run, before it the score run."""
        number = self.batch.run or self.batch.score_run
        return None if number is None else self.desk.get(Run, number)

    @cached_property
    def pools(self) -> list[Pool]:
        """The pools of the alliances that are not held back."""
        run = self.run
        found = self.desk.rows(Pool, Pool.run == run.id) if run else []
        return [pool for pool in found if pool.unit not in self.held]

    @cached_property
    def paid(self) -> PayFolder | None:
        """Of a pay batch, the newest pay folder."""
        own = (PayFolder.batch == self.batch.id, PayFolder.kind == "pay")
        return self.desk.first(PayFolder, *own, order=newest(PayFolder.id))

    @property
    def digest(self) -> str:
        """Of the folder that is decided on."""
        made = self.paid if self.batch.kind == "pay" else self.run
        return made.folder if made else ""

    @property
    def total(self) -> int:
        """What the batch gives out, in fen."""
        if self.batch.kind == "pay":
            return self.paid.amount if self.paid else 0
        return runs.total(self.pools)

    @property
    def posted_days(self) -> int | None:
        """Of a pay batch, the working days that 公示 hangs as the plan's approval says; None where `deadlines` does."""
        if self.batch.kind != "pay":
            return None
        approval = self.plan.pay.approval if self.plan.pay else None
        return approval.public_days if approval else None
