"""更正: what a run changes of an earlier one of the same plan and period, and where the money for it comes from.

Of every pool in which anybody's amount changed all units are listed, also those with no difference; what is paid and
what is taken back stay two sums, never the net alone. Funded as the plan's `corrections` says:

    redivide        the same money among the same members: of each pool the differences add up to 0, else refused
    reserve: NAME   all that is paid comes out of the alliance's reserve of that name (`reserve_opening`); what is taken
                    back goes to it afterwards and pays nobody here

What changes beside the amounts of pools stands below them (`engine.run.correction_lines`). Figures to date must be
those that the old run had: what it paid is no part of them yet (`engine.run.correction_to_date`).

Source: a correction after an appeal names its funding, domain/B_money ("Through the year").
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import asdict, dataclass, replace

import pandas as pd

from allocation.reserve import draw
from domain.corrections import Corrections
from domain.facts import Catalogue, Facts
from domain.money import format_yuan
from domain.period import Period
from domain.plan import Plan
from domain.problems import Problems
from domain.step import Numbers, Phrase, Place, RunWarning, Step, Value, Words
from engine.run.correction_lines import POOL, Changed, Line, Lines, changed_lines, lines_of
from engine.run.correction_to_date import Stated, differing
from engine.run.result import Result, frame

Key = tuple[str, str]
"""An alliance and a pool."""
Amounts = Mapping[Key, Mapping[str, int]]
"""fen by unit."""
WORDS = {
    "delta": Words("更正差额 ({unit:where}, {pool:title})", "现分配 − 原分配", {"new": "现分配", "old": "原分配"}),
    "line": Words("更正差额 ({unit:where}, {what})", "现数 − 原数", {"new": "现数", "old": "原数"}),
    "redivide": "差额在原资金池内重新分配, 合计为 0",
    "from_reserve": "补发由{name}支付, 扣回退入{name}",
    "unpaid": "{alliance:name} 的资金在原结果或本结果中因规则互相矛盾没有分配, 不计更正差额",
}


@dataclass(frozen=True)
class OldRun:
    """The run that is corrected: its digest, plan and period, what every pool held (fen), what every unit got.

    unpaid: alliances that were paid nothing because their rules contradicted each other; lines: its other amounts;
    stated: what its workbook said was paid to date. None of both: kept by a version that did not look at them.
    """

    digest: str
    plan: str
    period: Period
    pools: Mapping[Key, int]
    paid: Amounts
    unpaid: frozenset[str] = frozenset()
    lines: Lines | None = None
    stated: Stated | None = None

    def only(self, alliances: frozenset[str], units: Container[str]) -> OldRun:
        """The same of some alliances; units: they and their members."""
        pools = {key: fen for key, fen in self.pools.items() if key[0] in alliances}
        paid = {key: fen for key, fen in self.paid.items() if key[0] in alliances}
        lines = self.lines and {
            key: fen for key, fen in self.lines.items() if key[0] in alliances or (not key[0] and key[2] in units)
        }
        stated = self.stated and self.stated.only(units)
        return replace(self, pools=pools, paid=paid, unpaid=self.unpaid & alliances, lines=lines, stated=stated)

    @property
    def homes(self) -> dict[str, str]:
        """An alliance in which each unit got something."""
        return {unit: key[0] for key, paid in sorted(self.paid.items(), reverse=True) for unit in paid}


def check_old(plan: Plan, where: str, period: Period, old: OldRun) -> None:
    """Whether a run may correct another one. Raises InputProblems: CORRECTION-FUNDING, BEFORE-OTHER.

    where: the plan, as messages name it.
    """
    problems = Problems()
    if plan.corrections is None:
        said = "方案没有写更正差额的资金来源, 不能用 --before"
        remedy = '在方案写 corrections: {funding: redivide} 或 {funding: "reserve: 准备金名称"}'
        problems.add(where, "CORRECTION-FUNDING", said, remedy)
    if (old.plan, old.period) != (plan.id, period):
        said = f"原结果是方案 {old.plan} {old.period}, 本次是 {plan.id} {period}"
        problems.add("--before", "BEFORE-OTHER", said, "给出同一方案同一期间的结果文件夹")
    problems.raise_if_any()


def corrected(
    result: Result, rules: Corrections, facts: Facts, catalogue: Catalogue, old: OldRun, *, stories: bool
) -> Result:
    """The result with the frame `deltas`, its warnings and, where asked for, the stories of the differences.

    facts: with what earlier runs paid. Raises InputProblems: CORRECTION-POOL and CORRECTION-SUM (nothing that could be
    divided anew), MONEY-MISSING and RESERVE-SHORT (of the reserve).
    """
    unpaid = old.unpaid | result.contradictions.keys()
    new, pools = _paid(result.frames["allocations"]), result.frames["pools"]
    held = {(one, pool): fen for one, pool, fen in pools[["alliance_code", "pool", "amount"]].itertuples(index=False)}
    changed = {
        key: (old.paid.get(key, {}), new.get(key, {}))
        for key in sorted(old.paid.keys() | new.keys())
        if key[0] not in unpaid and _differ(old.paid.get(key, {}), new.get(key, {}))
    }
    rows = [
        _row((alliance, Changed(POOL, pool), unit), was.get(unit, 0), now.get(unit, 0), rules.funding)
        for (alliance, pool), (was, now) in changed.items()
        for unit in sorted(was.keys() | now.keys())
    ]
    deltas, problems = frame("deltas", rows), Problems()
    steps: list[Step] = []
    if rules.reserve:
        steps += draw(rules.reserve, facts.money, catalogue.items, result.period, _sums(deltas), problems)
    else:
        for key, (was, now) in changed.items():
            _redivided(key, (old.pools.get(key, 0), held.get(key, 0)), sum(was.values()), sum(now.values()), problems)
    problems.raise_if_any()
    steps += _told(deltas, rules)
    others = [one for one in _beside(result, old) if one[0][0] not in unpaid]
    steps += [_told_line(*one) for one in others]
    deltas = frame("deltas", [*rows, *(_row(*one, "") for one in others)])
    known = {alliance for alliance, _ in old.paid.keys() | new.keys()} | result.contradictions.keys()
    warnings = [
        RunWarning("CORRECTION-NOT-PAID", Phrase(f"{__name__}:unpaid", {"alliance": one}), Place(one))
        for one in sorted(unpaid & known)
    ]
    return replace(
        result,
        frames={**result.frames, "deltas": deltas},
        steps=(*result.steps, *(steps if stories else ())),
        warnings=(*result.warnings, *warnings, *differing(facts.money, catalogue.items, result.period, old.stated)),
        before=old.digest,
    )


def _row(line: Line, was: int, now: int, funding: str) -> dict[str, object]:
    alliance, what, unit = line
    return {
        "alliance_code": alliance,
        "code": what.code,
        **asdict(what),
        "unit_code": unit,
        "old": was,
        "new": now,
        "delta": now - was,
        "funding": funding,
    }


def _beside(result: Result, old: OldRun) -> list[tuple[Line, int, int]]:
    """What changed beside the amounts of pools (`changed_lines`); nothing where nobody kept what it was."""
    return [] if old.lines is None else list(changed_lines(old.lines, lines_of(result.frames), old.homes))


def _paid(allocations: pd.DataFrame) -> Amounts:
    found: dict[Key, dict[str, int]] = {}
    columns = (allocations[name] for name in ("alliance_code", "pool", "unit_code", "amount"))
    for alliance, pool, unit, fen in zip(*columns, strict=True):
        found.setdefault((alliance, pool), {})[unit] = int(fen)
    return found


def _differ(was: Mapping[str, int], now: Mapping[str, int]) -> bool:
    return any(was.get(unit, 0) != now.get(unit, 0) for unit in was.keys() | now.keys())


def _redivided(key: Key, held: tuple[int, int], was: int, now: int, problems: Problems) -> None:
    """Dividing anew needs the same money: what the pool holds, and what of it was paid.

    held: fen of the pool before and now; was, now: the sums paid.
    """
    remedy = '核对后更正, 或在方案写 corrections: {funding: "reserve: 准备金名称"}'
    where, (before, after) = "/".join(key), held
    if before != after:
        said = f"资金池原为 {_yuan(before)} 元, 现为 {_yuan(after)} 元, 不能在原资金池内重新分配"
        problems.add(where, "CORRECTION-POOL", said, remedy)
    elif was != now:
        said = f"原分配合计 {_yuan(was)} 元, 现分配合计 {_yuan(now)} 元, 差额合计不为 0, 不是重新分配"
        problems.add(where, "CORRECTION-SUM", said, remedy)


def _sums(deltas: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """By alliance what is paid and what is taken back, fen, both not below 0."""
    signed = deltas.assign(paid=deltas["delta"].clip(lower=0), back=-deltas["delta"].clip(upper=0))
    sums = signed.groupby("alliance_code", sort=True)[["paid", "back"]].sum()
    return {str(one): (int(paid), int(back)) for one, paid, back in sums.itertuples(name=None)}


def _told(deltas: pd.DataFrame, rules: Corrections) -> Iterator[Step]:
    how = ("from_reserve", {"name": rules.reserve}) if rules.reserve else ("redivide", {})
    note = Phrase(f"{__name__}:{how[0]}", how[1])
    columns = (deltas[name] for name in ("alliance_code", "pool", "unit_code", "old", "new", "delta"))
    for alliance, pool, unit, was, now, fen in zip(*columns, strict=True):
        numbers: Numbers = {"new": int(now), "old": int(was)}
        fields = {"unit": unit, "pool": pool}
        place, words = Place(alliance, pool, unit=unit), f"{__name__}:delta"
        yield Step("correction", place, words, int(fen), numbers, fields, notes=(note,))


def _told_line(line: Line, was: int, now: int) -> Step:
    alliance, what, unit = line
    numbers: Numbers = {"new": now, "old": was}
    fields: dict[str, Value] = {"unit": unit, "what": what.said}
    return Step("correction", what.place(alliance, unit), f"{__name__}:line", now - was, numbers, fields)


def _yuan(fen: int) -> str:
    return format_yuan(fen, thousands=True)
