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
from dataclasses import dataclass
from fractions import Fraction

from allocation.budget import Budget, budget_of
from allocation.confirmed import OVERSPEND, agreed, exclusive
from allocation.context import Amount, Context, added
from domain.money import floor_fen, format_yuan, half_up_fen, largest_remainder
from domain.overspend import Overspend, OverspendRelief
from domain.problems import Problems
from domain.step import Numbers, Phrase, Place, Step, Value, Words

_FOUND = {"found": "各单位认定之和", "total": "O"}
_RELIEF = {
    "share": "分担",
    "rate": "减免比例",
    "down": "下转率",
    "threshold": "界限",
    "relief": "弹性结算",
    "asked": "各单位减免之和",
}
_BUDGET = {
    "budget": "预算",
    "persons": "参保人数",
    "standard": "人头标准",
    "months": "月数",
    "adjusted": "预算调整 ({it})",
}
WORDS = {
    "undecided": "未决定, 只供测算",
    "overspend": Words("清算确认超支 O", "医保清算确认数", _BUDGET),
    "unreasonable": Words("不合理支出 U", "各单位认定的不合理支出之和"),
    "unreasonable_over": Words("不合理支出 U", "min(O, 各单位认定之和)", _FOUND),
    "to_share": Words("待分担 S", "O − U", {"total": "O", "caused": "U"}),
    "bands": Words("分档分担额", "{slices}", {"rest": "S", "budget": "预算", "ratio": "超支率"}),
    "slices": "{slices:join  + }",
    "slice": "{yuan:whole} × {share}",
    "alliance_part": Words(
        "由上级医院分担 A",
        "min(分档分担额, 各上级医院自身超支之和); 基层不分担",
        {"bands": "分档分担额", "reach": "各上级医院自身超支之和"},
    ),
    "relief": Words(
        "弹性结算, 由基金承担",
        "min(各单位减免之和, 预算 × 上限比例 (向下取整到分))",
        {"asked": "各单位减免之和", "budget": "预算", "limit": "上限", "limit_rate": "上限比例"},
    ),
    "fund": Words("由医保基金承担", "O − 各单位承担合计", {"total": "O", "borne": "各单位承担合计"}),
    "blamed": Words(
        "自身不合理支出", "认定的不合理支出, 由造成的单位承担, 记为负数", {"found_own": "认定的不合理支出"}
    ),
    "blamed_part": Words(
        "自身不合理支出",
        "U × 认定的不合理支出 ÷ 各单位认定之和 (最大余数法), 由造成的单位承担, 记为负数",
        {"found_own": "认定的不合理支出", "caused": "U", "found": "各单位认定之和"},
    ),
    "share": Words(
        "分担",
        "A × 自身超支 ÷ 自身超支之和 (最大余数法), 记为负数",
        {"part": "A", "own": "自身超支", "reach": "自身超支之和"},
    ),
    "own": "自身超支 = 支出 {spent} − 不合理支出 {unreasonable} − 预算 {budget}",
    "relieved": Words("下转减免", "分担 × 减免比例 (下转率达到界限的)", _RELIEF),
    "relieved_part": Words("下转减免", "弹性结算 × 分担 × 减免比例 ÷ 各单位减免之和 (最大余数法)", _RELIEF),
    "borne": Words(
        "承担合计",
        "{parts:join  + }; 不得计入个人",
        {"unreasonable": "自身不合理支出", "share": "分担", "relief": "下转减免"},
    ),
    "part_unreasonable": "自身不合理支出",
    "part_share": "分担",
    "part_relief": "下转减免",
}

UNDECIDED = Phrase(f"{__name__}:undecided")
"""What stands in place of the decision where there is none."""


