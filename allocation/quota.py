"""The quota book: what the approvals of 绩效工资总量 (批复文号) still leave to each member.

    headroom   approved − paid and committed to 31 December in the total − taken by earlier pools of the year
    corridor   under an approval for the whole alliance a grassroots member may exceed its own line by the plan's share
               (rounded down), every other member may not; and all members together stay within the approval

An approval is a document, never a formula: several of one unit and year add up by document, one without a number is
refused. What a plan would apply for (`application`: person-months of the year / 12 × level × multiple, rounded half-up)
is told beside it and decides nothing.
Private clinics have no quota, nor do collective institutions without an approval of their own; a public member
without one is refused. The first permit (允许突破) is in the approved amount. Source: 人社 / 财政 approvals
(domain/B_money B.1.7), the plan's `quota` and its cite.

    book = open_book(plan.quota, context)
    book.headroom("T01")                     # fen, may be negative; None: no quota (book.exempt["T01"] says why)
    book = book.take(pool, {"T01": 120000})  # only pools inside the total take any
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from allocation.context import Amount, Context, Value
from domain.institution import Ownership
from domain.money import floor_fen, half_up_fen
from domain.plan import Pool, Quota
from domain.problems import InputProblems, Problem, Problems
from domain.step import Numbers, Phrase, Place, Step, Words
from domain.step import Value as Said

NO_QUOTA = {
    Ownership.PRIVATE: "民办机构, 无绩效工资总量",
    Ownership.COLLECTIVE: "集体机构, 未核定绩效工资总量",
}
_NUMBERS = {
    "approved": "核定总量",
    "over": "可超比例",
    "ceiling": "上限",
    "paid": "已发及已承诺",
    "taken": "前序池占用",
    "prepaid": "其中本池已预付",
}
PERSON_MONTHS = "quota_person_months"
HEADROOM = {
    "headroom": Words("总量空间", "核定总量 − 已发及已承诺 − 前序池占用", _NUMBERS),
    "headroom_over": Words(
        "总量空间", "核定总量 × (1 + 可超比例) (向下取整到分) − 已发及已承诺 − 前序池占用", _NUMBERS
    ),
    "headroom_settling": Words("总量空间", "核定总量 − (已发及已承诺 − 其中本池已预付) − 前序池占用", _NUMBERS),
    "headroom_over_settling": Words(
        "总量空间",
        "核定总量 × (1 + 可超比例) (向下取整到分) − (已发及已承诺 − 其中本池已预付) − 前序池占用",
        _NUMBERS,
    ),
}
WORDS: dict[str, Words | str] = {
    **HEADROOM,
    "application": "申报测算 (只供申报, 以批复为准): 人月 {months} ÷ 12 × 水平 {level} × 倍数 {multiple} = {fen} 元, "
    "批复{compared}",
    "as_applied": "与此相等",
    "above": "多 {fen} 元",
    "below": "少 {fen} 元",
    "no_months": "没有全年的{metric:title}, 没有申报测算数",
}


@dataclass(frozen=True)
class Line:
    """One member's place in the book: its approval, the ceiling it makes (fen), what is paid and committed.

    months: the person-months of the year, where the plan applies by them and they are there.
    """

    unit: str
    approved: Amount
    ceiling: int
    over: Fraction
    paid: Amount
    months: Value | None = None


@dataclass(frozen=True)
class QuotaBook:
    """Approvals and what has been used of them, at one moment of the plan's order of pools; never changed in place.

    lines: members with a quota; exempt: reasons of those without; gaps: what is missing of a
    member, raised only when its headroom is asked for; alliance: the alliance's approval, None under approvals per
    member; taken: by unit. away: members that another alliance speaks for (`domain.selection.homes`): their payments
    to date are charged there, here only what this alliance's pools pay them; brought: what others' pools took, by unit.
    prepaid: what the next pool settles, which is among what was paid, by unit; returned: what of it was given back to a
    member elsewhere than where its payments are charged: of one that is away here, of one at home by others.
    """

    quota: Quota
    lines: Mapping[str, Line]
    exempt: Mapping[str, str]
    gaps: Mapping[str, tuple[Problem, ...]]
    alliance: Amount | None
    taken: Mapping[str, int]
    away: frozenset[str] = frozenset()
    brought: Mapping[str, int] = field(default_factory=dict)
    prepaid: Mapping[str, int] = field(default_factory=dict)
    returned: Mapping[str, int] = field(default_factory=dict)

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
        paid = sum(line.paid.fen - self._prepaid(unit) for unit, line in self.lines.items() if unit not in self.away)
        return self.alliance.fen - paid - sum(map(self._own, self.lines))

    def _own(self, unit: str) -> int:
        """What of the alliance's approval a member took, less what others gave back of what it was paid."""
        back = self.returned.get(unit, 0)
        return self.taken.get(unit, 0) - self.brought.get(unit, 0) + (back if unit in self.away else -back)

    def settling(self, prepaid: Mapping[str, int]) -> QuotaBook:
        """The book before a settlement of staff pay: what was prepaid of it (fen by unit) is not paid twice."""
        return replace(self, prepaid=prepaid)

    def take(self, pool: Pool, amounts: Mapping[str, int]) -> QuotaBook:
        """The book after a payment (fen by unit): unchanged if the pool is income or outside the total."""
        if not pool.inside_total:
            return self
        used = {unit: self.taken.get(unit, 0) + amounts.get(unit, 0) - self._prepaid(unit) for unit in self.lines}
        given = {unit: fen for unit, fen in self.prepaid.items() if fen and unit in self.away}
        returned = {**self.returned, **{unit: self.returned.get(unit, 0) + fen for unit, fen in given.items()}}
        return replace(self, taken=used, prepaid={}, returned=returned)

    def closed(self, taken: Mapping[str, int], returned: Mapping[str, int]) -> QuotaBook:
        """The book after the pools of all alliances; only its own count against its approval.

        taken: of each member's headroom by the pools of every alliance, fen by unit; returned: given back to each
        elsewhere than at home.
        """
        taken = {unit: taken.get(unit, 0) for unit in self.lines}
        others = {unit: fen - self.taken.get(unit, 0) + self.brought.get(unit, 0) for unit, fen in taken.items()}
        back = {unit: (self.returned if unit in self.away else returned).get(unit, 0) for unit in self.lines}
        return replace(self, taken=taken, brought=others, returned=back)

    def step(self, unit: str, place: Place) -> Step:
        """The story of one member's headroom. Raises InputProblems as `headroom`, KeyError if it has no quota."""
        left = self.headrooms([unit])[unit]
        line = self.lines[unit]
        numbers: Numbers = {"approved": line.approved.fen}
        if line.over:
            numbers |= {"over": line.over, "ceiling": line.ceiling}
        numbers["paid"] = line.paid.fen
        if self._prepaid(unit):
            numbers["prepaid"] = self._prepaid(unit)
        numbers["taken"] = self.taken.get(unit, 0)
        words = ("headroom_over" if line.over else "headroom") + "_settling" * ("prepaid" in numbers)
        documents = (line.approved.cite, *((self.alliance.cite,) if self.alliance else ()))
        return Step(
            "quota",
            place,
            f"{__name__}:{words}",
            left,
            numbers,
            rule="quota",
            cites=(*self.quota.clauses, *documents),
            cells=(*line.approved.cells, *line.paid.cells, *(line.months.cells if line.months else ())),
            notes=self._applied(line),
        )

    def _applied(self, line: Line) -> tuple[Phrase, ...]:
        """What the plan would apply for, beside the approval."""
        rules = self.quota.application
        if rules is None:
            return ()
        if line.months is None:
            return (_phrase("no_months", metric=PERSON_MONTHS),)
        months = line.months.value
        fen = half_up_fen(months / 12 * rules.level * rules.multiple)
        over = line.approved.fen - fen
        code = "above" if over > 0 else "below" if over else "as_applied"
        compared = _phrase(code, fen=abs(over))
        return (
            _phrase(
                "application", months=months, level=rules.level, multiple=rules.multiple, fen=fen, compared=compared
            ),
        )

    def _left(self, line: Line) -> int:
        return line.ceiling - line.paid.fen + self._prepaid(line.unit) - self.taken.get(line.unit, 0)

    def _prepaid(self, unit: str) -> int:
        return self.prepaid.get(unit, 0)


