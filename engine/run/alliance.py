"""One alliance on its way through the plan's pools: formed, split, settled, told; then the two permits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

from allocation.answer import Answer
from allocation.context import Context, PoolContext
from allocation.merit import Merits, merit
from allocation.overspend import overspend_statement
from allocation.permits import Parts, RewardBase, held_statement, permits_statement, reward_base
from allocation.pools import Formed, form
from allocation.problem import build
from allocation.quota import Ledger, open_ledger
from allocation.rules import checks
from allocation.settlement import settle
from allocation.solve import solve
from allocation.statement import Problem as Stated
from domain.money import exact_text, floor_fen, format_yuan
from domain.plan import Plan, Pool
from domain.problems import InputProblems, Problem
from domain.trace import Trace
from engine.run.carried import Carried, Paid
from engine.run.pool_words import (
    bounds,
    clauses,
    draws,
    left_over,
    nothing_paid,
    own_because,
    rest,
    reward_words,
    rule_words,
    unbounded,
)
from engine.run.recheck import Books, recheck
from engine.run.result import Allocation
from engine.run.words import held_words, rule_title, say_finding


class _Contradiction(Exception):
    """The hard rules of one pool cannot hold together."""


class AllianceRun:
    """One alliance; the ledger, the income allotted and what was paid out of R move on with every pool."""

    def __init__(self, plan: Plan, context: Context, carried: Carried, pools: list[Pool], *, stories: bool) -> None:
        self.plan = plan
        self.context = context
        self.carried = carried
        self.stories = stories
        self.overspends = False
        self.pools = pools
        self.paid = Paid()
        self.contradictory = False
        units = context.members["unit_code"].tolist()
        self.allotted = {unit: carried.allotted.get(unit, {}) for unit in units}
        self.drawn = {unit: carried.drawn.get(unit, {}) for unit in units}
        self.ledger: Ledger | None = None
        if plan.quota:
            away = [unit for unit in units if carried.home.get(unit) != context.alliance_code]
            self.ledger = open_ledger(plan.quota, context, away=away, brought=carried.taken)

    def pay(self) -> None:
        """All pools, and the overspend."""
        formed: list[tuple[Pool, Formed]] = []
        problems: dict[Problem, None] = {}
        for pool in self.pools:
            here = self.context.for_pool(pool)
            try:
                one = form(here)
                formed.append((pool, one))
                due: dict[str, int] = {}
                if one.amount and not self.contradictory:
                    due = self._split(here, one)
                else:
                    self._row(pool, one, 0)
                if one.settles and not self.contradictory:
                    self._settle(here, due, one.settles)
            except InputProblems as error:
                problems |= dict.fromkeys([*error.problems, *self._also_missing(here)])
            except _Contradiction:
                self.contradictory = True
        try:
            self._overspend()
        except InputProblems as error:
            problems |= dict.fromkeys(error.problems)
        if problems:
            self._carry()  # the statement of the two permits still tells what it lacks
            raise InputProblems(problems)
        if self.contradictory:
            self._unpaid(formed)
            return
        if self.stories:
            self.paid.traces += [line for _, one in formed for line in one.lines]
        self._carry()

    def _carry(self) -> None:
        self.carried.allotted |= self.allotted
        self.carried.drawn |= self.drawn
        self.carried.taken |= self.ledger.taken if self.ledger else {}

    def _also_missing(self, here: PoolContext) -> list[Problem]:
        """What the steps of a pool lack, each looked at without the others, so that one gap hides no other.

        Stand-ins: merits of 1, no R. Nothing of it is kept.
        """
        units = here.members["unit_code"]
        ones, nothing = dict.fromkeys(units, Fraction(1)), dict.fromkeys(units, 0)
        base = nothing if self._draws_base(here.pool) else None
        steps: tuple[Callable[[], object], ...] = (
            lambda: merit(here),
            lambda: self._base(here.pool),
            lambda: build(here, 1, ones, ledger=self.ledger, base=base, drawn=_totals(self.drawn)),
        )
        found: list[Problem] = []
        for step in steps:
            try:
                step()
            except InputProblems as error:
                found += error.problems
        return found

    def _draws_base(self, pool: Pool) -> bool:
        return self.plan.permits is not None and draws(pool)

    def _split(self, here: PoolContext, formed: Formed) -> dict[str, int]:
        """What each member gets of a pool, fen."""
        pool, merits, base = here.pool, merit(here), self._base(here.pool)
        fen = None if base is None else base.fen
        built = build(here, formed.amount, merits.values, ledger=self.ledger, base=fen, drawn=_totals(self.drawn))
        problem = built.problem
        answer = solve(problem, relief=self.stories and not built.dues_held)
        if built.dues_held:
            answer = own_because(answer)
        allocation = Allocation(self.context.alliance_code, pool.id, pool.title, problem, answer)
        if answer.conflict:
            self.paid.allocations.append(allocation)
            self.paid.contradictions[self.context.alliance_code] = answer.conflict
            said = f"{self.context.alliance_code} 资金池 {pool.id} 的规则互相矛盾, 该医联体各资金池都未分配"
            self.paid.warnings.append(f"{said} (POOL-CONTRADICTION)")
            raise _Contradiction
        got = answer.paid
        books = Books(got, answer.distributed, answer.undistributed, "FEN-GRID" in answer.warnings)
        wrong = recheck(problem, books, checks())
        if wrong:
            raise ArithmeticError(f"{self.context.alliance_code} {pool.id}: {'; '.join(map(say_finding, wrong))}")
        self.paid.allocations.append(allocation)
        self._row(pool, formed, answer.distributed, left_over(pool, answer))
        self._write(here, merits, answer)
        self.paid.warnings += [*unbounded(here, problem, got), *nothing_paid(here, answer)]
        if self.stories:
            self._tell(here, merits, allocation, base)
        self._take(pool, problem, got)
        return got

    def _base(self, pool: Pool) -> RewardBase | None:
        """R of the members where the pool caps by it: with the income of the pools before, without this one."""
        if self.plan.permits is None or not self._draws_base(pool):
            return None
        return reward_base(self.plan.permits, self.context, self.allotted, pool.id)

    def _take(self, pool: Pool, problem: Stated, got: Mapping[str, int]) -> None:
        named = f"{pool.title} ({self.context.alliance_code}/{pool.id})"
        if pool.purpose == "income":
            self.allotted = _noted(self.allotted, named, got)
        elif self.ledger is not None:
            self.ledger = self.ledger.take(pool, got)
        if draws(pool):
            bound = {member.code for member in problem.members if "reward_base" in member.fields}
            self.drawn = _noted(self.drawn, named, {unit: fen for unit, fen in got.items() if unit in bound})

    def _settle(self, here: PoolContext, due: Mapping[str, int], pools: Iterable[str]) -> None:
        """Clearing against prepayments, member by member: the amounts of the pool stay what is due of the whole."""
        lines = settle(here, due, pools)
        self.paid.rows["settlements"] += [
            {
                "alliance_code": here.alliance_code,
                "pool": here.pool.id,
                "unit_code": line.unit,
                "line": line.line,
                "amount": line.fen,
            }
            for line in lines
        ]
        if self.stories:
            self.paid.traces += [line.trace for line in lines]

    def _row(self, pool: Pool, formed: Formed, distributed: int, why: str = "") -> None:
        said = [formed.formula, formed.reason, why]
        self.paid.rows["pools"].append(
            {
                "alliance_code": self.context.alliance_code,
                "pool": pool.id,
                "amount": formed.amount,
                "distributed": distributed,
                "undistributed": formed.amount - distributed,
                "formula": "; ".join(filter(None, said)),
            }
        )

    def _write(self, here: PoolContext, merits: Merits, answer: Answer) -> None:
        tiers = dict(zip(here.members["unit_code"], here.members["tier"].astype(str), strict=True))
        self.paid.rows["allocations"] += [
            {
                "alliance_code": here.alliance_code,
                "pool": here.pool.id,
                "unit_code": entry.code,
                "tier": tiers[entry.code],
                "merit": merits.values[entry.code],
                "amount": entry.fen,
                "held_by": tuple(entry.held_by),
            }
            for entry in answer.amounts
        ]

    def _tell(self, here: PoolContext, merits: Merits, allocation: Allocation, base: RewardBase | None) -> None:
        """The story of every amount, of the headroom and the R it had to fit, and of what is left over."""
        pool, answer, ledger = here.pool, allocation.answer, self.ledger
        total, whole = allocation.problem.pool, sum(merits.values.values(), Fraction(0))
        limits = {member.code: bounds(member) for member in allocation.problem.members}
        merit_cells = {trace.key.rpartition("/")[2]: trace.cells for trace in merits.traces}
        self.paid.traces += merits.traces
        if answer.undistributed:
            self.paid.traces.append(rest(here, allocation))
        for entry in answer.amounts:
            unit, place = entry.code, f"{here.alliance_code}/{pool.id}/{entry.code}"
            numbers = {
                "资金池": format_yuan(total),
                "绩效": exact_text(merits.values[unit]),
                "绩效合计": exact_text(whole),
                "按占比 (向下取整到分)": format_yuan(floor_fen(total * merits.values[unit] / whole)),
                "已分配合计": format_yuan(answer.distributed),
                "分配额 ÷ 绩效": _level(entry.fen, merits.values[unit]),
            }
            headroom: tuple[str, ...] = ()
            if base is not None and rule_title("income_cap") in limits[unit]:
                limits[unit] |= reward_words(pool, base.fen[unit], sum(self.drawn[unit].values()))
                headroom = base.cells(unit)
                self.paid.traces += base.lines[unit]
            if ledger is not None and rule_title("wage_cap") in limits[unit]:
                story = ledger.trace(unit)
                headroom = (*headroom, *story.cells)
                self.paid.traces.append(replace(story, key=f"quota/{place}"))
            self.paid.traces.append(
                Trace(
                    f"allocation/{place}",
                    f"{pool.title} {here.where(unit).partition(' ')[2]}",
                    "资金池 × 绩效 ÷ 绩效合计, 遵守各条规则, 到顶封住, 余款再按占比分, 落分按最大余数",
                    numbers | limits[unit],
                    format_yuan(entry.fen),
                    "; ".join(rule_words(pool.rules)),
                    (*here.cites, *clauses(pool)),
                    tuple(dict.fromkeys((*merit_cells.get(unit, ()), *headroom))),
                    (*held_words(entry.held_by), *answer.warnings),
                )
            )

    def state(self) -> None:
        """The statement of the two permits, of the members this alliance speaks for; after the pools of all."""
        permits, alliance = self.plan.permits, self.context.alliance_code
        if permits is None or self.context.period.kind not in permits.periods or not self.pools:
            return
        here = self.context.members["unit_code"].map(self.carried.home).eq(alliance)
        context = replace(self.context, members=self.context.members[here].reset_index(drop=True))
        allotted = self.carried.allotted
        if self.contradictory:
            why = f"{alliance} 规则互相矛盾, 待修改方案后重算"
            statement = held_statement(permits, context, allotted, why)
            self.paid.warnings += [
                f"{unit} 在其他医联体分得 {format_yuan(sum(allotted[unit].values()))} 元, 而 {why}, "
                "两个允许测算暂不作数 (PERMITS-CONTRADICTION)"
                for unit in statement.reward
            ]
        else:
            drawing = any(map(draws, self.pools)) or any(_totals(self.carried.drawn).values())
            drawn = self.carried.drawn if drawing else None
            statement = permits_statement(permits, context, self._closing_ledger(), allotted, drawn)
        frame = statement.table
        self.paid.rows["permits"] += [
            {"alliance_code": alliance, "unit_code": unit, "line": line, "amount": int(fen),
             "formula": f"{title} = {formula}", "cite": cite}
            for unit, line, title, fen, formula, cite in frame.itertuples(index=False)
        ]  # fmt: skip
        if self.stories:
            self.paid.traces += statement.traces

    def _closing_ledger(self) -> Ledger | None:
        """The ledger after the pools of all alliances; only this one's count against its own approval."""
        if self.ledger is None:
            return None
        taken = {unit: self.carried.taken.get(unit, 0) for unit in self.ledger.lines}
        own = {unit: self.ledger.taken.get(unit, 0) - self.ledger.brought.get(unit, 0) for unit in taken}
        return replace(self.ledger, taken=taken, brought={unit: fen - own[unit] for unit, fen in taken.items()})

    def _overspend(self) -> None:
        rules, alliance = self.plan.overspend, self.context.alliance_code
        made = overspend_statement(rules, self.context) if rules is not None and self.overspends else None
        if made is None:
            return
        self.paid.rows["overspend"] += [
            {
                "alliance_code": alliance,
                "unit_code": row.unit,
                "line": row.line,
                "amount": row.fen,
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

    def _unpaid(self, formed: Iterable[tuple[Pool, Formed]]) -> None:
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


def _noted(parts: Parts, pool: str, got: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """What each unit has of every pool, with one more pool."""
    return {unit: {**each, pool: got[unit]} if unit in got else dict(each) for unit, each in parts.items()}


def _totals(parts: Parts) -> dict[str, int]:
    return {unit: sum(each.values()) for unit, each in parts.items()}


def _level(fen: int, merit: Fraction) -> str:
    """Yuan for one point of merit."""
    return exact_text(Fraction(fen, 100) / merit) if merit else "绩效为 0"
