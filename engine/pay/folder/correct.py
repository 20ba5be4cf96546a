"""`pay run --before`: a payment put right. The old folder stays as it is; the new one has the signed differences.

inputs/before/     the old folder whole
inputs/people/     the tables of the correction: cases, reserves, next payments, what the payer knows by now
inputs/run/        of a unit's case, where its amounts come from a run
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd

from domain.pay import Counted, Pay
from domain.period import Period
from domain.problems import InputProblems, Problem, Problems
from domain.step import NOWHERE, Phrase, RunWarning
from engine.folder.intact import intact
from engine.folder.output import INPUTS, PAYMENT, read_manifest
from engine.folder.saved_inputs import saved_plan
from engine.folder.staging import staged
from engine.pay.balances import balances
from engine.pay.corrections.cases import Case, New, State, applied, cases_of, unnamed
from engine.pay.corrections.deltas import of_case
from engine.pay.corrections.recovery import recovery_of
from engine.pay.corrections.reserves import reserves_after
from engine.pay.folder.compute import TAX, Asked, Given, amounts_in, given_in
from engine.pay.folder.done import Done, done
from engine.pay.folder.earlier import same_key
from engine.pay.folder.from_run import RUN, keep_run, run_digest, taken_from_run
from engine.pay.folder.gather import BEFORE, PEOPLE, first_inputs, keep_before, keep_people, people_in
from engine.pay.folder.key import pay_key
from engine.pay.folder.output import Origin, write_payment
from engine.pay.folder.saved import saved
from engine.pay.people import COLUMNS, People
from engine.pay.quota import RunLedger, quota_after, within_alliances
from engine.pay.read.again import judged
from engine.pay.read.kept import from_tables
from engine.pay.read.measures import Measures
from engine.pay.read.people import read_people
from engine.pay.reconciliation import reconcile
from engine.pay.result import Payment, Split, frame
from engine.pay.scheme import counted, scheme_of
from engine.pay.slips import slips
from engine.pay.split.split import split
from engine.pay.tax.tables import tax_tables
from engine.policy.configs import Configs
from engine.policy.files import find_plan

WORDS = {"earlier_year": "原发放在 {old}, 更正在 {new}: 收回的是上一纳税年度的收入, 不冲减本年个税"}


def pay_correct(
    configs: Configs, plan: str | Path, people: Path, asked: Asked, out: Path, *, before: Path, run: Path | None
) -> Done:
    """Put the pay folder `before` right by the cases in `people`, and write the pay folder `out`.

    plan: must be the old folder's own; run: whose amounts a unit's case takes. Raises InputProblems and Refused.
    """
    key, manifest = pay_key(), intact(before, PAYMENT)
    same_key(manifest, key, before)
    _same(manifest, asked, before)
    with staged(out) as folder:
        inputs = folder / INPUTS
        inputs.mkdir()
        keep_before(before, inputs)
        own, loaded = saved_plan(first_inputs(inputs), asked.period)
        _same_plan(configs, plan, loaded.plan.id)
        pay = scheme_of(loaded.plan)
        read = read_people(people, pay, asked.period, asked.month, catalogue=own.catalogue, correcting=True)
        keep_people(read.people, key, inputs)
        shutil.copytree(first_inputs(inputs) / TAX, inputs / TAX)
        if run is not None:
            keep_run(run, inputs)
        payment = corrected(inputs, asked)
        origin = Origin(key.fingerprint, run=run_digest(inputs), before=str(manifest["digest"]))
        write_payment(payment, origin, folder)
    return done(payment, read, correcting=True)


def _same(manifest: dict[str, Any], asked: Asked, before: Path) -> None:
    if manifest["period"] != str(asked.period):
        said = f"原结果是 {manifest['period']} 的, 更正的是 {asked.period}"
        raise InputProblems([Problem("--before", "PERIOD", said, "写原结果的期间")])
    if manifest.get("completes") or manifest.get("teams"):
        said = f"{before} 是补付或分科室的结果, 不能更正"
        raise InputProblems([Problem("--before", "PAY-BEFORE", said, "更正原来的发放结果")])


def _same_plan(configs: Configs, plan: str | Path, old: str) -> None:
    named = configs.document(find_plan(configs, plan)).data.get("id")
    if named != old:
        raise InputProblems([Problem("方案", "PAY-BEFORE", f"原结果用的是方案 {old}, 不是 {named}", "写同一个方案")])


@dataclass(frozen=True)
class Replayed:
    """Where the cases of a correction lead: what each pays or takes back, and how things stand after the last one."""

    state: State
    split: Split
    parts: tuple[tuple[Case, Split], ...] = ()


@dataclass(frozen=True)
class _Scheme:
    given: Given  # of the payment that was made first
    counts: Mapping[str, Counted]
    asked: Asked

    @property
    def pay(self) -> Pay:
        return self.given.pay

    def divided(self, state: State) -> Split:
        return split(self.pay, state.people, state.amounts, self.asked.period, self.counts)

    def divided_of(self, state: State, units: Collection[str]) -> Split:
        """What these institutions have: nothing of it goes by what others have."""
        posts, amounts = state.people["posts"], state.amounts
        mine = People({**state.people.tables, "posts": posts[posts["unit_code"].isin(list(units))]})
        return self.divided(State(mine, amounts[amounts["unit_code"].isin(list(units))]))


def stands(folder: Path) -> tuple[People, pd.DataFrame]:
    """The tables of people and the lines that a payment left standing: of a correction, after its last case."""
    inputs, manifest = folder / INPUTS, read_manifest(folder, PAYMENT)
    if "before" not in manifest:
        return from_tables(inputs / PEOPLE), saved(folder, "lines")
    done = _stand(inputs, _scheme(inputs, Asked(Period.parse(str(manifest["period"])), str(manifest["month"]))))
    return done.state.people, done.split.lines


def _scheme(inputs: Path, asked: Asked) -> _Scheme:
    """How the payment that was made first was reckoned."""
    first = first_inputs(inputs)
    asked = replace(asked, units=tuple(read_manifest(first.parent, PAYMENT).get("units", ())))
    given = given_in(first, asked)
    return _Scheme(given, counted(given.plan, given.pay), asked)


def corrected(inputs: Path, asked: Asked) -> Payment:
    """The signed differences that the inputs of a correction make. Raises InputProblems, Refused."""
    old, scheme = inputs / BEFORE, _scheme(inputs, asked)
    given = scheme.given
    brought = from_tables(inputs / PEOPLE)
    done = _replayed(inputs, _stand(old / INPUTS, scheme), scheme)
    units, teams, lines = (_joined(name, done) for name in ("units", "teams", "lines"))
    people = People(
        {
            **brought.tables,
            "posts": done.state.people["posts"],
            "people": people_in(inputs)["people"],
            "deferred": _balances_of(old),
        }
    )
    if (ledger := _ledger(inputs, scheme)) is not None:
        within_alliances(ledger, replace(done.split, lines=_since_the_first(old, lines)))
    slipped = slips(scheme.pay, people, lines, asked.month, tax_tables(inputs / TAX))
    drawn = [(case, int(sum(part.units["amount"]))) for case, part in done.parts]
    share = scheme.pay.corrections.claw_back_max if scheme.pay.corrections else Fraction(0)
    tables = {
        "units": units,
        "teams": teams,
        "lines": lines,
        "payslips": slipped.payslips,
        "tax": slipped.tax,
        "quota": quota_after(
            saved(old, "quota"), Split(units, teams, lines), given.people["money"], given.run_quota, asked.period
        ),
        "current_account": slipped.current_account,
        "deferred": balances(scheme.pay, people, lines, asked.period),
        "recovery": recovery_of(lines, people, share, asked.month),
        "reserves": reserves_after(brought["reserves"], drawn),
        "batches": slipped.batches,
    }
    tables["reconciliation"] = reconcile(tables, people["posts"])
    stories = tuple(step for _, one in done.parts for step in one.steps)
    warnings = (*slipped.warnings, *_of_earlier_year(old, asked, lines))
    return Payment(
        given.plan.id, str(asked.period), asked.month, tables, (*stories, *slipped.steps), warnings, done.split.unmet
    )


def _stand(inputs: Path, scheme: _Scheme) -> Replayed:
    """How things stood when a folder was written: of a correction, after its last case."""
    if (inputs / BEFORE).is_dir():
        return _replayed(inputs, _stand(inputs / BEFORE / INPUTS, scheme), scheme)
    state = State(scheme.given.people, scheme.given.amounts)
    return Replayed(state, scheme.divided(state))


def _replayed(inputs: Path, before: Replayed, scheme: _Scheme) -> Replayed:
    """The cases of one correction, each on what the one before it left."""
    brought, period = from_tables(inputs / PEOPLE), str(scheme.asked.period)
    problems = Problems()
    cases = cases_of(brought, scheme.pay, period, problems)
    if not cases:
        problems.add("更正表", "PAY-CASE-NONE", "没有本期的更正案", "在 更正表 填写更正案")
    problems.extend(unnamed(before.state.people, brought, cases))
    amounts = _new_amounts(inputs, brought, cases, before, scheme, problems)
    problems.raise_if_any()
    new = New(period, brought, amounts, Measures(scheme.pay))
    state = before.state
    for case in cases:
        state = applied(case, state, new, problems)
        problems.raise_if_any()
    asked = scheme.asked
    problems.extend(judged(scheme.pay, state.people, state.amounts, asked.period, asked.month))
    problems.raise_if_any()
    state, made, parts = before.state, before.split, []
    for case in cases:
        after = applied(case, state, new, problems)
        units = _concerned(case, state, after)
        now = scheme.divided_of(after, units).keeping(made, units)
        if stuck := _stuck(case, state, after, now):
            made = replace(made, unmet={**made.unmet, **stuck})
            continue
        parts.append((case, of_case(case, made.only(units), now.only(units))))
        state, made = after, now
    return Replayed(state, made, tuple(parts))


def _stuck(case: Case, before: State, after: State, now: Split) -> Mapping[str, tuple[Problem, ...]]:
    """What stands against an institution's part of the same money: then no other gets or gives its part either."""
    if case.level == "person" or case.reserve:
        return {}
    was, new = _sums(before.amounts), _sums(after.amounts)
    moved = {unit for unit, pool in was.keys() | new.keys() if was.get((unit, pool), 0) != new.get((unit, pool), 0)}
    told = tuple(one for unit in sorted(moved & now.unmet.keys()) for one in now.unmet[unit])
    return dict.fromkeys(sorted(moved), told) if told else {}