def _phrase(code: str, **values: Said) -> Phrase:
    return Phrase(f"{__name__}:{code}", values)


def open_book(
    quota: Quota,
    context: Context,
    *,
    brought: Mapping[str, int] | None = None,
    returned: Mapping[str, int] | None = None,
) -> QuotaBook:
    """The book of one alliance before its first pool; nothing is raised before a headroom is asked for.

    brought: of members that changed alliance, as in `QuotaBook`; returned: given back to them elsewhere than at home.
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
            months = context.year_facts.get((unit, PERSON_MONTHS)) if quota.application else None
            months = None if months is None or months.lacking else months
            lines[unit] = Line(unit, own, floor_fen(own.fen * (1 + over)), over, paid, months)
    alliance = None
    if quota.scope == "alliance":
        problems = Problems()
        alliance = _approval(context, context.alliance_code, problems)
        if problems:
            gaps[context.alliance_code] = tuple(problems.found)
            alliance = None
    brought = {unit: (brought or {}).get(unit, 0) for unit in lines}
    back = {unit: fen for unit, fen in (returned or {}).items() if fen and unit in lines and unit not in context.away}
    return QuotaBook(quota, lines, exempt, gaps, alliance, brought, context.away, brought, returned=back)


def _approval(context: Context, unit: str, problems: Problems) -> Amount:
    approved = context.need(problems, unit, "quota_approved", annual=True)
    for row in context.year_money.get((unit, "quota_approved"), ()):
        if not row.document.strip():
            problems.add(
                row.cells[0] if row.cells else context.where(unit),
                "QUOTA-NO-DOCUMENT",
                f"{context.where(unit)} 的核定绩效工资总量没有批复文号",
                "在文号列填写批复文号",
            )
    return approved
