"""The quota ledger: what the approvals of 绩效工资总量 (批复文号) still leave to each member.

    headroom   approved − paid and committed to 31 December in the total − taken by earlier pools of the year
    corridor   under an approval for the whole alliance a grassroots member may exceed its own line by the plan's share
               (rounded down), every other member may not; and all members together stay within the approval

An approval is a document, never a formula: several of one unit and year add up by document, one without a number is
refused.
Private clinics have no quota, nor do collective institutions without an approval of their own; a public member
without one is refused. The first permit (允许突破) is in the approved amount. Source: 人社 / 财政 approvals
(domain/B_money B.1.7), the plan's `quota` and its cite.

    ledger = open_ledger(plan.quota, context)
    ledger.headroom("T01")                       # fen, may be negative; None: no quota (ledger.exempt["T01"] says why)
    ledger = ledger.take(pool, {"T01": 120000})  # only pools inside the total take any
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

import pandas as pd

from allocation.context import Amount, Context
from domain.institution import Ownership
from domain.money import floor_fen, format_exact, format_yuan
from domain.plan import Pool, Quota
from domain.problems import InputProblems, Problem, Problems
from domain.trace import Trace

TABLE = ("unit_code", "name", "document", "approved", "ceiling", "paid", "taken", "left", "exempt")
NO_QUOTA = {
    Ownership.PRIVATE: "民办机构, 无绩效工资总量",
    Ownership.COLLECTIVE: "集体机构, 未核定绩效工资总量",
}


@dataclass(frozen=True)
class Line:
    """One member's place in the ledger: its approval, the ceiling it makes (fen), what is paid and committed."""

    unit: str
    approved: Amount
    ceiling: int
    over: Fraction
    paid: Amount


@dataclass(frozen=True)
class Ledger:
    """Approvals and what has been used of them, at one moment of the plan's order of pools; never changed in place.

    names: of all members; lines: members with a quota; exempt: reasons of those without; gaps: what is missing of a
    member, raised only when its headroom is asked for; alliance: the alliance's approval, None under approvals per
    member; taken: by unit. away: members that another alliance speaks for (`domain.selection.home`): their payments
    to date are charged there, here only what this alliance's pools pay them; brought: what others' pools took, by unit.
    """

    quota: Quota
    names: Mapping[str, str]
    lines: Mapping[str, Line]
    exempt: Mapping[str, str]
    gaps: Mapping[str, tuple[Problem, ...]]
    alliance: Amount | None
    taken: Mapping[str, int]
    away: frozenset[str] = frozenset()
    brought: Mapping[str, int] = field(default_factory=dict)

    def headroom(self, unit: str) -> int | None:
        """Fen left to a member (negative: already exceeded); None if it has no quota.

        Raises InputProblems if its approval or its payments to date are missing.
        """
        return self.headrooms([unit]).get(unit)

    def headrooms(self, units: Iterable[str]) -> dict[str, int]:
        """`headroom` of several members, without those that have no quota; every gap at once."""
        asked = [unit for unit in units if unit not in self.exempt]
        found = [problem for unit in asked for problem in self.gaps.get(unit, ())]
        if found:
            raise InputProblems(found)
        return {unit: self._left(self.lines[unit]) for unit in asked}

    def alliance_headroom(self) -> int | None:
        """Fen left of the alliance's approval to all members together; None under approvals per member.

        Raises InputProblems if anything is missing of any member, for the sum is then unknown.
        """
        if self.quota.scope == "member":
            return None
        found = [problem for problems in self.gaps.values() for problem in problems]
        if found or self.alliance is None:
            raise InputProblems(found)
        paid = sum(line.paid.fen for unit, line in self.lines.items() if unit not in self.away)
        return self.alliance.fen - paid - sum(self.taken.get(u, 0) - self.brought.get(u, 0) for u in self.lines)

    def take(self, pool: Pool, amounts: Mapping[str, int]) -> Ledger:
        """The ledger after a payment (fen by unit): unchanged if the pool is income or outside the total."""
        if not pool.inside_total:
            return self
        used = {unit: self.taken.get(unit, 0) + amounts.get(unit, 0) for unit in self.lines}
        return replace(self, taken=used)

    def table(self) -> pd.DataFrame:
        """The ledger for auditors (columns TABLE, money in fen as Int64), by unit code.

        A member whose figures are missing or that has no quota stands there with empty amounts.
        """
        rows: list[tuple[object, ...]] = []
        for unit, name in self.names.items():
            line = self.lines.get(unit)
            if line is None:
                rows.append((unit, name, "", *[pd.NA] * 5, self.exempt.get(unit, "")))
                continue
            money = (line.approved.fen, line.ceiling, line.paid.fen, self.taken.get(unit, 0), self._left(line))
            rows.append((unit, name, line.approved.document, *money, ""))
        table = pd.DataFrame(rows, columns=list(TABLE)).astype(dict.fromkeys(TABLE[3:8], "Int64"))
        return table.sort_values("unit_code", ignore_index=True)

    def trace(self, unit: str) -> Trace:
        """The story of one member's headroom. Raises InputProblems as `headroom`, KeyError if it has no quota."""
        left = self.headrooms([unit])[unit]
        line = self.lines[unit]
        numbers = {"核定总量": format_yuan(line.approved.fen)}
        ceiling = "核定总量"
        if line.over:
            ceiling = "核定总量 × (1 + 可超比例) (向下取整到分)"
            numbers |= {"可超比例": format_exact(line.over), "上限": format_yuan(line.ceiling)}
        numbers |= {"已发及已承诺": format_yuan(line.paid.fen), "前序池占用": format_yuan(self.taken.get(unit, 0))}
        documents = (line.approved.document, *((self.alliance.document,) if self.alliance else ()))
        return Trace(
            f"quota/{unit}", "总量空间", f"{ceiling} − 已发及已承诺 − 前序池占用", numbers, format_yuan(left), "quota",
            (*self.quota.clauses, *documents), (*line.approved.cells, *line.paid.cells),
        )  # fmt: skip

    def _left(self, line: Line) -> int:
        return line.ceiling - line.paid.fen - self.taken.get(line.unit, 0)


