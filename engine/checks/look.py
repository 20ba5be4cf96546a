"""The checks of a plan looked at: what they find, how grave it is, and the reason that was given for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from domain.check import CheckRule, Severity, Waiver
from domain.facts import Catalogue
from domain.period import Period
from domain.plan import Plan
from domain.step import Phrase
from engine.checks.kinds import Hit, Looked, kinds

WORDS = {"found": "{title}: {what}"}
JUMP = "jump"
"""The check whose bounds `checks.jump` of a plan gives."""


@dataclass(frozen=True)
class Finding:
    """One thing that a check found, with its unit.

    cell: "" where nothing was filled in; value: None where there is none; answer: the reason given, "" for none.
    """

    rule: str
    severity: Severity
    unit: str
    cell: str
    what: Phrase
    value: Fraction | None
    expected: Phrase | str
    answer: str

    @property
    def unanswered(self) -> bool:
        """Whether it wants a reason and has none."""
        return self.severity == "confirm" and not self.answer


def rules_of(plan: Plan, catalogue: Catalogue) -> list[CheckRule]:
    """The checks that hold in a plan: the catalogue's, those of the plan in the place of the ones they are named as."""
    own = {rule.id: rule for rule in plan.checks.rules or ()}
    defaults = [_jumping(rule, plan.checks.jump) for rule in catalogue.checks]
    known = {rule.id for rule in defaults}
    return [*(own.get(rule.id, rule) for rule in defaults), *(rule for code, rule in own.items() if code not in known)]


def _jumping(rule: CheckRule, jump: Fraction | None) -> CheckRule:
    """The check `jump` with the plan's own bound, where it states one."""
    if rule.id != JUMP or jump is None or not rule.sound:
        return rule
    given = rule.given.model_copy(update={"factor": 1 + jump})
    return rule.model_copy(update={"source": "local"}).taking(given)


def look(rules: Sequence[CheckRule], waive: Sequence[Waiver], looked: Looked) -> list[Finding]:
    """Everything that the checks find, in their order and by unit."""
    found = []
    for rule in rules:
        if rule.sound:
            hits = kinds()[rule.use].find(rule.given, looked)
            found += [_finding(rule, hit, waive, looked) for hit in sorted(hits, key=lambda hit: hit.unit)]
    return found


def _finding(rule: CheckRule, hit: Hit, waive: Sequence[Waiver], looked: Looked) -> Finding:
    table = looked.table
    notes = dict.fromkeys(str(table.note[row]).strip() for row in hit.rows)
    reasons = [one.reason for one in waive if _waives(one, rule.id, hit.unit, looked.period)]
    cell = str(table.source[max(hit.rows, key=lambda row: abs(table.number[row]))]) if hit.rows else ""
    what = Phrase(f"{__name__}:found", {"title": rule.title, "what": hit.what})
    answer = "; ".join(filter(None, [*notes, *reasons]))
    return Finding(rule.id, rule.severity, hit.unit, cell, what, hit.value, hit.expected, answer)


def _waives(one: Waiver, rule: str, unit: str, period: Period) -> bool:
    return one.rule == rule and one.unit in {"", unit} and one.period in {"", str(period)}
