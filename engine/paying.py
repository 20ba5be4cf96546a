"""From scores to fen: every pool of every alliance formed and split, in the plan's order on one headroom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import pandas as pd

from allocation.context import Context, PoolContext, amounts, memberships, values
from allocation.merit import Merits, merit
from allocation.overspend import overspend_statement
from allocation.permits import permits_statement, prepaid_to_members, reward_base
from allocation.pools import Formed, form
from allocation.problem import build
from allocation.quota import Ledger, open_ledger
from allocation.rules import rules
from allocation.solve import solve
from domain.facts import Catalogue, Facts
from domain.money import floor_fen, format_yuan, parse_yuan
from domain.period import Period
from domain.policy import Plan, Pool
from domain.problems import InputProblems, Problem
from domain.trace import Trace
from engine.recheck import recheck
from engine.result import COLUMNS, EXTRA, Allocation, exact_text
from engine.words import held_words, rule_title

Report = Callable[[str, int, int], None]
Row = dict[str, Any]


@dataclass
class Paid:
    """What the pools gave: rows of the tables, traces, problems with their answers, contradictions by alliance."""

    rows: dict[str, list[Row]] = field(
        default_factory=lambda: {name: [] for name in ("pools", "permits", "allocations", "overspend")}
    )
    traces: list[Trace] = field(default_factory=list)
    allocations: list[Allocation] = field(default_factory=list)
    contradictions: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def frame(self, name: str) -> pd.DataFrame:
        """The rows of one table."""
        return pd.DataFrame(self.rows[name], columns=list((COLUMNS | EXTRA)[name]))

    def add(self, other: Paid) -> None:
        """Take over what another alliance's pools gave."""
        for name, rows in other.rows.items():
            self.rows[name] += rows
        self.traces += other.traces
        self.allocations += other.allocations
        self.contradictions |= other.contradictions
        self.warnings += other.warnings


def running(plan: Plan, period: Period, form: str | None = None) -> list[Pool]:
    """The pools of the plan that run in this kind of period, in the plan's order; only those of an alliance's form."""
    pools = [pool for pool in plan.pools if period.kind in pool.periods]
    return pools if form is None else [pool for pool in pools if not pool.forms or form in pool.forms]


def sharing_overspend(plan: Plan, period: Period, form: str | None = None) -> bool:
    """Whether the plan settles overspends in this kind of period (of alliances of this form)."""
    rules = plan.overspend
    if rules is None or period.kind not in rules.periods:
        return False
    return form is None or not rules.forms or form in rules.forms


def pay(
    plan: Plan,
    facts: Facts,
    catalogue: Catalogue,
    period: Period,
    *,
    scores: Mapping[tuple[str, str], Fraction],
    stories: bool,
    report: Report,
) -> Paid:
    """Form and split the pools of every alliance.

    scores: totals by (scorecard, unit), exact; stories: whether to make traces and to say what loosening a rule would
    move. An alliance whose hard rules contradict each other is paid nothing; the others are. Raises InputProblems
    with what is missing in any alliance.
    """
    paid = Paid()
    if not running(plan, period) and not sharing_overspend(plan, period):
        return paid
    people = memberships(facts, period)
    titles = {code: metric.title for code, metric in catalogue.metrics.items()}
    region = Context(
        period=period,
        alliance_code="",
        members=people.drop(columns="alliance_code"),
        money=amounts(facts.money, catalogue.items, period),
        year_money=amounts(facts.money, catalogue.items, Period(period.year, "year", 1)),
        facts=values(facts.facts, catalogue.metrics, period),
        scores=scores,
        titles=titles | {code: item.title for code, item in catalogue.items.items()},
    )
    problems: dict[Problem, None] = {}
    forms = dict(zip(facts.institutions["unit_code"], facts.institutions["form"], strict=True))
    alliances = [
        alliance
        for alliance in sorted(people["alliance_code"].unique())
        if running(plan, period, forms.get(alliance)) or sharing_overspend(plan, period, forms.get(alliance))
    ]
    groups = people.groupby("alliance_code").groups
    sharing = [alliance for alliance in alliances if running(plan, period, forms.get(alliance))]
    by_alliance = people[people["alliance_code"].isin(sharing)].sort_values("alliance_code")
    carried = Carried(dict(zip(by_alliance["unit_code"], by_alliance["alliance_code"], strict=True)))
    for done, alliance in enumerate(alliances):
        report("分配资金", done, len(alliances))
        members = region.members.loc[groups[alliance]].reset_index(drop=True)
        try:
            context = replace(region, alliance_code=alliance, members=members)
            pools = running(plan, period, forms.get(alliance))
            one = _Alliance(plan, context, carried, pools, stories=stories)
            one.overspends = sharing_overspend(plan, period, forms.get(alliance))
            paid.add(one.pay())
        except InputProblems as error:
            problems |= dict.fromkeys(error.problems)
    if problems:
        raise InputProblems(problems)
    report("分配资金", len(alliances), len(alliances))
    return paid


