"""The statement of the two permits (两个允许): of the income a member was allotted, how much it may pay to staff.

    I = medical service income + a           (the plan says whether drugs and consumables are in, on both sides)
    e = min(rate·I, limit − opening balance), at least 0; booked as cost. The limit is a share of the year's medical
        income: in a year's run of I, in a shorter period of `annual_medical_income` (the approved, else last, figure)
    b = I − cost − e                         b ≤ 0: nothing is extracted, r = 0, the member keeps a
    R = b − welfare − development
    r = min(a, floor(ρ·R) − paid out of R by staff pools under `income_cap`, quota headroom)   kept = a − r

rate·I, welfare and development are rounded half-up, the limit and ρ·R down. Fiscal, public-health, research and capital
money is on neither side. Where an approval binds the whole alliance and the members' r exceed what it leaves, they
are cut in proportion (largest remainder). Source: the plan's `permits.cite` (两个允许), domain/B_money B.3.

The statement comes after all pools of the period: r uses the headroom and the R that are then left.

    statement = permits_statement(plan.permits, context, ledger, allotted={"T01": {"surplus": 5_000_000}})
    statement.table     unit_code, line, title, amount (int fen), formula, cite
    statement.reward    r by unit; statement.kept: a − r
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import pandas as pd

from allocation.context import Amount, Context
from allocation.quota import Ledger
from domain.money import exact, floor_fen, format_exact, format_yuan, half_up_fen, largest_remainder, yuan_each
from domain.plan import Permits
from domain.problems import Problems
from domain.trace import Trace
from domain.values import in_force

Parts = Mapping[str, Mapping[str, int]]
"""What pools gave each unit: fen by unit, then by the pool's name."""
STATED = frozenset({"risk_fund_by_rate", "risk_fund_limit", "welfare", "development", "main_floor"})
"""Lines that rest on a number of the plan, which no document gives: whose decision it is stands beside the clause."""

TABLE = ("unit_code", "line", "title", "amount", "formula", "cite")
INCOME = ("medical_service_income",)
COST = ("medical_cost",)
INCOME_DRUGS = ("drug_income", "consumables_income")
COST_DRUGS = ("drug_cost", "consumables_cost")
ANNUAL = "annual_medical_income"
LINES = (
    "a", *INCOME, *INCOME_DRUGS, *COST, *COST_DRUGS, "income", "cost", "risk_fund_by_rate", ANNUAL, "risk_fund_limit",
    "risk_fund_balance", "risk_fund", "balance", "welfare", "development", "reward_base",
)  # fmt: skip
"""The lines up to R, in the order of the steps."""
ITEM_TITLES = {
    "medical_service_income": "医疗服务收入", "drug_income": "药品收入", "consumables_income": "卫生材料收入",
    "medical_cost": "医疗服务成本", "drug_cost": "药品成本", "consumables_cost": "卫生材料成本",
}  # fmt: skip


@dataclass(frozen=True)
class Statement:
    """The statement of one alliance: `table` (columns TABLE, in the order of the steps), r and kept by unit, traces."""

    table: pd.DataFrame
    reward: Mapping[str, int]
    kept: Mapping[str, int]
    traces: tuple[Trace, ...]


@dataclass(frozen=True)
class RewardBase:
    """R of members before a staff-reward pool: fen by unit, and the story of every line by unit."""

    fen: Mapping[str, int]
    lines: Mapping[str, tuple[Trace, ...]]

    def cells(self, unit: str) -> tuple[str, ...]:
        """The cells that a member's R came from."""
        return tuple(dict.fromkeys(cell for trace in self.lines[unit] for cell in trace.cells))


@dataclass(frozen=True)
class _Rates:
    risk: Fraction
    limit: Fraction
    welfare: Fraction
    development: Fraction
    main: Fraction


def permits_statement(
    permits: Permits,
    context: Context,
    ledger: Ledger | None,
    allotted: Parts,
    drawn: Parts | None = None,
) -> Statement:
    """The statement for every member in the permits' scope (ownership and tiers).

    allotted: income the pools of this period gave each unit (absent: 0), of a settlement the year's; drawn: what
    the period's staff pools under `income_cap` paid out of R, None where the plan has none. Raises InputProblems:
    MONEY-MISSING, QUOTA-NO-DOCUMENT, QUOTA-PLAN, PERMITS-RANGE.
    """
    problems = Problems()
    rates = _rates(permits, context.period.end, problems)
    units = _scope(permits, context)
    books = {unit: _read(permits, context, unit, problems) for unit in units}
    if ledger is None:
        if units:
            problems.add(
                context.where(context.alliance_code),
                "QUOTA-PLAN",
                "方案没有 quota, 不知道绩效工资总量",
                "在方案中写 quota",
            )
    else:
        problems.extend(gap for unit in units for gap in ledger.gaps.get(unit, ()))
        problems.extend(ledger.gaps.get(context.alliance_code, ()))
    problems.raise_if_any()

    sheets: dict[str, _Sheet] = {}
    for unit in units:
        sheet = _Sheet(context, permits, unit)
        sheet.allot(allotted.get(unit, {}))
        sheet.balance(books[unit], rates)
        sheet.ceiling(rates.main, ledger, None if drawn is None else drawn.get(unit, {}))
        sheets[unit] = sheet
    _share_alliance(sheets, ledger)
    for sheet in sheets.values():
        sheet.close()
    return _stated(sheets)


