"""What a run says, refuses and takes over because of the packs that a plan carries out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction

from domain.pack import Pack
from domain.period import Period
from domain.plan import Item, Plan, Scorecard
from domain.step import NOWHERE, Phrase, Place, RunWarning, Value
from engine.policy.find import cites, find_rule
from engine.policy.words import STATUS
from engine.yaml.document import say_path

MONEY = ("pools", "permits", "quota", "overspend", "deposit", "pay")
"""The parts of a plan that pay."""
WORDS = {
    "refused": "政策包 {pack} {state}, 不得据以分配资金; 确需试行, 在方案 packs 中写 "
    "allow_status: [{status}] 和 reason",
    "allowed": "依据《{title}》{state}, 方案允许使用, 理由: {reason}",
    "scores_only": "依据《{title}》{state}, 只可计分, 不得据以分配资金",
    # a draft is a thing, the others say what became of a document
    **{f"is_{status}": f"是{said}" if status == "draft" else said for status, said in STATUS.items()},
    "card_total": "评分表 {card} 满分 {total}, 不是 100",
    "soft": "资金池 {pool} 有软规则 {rules:join , } 而没有 soft_keep, 软规则可能使某单位分文不得",
    "income_late": "收入池 {pool} 排在按收支结余封顶的 {capped} 之后, 封顶所用的 R 不含它的收入, "
    "与两个允许测算的 R 不同; 移到前面",
    "cite_unknown": "{where} 引用的 {document} 不在方案的 packs 中",
    "background": "{named} 口径待核, 方案接受其决定分配",
    "rule": "{named}",
    "indicator": "{named:indicator}",
    "outside": "{period:period}不在依据《{title}》的施行期间 {since} 至 {until} 之内",
    "other_indicator": "评分表 {card} 的 {item} 用 {by} 计算, 规则 {rule} 用 {theirs}",
    "no_checks": "方案没有写数据核对 (checks.rules), 只按指标目录的默认界限核对; 核定后写 rules: [] 或本地的界限",
    "unapproved": "方案的 pay.approval 没有写明通过分配办法的文件, 不得据以发放: 职工代表大会通过后写 document",
    "laxer": "评分表 {card} 的 {item} 自定目标 {ours}, 比规则 {rule} 的 {theirs} 宽",
}


def refusals(plan: Plan, packs: Mapping[str, Pack], day: date | None = None) -> list[RunWarning]:
    """Why nothing may be paid: packs not in force whose status the plan does not allow with a reason.

    day: the period's last day; given, a pack past its effective_to counts as expired and one before its
    effective_from as not_yet. Scores may be made all the same.
    """
    return [
        _warning("PACK-NOT-IN-FORCE", "refused", {"pack": pack.id, "status": status, "state": _state(status)})
        for pack, status, reason in _not_in_force(plan, packs, day)
        if not reason
    ]


def unapproved(plan: Plan) -> list[RunWarning]:
    """Why no person may be paid: a scheme that nobody passed (without the document of who did)."""
    passed = plan.pay is None or (plan.pay.approval is not None and plan.pay.approval.document.strip())
    return [] if passed else [_warning("PAY-NO-APPROVAL", "unapproved", {})]


def warnings(plan: Plan, packs: Mapping[str, Pack], day: date | None = None) -> list[RunWarning]:
    """What every output of a run of this plan carries."""
    found = []
    for pack, status, reason in _not_in_force(plan, packs, day):
        values: dict[str, Value] = {"pack": pack.id, "title": pack.title, "state": _state(status)}
        if reason:
            values["reason"] = reason
        found.append(_warning("PACK-NOT-IN-FORCE", "allowed" if reason else "scores_only", values))
    for card in plan.scorecards:
        total = sum((dimension.points for dimension in card.dimensions), Fraction(0))
        if total != 100:
            found.append(_warning("CARD-TOTAL", "card_total", {"card": card.id, "total": total}, Place(card=card.id)))
    for pool in plan.pools:
        soft = tuple(rule.use for rule in pool.rules if rule.priority is not None)
        if soft and not pool.soft_keep:
            found.append(_warning("SOFT-RULE-TAKES-ALL", "soft", {"pool": pool.id, "rules": soft}, Place(pool=pool.id)))
    found += _late_income(plan)
    for path, cite in cites(plan):
        if cite.document is not None and cite.document not in packs:
            values = {"where": say_path(path), "document": cite.document}
            found.append(_warning("CITE-UNKNOWN", "cite_unknown", values))
    if plan.accept_background:
        named = tuple(map(_named, plan.accept_background))
        found.append(_warning("BACKGROUND-ACCEPTED", "background", {"named": named}))
    if plan.checks.rules is None and not plan.only_pays:
        found.append(_warning("NO-CHECKS", "no_checks", {}))
    return [*found, *_other_indicator(plan, packs), *_laxer(plan, packs)]


def _late_income(plan: Plan) -> Iterator[RunWarning]:
    """Income pools behind a pool of the same members that R caps: that R is then without their income."""
    for at, pool in enumerate(plan.pools):
        capped = tuple(
            one.id for one in plan.pools[:at] if any(rule.use == "income_cap" for rule in one.rules) and one.meets(pool)
        )
        if pool.purpose == "income" and capped:
            yield _warning("POOL-INCOME-LATE", "income_late", {"pool": pool.id, "capped": capped}, Place(pool=pool.id))


def _state(status: str) -> Phrase:
    """A status as a sentence's predicate."""
    return Phrase(f"{__name__}:is_{status}")