@dataclass
class Carried:
    """What a member that changes alliance within the period takes along: there is only one headroom and one a.

    last: the alliance (the last by code) that states its two permits; taken, allotted: fen by unit, so far.
    """

    last: Mapping[str, str]
    taken: dict[str, int] = field(default_factory=dict)
    allotted: dict[str, int] = field(default_factory=dict)


class _Contradiction(Exception):
    """The hard rules of one pool cannot hold together."""


class _Alliance:
    """One alliance on its way through the pools; the ledger and the income allotted move on with every pool."""

    def __init__(self, plan: Plan, context: Context, carried: Carried, pools: list[Pool], *, stories: bool) -> None:
        self.plan = plan
        self.context = context
        self.carried = carried
        self.stories = stories
        self.overspends = False
        self.pools = pools
        self.paid = Paid()
        self.allotted = {unit: carried.allotted.get(unit, 0) for unit in context.members["unit_code"]}
        self.ledger: Ledger | None = None
        if plan.quota:
            ledger = open_ledger(plan.quota, context)
            self.ledger = replace(ledger, taken={unit: carried.taken.get(unit, 0) for unit in ledger.lines})

    def pay(self) -> Paid:
        """All pools, then the statement of the two permits."""
        formed: list[tuple[Pool, Formed]] = []
        problems: dict[Problem, None] = {}
        contradictory = False
        for pool in self.pools:
            here = self.context.for_pool(pool)
            try:
                formed.append((pool, form(here)))
                if formed[-1][1].amount and not contradictory:
                    self._split(here, formed[-1][1])
                else:
                    self._row(pool, formed[-1][1], 0)
            except InputProblems as error:
                problems |= dict.fromkeys(error.problems)
            except _Contradiction:
                contradictory = True
        try:
            self._overspend()
        except InputProblems as error:
            problems |= dict.fromkeys(error.problems)
        if problems:
            raise InputProblems(problems)
        if contradictory:
            return self._unpaid(formed)
        if self.stories:
            self.paid.traces += [line for _, one in formed for line in one.lines]
        self._permits()
        self.carried.allotted |= self.allotted
        self.carried.taken |= self.ledger.taken if self.ledger else {}
        return self.paid

    def _split(self, here: PoolContext, formed: Formed) -> None:
        pool, merits = here.pool, merit(here)
        problem = build(here, formed.amount, merits.values, ledger=self.ledger, base=self._base(pool))
        answer = solve(problem, relief=self.stories)
        allocation = Allocation(self.context.alliance_code, pool.id, pool.title, problem, answer)
        if answer["status"] == "infeasible":
            self.paid.allocations.append(allocation)
            self.paid.contradictions[self.context.alliance_code] = list(answer["conflict"])  # type: ignore[call-overload]
            raise _Contradiction
        if answer["status"] != "optimal":
            where = f"{self.context.alliance_code} {pool.id}"
            raise InputProblems(Problem(where, p["code"], f"{p['where']}: {p['message']}") for p in _listed(answer))
        wrong = recheck(problem, answer)
        if wrong:
            raise ArithmeticError(f"{self.context.alliance_code} {pool.id}: {'; '.join(wrong)}")
        self.paid.allocations.append(allocation)
        self._row(pool, formed, parse_yuan(str(answer["distributed"])), _left_over(pool, answer))
        self._write(here, merits, answer)
        if self.stories:
            self._tell(here, merits, allocation)
        self._take(pool, answer)

    def _base(self, pool: Pool) -> dict[str, int] | None:
        """R of the members where the pool caps by it: with the income of the pools before, without this one."""
        if self.plan.permits is None or not any(rule.use == "income_cap" for rule in pool.rules):
            return None
        return reward_base(self.plan.permits, self.context, self.allotted, self._prepaid())

    def _prepaid(self) -> Any:
        before = [
            one for pool in self.pools if pool.purpose == "income" for one in pool.params.get("prepaid_pools") or ()
        ]
        return prepaid_to_members(self.context, dict.fromkeys(before)) if before else None

    def _take(self, pool: Pool, answer: Mapping[str, Any]) -> None:
        got = {entry["code"]: parse_yuan(entry["amount"]) for entry in answer["amounts"]}
        if pool.purpose == "income":
            self.allotted = {unit: self.allotted.get(unit, 0) + got.get(unit, 0) for unit in self.allotted | got}
        elif pool.purpose == "staff_reward" and self.ledger is not None:
            self.ledger = self.ledger.take(pool, got)

    def _row(self, pool: Pool, formed: Formed, distributed: int, why: str = "") -> None:
        said = [formed.formula, formed.reason, why]
        self.paid.rows["pools"].append(
            {
                "period": str(self.context.period),
                "alliance_code": self.context.alliance_code,
                "pool": pool.id,
                "amount": format_yuan(formed.amount),
                "distributed": format_yuan(distributed),
                "undistributed": format_yuan(formed.amount - distributed),
                "formula": "; ".join(filter(None, said)),
            }
        )

    def _write(self, here: PoolContext, merits: Merits, answer: Mapping[str, Any]) -> None:
        members = here.members
        who = {
            unit: (name, str(tier))
            for unit, name, tier in zip(*(members[key] for key in ("unit_code", "name", "tier")), strict=True)
        }
        self.paid.rows["allocations"] += [
            {
                "period": str(here.period),
                "alliance_code": here.alliance_code,
                "pool": here.pool.id,
                "unit_code": entry["code"],
                "unit_name": who[entry["code"]][0],
                "tier": who[entry["code"]][1],
                "merit": exact_text(merits.values[entry["code"]]),
                "amount": entry["amount"],
                "held_by": ";".join(entry["held_by"]),
            }
            for entry in answer["amounts"]
        ]

    def _tell(self, here: PoolContext, merits: Merits, allocation: Allocation) -> None:
        """The story of every amount, and of the headroom it had to fit."""
        pool, answer, ledger = here.pool, allocation.answer, self.ledger
        total, whole = parse_yuan(allocation.problem["pool"]["amount"]), sum(merits.values.values(), Fraction(0))
        bounds = {member["code"]: _bounds(member) for member in allocation.problem["members"]}
        merit_cells = {trace.key.rpartition("/")[2]: trace.cells for trace in merits.traces}
        self.paid.traces += merits.traces
        for entry in answer["amounts"]:
            unit, place = entry["code"], f"{here.alliance_code}/{pool.id}/{entry['code']}"
            numbers = {
                "资金池": format_yuan(total),
                "绩效": exact_text(merits.values[unit]),
                "绩效合计": exact_text(whole),
                "按占比": format_yuan(floor_fen(total * merits.values[unit] / whole)),
                "已分配合计": str(answer["distributed"]),
            }
            headroom: tuple[str, ...] = ()
            if ledger is not None and rule_title("wage_cap") in bounds[unit]:
                story = ledger.trace(unit)
                headroom = story.cells
                self.paid.traces.append(replace(story, key=f"quota/{place}"))
            self.paid.traces.append(
                Trace(
                    f"allocation/{place}",
                    f"{pool.title} {here.where(unit).partition(' ')[2]}",
                    "资金池 × 绩效 ÷ 绩效合计, 遵守各条规则, 到顶封住, 余款再按占比分, 落分按最大余数",
                    numbers | bounds[unit],
                    str(entry["amount"]),
                    "; ".join(_rule_words(pool.rules)),
                    (*here.cites, *_clauses(pool)),
                    (*merit_cells.get(unit, ()), *headroom),
                    (*held_words(entry["held_by"]), *map(str, answer["warnings"])),
                )
            )

    def _permits(self) -> None:
        permits = self.plan.permits
        if permits is None or self.context.period.kind not in permits.periods or not self.pools:
            return
        here = self.context.members["unit_code"].map(self.carried.last).eq(self.context.alliance_code)
        context = replace(self.context, members=self.context.members[here].reset_index(drop=True))
        statement = permits_statement(permits, context, self.ledger, self.allotted, self._prepaid())
        frame = statement.table
        self.paid.rows["permits"] += [
            {"period": str(self.context.period), "unit_code": unit, "line": line, "amount": format_yuan(int(fen)),
             "formula": f"{title} = {formula}", "cite": cite}
            for unit, line, title, fen, formula, cite in frame.itertuples(index=False)
        ]  # fmt: skip
        if self.stories:
            self.paid.traces += statement.traces

    def _overspend(self) -> None:
        rules, alliance = self.plan.overspend, self.context.alliance_code
        made = overspend_statement(rules, self.context) if rules is not None and self.overspends else None
        if made is None:
            return
        names = dict(zip(self.context.members["unit_code"], self.context.members["name"], strict=True))
        self.paid.rows["overspend"] += [
            {
                "period": str(self.context.period),
                "alliance_code": alliance,
                "unit_code": row.unit,
                "unit_name": names.get(row.unit, ""),
                "line": row.line,
                "amount": format_yuan(row.fen),
                "formula": f"{row.title} = {row.formula}",
                "cite": made.cite,
                "decision": made.decision,
            }
            for row in made.rows
        ]
        if not made.decided:
            self.paid.warnings.append(f"{alliance} 超支分担没有决定文号, 只供测算, 不得据以扣付 (OVERSPEND-UNDECIDED)")
        if self.stories:
            self.paid.traces += made.traces

    def _unpaid(self, formed: Iterable[tuple[Pool, Formed]]) -> Paid:
        """Nothing is paid where rules contradict each other: the pools are shown whole, as not distributed."""
        over = [trace for trace in self.paid.traces if trace.key.startswith("overspend/")]
        rows = self.paid.rows["overspend"]
        self.paid = Paid(
            allocations=self.paid.allocations[-1:], contradictions=self.paid.contradictions, traces=over,
            warnings=self.paid.warnings,
        )  # fmt: skip
        self.paid.rows["overspend"] = rows
        for pool, one in formed:
            self._row(pool, one, 0, "规则互相矛盾, 未分配")
            if self.stories:
                self.paid.traces += one.lines
        return self.paid