@dataclass(frozen=True)
class Statement:
    """Who bears what of one alliance's overspend.

    steps: in order; the place's unit is whose line it is (the alliance's code: of the whole), its line which; results
    are signed fen. decision: the 文号 of the decision, "" if there is none.
    """

    steps: tuple[Step, ...]
    cites: tuple[str, ...]
    decision: str

    @property
    def decided(self) -> bool:
        """Whether there is a recorded decision."""
        return bool(self.decision)


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
    0), OVERSPEND-TIER, SURPLUS-DIFFERS, SURPLUS-AND-OVERSPEND.
    """
    problems = Problems()
    alliance = context.alliance_code
    formed = budget_of(context, ["fund_budget"], rules.capitation, problems)
    budget, spend = formed.total, context.need(problems, alliance, "fund_spend")
    confirmed = context.find(alliance, "overspend_confirmed")
    if confirmed is None and spend.fen > budget.fen:
        confirmed = context.need(problems, alliance, "overspend_confirmed")
    problems.raise_if_any()
    if confirmed is None:
        return None
    exclusive(context, problems)
    notes = agreed(context, OVERSPEND, confirmed, spend.fen - budget.fen, rules.tolerance, problems)
    if confirmed.fen == 0:
        problems.raise_if_any()
        return None
    decision = _decision(context, confirmed, problems)
    if budget.fen <= 0:
        problems.add(context.where(alliance), "OVERSPEND-BUDGET", "医保基金总额预算不大于 0", "核对预算")
    members = _members(rules, context, problems)
    problems.raise_if_any()
    documents = (row.document for row in context.money.get((alliance, "overspend_confirmed"), ()) if row.document)
    cites = (*rules.clauses, *dict.fromkeys(documents))
    sheet = _Sheet(context, cites, decided=bool(decision))
    sheet.settle(rules, formed, confirmed, members, notes)
    return Statement(tuple(sheet.steps), cites, decision)


def _decision(context: Context, confirmed: Amount, problems: Problems) -> str:
    alliance = context.alliance_code
    where = confirmed.cells[0] if confirmed.cells else context.where(alliance)
    if not confirmed.document.strip():
        problems.add(where, "OVERSPEND-NO-DOCUMENT", "清算确认的超支没有文号", "在文号列填写清算文号")
    decided = context.find(alliance, "overspend_decided")
    if decided is None:
        return ""
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
    rows = context.members[~context.members["unit_code"].isin(context.away)].sort_values("unit_code")
    for unit, tier in zip(rows["unit_code"], rows["tier"], strict=True):
        if str(tier) not in tiers | upper:
            _passed_over(context, unit, problems)
            continue
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


def _passed_over(context: Context, unit: str, problems: Problems) -> None:
    """Unreasonable spending of a member that the plan's overspend does not name would be borne by others."""
    found = context.find(unit, "unreasonable_spend")
    if found is not None and found.fen:
        said = f"{context.where(unit)} 有认定的不合理支出 {format_yuan(found.fen)} 元, 方案的 overspend 不包括它的层级"
        where = found.cells[0] if found.cells else context.where(unit)
        problems.add(where, "OVERSPEND-TIER", said, "在 overspend 的 tiers 中列入该层级, 或核对认定")


