"""Where a run finds what the rules need of members: each rule's file says what, and of which item, metric or source."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from allocation.context import PoolContext
from allocation.quota import QuotaBook
from allocation.statement import Rule
from allocation.terms import Field, Member
from domain.problems import InputProblems, Problems

Numbers = Mapping[str, int | Fraction]
"""A field of every member that has one, by unit."""


@dataclass(frozen=True)
class MemberFacts:
    """Facts, quota and R of one pool's members. base: R as earlier pools left it; gaps are noted in `problems`."""

    context: PoolContext
    book: QuotaBook | None
    base: Mapping[str, int] | None
    problems: Problems

    def added(self, members: Mapping[str, Member], rules: Sequence[Rule]) -> dict[str, Member]:
        """The members with what the rules need of each that they do not pass over."""
        found: dict[str, dict[str, int | Fraction]] = {unit: {} for unit in members}
        for rule in sorted(rules, key=lambda rule: rule.file.order):
            under = [
                unit
                for unit, member in members.items()
                if rule.use not in member.exempt and rule.file.concerns(rule.params, member)
            ]
            for field in rule.file.fields:
                for unit, value in self._of(field, [unit for unit in under if field.name not in found[unit]]).items():
                    found[unit][field.name] = value
        return {
            unit: replace(member, fields=found[unit]) if found[unit] else member for unit, member in members.items()
        }

    def _of(self, field: Field, units: Sequence[str]) -> Numbers:
        sources: dict[str, Callable[[Sequence[str]], Numbers]] = {
            "quota": self._headrooms,
            "reward_base": self._reward_bases,
        }
        if field.source:
            return sources[field.source](units)
        context, problems = self.context, self.problems
        if field.metric:
            return {unit: context.need_value(problems, unit, field.metric).value for unit in units}
        document = context.pool.id if field.of_pool else None
        return {unit: context.need(problems, unit, field.item, document).fen for unit in units}

    def _headrooms(self, units: Sequence[str]) -> Numbers:
        """What the quota leaves to each."""
        context = self.context
        if self.book is None:
            where = context.pool.at or context.pool.id
            self.problems.add(where, "QUOTA-PLAN", "方案没有 quota, 不知道绩效工资总量", "在方案中写 quota")
            return {}
        try:
            return self.book.headrooms(units)
        except InputProblems as refused:
            self.problems.extend(refused.problems)
            return {}

    def _reward_bases(self, units: Sequence[str]) -> Numbers:
        """R of each, as far as pools before have left it."""
        base = self.base or {}
        for unit in units:
            if unit not in base:
                self.problems.add(
                    self.context.where(unit),
                    "REWARD-BASE-MISSING",
                    "没有收支结余 (R), 不能按 income_cap 封顶",
                    "在 permits.ownership 中列入, 或在资金池 exempt 中写明 income_cap 的理由",
                )
        return {unit: base[unit] for unit in units if unit in base}
