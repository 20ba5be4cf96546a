"""超支分担: who bears what the insurance fund overspent. A statement for a decision, never a line for a person.

    O        the overspend that 医保清算 confirmed
    U        unreasonable spending found in the members, borne by who caused it (at most O)
    S = O−U  each slice of S / budget at its band's share for the alliance (marginal bands); the rest is the fund's
    A        the alliance's part, at most what the upper hospitals themselves overspent: grassroots are protected
    A_i      A by each upper hospital's own overspend (spend − unreasonable − its budget, at least 0)
    relief   where the hospital's down-referral rate reaches the plan's threshold, a share of A_i goes to the fund; all
             relief together at most the plan's share of the budget (总额控制)
    borne    unreasonable + A_i − relief; the fund bears the rest of O

Bands and relief are rounded half-up, the limit of relief down; what is split among hospitals or cut is settled by the
largest remainder, ties by unit code. A year with an overspend has no surplus pool. Without the number of the decision
the statement is a proposal only. Source: 合理超支分担 (domain/B_money B.1.3), 吉林市 二(五)3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from allocation.context import Amount, Context, added
from domain.money import exact_text, floor_fen, format_exact, format_yuan, half_up_fen, largest_remainder, yuan_each
from domain.overspend import Overspend, OverspendRelief
from domain.problems import Problems
from domain.trace import Trace

UNDECIDED = "未决定, 只供测算"


@dataclass(frozen=True)
class Row:
    """One line of the statement: whose (the alliance's code: of the whole), its code and title, signed fen."""

    unit: str
    line: str
    title: str
    fen: int
    formula: str


@dataclass
class Statement:
    """rows in the order of the steps; cite; decision: its 文号 or that there is none; traces."""

    cite: str
    decision: str
    rows: list[Row] = field(default_factory=list)
    traces: list[Trace] = field(default_factory=list)

    @property
    def decided(self) -> bool:
        """Whether there is a recorded decision."""
        return self.decision != UNDECIDED


@dataclass(frozen=True)
class _Member:
    """What one member brings in: fen, and the rate (None: no discharges, or not asked)."""

    unreasonable: Amount
    own: int
    rate: Fraction | None
    cells: tuple[str, ...]
    spent: int = 0
    budget: int = 0


def overspend_statement(rules: Overspend, context: Context) -> Statement | None:
    """The statement of one alliance, None where nothing was overspent.

    Raises InputProblems: MONEY-MISSING, FACT-MISSING, OVERSPEND-NO-DOCUMENT (no 清算文号, a decision or unreasonable
    spending without one), OVERSPEND-DECISION (decided on another amount), OVERSPEND-BUDGET (a budget that is not above
    0).
    """
    problems = Problems()
    alliance = context.alliance_code
    budget, spend = (context.need(problems, alliance, item) for item in ("fund_budget", "fund_spend"))
    confirmed = context.find(alliance, "overspend_confirmed")
    if confirmed is None and spend.fen > budget.fen:
        confirmed = context.need(problems, alliance, "overspend_confirmed")
    problems.raise_if_any()
    if confirmed is None or confirmed.fen == 0:
        return None
    decision = _decision(context, confirmed, problems)
    if budget.fen <= 0:
        problems.add(context.where(alliance), "OVERSPEND-BUDGET", "医保基金总额预算不大于 0", "核对预算")
    members = _members(rules, context, problems)
    problems.raise_if_any()
    cites = (*rules.clauses, *confirmed.document.split("、"))
    sheet = _Sheet(context, Statement("; ".join(dict.fromkeys(cites)), decision), cites)
    sheet.settle(rules, budget, confirmed, members)
    return sheet.statement


def _decision(context: Context, confirmed: Amount, problems: Problems) -> str:
    alliance = context.alliance_code
    where = confirmed.cells[0] if confirmed.cells else context.where(alliance)
    if not confirmed.document.strip():
        problems.add(where, "OVERSPEND-NO-DOCUMENT", "清算确认的超支没有文号", "在文号列填写清算文号")
    decided = context.find(alliance, "overspend_decided")
    if decided is None:
        return UNDECIDED
    where = decided.cells[0] if decided.cells else context.where(alliance)
    if not decided.document.strip():
        problems.add(where, "OVERSPEND-NO-DOCUMENT", "超支分担的决定没有文号", "在文号列填写决定的文号")
    if decided.fen != confirmed.fen:
        said = f"决定分担 {format_yuan(decided.fen)} 元, 清算确认 {format_yuan(confirmed.fen)} 元"
        problems.add(where, "OVERSPEND-DECISION", said, "两者应相等, 核对决定或清算文件")
    return decided.document


def _members(rules: Overspend, context: Context, problems: Problems) -> dict[str, _Member]:
    tiers, upper = {str(tier) for tier in rules.tiers}, {str(tier) for tier in rules.upper}
    found = {}
    rows = context.members[context.members["tier"].isin(tiers | upper)].sort_values("unit_code")
    for unit, tier in zip(rows["unit_code"], rows["tier"], strict=True):
        unreasonable = context.need(problems, unit, "unreasonable_spend")
        for row in context.money.get((unit, "unreasonable_spend"), ()):
            if row.fen and not row.document.strip():
                where = row.cells[0] if row.cells else context.where(unit)
                said = f"{unit} 认定的不合理支出没有文号, 不能要它承担"
                problems.add(where, "OVERSPEND-NO-DOCUMENT", said, "在文号列填写认定文号")
        if str(tier) not in upper:
            found[unit] = _Member(unreasonable, 0, None, ())
            continue
        given = context.need(problems, unit, "member_fund_budget")
        spent = context.need(problems, unit, "member_fund_spend")
        down = context.need_value(problems, unit, "down_referrals")
        out = context.need_value(problems, unit, "discharges")
        own = max(0, spent.fen - unreasonable.fen - given.fen)
        rate = down.value / out.value if out.value else None
        cells = (*given.cells, *spent.cells, *unreasonable.cells, *down.cells, *out.cells)
        found[unit] = _Member(unreasonable, own, rate, cells, spent.fen, given.fen)
    return found


class _Sheet:
    """Fills the statement step by step; `fen` holds each line's amount, `asked` all relief before its limit."""

    def __init__(self, context: Context, statement: Statement, cites: tuple[str, ...]) -> None:
        self.context, self.statement, self.cites = context, statement, cites
        self.fen: dict[tuple[str, str], int] = {}
        self.asked = 0

    def add(
        self, unit: str, line: str, title: str, fen: int, formula: str, *, numbers: Mapping[str, str] | None = None,
        cells: tuple[str, ...] = (), notes: tuple[str, ...] = (),
    ) -> int:  # fmt: skip
        self.fen[unit, line] = fen
        self.statement.rows.append(Row(unit, line, title, fen, formula))
        notes = notes if self.statement.decided else (*notes, UNDECIDED)
        self.statement.traces.append(
            Trace(
                f"overspend/{self.context.alliance_code}/{unit}/{line}", title, formula, numbers or {},
                format_yuan(fen), "overspend", self.cites, cells, notes,
            )
        )  # fmt: skip
        return fen

    def settle(self, rules: Overspend, budget: Amount, confirmed: Amount, members: Mapping[str, _Member]) -> None:
        alliance = self.context.alliance_code
        total = self.add(
            alliance, "overspend", "清算确认超支 O", confirmed.fen, "医保清算确认数", cells=confirmed.cells,
            numbers={"预算": format_yuan(budget.fen)},
        )  # fmt: skip
        blame = {unit: one.unreasonable.fen for unit, one in members.items() if one.unreasonable.fen}
        if sum(blame.values()) > total:
            blame = largest_remainder(total, blame)
        blamed = added(one.unreasonable for one in members.values()) or Amount(0)
        how, found = "各单位认定的不合理支出之和", {unit: members[unit].unreasonable.fen for unit in blame}
        if blamed.fen > total:
            how, found = "min(O, 各单位认定之和)", {"O": total, "各单位认定之和": blamed.fen}
        caused = self.add(
            alliance, "unreasonable", "不合理支出 U", sum(blame.values()), how, numbers=yuan_each(found),
            cells=blamed.cells,
        )  # fmt: skip
        numbers = yuan_each({"O": total, "U": caused})
        rest = self.add(alliance, "to_share", "待分担 S", total - caused, "O − U", numbers=numbers)
        part = self._bands(rules, budget, rest)
        own = {unit: one.own for unit, one in members.items() if one.own}
        reach = sum(own.values())
        held = self.add(
            alliance, "alliance_part", "由上级医院分担 A", min(part, reach),
            "min(分档分担额, 各上级医院自身超支之和); 基层不分担",
            numbers={"分档分担额": format_yuan(part), "各上级医院自身超支之和": format_yuan(reach)},
        )  # fmt: skip
        shares = largest_remainder(held, own) if held else {}
        relief = self._relief(rules, budget, members, shares)
        borne = self._units(rules, members, blame, shares, relief)
        self.add(
            alliance, "fund", "由医保基金承担", total - borne, "O − 各单位承担合计",
            numbers={"O": format_yuan(total), "各单位承担合计": format_yuan(borne)},
        )  # fmt: skip

    def _bands(self, rules: Overspend, budget: Amount, rest: int) -> int:
        """Each slice of S at its own band's share; one rounding, of the sum."""
        ratio, begin, total, parts = Fraction(rest, budget.fen), Fraction(0), Fraction(0), []
        for band in rules.bands:
            end = ratio if band.upto is None else min(ratio, band.upto)
            if end > begin:
                total += (end - begin) * budget.fen * band.alliance
                parts.append(f"{exact_text((end - begin) * budget.fen / 100)} × {format_exact(band.alliance)}")
                begin = end
        return self.add(
            self.context.alliance_code, "bands", "分档分担额", half_up_fen(total), " + ".join(parts) or "0",
            numbers={"S": format_yuan(rest), "预算": format_yuan(budget.fen), "超支率": format_exact(ratio)},
        )  # fmt: skip

    def _relief(
        self, rules: Overspend, budget: Amount, members: Mapping[str, _Member], shares: Mapping[str, int]
    ) -> dict[str, int]:
        if rules.relief is None:
            return {}
        rates = {unit: members[unit].rate for unit in shares}
        asked = {
            unit: half_up_fen(shares[unit] * rules.relief.share)
            for unit, rate in rates.items() if rate is not None and rate >= rules.relief.threshold
        }  # fmt: skip
        limit, wanted = floor_fen(budget.fen * rules.relief.limit), sum(asked.values())
        given, self.asked = {unit: fen for unit, fen in asked.items() if fen}, wanted
        if wanted > limit:
            given = largest_remainder(limit, given)
        self.add(
            self.context.alliance_code, "relief", "弹性结算, 由基金承担", sum(given.values()),
            "min(各单位减免之和, 预算 × 上限比例 (向下取整到分))",
            numbers=yuan_each({"各单位减免之和": wanted, "预算": budget.fen, "上限": limit})
            | {"上限比例": format_exact(rules.relief.limit)},
        )  # fmt: skip
        return given

    def _units(
        self, rules: Overspend, members: Mapping[str, _Member], blame: Mapping[str, int], shares: Mapping[str, int],
        relief: Mapping[str, int],
    ) -> int:  # fmt: skip
        """The lines of the members that bear anything; returns what they bear together."""
        borne = 0
        for unit in sorted({*blame, *shares}):
            found = {}
            if unit in blame:
                found["自身不合理支出"] = self._blamed(unit, members, blame)
            if unit in shares:
                found["分担"] = self._shared(unit, members, shares)
            if unit in shares and rules.relief is not None:
                found["下转减免"] = self._relieved(unit, rules.relief, members[unit], relief)
            borne -= self.add(
                unit, "borne", "承担合计", sum(found.values()), " + ".join(found) + "; 不得计入个人",
                numbers=yuan_each(found),
            )  # fmt: skip
        return borne

    def _blamed(self, unit: str, members: Mapping[str, _Member], blame: Mapping[str, int]) -> int:
        one = members[unit].unreasonable
        whole = sum(members[each].unreasonable.fen for each in blame)
        numbers, how = yuan_each({"认定的不合理支出": one.fen}), "认定的不合理支出"
        if one.fen != blame[unit]:
            numbers |= yuan_each({"U": self.fen[self.context.alliance_code, "unreasonable"], "各单位认定之和": whole})
            how = "U × 认定的不合理支出 ÷ 各单位认定之和 (最大余数法)"
        how += ", 由造成的单位承担, 记为负数"
        return self.add(unit, "unreasonable", "自身不合理支出", -blame[unit], how, numbers=numbers, cells=one.cells)

    def _shared(self, unit: str, members: Mapping[str, _Member], shares: Mapping[str, int]) -> int:
        one = members[unit]
        part = self.fen[self.context.alliance_code, "alliance_part"]
        numbers = {"A": part, "自身超支": one.own, "自身超支之和": sum(members[each].own for each in shares)}
        own = yuan_each({"支出": one.spent, "不合理支出": one.unreasonable.fen, "预算": one.budget})
        note = "自身超支 = " + " − ".join(f"{title} {amount}" for title, amount in own.items())
        return self.add(
            unit, "share", "分担", -shares[unit], "A × 自身超支 ÷ 自身超支之和 (最大余数法), 记为负数",
            numbers=yuan_each(numbers), cells=one.cells, notes=(note,),
        )  # fmt: skip

    def _relieved(self, unit: str, rule: OverspendRelief, one: _Member, relief: Mapping[str, int]) -> int:
        """What the fund takes of one hospital's part; more than the limit leaves is cut in proportion."""
        part, how = -self.fen[unit, "share"], "分担 × 减免比例 (下转率达到界限的)"
        rate = "—" if one.rate is None else format_exact(one.rate)
        numbers = {"分担": format_yuan(part), "减免比例": format_exact(rule.share), "下转率": rate}
        numbers["界限"] = format_exact(rule.threshold)
        fen, asked = relief.get(unit, 0), half_up_fen(part * rule.share)
        if fen not in (0, asked):
            whole = self.fen[self.context.alliance_code, "relief"]
            numbers |= yuan_each({"弹性结算": whole, "各单位减免之和": self.asked})
            how = "弹性结算 × 分担 × 减免比例 ÷ 各单位减免之和 (最大余数法)"
        return self.add(unit, "relief", "下转减免", fen, how, numbers=numbers)