def open_ledger(
    quota: Quota, context: Context, *, away: Iterable[str] = (), brought: Mapping[str, int] | None = None
) -> Ledger:
    """The ledger of one alliance before its first pool; nothing is raised before a headroom is asked for.

    away, brought: of members that changed alliance, as in `Ledger`.
    """
    lines: dict[str, Line] = {}
    exempt: dict[str, str] = {}
    gaps: dict[str, tuple[Problem, ...]] = {}
    members = context.members
    for unit, ownership, grassroots in zip(
        members["unit_code"], members["ownership"], members["grassroots"], strict=True
    ):
        approved = context.find(unit, "quota_approved", annual=True)
        owned = Ownership(ownership)
        if owned is Ownership.PRIVATE or (owned is Ownership.COLLECTIVE and approved is None):
            exempt[unit] = NO_QUOTA[owned]
            continue
        problems = Problems()
        own = _approval(context, unit, problems)
        paid = context.need(problems, unit, "quota_paid")
        over = (quota.grassroots_over or Fraction(0)) if grassroots else Fraction(0)
        if problems:
            gaps[unit] = tuple(problems.found)
        else:
            lines[unit] = Line(unit, own, floor_fen(own.fen * (1 + over)), over, paid)
    alliance = None
    if quota.scope == "alliance":
        problems = Problems()
        alliance = _approval(context, context.alliance_code, problems)
        if problems:
            gaps[context.alliance_code] = tuple(problems.found)
            alliance = None
    names = dict(zip(members["unit_code"], members["name"], strict=True))
    brought = {unit: (brought or {}).get(unit, 0) for unit in lines}
    return Ledger(quota, names, lines, exempt, gaps, alliance, brought, frozenset(away), brought)


def _approval(context: Context, unit: str, problems: Problems) -> Amount:
    approved = context.need(problems, unit, "quota_approved", annual=True)
    for row in context.year_money.get((unit, "quota_approved"), ()):
        if not row.document.strip():
            problems.add(
                row.cells[0] if row.cells else context.where(unit), "QUOTA-NO-DOCUMENT",
                f"{context.where(unit)} 的核定绩效工资总量没有批复文号", "在文号列填写批复文号",
            )  # fmt: skip
    return approved
