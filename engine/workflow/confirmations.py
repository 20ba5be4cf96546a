"""Who confirmed which scores: what a member looks at before it gives its word."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from engine.storage.desk import Desk
from engine.workflow import runs
from engine.workflow.batch import SCORES_SHOWN
from engine.workflow.refusals import NotThere
from engine.workflow.steps import batch_of


class MemberView(BaseModel):
    """A member unit. digest: of its scores as they are now; confirmed: it has given its word on these."""

    model_config = ConfigDict(frozen=True)

    unit: str
    digest: str
    confirmed: bool


def listed(desk: Desk, number: int) -> list[MemberView]:
    """The member units that are the caller's, by code. Raises NotThere before the scores are shown."""
    batch = batch_of(desk, number)
    if batch.state not in SCORES_SHOWN:
        raise NotThere("得分还没有公布")
    return [MemberView(unit=unit, digest=digest, confirmed=given) for unit, digest, given in runs.words(desk, batch)]