def _concerned(case: Case, before: State, after: State) -> frozenset[str]:
    """The institutions of which a case may change anything: every one where it is about amounts."""
    if case.level == "unit":
        return frozenset(unit for state in (before, after) for unit in state.amounts["unit_code"])
    tables = (state.people["posts"] for state in (before, after))
    return frozenset(
        {case.unit, *(unit for one in tables for unit in one.loc[one["post_no"] == case.post, "unit_code"])}
    )


def _new_amounts(
    inputs: Path, brought: People, cases: tuple[Case, ...], before: Replayed, scheme: _Scheme, problems: Problems
) -> pd.DataFrame:
    """The amounts that units' cases take, from a run or the table; others must be as they were."""
    new, _ = amounts_in(inputs, brought, scheme.given.plan, scheme.pay, scheme.asked, problems)
    if scheme.asked.units:
        new = new[new["unit_code"].isin(list(scheme.asked.units))]
    pools = {case.pool: case for case in cases if case.level == "unit"}
    was = _sums(before.state.amounts)
    for unit, pool, fen, at in new[["unit_code", "pool", "amount", "source"]].itertuples(index=False, name=None):
        if pool not in pools and was.get((unit, pool), 0) != fen:
            said = f"{unit} 的 {pool} 与原结果不同, 没有机构更正案写明"
            problems.add(at, "PAY-CASE-NONE", said, "在 更正表 写一个机构更正案")
    for pool, case in pools.items():
        now = _sums(new[new["pool"] == pool])
        if not now:
            problems.add(case.at, "PAY-CASE-NONE", f"没有资金池 {pool} 的新金额", "写 --run 新结果, 或填 机构发放额")
        elif not case.reserve and sum(now.values()) != sum(fen for key, fen in was.items() if key[1] == pool):
            said = f"{pool} 各机构的新金额合计与原来不等, 重新分配只能分同一笔钱"
            problems.add(case.at, "PAY-CASE-SUM", said, '差额另有来源的写 "reserve: 名称"')
    return new


