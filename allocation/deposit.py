"""质量保证金: what is held of each member's payments, and what of it is released by score.

    opening     期初保证金余额: what was held before this period (`deposit_opening`, document = pool id)
    held        payment of the period × rate, rounded half-up; of a settlement only what is still paid now (补发)
    released    where the plan settles it: (opening + held) × the share that the score earns, rounded half-up
    forfeited   the rest of it; where it goes is the plan's. Nothing is released or forfeited in other periods
    closing     opening + held − released − forfeited

It is held from payments and never taken from a surplus: the amount of an allocation stays the whole, what is paid out
now is that less what is held. Each member has it at its home, whoever pays the pool.
Source: 质量保证金不超过 5%, 年度清算时结合考核拨付 (domain/B_money B.1.3); rate, bands and destination are the plan's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from allocation.context import Amount, Context
from domain.deposit import Deposit, DepositRelease
from domain.money import half_up_fen
from domain.plan import Pool
from domain.problems import Problems
from domain.step import Named, Numbers, Phrase, Place, Step, Words

ITEM = "deposit_opening"
LINES = ("opening", "held", "released", "forfeited", "closing")
_NUMBERS = {"opening": "期初余额", "held": "本期扣存", "released": "本期释放", "forfeited": "本期扣罚"}
WORDS = {
    "opening": Words("期初保证金余额", "填报数"),
    "held": Words("本期扣存保证金", "本期支付 × 扣存比例 (四舍五入到分)", {"paid": "本期支付", "rate": "扣存比例"}),
    "released": Words(
        "本期释放保证金",
        "(期初余额 + 本期扣存) × 释放比例 (四舍五入到分)",
        {
            **_NUMBERS,
            "scorecard": "评分表",
            "score": Named("得分", "whole"),
            "share": Named("释放比例", "factor"),
        },
    ),
    "forfeited": Words("本期扣罚保证金", "期初余额 + 本期扣存 − 本期释放", _NUMBERS),
    "kept": Words("本期不清算保证金", "保证金在清算的期间按考核得分释放"),
    "closing": Words("期末保证金余额", "期初余额 + 本期扣存 − 本期释放 − 本期扣罚", _NUMBERS),
    "goes_to": "去向: {where}",
    "fund": "退回资金来源",
    "carry_forward": "结转下期",
    "alliance_reserve": "转入医联体发展储备",
}
Payments = Mapping[tuple[str, str], int]
"""What members are paid now, in fen, by unit and pool."""


def deposit_statement(
    deposit: Deposit,
    context: Context,
    pools: Sequence[Pool],
    paid: Payments,
    *,
    releasing: bool,
    elsewhere: Collection[str] = (),
) -> tuple[Step, ...]:
    """The lines of every member at home in the alliance that has a deposit, by unit and pool in the order of LINES.

    pools: those of the plan's that the deposit is held from, where the alliance has them or another one paid a member
    of it; elsewhere: ids of the latter; paid: by the pools of all alliances; releasing: whether the period settles it.
    Raises InputProblems: MONEY-MISSING (an opening of a member that shares in the pool), SCORE-MISSING (of one that has
    something to release).
    """
    problems = Problems()
    rows = context.members[~context.members["unit_code"].isin(context.away)].reset_index(drop=True)
    here = replace(context, members=rows)
    found: list[Step] = []
    for pool in pools:
        sharing = {*here.for_pool(pool).sharing["unit_code"]}
        if pool.id in elsewhere:
            sharing = {unit for unit in sharing if (unit, pool.id) in paid}
        for unit in rows["unit_code"]:
            row = here.need(problems, unit, ITEM, pool.id) if unit in sharing else here.find(unit, ITEM, pool.id)
            opening, fen = row or Amount(0), paid.get((unit, pool.id), 0)
            if not (opening.fen or fen):
                continue
            one = _Deposit(deposit, here, pool, unit, opening, fen)
            found += one.lines(_score(here, deposit.release, unit, problems) if releasing else None)
    problems.raise_if_any()
    return tuple(sorted(found, key=lambda step: (step.place.unit, step.place.pool)))


def _score(context: Context, release: DepositRelease, unit: str, problems: Problems) -> Fraction:
    return context.need_score(problems, release.scorecard, unit if release.whose == "member" else context.alliance_code)


@dataclass(frozen=True)
class _Deposit:
    """The deposit of one member from one pool: what was held before, and what it is paid now, in fen."""

    rules: Deposit
    context: Context
    pool: Pool
    unit: str
    opening: Amount
    paid: int

    def lines(self, score: Fraction | None) -> list[Step]:
        """Its lines; score: what it is released by (None: it is not)."""
        opening, held = self.opening.fen, half_up_fen(self.paid * self.rules.rate)
        before: Numbers = {"opening": opening, "held": held}
        released = self._kept("released") if score is None else self._released(before, score)
        numbers: Numbers = {**before, "released": released.fen}
        forfeited = self._kept("forfeited")
        if score is not None:
            where = Phrase(f"{__name__}:goes_to", {"where": Phrase(f"{__name__}:{self.rules.forfeited_to}")})
            rest = opening + held - released.fen
            forfeited = self._line("forfeited", rest, numbers, notes=(where,) if rest else ())
        closing = opening + held - released.fen - forfeited.fen
        return [
            self._line("opening", opening, {}, cells=self.opening.cells),
            self._line("held", held, {"paid": self.paid, "rate": self.rules.rate}),
            released,
            forfeited,
            self._line("closing", closing, {**numbers, "forfeited": forfeited.fen}),
        ]

    def _released(self, before: Numbers, score: Fraction) -> Step:
        release = self.rules.release
        share, whole = release.share(score), self.opening.fen + half_up_fen(self.paid * self.rules.rate)
        numbers: Numbers = {**before, "scorecard": release.scorecard, "score": score, "share": share}
        return self._line("released", half_up_fen(whole * share), numbers)

    def _kept(self, line: str) -> Step:
        return self._line(line, 0, {}, words="kept")

    def _line(
        self,
        line: str,
        fen: int,
        numbers: Numbers,
        *,
        words: str = "",
        cells: tuple[str, ...] = (),
        notes: tuple[Phrase, ...] = (),
    ) -> Step:
        place = Place(self.context.alliance_code, self.pool.id, unit=self.unit, line=line)
        said, cites = f"{__name__}:{words or line}", self.rules.clauses
        return Step("deposit", place, said, fen, numbers, {}, "deposit", cites, cells, notes)