class _Sheet:
    """Fills the statement step by step; `fen` holds each line's amount, `asked` all relief before its limit."""

    def __init__(self, context: Context, cites: tuple[str, ...], *, decided: bool) -> None:
        self.context, self.cites, self.decided = context, cites, decided
        self.steps: list[Step] = []
        self.fen: dict[tuple[str, str], int] = {}
        self.asked = 0

    def add(
        self,
        unit: str,
        line: str,
        fen: int,
        numbers: Numbers,
        *,
        words: str = "",
        fields: Mapping[str, Value] | None = None,
        cells: tuple[str, ...] = (),
        notes: tuple[Phrase, ...] = (),
    ) -> int:
        self.fen[unit, line] = fen
        notes = notes if self.decided else (*notes, UNDECIDED)
        place, said = Place(self.context.alliance_code, unit=unit, line=line), f"{__name__}:{words or line}"
        self.steps.append(
            Step("overspend", place, said, fen, numbers, fields or {}, "overspend", self.cites, cells, notes)
        )
        return fen

    def settle(
        self,
        rules: Overspend,
        formed: Budget,
        confirmed: Amount,
        members: Mapping[str, _Member],
        notes: tuple[Phrase, ...],
    ) -> None:
        alliance, budget = self.context.alliance_code, formed.total
        given: Numbers = {"budget": budget.fen, **formed.numbers}
        given |= {("adjusted", row.document): row.fen for row in formed.adjustments}
        total = self.add(alliance, "overspend", confirmed.fen, given, cells=confirmed.cells, notes=notes)
        blame = {unit: one.unreasonable.fen for unit, one in members.items() if one.unreasonable.fen}
        if sum(blame.values()) > total:
            blame = largest_remainder(total, blame)
        blamed = added(one.unreasonable for one in members.values()) or Amount(0)
        words, found = "unreasonable", Numbers({unit: members[unit].unreasonable.fen for unit in blame})
        if blamed.fen > total:
            words, found = "unreasonable_over", {"total": total, "found": blamed.fen}
        caused = self.add(alliance, "unreasonable", sum(blame.values()), found, words=words, cells=blamed.cells)
        rest = self.add(alliance, "to_share", total - caused, {"total": total, "caused": caused})
        part = self._bands(rules, budget, rest)
        own = {unit: one.own for unit, one in members.items() if one.own}
        reach = sum(own.values())
        held = self.add(alliance, "alliance_part", min(part, reach), {"bands": part, "reach": reach})
        shares = largest_remainder(held, own) if held else {}
        relief = self._relief(rules, budget, members, shares)
        borne = self._units(rules, members, blame, shares, relief)
        self.add(alliance, "fund", total - borne, {"total": total, "borne": borne})

    def _bands(self, rules: Overspend, budget: Amount, rest: int) -> int:
        """Each slice of S at its own band's share; one rounding, of the sum."""
        ratio, begin, total, slices = Fraction(rest, budget.fen), Fraction(0), Fraction(0), []
        for band in rules.bands:
            end = ratio if band.upto is None else min(ratio, band.upto)
            if end > begin:
                total += (end - begin) * budget.fen * band.alliance
                slices.append(_phrase("slice", yuan=(end - begin) * budget.fen / 100, share=band.alliance))
                begin = end
        return self.add(
            self.context.alliance_code,
            "bands",
            half_up_fen(total),
            {"rest": rest, "budget": budget.fen, "ratio": ratio},
            fields={"slices": _phrase("slices", slices=tuple(slices)) if slices else "0"},
        )

    def _relief(
        self, rules: Overspend, budget: Amount, members: Mapping[str, _Member], shares: Mapping[str, int]
    ) -> dict[str, int]:
        if rules.relief is None:
            return {}
        rates = {unit: members[unit].rate for unit in shares}
        asked = {
            unit: half_up_fen(shares[unit] * rules.relief.share)
            for unit, rate in rates.items()
            if rate is not None and rate >= rules.relief.threshold
        }
        limit, wanted = floor_fen(budget.fen * rules.relief.limit), sum(asked.values())
        given, self.asked = {unit: fen for unit, fen in asked.items() if fen}, wanted
        if wanted > limit:
            given = largest_remainder(limit, given)
        numbers: Numbers = {"asked": wanted, "budget": budget.fen, "limit": limit, "limit_rate": rules.relief.limit}
        self.add(self.context.alliance_code, "relief", sum(given.values()), numbers)
        return given

    def _units(
        self,
        rules: Overspend,
        members: Mapping[str, _Member],
        blame: Mapping[str, int],
        shares: Mapping[str, int],
        relief: Mapping[str, int],
    ) -> int:
        """The lines of the members that bear anything; returns what they bear together."""
        borne = 0
        for unit in sorted({*blame, *shares}):
            found = {}
            if unit in blame:
                found["unreasonable"] = self._blamed(unit, members, blame)
            if unit in shares:
                found["share"] = self._shared(unit, members, shares)
            if unit in shares and rules.relief is not None:
                found["relief"] = self._relieved(unit, rules.relief, members[unit], relief)
            parts = tuple(_phrase(f"part_{one}") for one in found)
            borne -= self.add(unit, "borne", sum(found.values()), dict(found.items()), fields={"parts": parts})
        return borne

    def _blamed(self, unit: str, members: Mapping[str, _Member], blame: Mapping[str, int]) -> int:
        one, words = members[unit].unreasonable, "blamed"
        numbers: Numbers = {"found_own": one.fen}
        if one.fen != blame[unit]:
            whole = sum(members[each].unreasonable.fen for each in blame)
            numbers |= {"caused": self.fen[self.context.alliance_code, "unreasonable"], "found": whole}
            words = "blamed_part"
        return self.add(unit, "unreasonable", -blame[unit], numbers, words=words, cells=one.cells)

    def _shared(self, unit: str, members: Mapping[str, _Member], shares: Mapping[str, int]) -> int:
        one = members[unit]
        part = self.fen[self.context.alliance_code, "alliance_part"]
        numbers: Numbers = {"part": part, "own": one.own, "reach": sum(members[each].own for each in shares)}
        note = _phrase("own", spent=one.spent, unreasonable=one.unreasonable.fen, budget=one.budget)
        return self.add(unit, "share", -shares[unit], numbers, cells=one.cells, notes=(note,))

    def _relieved(self, unit: str, rule: OverspendRelief, one: _Member, relief: Mapping[str, int]) -> int:
        """What the fund takes of one hospital's part; more than the limit leaves is cut in proportion."""
        part, words = -self.fen[unit, "share"], "relieved"
        numbers: Numbers = {"share": part, "rate": rule.share, "down": one.rate, "threshold": rule.threshold}
        fen, asked = relief.get(unit, 0), half_up_fen(part * rule.share)
        if fen not in (0, asked):
            numbers |= {"relief": self.fen[self.context.alliance_code, "relief"], "asked": self.asked}
            words = "relieved_part"
        return self.add(unit, "relief", fen, numbers, words=words)


def _phrase(code: str, **values: Value) -> Phrase:
    return Phrase(f"{__name__}:{code}", values)