def outside(plan: Plan, packs: Mapping[str, Pack], period: Period) -> list[RunWarning]:
    """What must be said of packs whose days of force the whole period lies outside, where their status does not.

    A pack in force is told by `warnings` as expired or not in force yet. One that was stated to have ended says nothing
    of the years for which it stood: these may be scored, later ones are not its own.
    """
    found = []
    for pack in (packs[used.id] for used in plan.packs):
        since, until = pack.effective_from, pack.effective_to
        past, early = until is not None and period.start > until, since is not None and period.end < since
        if standing(pack, period.end) == pack.status != "in_force" and (past or early):
            values: dict[str, Value | None] = {"period": str(period), "pack": pack.id, "title": pack.title}
            found.append(_warning("PERIOD-OUTSIDE-PACK", "outside", values | {"since": since, "until": until}))
    return found


def _named(reference: str) -> Phrase:
    """A rule by its reference, an indicator by its title too."""
    return Phrase(f"{__name__}:{'rule' if ':' in reference else 'indicator'}", {"named": reference})


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


def _other_indicator(plan: Plan, packs: Mapping[str, Pack]) -> Iterator[RunWarning]:
    for card, item in _items(plan):
        rule = find_rule(item.rule, packs) if item.rule else None
        if item.rule and rule is not None and rule.indicator != item.indicator:
            values = {"card": card.id, "item": item.id, "by": item.indicator, "rule": item.rule}
            values["theirs"] = rule.indicator
            yield _warning("RULE-INDICATOR", "other_indicator", values, Place(card=card.id, item=item.id))


def _laxer(plan: Plan, packs: Mapping[str, Pack]) -> Iterator[RunWarning]:
    """Items with a target of their own that is easier to meet than the one of the rule they carry out."""
    for card, item in _items(plan):
        rule = find_rule(item.rule, packs) if item.rule else None
        ours = getattr(item.curve.given, "target", None)
        if item.rule is None or rule is None or ours is None:
            continue
        if not isinstance(rule.target, Fraction) or rule.op not in {">=", "<="}:
            continue
        theirs = rule.target
        if ours < theirs if rule.op == ">=" else ours > theirs:
            values: dict[str, Value] = {"card": card.id, "item": item.id, "rule": item.rule}
            values |= {"ours": ours, "theirs": theirs}
            yield _warning("RULE-TARGET", "laxer", values, Place(card=card.id, item=item.id))


def _items(plan: Plan) -> Iterator[tuple[Scorecard, Item]]:
    for card in plan.scorecards:
        for dimension in card.dimensions:
            yield from ((card, item) for item in dimension.items)


def _warning(code: str, words: str, values: Mapping[str, Value | None], place: Place = NOWHERE) -> RunWarning:
    return RunWarning(code, Phrase(f"{__name__}:{words}", values), place)
