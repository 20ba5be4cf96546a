"""How a pool's money is formed: one file per use, found by looking into the folder.

A file holds a docstring, `TITLE`, a `Params` model with its `KEYS` (`domain.key`), `form(context, params) -> Formed`
and the `WORDS` of its steps (`domain.step`); its name is the `use` a plan writes. Amounts are whole fen: ceilings (a
prepayment, what an approval leaves) are rounded down, every other named amount half-up at the step where it is born;
what lies between two named amounts is exact.

Metrics that a file reads whatever its params say are its `METRICS`; `PERSONAL = True` says that each amount is the
pay of one person. A pool that pays certain people of a member, not the member or its staff as a whole, says how many
they are: `payees(params, purpose, months) -> Payees | None`. One that hangs on a score says on which:
`scored(params) -> Scored | None`. Params that are `Settling` may name the pools that prepaid a settlement; where they
must, `unsettled(params) -> bool` tells those that do not; what was prepaid is a money item, `PREPAID` of its file if
not `PREPAID` of here. `WITHHOLDS = True` says that what the result of an appraisal costs may be a pool of its own
(`Formed.withheld`, `from_withheld`). One that is reckoned of the year so far, so that what was prepaid to date comes
off, says so: `to_date(params) -> bool`. One that spreads a year's amount says how:
`spread(params) -> Spread | None`. A pool that is not shared but owes each member its own
amount, so that what one cannot be paid no other gets, has `owed(context, params) -> {unit: Owed}` for every member
that shares, each with its story in the words `owed`, and `SHOWN`, the numbers of it that the allocation sheet shows.
Such a pool has the merit formula `due` and no other; no other pool has that one. Of rules it takes hard caps only
(`engine.policy.plan_checks`), for any other would pay one member what is due to another.

    formed = form(context)            # the pool's own use and params
    formed.amount, formed.reason      # fen ≥ 0; why there is nothing to share, None if there is something
    owed(context)["T01"].fen          # of a pool that owes its members
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from allocation.context import Amount, PoolContext
from domain.facts import Strict
from domain.key import Key, Keys
from domain.modules import modules
from domain.money import floor_fen
from domain.plan import Pool, Scope
from domain.problems import InputProblems, Problem, Problems
from domain.step import Name, Numbers, Phrase, Step, Value, Words
from domain.values import Share

MERIT = "due"  # the merit formula of every pool that owes, and of no other
PREPAID = "prepaid"  # the money item of what was prepaid to date; its document is the prepaying pool's id
WORDS = {
    "prepayment": Words(
        "本期预付", "应分配额 × 预付比例 (向下取整到分)", {"to_share": "应分配额", "ratio": "预付比例"}
    ),
    "due_to_date": Words(
        "截至本期应预付", "应分配额 × 预付比例 (向下取整到分)", {"to_share": "应分配额", "ratio": "预付比例"}
    ),
    "prepayment_to_date": Words(
        "本期预付", "截至本期应预付 − 本年已预付, 不小于 0", {"due_to_date": "截至本期应预付", "prepaid": "本年已预付"}
    ),
    "beyond": "本年已预付的比截至本期应预付的多 {fen} 元, 本期不预付, 年度清算时抵扣",
    "prepaid_nothing": "预付额为 0",
    "shares": "{shares:join , }",
}
KEYS: Keys = {
    "Settling.prepaid_pools": Key(
        "预付的资金池", "清算 (settled) 时扣减哪几个资金池已预付的; 没有的写 []", ["surplus-prepay"]
    ),
    "Settling.claw_back": Key("扣回的资金池", "成员清算后还欠的, 从本池应得里扣", ["surplus-settled"]),
    "Spread": Key("各期比例", "一年的钱分到各期"),
    "Spread.shares": Key("比例", "按期先后, 合计不超过 1", ["0.25", "0.25", "0.25", "0.25"]),
}


@dataclass(frozen=True)
class Formed:
    """A pool: what it holds (fen ≥ 0), its steps in order, and why it is 0 (None: it is not).

    settles: the pools whose prepayments are set off against what each member is due (`allocation.settlement`).
    beyond: fen prepaid to date beyond what the year so far gives; withheld: fen that the result of an appraisal cost.
    """

    amount: int
    steps: tuple[Step, ...]
    reason: Phrase | None = None
    settles: tuple[str, ...] = ()
    beyond: int = 0
    withheld: int = 0


@dataclass(frozen=True)
class Owed:
    """What a pool owes one member, in fen: how it came about, and the decisions that went into it (deductions)."""

    fen: int
    story: Step
    before: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Shown:
    """A number of every member's story that the allocation sheet shows; summed: whether its total means anything."""

    name: str
    kind: Literal["money", "number", "factor"]
    summed: bool = False


@dataclass(frozen=True)
class Payees:
    """Certain people of a member whom a pool pays, and how to tell how many share an amount at least.

    title: what they get, for print; heads: so many of each member; most: fen that one of them is due in the period at
    most; metric: the fact that counts them. None of the three: nobody knows how many they are.
    """

    title: str
    heads: int | None = None
    most: int | None = None
    metric: str = ""