def held_statement(permits: Permits, context: Context, allotted: Parts, why: str) -> Statement:
    """Where no r can be told because rules contradict each other: a is kept for now, r is 0 with the reason.

    Only of members in scope that another alliance's pools allotted income.
    """
    sheets = {}
    for unit in _scope(permits, context):
        if sum(allotted.get(unit, {}).values()):
            sheet = _Sheet(context, permits, unit)
            sheet.allot(allotted[unit])
            sheet.fen["r"], sheet.formula, sheet.why = 0, f"暂为 0: {why}", (why,)
            sheet.close()
            sheets[unit] = sheet
    return _stated(sheets)


def _stated(sheets: Mapping[str, _Sheet]) -> Statement:
    lines = [line for sheet in sheets.values() for line in sheet.lines]
    return Statement(
        pd.DataFrame([row for row, _ in lines], columns=list(TABLE)).astype({"amount": "int64"}),
        {unit: sheet.fen["r"] for unit, sheet in sheets.items()},
        {unit: sheet.fen["kept"] for unit, sheet in sheets.items()},
        tuple(trace for _, trace in lines),
    )


def reward_base(
    permits: Permits,
    context: Context,
    allotted: Parts | None = None,
    pool: str = "",
) -> RewardBase:
    """R of every member in scope before a staff-reward pool: what `income_cap` measures against, fen, may be ≤ 0.

    allotted: income of the pools before, as for `permits_statement`; the pool itself (its id names the stories) is
    not in it. A member with b ≤ 0 has R = b. Raises InputProblems: MONEY-MISSING, PERMITS-RANGE.
    """
    problems = Problems()
    rates = _rates(permits, context.period.end, problems)
    units = _scope(permits, context)
    books = {unit: _read(permits, context, unit, problems) for unit in units}
    problems.raise_if_any()
    found, lines = {}, {}
    for unit in units:
        sheet = _Sheet(context, permits, unit, f"reward/{context.alliance_code}/{pool}")
        sheet.allot((allotted or {}).get(unit, {}))
        sheet.balance(books[unit], rates)
        found[unit] = sheet.fen["reward_base"]
        lines[unit] = tuple(trace for _, trace in sheet.lines)
    return RewardBase(found, lines)


def _scope(permits: Permits, context: Context) -> list[str]:
    members = context.members
    meant = members["ownership"].isin([str(kind) for kind in permits.ownership])
    if permits.tiers:
        meant &= members["tier"].isin([str(tier) for tier in permits.tiers])
    return sorted(members.loc[meant, "unit_code"])


def _rates(permits: Permits, day: date, problems: Problems) -> _Rates:
    rates = _Rates(
        _rate(permits.risk_fund_rate, day),
        _rate(permits.risk_fund_limit, day),
        _rate(permits.welfare_share, day),
        _rate(permits.development_share, day),
        _rate(permits.main_share, day),
    )
    if not Fraction(1, 2) < rates.main <= 1:
        problems.add(
            "permits.main_share", "PERMITS-RANGE", "主要用于人员奖励的比例须大于 0.5、不大于 1", "按当地文件改"
        )
    shares = (rates.risk, rates.limit, rates.welfare, rates.development)
    if min(shares) < 0 or max(shares) > 1 or rates.welfare + rates.development > 1:
        problems.add("permits", "PERMITS-RANGE", "提取比例须在 0 到 1 之间, 福利与发展合计不超过 1", "按当地文件改")
    return rates


def _rate(given: Any, day: date) -> Fraction:
    """A rate, or of a dated list the one in force on `day`; before the first there is none, so nothing may pass."""
    if not isinstance(given, list):
        return exact(given)
    found = in_force([{"from": entry.since, "value": entry.value} for entry in given], day)
    return Fraction(-1) if found is None else exact(found)


def _read(permits: Permits, context: Context, unit: str, problems: Problems) -> dict[str, Amount]:
    items = [*INCOME, *COST, "risk_fund_balance"]
    if permits.drugs_included:
        items += [*INCOME_DRUGS, *COST_DRUGS]
    book = {item: context.need(problems, unit, item) for item in items}
    if context.period.kind != "year":
        book[ANNUAL] = context.need(problems, unit, ANNUAL, annual=True)
    return book


