"""One run in memory: facts → indicators → scores → pools → allocation. Knows no file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction

from domain.facts import Catalogue, Facts
from domain.pack import Pack
from domain.period import Period
from domain.plan import Item, Plan, Scorecard
from domain.problems import InputProblems, Problem, Refused
from domain.step import Step
from engine.policy.standing import outside, refusals, warnings
from engine.run.absent import absent
from engine.run.carry import carried
from engine.run.checking import check_frame, find, unanswered
from engine.run.distribution import money_frames
from engine.run.indexed import Indexed
from engine.run.labelling import labels
from engine.run.memo import Memo
from engine.run.passed_over import passed_over
from engine.run.pools import Report, distribute, extra_tables, paying_in, sharing_overspend
from engine.run.result import ALWAYS, FRAMES, Result
from engine.run.say import Speaker
from engine.run.scoring import Scored, score_all


def silent(title: str, done: int, total: int) -> None:
    """A progress report that says nothing."""


def run(
    plan: Plan,
    packs: Mapping[str, Pack],
    facts: Facts,
    catalogue: Catalogue,
    period: Period,
    *,
    batch: bool = False,
    region: Facts | None = None,
    solver: str = "auto",
    progress: Report = silent,
) -> Result:
    """Score every unit, form and split every pool that runs in this kind of period.

    batch: stories and relief (what loosening a rule would move) are left out; region: all facts of the region, where
    `facts` are those around one unit; solver: who proposes how pools are split (the fen are the same). Raises
    InputProblems with everything that is missing, Refused where money would be paid under a pack that is not in force
    and the plan does not allow it.
    """
    indexed = Indexed(facts, catalogue, period)
    around = None if region is None else Indexed(region, catalogue, period)
    return run_indexed(plan, packs, indexed, Memo(), batch=batch, region=around, solver=solver, progress=progress)


def run_indexed(
    plan: Plan,
    packs: Mapping[str, Pack],
    indexed: Indexed,
    memo: Memo,
    *,
    batch: bool,
    region: Indexed | None = None,
    solver: str = "auto",
    progress: Report = silent,
) -> Result:
    """`run` with what an earlier run made (`Indexed`, `Memo`): the same result, whatever of it is still good."""
    period = indexed.period
    facts, told = carried(plan, indexed.facts, indexed.catalogue, period)
    if told:
        indexed = Indexed(facts, indexed.catalogue, period, before=indexed)
    paying = paying_in(plan, period)
    refused = refusals(plan, packs, period.end) if paying else []
    if refused:
        raise Refused("\n".join(Speaker().warnings(refused)))
    try:
        scored = _scored(plan, packs, indexed, memo, batch=batch, whole=region is None, progress=progress)
        given = distribute(
            plan, indexed, memo=memo, scores=scored.scores, stories=not batch, solver=solver, report=progress
        )
    except InputProblems as error:
        raise InputProblems([*absent(error.problems, indexed), *error.problems]) from error
    shown = (*ALWAYS, *extra_tables(plan, period))
    frames, sharing = scored.frames | money_frames(given, memo), sharing_overspend(plan, period)
    found = memo.of(
        ("checks",),
        (plan.checks, indexed.facts, period, frames["pools"]),
        lambda: find(plan, region or indexed, frames["pools"], memo, None if region is None else indexed.names),
    )
    frames["checks"] = memo.of(("frame", "checks"), (found,), lambda: check_frame(found))
    return Result(
        plan_id=plan.id,
        plan_title=plan.title,
        period=period,
        region=plan.region,
        labels=labels(plan, packs, indexed, memo),
        frames={name: frames[name] for name in FRAMES if name in shown},
        steps=_unique([*scored.steps, *(step for one in given for step in one.steps)]),
        warnings=(
            *(
                one
                for one in memo.of(("warnings",), (plan, packs, period), lambda: warnings(plan, packs, period.end))
                # the catalogue of a folder from before there were checks has none to speak of
                if one.code != "NO-CHECKS" or indexed.catalogue.checks
            ),
            *outside(plan, packs, period),
            *told,
            *scored.warnings,
            *passed_over(plan, indexed, scored.frames["totals"], frames["overspend"] if sharing else None, memo),
            *(warning for one in given for warning in one.warnings),
            *unanswered(found),
        ),
        formations=tuple(formation for one in given for formation in one.formations),
        signatures=tuple(signature.title for signature in plan.signatures),
        indicators={f"{card.id}/{item.id}": item.indicator for card, item in _items(plan)},
        measured=scored.measured,
        contradictions={
            one.run.context.alliance_code: one.run.contradiction.answer.conflict
            for one in given
            if one.run.contradiction is not None
        },
        allocations=tuple(allocation for one in given for allocation in one.allocations),
        solver=solver,
    )


def _scored(
    plan: Plan,
    packs: Mapping[str, Pack],
    indexed: Indexed,
    memo: Memo,
    *,
    batch: bool,
    whole: bool,
    progress: Report,
) -> Scored:
    """Every score. Raises InputProblems with what scoring lacks and, where money hangs on it, what paying lacks too."""
    try:
        return score_all(plan, packs, indexed, memo=memo, stories=not batch, report=progress, whole=whole)
    except InputProblems as error:
        paying = paying_in(plan, indexed.period)
        also = _missing_for_pay(plan, indexed) if paying else ()
        raise InputProblems(dict.fromkeys([*error.problems, *also])) from error


def _missing_for_pay(plan: Plan, indexed: Indexed) -> tuple[Problem, ...]:
    """What paying lacks besides the scores, so that all gaps are told in one round. Nothing of it is kept.

    Full marks stand in for every score: no pool is then left out because somebody missed a mark.
    """
    units = indexed.facts.institutions["unit_code"]
    scores = {(card.id, unit): Fraction(100) for card in plan.scorecards for unit in units}
    try:
        distribute(plan, indexed, memo=Memo(), scores=scores, stories=False, report=silent)
    except InputProblems as error:
        return error.problems
    return ()


def _items(plan: Plan) -> list[tuple[Scorecard, Item]]:
    return [(card, item) for card in plan.scorecards for dimension in card.dimensions for item in dimension.items]


def _unique(steps: list[Step]) -> tuple[Step, ...]:
    """The steps. Raises ValueError if two numbers claim one key: a fault of the program."""
    twice = [key for key, count in Counter(step.key for step in steps).items() if count > 1]
    if twice:
        raise ValueError(f"说明的键重复: {', '.join(twice[:3])}")
    return tuple(steps)