@dataclass(frozen=True)
class Scored:
    """The score that money hangs on: of which scorecard, and whose: the member's, its alliance's, its district's."""

    scorecard: str
    whose: Scope


@dataclass(frozen=True)
class Former:
    """One way to form a pool: its code, Chinese name, parameters and functions; personal to withholds: see above."""

    use: str
    title: str
    params: type[Strict]
    form: Callable[[PoolContext, Any], Formed]
    personal: bool
    payees: Callable[[Any, str, int], Payees | None]
    owed: Callable[[PoolContext, Any], Mapping[str, Owed]] | None
    shown: tuple[Shown, ...]
    scored: Callable[[Any], Scored | None]
    unsettled: Callable[[Any], bool]
    to_date: Callable[[Any], bool]
    spread: Callable[[Any], Spread | None]
    prepaid: str
    withholds: bool

    @property
    def own(self) -> bool:
        """Whether each amount is due to its member alone."""
        return self.owed is not None


class Settling(Strict):
    """Params of a pool that may be a settlement.

    prepaid_pools: the pools whose prepayments it is set off against, where its basis is `settled` (empty: there were
    none). claw_back: the pools whose settlements members may still owe of, which comes off what they are paid here.
    """

    prepaid_pools: list[str] | None = None
    claw_back: list[str] = Field(default_factory=list)


class Spread(Strict):
    """How a year's amount spreads over the periods of one kind: their shares in order, at most 1 together.

    What a period gets is the cumulative amount to its end less the cumulative amount before it, each rounded as the
    whole is: the periods always add up to the year.
    """

    shares: list[Share] = Field(min_length=1)

    @model_validator(mode="after")
    def _in_range(self) -> Self:
        if sum(self.shares, Fraction(0)) > 1:
            raise ValueError("各期比例合计不得超过 1")
        return self

    @property
    def said(self) -> Phrase:
        """The shares, as a number put into a step."""
        return Phrase(f"{__name__}:shares", {"shares": tuple(self.shares)})

    def until(self, context: PoolContext) -> Fraction:
        """The share of the year up to the end of the context's period."""
        return sum(self.shares[: context.period.number], Fraction(0))

    def part(self, context: PoolContext, year: Fraction, rounding: Callable[[Fraction], int]) -> int:
        """Fen of the context's period. Raises InputProblems (PERIOD-SHARES) if the shares are not those of its kind."""
        period = context.period
        if len(self.shares) != 12 // period.months:
            found = f"共 {len(self.shares)} 个比例, 与期间 {period} 不符"
            remedy = f"写全年 {12 // period.months} 期的比例"
            raise InputProblems([Problem(context.pool.at or context.pool.id, "PERIOD-SHARES", found, remedy)])
        until = self.until(context)
        return rounding(year * until) - rounding(year * (until - self.shares[period.number - 1]))


def _all_staff(_params: Strict, _purpose: str, _months: int) -> Payees | None:
    """A pool that says nothing of certain people pays the member, or its staff as a whole."""
    return None


def _no_score(_params: Strict) -> Scored | None:
    """A pool that says nothing of a score hangs on none."""
    return None


def _settled(_params: Strict) -> bool:
    """A pool that is set off against nothing lacks nothing to be settled."""
    return False


def _of_period(_params: Strict) -> bool:
    """A pool that says nothing of the year so far is reckoned of its period."""
    return False


def _no_spread(_params: Strict) -> Spread | None:
    """A pool that says nothing of it is its period's own."""
    return None


@cache
def pools() -> dict[str, Former]:
    """Every way to form a pool, by its `use` (the file's name)."""
    return {
        use: Former(
            use,
            code.TITLE,
            code.Params,
            code.form,
            getattr(code, "PERSONAL", False),
            getattr(code, "payees", _all_staff),
            getattr(code, "owed", None),
            getattr(code, "SHOWN", ()),
            getattr(code, "scored", _no_score),
            getattr(code, "unsettled", _settled),
            getattr(code, "to_date", _of_period),
            getattr(code, "spread", _no_spread),
            getattr(code, "PREPAID", PREPAID),
            getattr(code, "WITHHOLDS", False),
        )
        for use, code in modules(__name__).items()
    }


def settles(pool: Pool) -> tuple[str, ...]:
    """The pools whose prepayments a settlement is set off against."""
    named = pool.given.prepaid_pools if pool.basis == "settled" and isinstance(pool.given, Settling) else None
    return tuple(named or ())


def claws_back(pool: Pool) -> tuple[str, ...]:
    """The pools whose settlements members may still owe of, which comes off what this one pays them."""
    return tuple(pool.given.claw_back) if isinstance(pool.given, Settling) else ()


def score_of(pool: Pool) -> Scored | None:
    """The score that a pool's own amounts hang on; None if on none."""
    return pools()[pool.use].scored(pool.given)


