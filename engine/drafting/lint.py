"""What is odd in a plan that holds: rules and points without effect, pools that overlap, entries that nobody uses.

Every finding is a note at file:line; nothing is refused. Runs show what has had no effect so far.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations

from allocation.rules import RuleFile, rules
from domain.facts import Strict
from domain.institution import Tier
from domain.money import exact, format_exact
from domain.pack import Pack, PackEntry
from domain.plan import Item, Plan, Pool, Scorecard
from domain.problems import Problem
from engine.drafting.asked import SENDER, answers
from engine.drafting.runs import Ran, months
from engine.policy.configs import Configs
from engine.policy.find import looking
from engine.policy.load import Loaded
from engine.policy.notes import notes
from engine.policy.odd import odd
from engine.policy.words import demand_text
from engine.yaml.document import Document, KeyPath
from indicators.curves import Readings, curves
from indicators.ratios import Column

_YEAR = 12
_FAR = 10**6
_REPLACED = "PACK-UNUSED"
"""The note of the check that is told here entry by entry."""


def lint(configs: Configs, loaded: Loaded, runs: Sequence[Ran]) -> list[Problem]:
    """Everything, in the order of the file."""
    document, plan = configs.document(loaded.plan_file), loaded.plan
    found = [*odd(document)]
    found += [one for one in notes(document, plan, loaded.packs) if one.code != _REPLACED]
    found += _rules(document, plan, runs)
    found += _points(document, plan, configs, runs)
    found += _overlaps(document, plan)
    found += _unused(document, plan, loaded.packs)
    return sorted(dict.fromkeys(found), key=lambda one: int(one.where.rpartition(":")[2]))


# ── rules ─────────────────────────────────────────────────────────────────────────────────────────────────


def _rules(document: Document, plan: Plan, runs: Sequence[Ran]) -> Iterator[Problem]:
    for number, pool in enumerate(plan.pools):
        held, paid, times = _held(pool, runs)
        for index, rule in enumerate(pool.rules):
            where = document.where(("pools", number, "rules", index))
            file, title = rules()[rule.use], f"资金池 {pool.id} 的 {rule.use} {rules()[rule.use].words.title}"
            why = _never(file, rule.given, pool) if rule.sound else ""
            if rule.priority is not None and pool.soft_keep == 1:
                why = "soft_keep 是 1, 软规则什么也让不出"
            if why:
                yield Problem(where, "RULE-NEVER", f"{title} 永远不起作用: {why}", "改数, 或删去该规则")
            elif paid and not held.get(rule.use):
                yield Problem(where, "RULE-NEVER", f"{title} 在所给的 {times} 次结果里从未约束谁", "核对数是否太宽")
            elif paid and held.get(rule.use) == paid:
                yield Problem(where, "RULE-ALWAYS", f"{title} 每次都约束全部单位, 得分不起作用", "核对数是否太紧")


def _held(pool: Pool, runs: Sequence[Ran]) -> tuple[Mapping[str, int], int, int]:
    """How many rows each rule held, how many there are, and in how many runs, of a pool."""
    held: dict[str, int] = {}
    there = [[row for row in one.allocations if row["pool"] == pool.id] for one in runs]
    rows = [row for each in there for row in each]
    for row in rows:
        for use in row["held_by"].split(";"):
            held[use.strip()] = held.get(use.strip(), 0) + 1
    return held, len(rows), sum(map(bool, there))


def _never(file: RuleFile, given: Strict, pool: Pool) -> str:
    """Why a rule cannot bind whatever the data say; "" if it can."""
    numbers = [value for value in vars(given).values() if isinstance(value, Fraction | int)]
    if file.kind != "cap" and numbers and not any(numbers):
        return "下限是 0"
    groups = [group for _, group in file.groups(given)]
    if len(groups) == 1 and file.kind == "group" and pool.tiers and not file.grouped_by_tier:
        tiers = [Tier(tier) for tier in pool.tiers]
        named = {"all", "grassroots"} if all(tier.grassroots for tier in tiers) else {"all"}
        inside = groups[0] in named or {groups[0]} == {*map(str, tiers)}
        return f"参与的单位都在 {groups[0]} 里" if inside else ""
    return ""


# ── points ────────────────────────────────────────────────────────────────────────────────────────────────


def _items(plan: Plan) -> Iterator[tuple[KeyPath, Scorecard, Item]]:
    for number, card in enumerate(plan.scorecards):
        for first, part in enumerate(card.dimensions):
            for second, item in enumerate(part.items):
                yield ("scorecards", number, "dimensions", first, "items", second), card, item


def _points(document: Document, plan: Plan, configs: Configs, runs: Sequence[Ran]) -> Iterator[Problem]:
    for path, card, item in _items(plan):
        if item.points <= 0:
            continue
        where, title = document.where(path), f"评分表 {card.id} 的 {item.id} {item.title}"
        why = _nobody(card, item, configs)
        best = _best(item)
        if why:
            yield Problem(where, "POINTS-NOBODY", f"{title} 没有人能得分: {why}", "改 tiers 或换指标")
        elif best is not None and best < 1:
            said = f"{title} 最多得满分的 {format_exact(best)}, 其余的分没有人能得"
            yield Problem(where, "POINTS-NOBODY", said, "核对评分办法, 或减少分值")
        else:
            yield from _so_far(where, title, card, item, runs)


def _nobody(card: Scorecard, item: Item, configs: Configs) -> str:
    """Why an item is for nobody; "" if it is for somebody."""
    if item.tiers and card.tiers and not {*item.tiers} & {*card.tiers}:
        return "它的 tiers 都不在评分表的 tiers 里"
    scored = item.tiers or card.tiers
    if card.scope != "member" or not scored or (item.sound and getattr(item.given, "whose", "") == SENDER):
        return ""
    there = answers(item.indicator, [str(tier) for tier in scored], configs.catalogue)
    return "" if there else "它的数据都不由这几级机构填报"


def _best(item: Item) -> Fraction | None:
    """The largest share that its curve gives; None where that does not hang on one value."""
    if not item.curve.sound:
        return None
    curve, given = curves()[item.curve.use], item.curve.given
    marks = [mark for _, mark in curve.marks(given)]
    if not marks or curve.lines(given) or curve.days:
        return None
    values = [mark + far for mark in marks for far in (0, _FAR, -_FAR)]
    readings = Readings(Column.of(values), Column.of([Fraction(0)] * len(values)), full_marks=item.points)
    return max(Fraction(one) for one in curve.score(readings, given).share.fractions())


def _so_far(where: str, title: str, card: Scorecard, item: Item, runs: Sequence[Ran]) -> Iterator[Problem]:
    """What a year of runs says of an item: everybody has all of its points, or nobody has any."""
    rows = [row for one in runs for row in one.scores if (row["scope"], row["indicator"]) == (card.scope, item.id)]
    scored = [(exact(row["score"]), exact(row["full_marks"])) for row in rows if row["score"] and row["full_marks"]]
    of_somebody = [(got, full) for got, full in scored if full > 0]
    if months(runs) < _YEAR or not of_somebody:
        return
    if all(got == full for got, full in of_somebody):
        said = f"{title} 一年里人人满分 ({len(of_somebody)} 次), 分不出高低"
        yield Problem(where, "TARGET-MET", said, "提高目标, 或减少分值")
    elif all(got == 0 for got, _ in of_somebody):
        said = f"{title} 一年里没有人得分 ({len(of_somebody)} 次)"
        yield Problem(where, "POINTS-NOBODY", said, "核对目标、零分值和数据")


# ── pools and packs ───────────────────────────────────────────────────────────────────────────────────────


def _overlaps(document: Document, plan: Plan) -> Iterator[Problem]:
    """Pools that may pay the same members for the same, out of the same money."""
    for (first, one), (second, other) in combinations(enumerate(plan.pools), 2):
        if not one.meets(other):
            continue
        where = document.where(("pools", second))
        said = f"资金池 {other.id} 与 {one.id} (第 {document.line(('pools', first))} 行) 同期给同样的单位"
        if one.fund.document == other.fund.document:
            yield Problem(where, "POOLS-OVERLAP", f"{said}, 指标文号也相同", "核对是否同一笔钱分了两次")
        elif one.use == other.use and one.sound and other.sound and one.given == other.given:
            yield Problem(where, "POOLS-OVERLAP", f"{said}, 形成办法和参数也相同", "核对是否同一笔钱分了两次")


def _unused(document: Document, plan: Plan, packs: Mapping[str, Pack]) -> Iterator[Problem]:
    """What the packs measure, want to change or name and no scorecard uses, each with its clause."""
    for index, pack in enumerate(packs[one.id] for one in plan.packs):
        entries: Sequence[PackEntry] = (*pack.indicators, *pack.trends, *pack.named)
        for entry in entries:
            if not looking(f"{pack.id}:{entry.id}", entry, plan):
                lacks = "; 数据不可得" if entry.unavailable else ""
                said = f"{entry.cite.clause}; {demand_text(entry)}{lacks}"
                said = f"{pack.id}:{entry.id} {entry.title} ({said}) 没有评分项用到"
                yield Problem(document.where(("packs", index)), "ENTRY-UNUSED", said, "要考核的写进评分表")