def _listed(answer: Mapping[str, Any]) -> list[dict[str, str]]:
    return list(answer["problems"])


def _bounds(member: Mapping[str, Any]) -> dict[str, str]:
    """What of a member its own caps and floors are measured by, in words."""
    fields = {"wage_headroom": rule_title("wage_cap"), "reward_base": "收支结余 R", "previous": "上次分配"}
    return {title: str(member[name]) for name, title in fields.items() if name in member}


def _left_over(pool: Pool, answer: Mapping[str, Any]) -> str:
    if parse_yuan(answer["undistributed"]) == 0:
        return ""
    to = {"fund": "退回资金来源", "carry_forward": "结转下期", "alliance_reserve": "转入医联体发展储备"}[pool.unpaid_to]
    because = "、".join(held_words(answer["undistributed_because"]))
    return f"未分配 {answer['undistributed']} 元 ({because}), {to}"


def _rule_words(entries: Iterable[Any]) -> list[str]:
    return [
        f"{rules()[entry.use].CHINESE} ({entry.use})" + (f", 软规则第 {entry.priority} 级" if entry.priority else "")
        for entry in entries
    ]


def _clauses(pool: Pool) -> tuple[str, ...]:
    found = [clause for entry in pool.rules for clause in (entry.cite, entry.source) if clause not in (None, "local")]
    return tuple(dict.fromkeys(map(str, found)))
