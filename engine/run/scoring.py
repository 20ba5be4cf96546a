"""From facts to scores: every indicator that the plan's scorecards name, then the scorecards themselves."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd

from domain.facts import Catalogue, Facts
from domain.pack import Pack
from domain.period import Period
from domain.plan import Plan, Scorecard
from domain.problems import InputProblems, Problem, Problems
from domain.region import level
from domain.selection import during
from domain.step import Phrase, Place, RunWarning, Step, Value
from engine.policy.given import card_targets
from engine.run.labels import Labels, words_of
from engine.run.say import Speaker
from indicators.cards import wanted
from indicators.evaluate import evaluate
from indicators.measures import Measures
from indicators.scorecard import SCORE_COLUMNS, TOTAL_COLUMNS, CardResult, NotScored, Refusal, score

_GAPS = {"zero": "SCORE-ZEROED", "reweight": "SCORE-REWEIGHTED", "full": "SCORE-FILLED"}
WORDS = {
    "nobody": "评分表 {card}（{card:title}）: 机构表里没有要评的单位",
    "gaps": "评分表 {card}（{card:title}）: {units} 个单位共 {items} 项缺数据, {rule}",
    "zero": "按方案计 0 分",
    "reweight": "按方案由其余各项承担分值",
    "full": "按方案计满分",
}


@dataclass(frozen=True)
class Scored:
    """frames: `indicators`, `scores` and `totals`, cells exact or None; scores: totals by (scorecard, unit), exact.

    warnings: how many items of each scorecard nobody reported, and what the plan did with them.
    """

    frames: dict[str, pd.DataFrame]
    scores: dict[tuple[str, str], Fraction]
    steps: tuple[Step, ...]
    warnings: tuple[RunWarning, ...] = ()


def score_all(
    plan: Plan,
    packs: Mapping[str, Pack],
    facts: Facts,
    catalogue: Catalogue,
    period: Period,
    *,
    stories: bool,
    report: Callable[[str, int, int], None],
    whole: bool = True,
) -> Scored:
    """Evaluate and score every scorecard of the plan.

    stories: False leaves them out; whole: whether these are all units of the region, so that a scorecard without
    one value means wrong data. Raises InputProblems with everything that any scorecard refuses.
    """
    _check_lists(plan, facts, catalogue, period)
    report("计算指标", 0, 1)
    asked = [one for card in plan.scorecards for one in wanted(card)]
    measures = evaluate(facts, catalogue, period, asked, plan.local_indicators)
    problems: dict[Problem, None] = {}
    results: list[CardResult] = []
    found: list[RunWarning] = []
    for done, card in enumerate(plan.scorecards):
        report("评分", done, len(plan.scorecards))
        try:
            units = card_units(facts, period, card)
            results.append(score(card, measures, units, card_targets(card, packs), period))
        except InputProblems as error:
            problems |= dict.fromkeys(error.problems)
        except NotScored as error:
            problems |= dict.fromkeys(_refused(error.refused, plan, catalogue))
        else:
            if whole:
                problems |= dict.fromkeys(_valueless(card, results[-1].scores, period))
            found += _gaps(card, results[-1].scores)
    if not problems and whole and results and all(result.totals.empty for result in results):
        remedy = "核对数据与方案是否相配: 机构层级、行政区划代码和成员关系"
        problems[Problem("机构表", "SCORE-NO-UNITS", "没有一个单位是方案的评分表要评的", remedy)] = None
    if problems:
        raise InputProblems(problems)
    scores = _joined([result.scores for result in results], SCORE_COLUMNS)
    totals = _joined([result.totals for result in results], TOTAL_COLUMNS)
    there = totals[totals["score"].notna()]
    return Scored(
        {
            "indicators": _indicators(plan, measures),
            "scores": scores.rename(columns={"indicator": "item"}),
            "totals": totals,
        },
        dict(zip(zip(there["scorecard"], there["unit_code"], strict=True), there["score"], strict=True)),
        tuple(step for result in results for step in result.steps) if stories else (),
        tuple(found),
    )


def _refused(refused: Iterable[Refusal], plan: Plan, catalogue: Catalogue) -> list[Problem]:
    """What scorecards refuse, as problems of the input."""
    speaker = Speaker(Labels(words=words_of(plan, catalogue)))
    remedy = "补报数据, 或在方案中写明缺项的处理"
    return [Problem(one.unit, one.code, speaker.phrase(one.said), remedy) for one in refused]


def _valueless(card: Scorecard, scores: pd.DataFrame, period: Period) -> list[Problem]:
    """A scorecard where values are missing and none is there: scores of nothing, whatever the plan does with gaps."""
    states = set(scores["status"])
    if "missing" not in states or "ok" in states:
        return []
    said = f"{card.title}: {period.title}没有一个单位的任何一项有可用的数据"
    return [Problem(f"评分表 {card.id}", "SCORE-NOTHING", said, "核对数据文件、方案和 --period 是否相配")]


def _gaps(card: Scorecard, scores: pd.DataFrame) -> Iterator[RunWarning]:
    """What a scorecard lacks although its plan goes on without it."""
    if scores.empty:
        yield _warning("SCORE-NO-UNITS", card, "nobody")
    gaps = scores[scores["status"] == "missing"]
    if len(gaps):
        units, items = Fraction(gaps["unit_code"].nunique()), Fraction(len(gaps))
        rule = Phrase(f"{__name__}:{card.missing}")
        yield _warning(_GAPS[card.missing], card, "gaps", units=units, items=items, rule=rule)


def _warning(code: str, card: Scorecard, words: str, **values: Value) -> RunWarning:
    return RunWarning(code, Phrase(f"{__name__}:{words}", {"card": card.id, **values}), Place(card=card.id))


def _check_lists(plan: Plan, facts: Facts, catalogue: Catalogue, period: Period) -> None:
    """Refuse more items done than a list has, where the plan or its reading says how many (`total`)."""
    problems = Problems()
    longest: dict[str, int] = {}
    for item in (item for card in plan.scorecards for dimension in card.dimensions for item in dimension.items):
        if item.indicator == "checklist_rate" and item.given.total is not None:
            metric, total = f"{item.given.checklist}_done", int(item.given.total)
            longest[metric] = max(total, longest.get(metric, total))
    told = facts.facts[(facts.facts["period"] == str(period)) & facts.facts["metric"].isin(longest)]
    for metric, value, source in told[["metric", "value", "source"]].itertuples(index=False, name=None):
        if value > longest[metric]:
            said = f"{catalogue.metrics[metric].title} {value} 大于方案所定清单项数 {longest[metric]}"
            problems.add(source, "LIST-OVERFULL", said, "核对填报; 清单不止这些项的, 改方案所选的读法")
    problems.raise_if_any()


def card_units(facts: Facts, period: Period, card: Scorecard) -> pd.DataFrame:
    """unit_code, name, tier and form of a card's units; members: those of any alliance during the period.

    A card for districts takes those of its levels, by their administrative code.
    """
    kept, scope = facts.institutions, card.scope
    if scope == "district" and card.levels:
        kept = kept[kept["region"].astype(str).map(level).isin(card.levels)]
    units = kept[["unit_code", "name", "tier", "form"]]
    if scope == "member":
        return units[units["unit_code"].isin(during(facts.memberships, period)["unit_code"])].reset_index(drop=True)
    return units[units["tier"].astype(str) == scope].reset_index(drop=True)


def measured(plan: Plan) -> dict[str, list[list[str]]]:
    """Which items each row of the table of indicators is the value of, as "scorecard/item", by "scope/indicator".

    Items with one indicator and the same params share a row. A unit's rows of one indicator stand in this order: by the
    first item of each.
    """
    asked = [one for card in plan.scorecards for one in wanted(card)]
    shared: dict[tuple[str, str, str], list[str]] = {}
    for one in sorted(asked, key=lambda one: one.key):
        params = one.params if isinstance(one.params, Mapping) else one.params.model_dump()
        said = json.dumps(dict(params), sort_keys=True, default=str)
        shared.setdefault((one.scope, one.indicator, said), []).append(one.key)
    found: dict[str, list[list[str]]] = {}
    for (scope, indicator, _), keys in shared.items():
        found.setdefault(f"{scope}/{indicator}", []).append(keys)
    return found


def _indicators(plan: Plan, measures: Measures) -> pd.DataFrame:
    """One row per unit, indicator and params, in the order of `measured`."""
    first = {keys[0] for groups in measured(plan).values() for keys in groups}
    return measures.of(first).reset_index(drop=True)


def _joined(frames: list[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    filled = [frame.astype(object) for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=list(columns), dtype=object)