def misfit(use: str, merit: str) -> tuple[str, str] | None:
    """Why a pool of this use does not go with this merit formula, and the remedy; None if it does."""
    former = pools()[use]
    if former.own and merit != MERIT:
        return f"{former.title}按各单位的应得数支付, 不能按 {merit} 分配", f"merit 写 use: {MERIT}"
    if merit == MERIT and not former.own:
        return f"{former.title} ({use}) 没有各单位的应得数, 不能用 merit: {MERIT}", "换一个绩效占比公式"
    return None


def _mismatched(pool: Pool) -> list[Problem]:
    wrong = misfit(pool.use, pool.merit.use)
    return [Problem(pool.merit.at or pool.id, "POOL-MERIT", *wrong)] if wrong else []


def owed(context: PoolContext) -> Mapping[str, Owed]:
    """What the pool of `context` owes each member that shares in it, by unit code.

    Raises InputProblems: POOL-MERIT (a pool that owes nobody) and as the pool's own file.
    """
    former = pools()[context.pool.use]
    if former.owed is None:
        raise InputProblems(_mismatched(context.pool))
    return former.owed(context, context.pool.given)


def form(context: PoolContext) -> Formed:
    """Form the pool of `context` as its plan entry says; of an estimate at most the prepay ratio, rounded down.

    Of one that is reckoned of the year so far, less what was prepaid to date, at least 0. Raises InputProblems for
    every missing row at once, for a merit formula that the pool does not go with (POOL-MERIT) and for an estimate
    without a ratio (PREPAY-RATIO).
    """
    pool = context.pool
    former, problems = pools()[pool.use], Problems()
    problems.extend(_mismatched(pool))
    paid = None
    if former.to_date(pool.given):
        paid = context.need(problems, context.alliance_code, former.prepaid, pool.id)
    try:
        formed = former.form(context, pool.given)
    except InputProblems as error:
        raise InputProblems([*problems.found, *error.problems]) from error
    problems.raise_if_any()
    if pool.basis == "settled":
        return replace(formed, settles=settles(pool))
    if pool.prepay_ratio is None:
        said = "按预估 (estimate) 组池没有写预付比例"
        raise InputProblems([Problem(pool.at or pool.id, "PREPAY-RATIO", said, "写 prepay_ratio")])
    if paid is not None:
        return _to_date(context, formed, pool.prepay_ratio, paid)
    if not formed.amount:
        return formed
    step = _prepayment(context, "prepayment", formed.amount, pool.prepay_ratio)
    return _prepaid(formed, step)


def _prepayment(context: PoolContext, code: str, fen: int, ratio: Fraction) -> Step:
    return forming_step(context, __name__, code, floor_fen(fen * ratio), {"to_share": fen, "ratio": ratio})


def _prepaid(formed: Formed, *steps: Step, beyond: int = 0) -> Formed:
    amount = steps[-1].fen
    reason = None if amount else formed.reason or Phrase(f"{__name__}:prepaid_nothing")
    return replace(formed, amount=amount, steps=(*formed.steps, *steps), reason=reason, beyond=beyond, withheld=0)


def _to_date(context: PoolContext, formed: Formed, ratio: Fraction, paid: Amount) -> Formed:
    """What is prepaid now of a pool of the year so far. paid: to date."""
    due = _prepayment(context, "due_to_date", formed.amount, ratio)
    net = due.fen - paid.fen
    beyond = max(0, -net)
    notes = (Phrase(f"{__name__}:beyond", {"fen": beyond}),) if beyond else ()
    numbers: Numbers = {"due_to_date": due.fen, "prepaid": paid.fen}
    line, cells = "prepayment", paid.cells
    now = forming_step(
        context, __name__, "prepayment_to_date", max(0, net), numbers, line=line, cells=cells, notes=notes
    )
    return _prepaid(formed, due, now, beyond=beyond)


def forming_step(
    context: PoolContext,
    module: str,
    code: str,
    fen: int,
    numbers: Mapping[Name, Value | None],
    *,
    line: str = "",
    fields: Mapping[str, Value] | None = None,
    cites: tuple[str, ...] = (),
    cells: tuple[str, ...] = (),
    notes: tuple[Phrase, ...] = (),
) -> Step:
    """A step of forming the pool of `context`.

    module, code: where its words stand; line: what it is called among the pool's steps, as its words where not given;
    cites: beside those of the pool.
    """
    place, own = context.place(line=line or code), (*context.cites, *cites)
    return Step("pool", place, f"{module}:{code}", fen, numbers, fields or {}, context.pool.use, own, cells, notes)


def owed_step(
    context: PoolContext,
    module: str,
    code: str,
    unit: str,
    fen: int,
    numbers: Mapping[Name, Value | None],
    *,
    line: str = "",
    fields: Mapping[str, Value] | None = None,
    cites: tuple[str, ...] = (),
    cells: tuple[str, ...] = (),
) -> Step:
    """A step of what the pool of `context` owes a member; as `forming_step`, cites beside those of what is due."""
    place, own = context.place(part="merit", unit=unit, line=line), (*context.due_cites, *cites)
    return Step("pool", place, f"{module}:{code}", fen, numbers, fields or {}, context.pool.use, own, cells)
