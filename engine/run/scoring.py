"""From facts to scores: every indicator that the plan's scorecards name, then the scorecards themselves."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

import numpy as np
import pandas as pd

from domain.demand import Target
from domain.facts import Catalogue, Facts
from domain.money import format_exact
from domain.pack import Pack
from domain.period import Period
from domain.plan import Plan, Scorecard
from domain.problems import InputProblems, Problem, Problems
from domain.region import level
from domain.selection import Array, during
from domain.step import Phrase, Place, RunWarning, Step, Value
from engine.policy.given import card_targets
from engine.run.indexed import Indexed
from engine.run.labels import Labels, words_of
from engine.run.memo import Memo
from engine.run.result import framed
from engine.run.say import Speaker
from indicators.cards import Line, Placed, wanted
from indicators.curves import Scored as Curved
from indicators.evaluate import Asked, Wanted, asked, measure_all
from indicators.measures import Measure, Measures
from indicators.scorecard import CardResult, NotScored, Refusal, score

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

    warnings: how many items of each scorecard nobody reported, and what the plan did with them; measured: see there.
    """

    frames: dict[str, pd.DataFrame]
    scores: dict[tuple[str, str], Fraction]
    steps: tuple[Step, ...]
    warnings: tuple[RunWarning, ...]
    measured: Mapping[str, list[list[str]]]


@dataclass(frozen=True)
class _Marked:
    """One scorecard: its result, its totals by (scorecard, unit), whether nothing of it has a value, what it lacks."""

    result: CardResult
    scores: dict[tuple[str, str], Fraction]
    valueless: bool
    gaps: tuple[RunWarning, ...]


def score_all(
    plan: Plan,
    packs: Mapping[str, Pack],
    indexed: Indexed,
    *,
    memo: Memo,
    stories: bool,
    report: Callable[[str, int, int], None],
    whole: bool = True,
) -> Scored:
    """Evaluate and score every scorecard of the plan.

    stories: False leaves them out; whole: whether these are all units of the region, so that a scorecard without
    one value means wrong data. Raises InputProblems with everything that any scorecard refuses.
    """
    facts, period = indexed.facts, indexed.period
    longest = _longest(plan)
    told = indexed.having(frozenset(longest))
    memo.of(("lists",), (longest, told, period), partial(_check_lists, longest, indexed))
    report("计算指标", 0, 1)
    asking = {card.id: wanted(card) for card in plan.scorecards}
    measures = _measures(plan, asking, indexed, memo)
    shared = memo.of(("measured",), tuple(asking.values()), partial(measured, plan))
    problems: dict[Problem, None] = {}
    cards: list[_Marked] = []
    for done, card in enumerate(plan.scorecards):
        report("评分", done, len(plan.scorecards))
        try:
            known = (card.scope, card.levels, facts.institutions, facts.memberships, period)
            units = memo.of(("units", card.id), known, partial(card_units, facts, period, card))
            aims = memo.of(("targets", card.id), (card, packs), partial(card_targets, card, packs))
            found = tuple(measures.by_key[one.key] for one in asking[card.id])
            marked = partial(_marked, card, measures, units, aims, indexed, memo)
            cards.append(memo.of(("card", card.id), (card, found, units, aims, period), marked))
        except InputProblems as error:
            problems |= dict.fromkeys(error.problems)
        except NotScored as error:
            problems |= dict.fromkeys(_refused(error.refused, plan, indexed.catalogue))
        else:
            if whole and cards[-1].valueless:
                problems[_valueless(card, period)] = None
    if not problems and whole and cards and all(one.result.scoring.units.empty for one in cards):
        remedy = "核对数据与方案是否相配: 机构层级、行政区划代码和成员关系"
        problems[Problem("机构表", "SCORE-NO-UNITS", "没有一个单位是方案的评分表要评的", remedy)] = None
    if problems:
        raise InputProblems(problems)
    results = tuple(one.result for one in cards)
    return Scored(
        {
            "indicators": _indicators(shared, measures, indexed, memo),
            "scores": memo.of(("frame", "scores"), results, partial(_frame, "scores", results)),
            "totals": memo.of(("frame", "totals"), results, partial(_frame, "totals", results)),
        },
        {key: score for one in cards for key, score in one.scores.items()},
        tuple(step for result in results for step in result.steps) if stories else (),
        tuple(said for one in cards for said in one.gaps),
        shared,
    )


def _measures(plan: Plan, asking: Mapping[str, Sequence[Wanted]], indexed: Indexed, memo: Memo) -> Measures:
    """Every indicator that the plan's scorecards ask for (asking: by card)."""
    period = indexed.period
    ready = asked([one for each in asking.values() for one in each], plan.local_indicators, indexed.catalogue)
    book = indexed.book

    def keep(one: Asked, make: Callable[[], Measure]) -> Measure:
        key = (one.scope, one.indicator, one.params, period, *indexed.region)
        return memo.of(("measure", one.key), key, make, lambda found: tuple(map(book.tables.get, found.read)))

    return measure_all(ready, book, period, keep)


