"""What a run says, refuses and takes over because of the packs that a plan carries out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction

from domain.money import format_exact
from domain.pack import Pack
from domain.period import Period
from domain.plan import Plan
from engine.policy.find import cites, find_rule
from engine.policy.words import STATUS
from indicators.registry import indicators

MONEY = ("pools", "permits", "quota", "overspend")
"""The parts of a plan that pay."""


def refusals(plan: Plan, packs: Mapping[str, Pack], day: date | None = None) -> list[str]:
    """Why nothing may be paid: packs not in force whose status the plan does not allow with a reason.

    day: the period's last day; given, a pack past its effective_to counts as expired and one before its
    effective_from as not_yet. Scores may be made all the same.
    """
    return [
        f"政策包 {pack.id} {_is(status)}, 不得据以分配资金; 确需试行, 在方案 packs 中写 "
        f"allow_status: [{status}] 和 reason (PACK-NOT-IN-FORCE)"
        for pack, status, reason in _not_in_force(plan, packs, day)
        if not reason
    ]


def warnings(plan: Plan, packs: Mapping[str, Pack], day: date | None = None) -> list[str]:
    """What every output of a run of this plan carries."""
    said = []
    for pack, status, reason in _not_in_force(plan, packs, day):
        tail = f"方案允许使用, 理由: {reason}" if reason else "只可计分, 不得据以分配资金"
        said.append(f"依据《{pack.title}》{_is(status)}, {tail} (PACK-NOT-IN-FORCE)")
    for card in plan.scorecards:
        total = sum((dimension.points for dimension in card.dimensions), Fraction(0))
        if total != 100:
            said.append(f"评分表 {card.id} 满分 {format_exact(total)}, 不是 100 (CARD-TOTAL)")
    for pool in plan.pools:
        soft = [rule.use for rule in pool.rules if rule.priority is not None]
        if soft and pool.soft_keep is None:
            said.append(
                f"资金池 {pool.id} 有软规则 {', '.join(soft)} 而没有 soft_keep, "
                "软规则可能使某单位分文不得 (SOFT-RULE-TAKES-ALL)"
            )
    said += _late_income(plan)
    for where, cite in cites(plan):
        if cite.document is not None and cite.document not in packs:
            said.append(f"{where} 引用的 {cite.document} 不在方案的 packs 中 (CITE-UNKNOWN)")
    if plan.accept_background:
        named = "、".join(_named(one) for one in plan.accept_background)
        said.append(f"{named} 口径待核, 方案接受其决定分配 (BACKGROUND-ACCEPTED)")
    return said + _other_indicator(plan, packs) + _laxer(plan, packs)


def _late_income(plan: Plan) -> list[str]:
    """Income pools behind a pool of the same members that R caps: that R is then without their income."""
    said = []
    for at, pool in enumerate(plan.pools):
        capped = [
            one.id for one in plan.pools[:at] if any(rule.use == "income_cap" for rule in one.rules) and one.meets(pool)
        ]
        if pool.purpose == "income" and capped:
            said.append(
                f"收入池 {pool.id} 排在按收支结余封顶的 {'、'.join(capped)} 之后, 封顶所用的 R 不含它的收入, "
                "与两个允许测算的 R 不同; 移到前面 (POOL-INCOME-LATE)"
            )
    return said


def _is(status: str) -> str:
    """A status as a sentence's predicate: a draft is a thing, the others say what became of a document."""
    return f"是{STATUS[status]}" if status == "draft" else STATUS[status]


def outside(plan: Plan, packs: Mapping[str, Pack], period: Period) -> list[str]:
    """What must be said of packs whose days of force the whole period lies outside, where their status does not.

    A pack in force is told by `warnings` as expired or not in force yet. One that was stated to have ended says nothing
    of the years for which it stood: these may be scored, later ones are not its own.
    """
    said = []
    for pack in (packs[used.id] for used in plan.packs):
        since, until = pack.effective_from, pack.effective_to
        past, early = until is not None and period.start > until, since is not None and period.end < since
        if standing(pack, period.end) == pack.status != "in_force" and (past or early):
            days = f"{since or '—'} 至 {until or '—'}"
            said.append(f"{period.title}不在依据《{pack.title}》的施行期间 {days} 之内 (PERIOD-OUTSIDE-PACK)")
    return said


def _named(reference: str) -> str:
    """A rule by its reference, an indicator by its title too."""
    if ":" in reference:
        return reference
    known = indicators().get(reference)
    return f"{known.title} ({reference})" if known else reference


def _not_in_force(plan: Plan, packs: Mapping[str, Pack], day: date | None) -> Iterator[tuple[Pack, str, str]]:
    """(pack, status, the plan's reason or "") of every pack that is not in force."""
    for used in plan.packs:
        pack = packs[used.id]
        status = standing(pack, day)
        if status != "in_force":
            yield pack, status, used.reason.strip() if status in used.allow_status else ""


def standing(pack: Pack, day: date | None) -> str:
    """Its status on a day (see `refusals`); as the pack states it where no day is given."""
    if day is None or pack.status != "in_force":
        return pack.status
    if pack.effective_to is not None and pack.effective_to < day:
        return "expired"
    return "not_yet" if pack.effective_from is not None and pack.effective_from > day else pack.status


def _other_indicator(plan: Plan, packs: Mapping[str, Pack]) -> list[str]:
    said = []
    for card in plan.scorecards:
        for item in (item for dimension in card.dimensions for item in dimension.items):
            rule = find_rule(item.rule, packs) if item.rule else None
            if rule is not None and rule.indicator != item.indicator:
                said.append(
                    f"评分表 {card.id} 的 {item.id} 用 {item.indicator} 计算, 规则 {item.rule} 用 {rule.indicator} "
                    "(RULE-INDICATOR)"
                )
    return said


def _laxer(plan: Plan, packs: Mapping[str, Pack]) -> list[str]:
    """Items with a target of their own that is easier to meet than the one of the rule they carry out."""
    said = []
    for card in plan.scorecards:
        for item in (item for dimension in card.dimensions for item in dimension.items):
            rule = find_rule(item.rule, packs) if item.rule else None
            own = getattr(item.curve.given, "target", None)
            if rule is None or own is None or not isinstance(rule.target, Fraction) or rule.op not in {">=", "<="}:
                continue
            theirs, ours = rule.target, own
            if ours < theirs if rule.op == ">=" else ours > theirs:
                said.append(
                    f"评分表 {card.id} 的 {item.id} 自定目标 {format_exact(ours)}, 比规则 {item.rule} 的 "
                    f"{format_exact(theirs)} 宽 (RULE-TARGET)"
                )
    return said
