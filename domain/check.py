"""How a plan has its data looked at before money is paid: checks of plausibility, and what answers them.

A check decides no amount. What it finds is told with its cell; one of severity `confirm` wants a reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from domain.facts import Strict
from domain.given import Given
from domain.values import Cite, Id, Ratio, Source

Severity = Literal["note", "confirm"]


def _reason(text: str) -> str:
    if text.strip():
        return text.strip()
    raise ValueError("没有写理由")


Reason = Annotated[str, AfterValidator(_reason)]


class CheckRule(Given):
    """One check: `use` names the file of its kind, `params` are what that file's `Params` takes.

    severity: `note` is told, `confirm` wants a reason before money is paid. source: where its bounds come from.
    at: file:line, filled in by the reader.
    """

    id: Id
    title: str
    use: str
    params: Mapping[str, Any] = Field(default_factory=dict)
    severity: Severity = "confirm"
    source: Source
    cite: Cite | None = None
    note: str = ""
    at: str = Field(default="", exclude=True)


class Waiver(Strict):
    """A reason that a plan gives for what a check finds: of one unit or (empty) of all, of one period or of all."""

    rule: str
    unit: str = ""
    period: str = ""
    reason: Reason


class Checks(Strict):
    """What is looked at, beside the catalogue's own checks.

    jump: the largest change against the last period, as a share; it stands for the bounds of the check `jump`.
    rules: a rule with the id of one of the catalogue's takes its place; None: the plan does not speak of it.
    """

    jump: Ratio | None = None
    rules: list[CheckRule] | None = None
    waive: list[Waiver] = Field(default_factory=list)
