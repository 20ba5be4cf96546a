"""The labels of a run, in the words of its plan, packs, catalogue and facts."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date
from fractions import Fraction
from functools import partial

from allocation.merit import merits
from allocation.pools import pools, score_of
from domain.check import CheckRule
from domain.facts import Catalogue
from domain.money import format_exact
from domain.pack import Pack, PackIndicator
from domain.period import Period
from domain.plan import Plan, Pool, Scorecard
from engine.checks.look import JUMP, rules_of
from engine.policy.given import card_targets
from engine.policy.standing import standing
from engine.policy.words import number_text
from engine.run.indexed import Indexed
from engine.run.labels import CardLabel, CheckLabel, Document, ItemLabel, Labels, PoolLabel, ShownLabel, words_of
from engine.run.memo import Memo
from engine.run.say import Speaker
from indicators.cards import Line, ready_lines
from indicators.evaluate import known as known_indicators
from indicators.registry import Indicator

PERSONS = "人"  # the unit of metrics that count people


def labels(plan: Plan, packs: Mapping[str, Pack], indexed: Indexed, memo: Memo) -> Labels:
    """The labels of a run of `plan`; documents are in force or not on the last day of the period."""
    catalogue, period = indexed.catalogue, indexed.period
    measured = known_indicators(plan.local_indicators)
    known = {code: (one.title, one.unit) for code, one in measured.items()}
    used = sorted({item.indicator for card in plan.scorecards for part in card.dimensions for item in part.items})
    shown = {
        pool.id: memo.of(("pool label", pool.id), (pool, period), partial(_pool, pool, catalogue, period))
        for pool in plan.pools
    }
    counts = {one for pool in shown.values() for one in (*pool.counts, *([pool.payees.metric] if pool.payees else []))}
    return Labels(
        names=indexed.names,
        tiers=indexed.tiers,
        heads={unit: number for (unit, _), number in _fewest(indexed, {"heads_on_post"}, memo).items()},
        counted=_fewest(indexed, counts, memo),
        regions=indexed.districts,
        cards={
            card.id: memo.of(
                ("card label", card.id), (card, plan.local_indicators, packs), partial(_card, card, packs, known)
            )
            for card in plan.scorecards
        },
        pools=shown,
        indicators={code: known[code] for code in used if code in known},
        definitions=memo.of(
            ("definitions",),
            (used, plan.local_indicators),
            lambda: {one.code: definition(one) for one in measured.values() if one.code in used},
        ),
        words=words_of(plan, catalogue),
        documents=tuple(
            Document(pack.id, pack.title, pack.number or "", pack.issuer, standing(pack, period.end))
            for pack in (packs[one.id] for one in plan.packs)
        ),
        checks={
            rule.id: CheckLabel(rule.title, rule.severity, _source(rule, plan), rule.note)
            for rule in rules_of(plan, catalogue)
        },
    )


def _source(rule: CheckRule, plan: Plan) -> str:
    """Where the bounds of a check come from."""
    if rule.source != "local":
        return str(rule.source)
    own = any(rule.id == one.id for one in plan.checks.rules or ()) or (
        rule.id == JUMP and plan.checks.jump is not None
    )
    return "本地规定" if own else "指标目录的默认，本地可改"


def _card(card: Scorecard, packs: Mapping[str, Pack], known: Mapping[str, tuple[str, str]]) -> CardLabel:
    """known: titles and units of indicators.

    A rule on the same indicator gives an item's unit, for ratios and changes of any figures have none of their own.
    """
    rules = {f"{pack.id}:{entry.id}": entry for pack in packs.values() for entry in pack.entries()}

    def label(line: Line) -> ItemLabel:
        item = line.item
        _, unit = known.get(item.indicator, ("", ""))
        rule = rules.get(item.rule or "")
        if isinstance(rule, PackIndicator) and rule.indicator == item.indicator:
            unit = rule.unit
        return ItemLabel(
            item.title or item.id, item.indicator, unit, frozenset(tier.value for tier in item.tiers), _span(line, unit)
        )

    return CardLabel(
        card.title,
        card.scope,
        {part.id: part.title for part in card.dimensions},
        {line.item.id: label(line) for line in ready_lines(card, card_targets(card, packs))},
    )


def _span(line: Line, unit: str) -> str:
    """What stands where a number to reach would: two ends of a range, the last day of a milestone, which way to go."""
    if line.curve.use == "trend":
        return {"up": "高于对比期", "down": "低于对比期"}[getattr(line.params, "direction", "")]
    last: date | None = getattr(line.params, "by", None)
    if last is not None:
        return f"{last} 前"
    if line.span is None:
        return ""
    return " 至 ".join(number_text(format_exact(end), unit if unit == "%" else "").strip() for end in line.span)


def _scorecard(pool: Pool) -> str:
    """Of the merit, else of the pool: a subsidy, a signing fee or a salary is due by the pool's own coefficient."""
    of_pool = score_of(pool)
    return merits()[pool.merit.use].scorecard(pool.merit.given) or (of_pool.scorecard if of_pool else "")


def _pool(pool: Pool, catalogue: Catalogue, period: Period) -> PoolLabel:
    former, measure = pools()[pool.use], merits()[pool.merit.use]
    payees = former.payees(pool.given, pool.purpose, period.months)
    added = measure.metrics(pool.merit.given)
    persons = [one for one in added if one in catalogue.metrics and catalogue.metrics[one].unit == PERSONS]
    speaker = Speaker()
    shown = tuple(
        ShownLabel(one.name, speaker.name(f"allocation.pools.{pool.use}:owed", one.name), one.kind, one.summed)
        for one in former.shown
    )
    return PoolLabel(
        pool.title,
        pool.fund.title,
        pool.fund.document,
        pool.purpose,
        pool.basis,
        pool.unpaid_to,
        _scorecard(pool),
        payees,
        tuple(persons) if pool.purpose == "staff_reward" else (),
        former.own,
        pool.use,
        shown,
    )


def _fewest(indexed: Indexed, metrics: Collection[str], memo: Memo) -> dict[tuple[str, str], Fraction]:
    """The smallest number told of each unit, by (unit, metric) in this order."""
    book = indexed.book
    least = {
        metric: memo.of(("least", metric), (*indexed.region, book.tables.get(metric)), partial(book.least, metric))
        for metric in metrics
    }
    return dict(sorted(((unit, metric), value) for metric, found in least.items() for unit, value in found.items()))


def definition(described: Indicator) -> str:
    """An indicator in words, with the version of its definition."""
    above, below = described.numerator_def, described.denominator_def
    if below:
        above, below = _operand(above), f" ÷ {_operand(below)}"
    unsure = "; 口径待核" if described.formula_status == "background" else ""
    said = f"{described.title} ({described.code} 第 {described.version} 版): {above}{below}"
    return f"{said}; 窗口: {described.window}; 归属: {described.attribution}{unsure}"


def _operand(words: str) -> str:
    """A side of a quotient, in brackets if it is reckoned itself."""
    bare = re.sub(r"\([^()]*\)", "", words)
    return f"({words})" if any(sign in bare for sign in "−+÷×") else words