def _ledger(inputs: Path, scheme: _Scheme) -> RunLedger | None:
    """The quota of the run whose amounts are paid by now: the correction's own, else that of what it corrects."""
    while not (inputs / RUN).is_dir() and (inputs / BEFORE).is_dir():
        inputs = inputs / BEFORE / INPUTS
    plan = scheme.given.plan
    if not (inputs / RUN).is_dir():
        return None
    return taken_from_run(inputs, scheme.pay, plan.id, plan.region, scheme.asked.period).quota


def _since_the_first(old: Path, lines: pd.DataFrame) -> pd.DataFrame:
    """The lines of the first payment and of all that corrected it: what a reserve pays beside the division too."""
    found = [saved(old, "lines"), lines]
    while (old := old / INPUTS / BEFORE).is_dir():
        found.append(saved(old, "lines"))
    return pd.concat(found, ignore_index=True).astype(object)


def _sums(amounts: pd.DataFrame) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for unit, pool, fen in amounts[["unit_code", "pool", "amount"]].itertuples(index=False, name=None):
        found[unit, pool] = found.get((unit, pool), 0) + int(fen)
    return found


def _joined(name: str, done: Replayed) -> pd.DataFrame:
    several: list[pd.DataFrame] = [getattr(part, name) for _, part in done.parts]
    whole = pd.concat([frame(name, []), *several], ignore_index=True)
    return whole.astype(object)


def _balances_of(old: Path) -> pd.DataFrame:
    """The deferred balances that the old folder closed with, as the table `deferred` of people."""
    closed = saved(old, "deferred")
    made: pd.DataFrame = closed.assign(balance=closed["closing"], source="deferred.csv")
    return made.reindex(columns=[*COLUMNS["deferred"], "source"])


def _of_earlier_year(old: Path, asked: Asked, lines: pd.DataFrame) -> tuple[RunWarning, ...]:
    month = str(read_manifest(old, PAYMENT)["month"])
    if month[:4] == asked.month[:4] or not any(fen < 0 for fen in lines["amount"]):
        return ()
    said = Phrase(f"{__name__}:earlier_year", {"old": month, "new": asked.month})
    return (RunWarning("TAX-EARLIER-YEAR", said, NOWHERE),)