def _share_alliance(sheets: Mapping[str, _Sheet], ledger: Ledger | None) -> None:
    """Keep the sum of r within the alliance's approval; members without a quota are not in that sum."""
    left = ledger.alliance_headroom() if ledger else None
    if ledger is None or left is None:
        return
    bound = {unit: sheet.fen["r"] for unit, sheet in sheets.items() if unit not in ledger.exempt}
    total = sum(bound.values())
    if total <= max(0, left):
        return
    cut = largest_remainder(max(0, left), bound)
    document = ledger.alliance.document if ledger.alliance else ""
    for unit, fen in cut.items():
        sheets[unit].cut(fen, total, left, document)


class _Sheet:
    """One member's lines in order; `fen` holds each line's amount by its code."""

    def __init__(self, context: Context, permits: Permits, unit: str, family: str = "permits") -> None:
        self.context, self.permits, self.unit, self.family = context, permits, unit, family
        self.fen: dict[str, int] = {}
        self.lines: list[tuple[tuple[object, ...], Trace]] = []
        self.formula = ""
        self.limits: dict[str, int] = {}
        self.why: tuple[str, ...] = ()

    def add(
        self, line: str, title: str, formula: str, fen: int, *, numbers: Mapping[str, str] | None = None,
        cells: tuple[str, ...] = (), cites: tuple[str, ...] = (), notes: tuple[str, ...] = (),
    ) -> int:  # fmt: skip
        self.fen[line] = fen
        decided = "本地规定" if self.permits.source == "local" else str(self.permits.source)
        stated = (decided,) if line in STATED else ()
        clause = () if self.permits.cite is None else (str(self.permits.cite),)
        sources = tuple(dict.fromkeys((*clause, *stated, *(cite for cite in cites if cite))))
        row = (self.unit, line, title, fen, formula, "; ".join(dict.fromkeys(sources)))
        trace = Trace(
            f"{self.family}/{self.unit}/{line}", title, formula, numbers or {}, format_yuan(fen), "permits", sources,
            cells, notes,
        )  # fmt: skip
        self.lines.append((row, trace))
        return fen

    def named(self, *lines: str) -> dict[str, str]:
        """Earlier lines as numbers put in, by their titles."""
        titles = {row[1]: str(row[2]) for row, _ in self.lines}
        return {titles[line]: format_yuan(self.fen[line]) for line in lines}

    def allot(self, parts: Mapping[str, int]) -> None:
        """a: in the statement of all pools of the period, before a pool of those that stand before it."""
        when = "本期" if self.family == "permits" else "此前"
        formula = f"{when}各收入池分配额合计" if parts else f"{when}没有收入池分给本单位"
        self.add("a", "分得结余收入 a", formula, sum(parts.values()), numbers=yuan_each(parts))

    def balance(self, book: Mapping[str, Amount], rates: _Rates) -> None:
        """Lines from income to R."""
        drugs = self.permits.drugs_included
        incomes = [*INCOME, *(INCOME_DRUGS if drugs else ())]
        costs = [*COST, *(COST_DRUGS if drugs else ())]
        for item in (*incomes, *costs):
            self.add(item, ITEM_TITLES[item], "填报数", book[item].fen, cells=book[item].cells)
        income = self.add(
            "income", "收入 I", " + ".join([*(ITEM_TITLES[item] for item in incomes), "a"]),
            sum(book[item].fen for item in incomes) + self.fen["a"], numbers=self.named(*incomes, "a"),
        )  # fmt: skip
        cost = self.add(
            "cost", "成本", " + ".join(ITEM_TITLES[item] for item in costs),
            sum(book[item].fen for item in costs), numbers=self.named(*costs),
        )  # fmt: skip
        fund = self._risk_fund(income, book, rates)
        left = self.add(
            "balance", "收支结余 b", "I − 成本 − 医疗风险基金", income - cost - fund,
            numbers=self.named("income", "cost", "risk_fund"),
        )  # fmt: skip
        self._extract(left, rates)

    def _risk_fund(self, income: int, book: Mapping[str, Amount], rates: _Rates) -> int:
        opening, year, whose = book["risk_fund_balance"], "income", "I"
        self.add(
            "risk_fund_by_rate", "按比例应提风险基金", "I × 提取比例", half_up_fen(income * rates.risk),
            numbers=self.named("income") | {"提取比例": format_exact(rates.risk)},
        )  # fmt: skip
        if ANNUAL in book:  # the limit is a share of the year's income, not of the period's
            year, whose = ANNUAL, "全年医疗收入"
            self.add(ANNUAL, whose, "填报数", book[ANNUAL].fen, cells=book[ANNUAL].cells)
        self.add(
            "risk_fund_limit", "风险基金累计限额", f"{whose} × 限额比例 (向下取整到分)",
            floor_fen(self.fen[year] * rates.limit),
            numbers=self.named(year) | {"限额比例": format_exact(rates.limit)},
        )  # fmt: skip
        self.add("risk_fund_balance", "风险基金期初余额", "填报数", opening.fen, cells=opening.cells)
        missing = self.fen["risk_fund_limit"] - opening.fen
        return self.add(
            "risk_fund", "提取医疗风险基金 e", "min(按比例应提, 限额 − 期初余额), 不小于 0",
            max(0, min(self.fen["risk_fund_by_rate"], missing)),
            numbers=self.named("risk_fund_by_rate", "risk_fund_limit", "risk_fund_balance"),
        )  # fmt: skip

    def _extract(self, left: int, rates: _Rates) -> None:
        """Welfare, development and R; nothing is taken out of a balance that is not above 0."""
        base = max(0, left)
        numbers = self.named("balance")
        note = () if left > 0 else ("收支结余不大于 0, 不提取, 不发放",)
        welfare = self.add(
            "welfare", "职工福利基金", "b × 福利比例, 不小于 0", half_up_fen(base * rates.welfare),
            numbers=numbers | {"福利比例": format_exact(rates.welfare)}, notes=note,
        )  # fmt: skip
        development = self.add(
            "development", "事业发展基金", "b × 发展比例, 不小于 0",
            min(half_up_fen(base * rates.development), base - welfare),
            numbers=numbers | {"发展比例": format_exact(rates.development)}, notes=note,
        )  # fmt: skip
        self.add(
            "reward_base", "可用于人员奖励的结余 R", "b − 福利基金 − 发展基金", left - welfare - development,
            numbers=self.named("balance", "welfare", "development"), notes=note,
        )  # fmt: skip

    def ceiling(self, main: Fraction, ledger: Ledger | None, drawn: Mapping[str, int] | None) -> None:
        """Lines from ρ·R to r; drawn: what pools paid out of R before, None if none does."""
        limits, said = {"a": self.fen["a"]}, "ρ·R"
        limits["main_floor"] = self.add(
            "main_floor", "主要用于人员奖励 ρ·R", "R × ρ (向下取整到分), 不小于 0",
            max(0, floor_fen(self.fen["reward_base"] * main)),
            numbers=self.named("reward_base") | {"ρ": format_exact(main)},
        )  # fmt: skip
        if drawn is not None:
            said = "本期按可用于人员奖励的结余封顶的资金池发放额合计" if drawn else "本期没有从 R 发放"
            paid = self.add("drawn", "已从 R 发放", said, sum(drawn.values()), numbers=yuan_each(drawn))
            said = "ρ·R 余额"
            main_left = max(0, limits.pop("main_floor") - paid)
            limits["main_left"] = self.add(
                "main_left", said, "ρ·R − 已从 R 发放, 不小于 0", main_left, numbers=self.named("main_floor", "drawn")
            )
        headroom = ledger.headroom(self.unit) if ledger else None
        if ledger and headroom is not None:
            story = ledger.trace(self.unit)
            limits["quota_headroom"] = self.add(
                "quota_headroom", "绩效工资总量空间", story.formula, headroom, numbers=story.numbers, cells=story.cells,
                cites=story.cites,
            )  # fmt: skip
            self.formula = f"min(a, {said}, 总量空间), 不小于 0"
        else:
            reason = ledger.exempt[self.unit] if ledger else ""
            self.formula, self.why = f"min(a, {said}), 不小于 0", (reason,)
        self.limits = limits
        self.fen["r"] = max(0, min(limits.values()))

    def cut(self, fen: int, total: int, left: int, document: str) -> None:
        """Take r down to what the alliance's approval leaves."""
        numbers = {"r": format_yuan(self.fen["r"])}
        numbers |= {"医联体总量空间": format_yuan(left), "各成员 r 合计": format_yuan(total)}
        self.fen["r"] = self.add(
            "quota_alliance", "医联体总量内可发", "r × 医联体总量空间 / 各成员 r 合计 (最大余数法)", fen,
            numbers=numbers, cites=(document,),
        )  # fmt: skip
        self.formula = self.formula.replace("), ", ", 医联体总量内可发), ")
        self.limits["quota_alliance"] = fen

    def close(self) -> None:
        """The last lines, r and kept."""
        notes = (f"适用范围: {self.permits.scope}", *self.why)
        self.add("r", "可发放给人员 r", self.formula, self.fen["r"], numbers=self.named(*self.limits), notes=notes)
        self.add("kept", "单位留用 a − r", "a − r", self.fen["a"] - self.fen["r"], numbers=self.named("a", "r"))
