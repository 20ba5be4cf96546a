"""What the pools of all alliances gave, as data: rows of the frames, steps, warnings, problems with their answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pandas as pd

from allocation import permits
from domain.step import RunWarning, Step
from engine.run import pool_warnings
from engine.run.alliance import AllianceRun, PoolRun
from engine.run.memo import Memo
from engine.run.quota_lines import PERMITS, quota_rows
from engine.run.result import Allocation, Formation, frame
from engine.run.telling import left_over, phrase

Row = dict[str, Any]
FRAMES = ("pools", "permits", "allocations", "overspend", "settlements", "deposits")


@dataclass(frozen=True)
class Distribution:
    """What one alliance's pools gave (run), the statement of its two permits (None: there is none), its deposits.

    held_up: warnings of members whose statement waits for the alliance, or who had more of R than there is.
    """

    run: AllianceRun
    statement: permits.Statement | None = None
    deposits: tuple[Step, ...] = ()
    held_up: tuple[RunWarning, ...] = field(default=())

    @property
    def alliance(self) -> str:
        """The alliance's code."""
        return self.run.context.alliance_code

    @property
    def paid(self) -> tuple[object, ...]:
        """All that rows of frames are made of."""
        pools = tuple((one.here.pool, one.here.members, one.formed, *one.shares, one.settled) for one in self.run.pools)
        return pools, self.run.overspend, self.statement, self.deposits

    @property
    def steps(self) -> Iterator[Step]:
        """How every number came about; of a contradiction only how the pools were formed, for nothing is paid."""
        for one in self.run.pools:
            yield from one.formed.steps
            if self.run.contradiction is None:
                yield from one.story
                yield from one.settled
        yield from self.run.overspend.steps if self.run.overspend else ()
        yield from self.statement.steps if self.statement else ()
        yield from self.deposits

    @property
    def warnings(self) -> Iterator[RunWarning]:
        """What is worth a warning, in the order of the pools."""
        if self.run.contradiction is not None:
            yield pool_warnings.contradictory(self.run.contradiction)
        else:
            for one in self.run.pools:
                if one.formed.beyond:
                    yield pool_warnings.beyond(one.here, one.formed.beyond)
                yield from pool_warnings.of_split(one.split) if one.split else ()
        if self.run.overspend is not None and not self.run.overspend.decided:
            yield pool_warnings.undecided(self.run.context.alliance_code)
        yield from self.held_up

    @property
    def allocations(self) -> list[Allocation]:
        """Every problem put to the optimizer with its answer; of a contradiction only that."""
        if self.run.contradiction is not None:
            return [self.run.contradiction.allocation]
        return [one.split.allocation for one in self.run.pools if one.split]

    @property
    def formations(self) -> Iterator[Formation]:
        """How every pool was formed."""
        contradiction = self.run.contradiction is not None
        for one in self.run.pools:
            left = phrase("contradiction") if contradiction else left_over(one.split) if one.split else None
            notes = (note for note in (one.formed.reason, left) if note is not None)
            yield Formation(one.here.alliance_code, one.here.pool.id, one.formed.steps, tuple(notes))


def money_frames(found: Sequence[Distribution], memo: Memo) -> dict[str, pd.DataFrame]:
    """The frames (`engine.run.result.FRAMES`) that pools give."""
    rows = [memo.of(("rows", one.alliance), one.paid, partial(_rows, one)) for one in found]

    def made(name: str) -> pd.DataFrame:
        return frame(name, [row for each in rows for row in each[name]])

    parts = {name: tuple(each[name] for each in rows) for name in FRAMES}
    frames = {name: memo.of(("frame", name), parts[name], partial(made, name)) for name in FRAMES}
    ledger = _quota(found)
    return frames | {"quota": memo.of(("frame", "quota"), (ledger,), lambda: frame("quota", ledger))}


