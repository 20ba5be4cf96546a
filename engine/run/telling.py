"""How every amount of a split pool came about: its merit, its headroom, the R it had to fit, and what is left over."""

from __future__ import annotations

from fractions import Fraction

from allocation.answer import MemberAmount
from allocation.context import PoolContext
from allocation.holding import Held, holding
from allocation.rules import fields
from allocation.rules.income_cap import Params as IncomeCap
from allocation.statement import Problem
from domain.money import floor_fen, format_exact
from domain.plan import Pool
from domain.step import Named, Numbers, Phrase, Step, Value, Words
from engine.run.splitting import Before, Split
from engine.run.words import UNPAID, because, held

WORDS = {
    "amount": Words(
        "{pool:title} {name}",
        "资金池 × 绩效 ÷ 绩效合计, 遵守各条规则, 到顶封住, 余款再按占比分, 落分按最大余数",
        {
            "pool_amount": "资金池",
            "merit": Named("绩效", "whole"),
            "merits": Named("绩效合计", "whole"),
            "by_share": "按占比 (向下取整到分)",
            "distributed": "已分配合计",
            "level": Named("分配额 ÷ 绩效", "whole"),
            **{name: field.title for name, field in fields().items() if field.title},
            "drawn": "前序池已从 R 发放",
            "main_left": "R × {it} − 前序池已发",
        },
    ),
    "no_merit": "绩效为 0",
    "rules": "{rules:join ; }",
    "rule": "{rule:rule} ({rule})",
    "soft_rule": "{rule:rule} ({rule}), 软规则第 {priority} 级",
    "warned": "{said}",
    "rest": Words("未分配", "资金池 − 已分配", {"pool_amount": "资金池", "distributed": "已分配"}),
    "goes_to": "去向: {where}",
    "left": "未分配 = 资金池 − 已分配 = {fen} 元 ({because:join 、}), {where}",
    "contradiction": "规则互相矛盾, 未分配",
    **UNPAID,
}


def story(split: Split, before: Before) -> tuple[Step, ...]:
    """The steps of every member's amount. before: what stood before the pool."""
    here, base, book = split.here, split.base, before.book
    steps, merits = list(split.merits.steps), split.merits.values
    if split.answer.undistributed:
        steps.append(_rest(split))
    names = dict(zip(here.members["unit_code"], here.members["name"], strict=True))
    drawn = {} if base is None else before.drawn(base)
    merit_cells = split.merits.cells()
    whole = sum(merits.values(), Fraction(0))
    told = [name for name, field in fields().items() if field.title]
    members = {member.code: member for member in split.problem.members}
    holds = holding(split.problem, split.answer.amounts, split.answer.soft_violations)
    for entry in split.answer.amounts:
        unit, member = entry.code, members[entry.code]
        bounds: Numbers = {field: member.fen(field) for field in told if field in member.fields}
        cells = merit_cells.get(unit, ())
        if base is not None and "reward_base" in bounds:
            bounds |= _reward(split.problem, base.fen[unit], drawn.get(unit, 0))
            cells = (*cells, *base.cells(unit))
            steps += base.steps(unit)
        if book is not None and "wage_headroom" in bounds:
            quota = book.step(unit, here.place(unit=unit))
            cells = (*cells, *quota.cells)
            steps.append(quota)
        numbers = _shared(split, entry, merits[unit], whole) | bounds
        steps.append(_amount(split, entry, names[unit], numbers, tuple(dict.fromkeys(cells)), holds[unit]))
    return tuple(steps)


def left_over(split: Split) -> Phrase | None:
    """What of a pool is not distributed, why and where it goes, in one sentence; None if nothing is left."""
    answer = split.answer
    if not answer.undistributed:
        return None
    kept_back = because(answer.undistributed_because)
    return phrase("left", fen=answer.undistributed, because=kept_back, where=_to(split.here))


def phrase(code: str, **values: Value) -> Phrase:
    """A phrase about a pool."""
    return Phrase(f"{__name__}:{code}", values)


def _shared(split: Split, entry: MemberAmount, merit: Fraction, whole: Fraction) -> Numbers:
    """The numbers of sharing by merit; whole: the merits of all together."""
    answer = split.answer
    return {
        "pool_amount": answer.pool,
        "merit": merit,
        "merits": whole,
        "by_share": floor_fen(answer.pool * merit / whole),
        "distributed": answer.distributed,
        "level": Fraction(entry.fen, 100) / merit if merit else phrase("no_merit"),
    }


def _amount(
    split: Split, entry: MemberAmount, name: str, numbers: Numbers, cells: tuple[str, ...], holds: tuple[Held, ...]
) -> Step:
    """The amount of one member."""
    here, answer = split.here, split.answer
    return Step(
        "allocation",
        here.place(unit=entry.code),
        f"{__name__}:amount",
        entry.fen,
        numbers,
        {"pool": here.pool.id, "name": name},
        _rules(here.pool),
        (*here.cites, *_clauses(here.pool)),
        cells,
        (*held(holds), *(phrase("warned", said=said) for said in answer.warnings)),
    )


def _rest(split: Split) -> Step:
    """What of a pool cannot be paid, why, and where it goes."""
    here, answer = split.here, split.answer
    return Step(
        "pool",
        here.place(line="undistributed"),
        f"{__name__}:rest",
        answer.undistributed,
        {"pool_amount": answer.pool, "distributed": answer.distributed},
        rule=f"unpaid_to: {here.pool.unpaid_to}",
        cites=here.cites,
        notes=(*because(answer.undistributed_because), phrase("goes_to", where=_to(here))),
    )


def _to(here: PoolContext) -> Phrase:
    return phrase(here.pool.unpaid_to)


def _reward(problem: Problem, base: int, drawn: int) -> Numbers:
    """R and what it leaves to a pool, in place of the base that the optimizer was given."""
    numbers: Numbers = {"reward_base": base}
    if drawn:
        numbers["drawn"] = drawn
    for rule in problem.rules:
        if isinstance(rule.params, IncomeCap):
            left = max(0, floor_fen(rule.params.share * max(0, base)) - drawn)
            numbers["main_left", format_exact(rule.params.share)] = left
    return numbers


def _rules(pool: Pool) -> Phrase:
    """The rules of a pool."""
    each = (
        phrase("soft_rule", rule=entry.use, priority=Fraction(entry.priority))
        if entry.priority
        else phrase("rule", rule=entry.use)
        for entry in pool.rules
    )
    return phrase("rules", rules=tuple(each))


def _clauses(pool: Pool) -> tuple[str, ...]:
    """The clauses and sources of a pool's rules."""
    found = [clause for entry in pool.rules for clause in (entry.cite, entry.source) if clause not in (None, "local")]
    return tuple(dict.fromkeys(map(str, found)))