def _marked(
    card: Scorecard,
    measures: Measures,
    units: pd.DataFrame,
    aims: Mapping[str, Target],
    indexed: Indexed,
    memo: Memo,
) -> _Marked:
    def keep(line: Line, placed: Placed, make: Callable[[], Curved]) -> Curved:
        asked = (line.curve, line.params, line.item.points, placed.measure)
        known = (units, card.tiers, card.forms, indexed.period, *indexed.region)
        return memo.of(("curve", card.id, line.item.id), (*asked, *known), make)

    result = score(card, measures, units, aims, indexed.period, keep)
    there = zip(result.totalled["unit_code"], result.totalled["score"], strict=True)
    status = result.scored["status"]
    return _Marked(
        result,
        {(card.id, unit): total for unit, total in there if total is not None},
        "missing" in status and "ok" not in status,
        tuple(_gaps(card, result)),
    )


def _valueless(card: Scorecard, period: Period) -> Problem:
    """A scorecard where values are missing and none is there: scores of nothing, whatever the plan does with gaps."""
    said = f"{card.title}: {period.title}没有一个单位的任何一项有可用的数据"
    return Problem(f"评分表 {card.id}", "SCORE-NOTHING", said, "核对数据文件、方案和 --period 是否相配")


def _gaps(card: Scorecard, result: CardResult) -> Iterator[RunWarning]:
    """What a scorecard lacks although its plan goes on without it."""
    missing = result.scored["unit_code"][result.scored["status"] == "missing"]
    if not len(result.scored["status"]):
        yield _warning("SCORE-NO-UNITS", card, "nobody")
    if len(missing):
        units, items = Fraction(len({*missing})), Fraction(len(missing))
        rule = Phrase(f"{__name__}:{card.missing}")
        yield _warning(_GAPS[card.missing], card, "gaps", units=units, items=items, rule=rule)


def _warning(code: str, card: Scorecard, words: str, **values: Value) -> RunWarning:
    return RunWarning(code, Phrase(f"{__name__}:{words}", {"card": card.id, **values}), Place(card=card.id))


def _refused(refused: Iterable[Refusal], plan: Plan, catalogue: Catalogue) -> list[Problem]:
    """What scorecards refuse, as problems of the input."""
    speaker = Speaker(Labels(words=words_of(plan, catalogue)))
    remedy = "补报数据, 或在方案中写明缺项的处理"
    return [Problem(one.unit, one.code, speaker.phrase(one.said), remedy, _lacking(one.said)) for one in refused]


def _lacking(said: Phrase) -> str:
    """The code of the first figure that a refused item lacks; "" where it is something else."""
    why = said.values["why"]
    gaps = why if isinstance(why, tuple) else ()
    codes = (str(gap.values["metric"]) for gap in gaps if isinstance(gap, Phrase) and "metric" in gap.values)
    return next(codes, "")


def _longest(plan: Plan) -> dict[str, int]:
    """How many items lists have, where the plan or its reading says so (`total`), by the metric of those done."""
    longest: dict[str, int] = {}
    for item in (item for card in plan.scorecards for dimension in card.dimensions for item in dimension.items):
        if item.indicator == "checklist_rate" and item.given.total is not None:
            metric, total = f"{item.given.checklist}_done", int(item.given.total)
            longest[metric] = max(total, longest.get(metric, total))
    return longest


def _check_lists(longest: Mapping[str, int], indexed: Indexed) -> None:
    """Refuse more items done than a list has, in whatever rows stand for the period."""
    problems = Problems()
    for metric, most in longest.items():
        rows = indexed.book.rows(metric, indexed.period)
        for value, source in zip(rows.value.fractions(), rows.source, strict=True):
            if value > most:
                title = indexed.catalogue.metrics[metric].title
                said = f"{title} {format_exact(value)} 大于方案所定清单项数 {most}"
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


def _indicators(
    shared: Mapping[str, Sequence[Sequence[str]]], measures: Measures, indexed: Indexed, memo: Memo
) -> pd.DataFrame:
    """One row per unit, indicator and params, in the order of `measured`."""
    first = sorted(keys[0] for groups in shared.values() for keys in groups)
    shown = tuple(measures.by_key[key] for key in first)

    def make() -> pd.DataFrame:
        return framed("indicators", [_rows(one, measures.units[one.scope]) for one in shown])

    return memo.of(("frame", "indicators"), (shown, *indexed.region, indexed.period), make)


def _rows(one: Measure, units: Array) -> dict[str, Array]:
    """A measure's rows in the frame of indicators, column by column."""
    scope, indicator = (np.full(len(units), text, dtype=object) for text in (one.scope, one.indicator))
    return {"scope": scope, "unit_code": units, "indicator": indicator, **one.numbers}


def _frame(name: str, results: Sequence[CardResult]) -> pd.DataFrame:
    return framed(name, [one.totalled if name == "totals" else one.scored for one in results])