def _quota(found: Sequence[Distribution]) -> list[Row]:
    """The quota ledger of every alliance."""
    uses: defaultdict[str, dict[str, int]] = defaultdict(dict)
    own: dict[str, int] = {}
    for one in found:
        own[one.alliance] = 0
        for pool, paid in _inside_total(one):
            own[one.alliance] += sum(paid.values())
            for unit, fen in paid.items():
                uses[unit][pool] = uses[unit].get(pool, 0) + fen
    return [
        row
        for one in found
        if one.run.book is not None
        for row in quota_rows(one.alliance, one.run.book, uses, own[one.alliance])
    ]


def _inside_total(one: Distribution) -> Iterator[tuple[str, Mapping[str, int]]]:
    """What an alliance's pools, then its statement, pay to members with a quota, fen by unit."""
    book = one.run.book
    known = {} if book is None else book.lines
    for pool in () if one.run.contradiction else one.run.pools:
        if (pool.split is not None or pool.settled) and pool.here.pool.inside_total:
            paid = dict(pool.split.answer.paid) if pool.split else {}
            for step in pool.settled if pool.formed.settles else ():
                if step.place.line == "prepaid":  # among what was paid before
                    paid[step.place.unit] = paid.get(step.place.unit, 0) + step.fen
            yield pool.here.pool.id, {unit: fen for unit, fen in paid.items() if unit in known}
    if one.statement is not None:
        yield PERMITS, {unit: fen for unit, fen in one.statement.reward.items() if unit in known}


def _rows(one: Distribution) -> dict[str, list[Row]]:
    run = one.run
    paid = () if run.contradiction else run.pools
    return {
        "pools": [_pool_row(pool, contradictory=run.contradiction is not None) for pool in run.pools],
        "allocations": [row for pool in paid for row in _allocation_rows(pool)],
        "settlements": [_settled_row(step) for pool in paid for step in pool.settled],
        "deposits": _deposit_rows(one.deposits),
        "overspend": [_overspend_row(run, step) for step in run.overspend.steps] if run.overspend else [],
        "permits": [_permits_row(run, step) for step in one.statement.steps] if one.statement else [],
    }


def _pool_row(pool: PoolRun, *, contradictory: bool) -> Row:
    """A pool; where rules contradict each other it is shown whole, as not distributed."""
    formed, split = pool.formed, None if contradictory else pool.split
    distributed = split.answer.distributed if split else 0
    return {
        "alliance_code": pool.here.alliance_code,
        "pool": pool.here.pool.id,
        "amount": formed.amount,
        "distributed": distributed,
        "undistributed": formed.amount - distributed,
    }


def _allocation_rows(pool: PoolRun) -> list[Row]:
    if pool.split is None:
        return []
    here, split = pool.here, pool.split
    tiers = dict(zip(here.members["unit_code"], here.members["tier"], strict=True))
    return [
        {
            "alliance_code": here.alliance_code,
            "pool": here.pool.id,
            "unit_code": entry.code,
            "tier": tiers[entry.code],
            "merit": split.merits.values[entry.code],
            "amount": entry.fen,
            "held_by": entry.held_by,
        }
        for entry in split.answer.amounts
    ]


def _settled_row(step: Step) -> Row:
    place = step.place
    return {
        "alliance_code": place.alliance,
        "pool": place.pool,
        "unit_code": place.unit,
        "line": place.line,
        "of": place.of,
        "amount": step.fen,
    }


def _deposit_rows(steps: tuple[Step, ...]) -> list[Row]:
    """A row per member and pool: the lines of its deposit beside each other."""
    rows: dict[tuple[str, str, str], Row] = {}
    for step in steps:
        place = step.place
        key = {"alliance_code": place.alliance, "unit_code": place.unit, "pool": place.pool}
        rows.setdefault((place.alliance, place.unit, place.pool), key)[place.line] = step.fen
    return list(rows.values())


def _overspend_row(run: AllianceRun, step: Step) -> Row:
    return _permits_row(run, step) | {"decision": run.overspend.decision if run.overspend else ""}


def _permits_row(run: AllianceRun, step: Step) -> Row:
    return {
        "alliance_code": run.context.alliance_code,
        "unit_code": step.place.unit,
        "line": step.place.line,
        "amount": step.fen,
    }
