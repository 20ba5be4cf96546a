"""What an indicator is, and how they are found: every function of this folder with `@indicator` or `@quotient`.

A new indicator is one function in its theme's module (`KEYS` there are the words of its params) and one case in
tests/spec/indicators. Values are exact. Rates
are shares of 1 (unit "%" says how they are printed), money per head is in yuan.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache, update_wrapper
from typing import Any, Literal, TypedDict, Unpack

import numpy as np
import numpy.typing as npt

from domain.facts import Strict
from domain.institution import Tier
from domain.key import Key, Keys
from domain.modules import modules
from domain.plan import Scope
from indicators.quantity import NOT_APPLICABLE, OK, Notes, Quantity
from indicators.ratios import Ratios
from indicators.view import FactView

EVERY: tuple[Scope, ...] = ("member", "alliance", "district")
ABOVE: tuple[Scope, ...] = ("alliance", "district")
CENTRES = (Tier.TOWNSHIP.value, Tier.COMMUNITY.value)
GRASSROOTS = (Tier.TOWNSHIP.value, Tier.COMMUNITY.value, Tier.VILLAGE.value)
ANY = ("*",)
HOSPITALS = (Tier.PROVINCE.value, Tier.CITY.value, Tier.COUNTY.value, Tier.LEAD.value)
KEYS: Keys = {
    "previous": Key(
        "对比期", "趋势和增长与哪期比", "year_ago", {"year_ago": "上年同期 (同比)", "previous": "上一期 (环比)"}
    ),
    "tiers": Key("机构层级", "算哪几级成员", ["township", "community"]),
    "upper": Key("哪些上级医院", "", "all", {"all": "全部上级医院", "highest": "级别最高的"}),
}


class Params(Strict):
    """What every indicator takes. previous: the period compared with, a year ago (同比) or the one before (环比)."""

    previous: Literal["year_ago", "previous"] = "year_ago"


class TierParams(Params):
    """tiers: the member tiers that are counted."""

    tiers: tuple[Tier, ...] = (Tier.TOWNSHIP, Tier.COMMUNITY)

    @property
    def names(self) -> tuple[str, ...]:
        """The tiers as the tables write them."""
        return tuple(tier.value for tier in self.tiers)


class AnyTierParams(TierParams):
    """tiers: the member tiers that are counted; none means every member."""

    tiers: tuple[Tier, ...] = ()


class UpperParams(Params):
    """upper: which hospitals of an alliance are counted, all of them or those of its highest level (上级医院)."""

    upper: Literal["all", "highest"] = "all"

    def of(self, view: FactView, code: str) -> Quantity:
        """A metric of these hospitals."""
        return view.highest(code) if self.upper == "highest" else view.get(code, HOSPITALS)


@dataclass(frozen=True)
class Reading:
    """What an indicator says of every unit, (units,).

    numerator, denominator (None for a plain number): as put in; value: the result; state: of the value; lines: by
    code, for what is counted line by line; told: what the number alone does not say (which diseases it counts); per:
    what the quotient is multiplied by.
    """

    numerator: Quantity
    denominator: Quantity | None
    value: Ratios
    state: npt.NDArray[np.int8]
    lines: dict[str, Quantity] = field(default_factory=dict)
    told: Notes = ()
    per: Fraction = Fraction(1)

    @property
    def quantity(self) -> Quantity:
        """The result as something to compute with further, with the cells of both sides."""
        below = self.denominator
        cells = self.numerator.cells + (below.cells if below else ())
        return Quantity(self.value, self.state, cells, self.numerator.lacking + (below.lacking if below else ()))

    def least(self, other: Reading) -> Reading:
        """The smaller result, unit by unit, with its own numerator and denominator; both must be there."""
        if self.denominator is None or other.denominator is None:
            raise ValueError("只有比例可以取低者")
        state = np.maximum(self.state, other.state)
        mine = self.value <= other.value
        above, below = self.numerator, self.denominator
        return Reading(
            replace(above + other.numerator, value=Ratios.where(mine, above.value, other.numerator.value)),
            replace(below + other.denominator, value=Ratios.where(mine, below.value, other.denominator.value)),
            Ratios.where(mine, self.value, other.value),
            state,
            per=self.per,
        )


Compute = Callable[[FactView, Any], Reading]
Sides = tuple[str, str]


@dataclass(frozen=True)
class Indicator:
    """One indicator with everything a reader of its result must know.

    window: the time it looks at; attribution: whose number it is, and how members make up an alliance;
    formula_status: `stated` in a document, a `reading` of one, or `background` (口径待核); facts: every catalogue code
    it may read (`ANY`: those its params name); minimum, maximum: what no value is below or above (None: no such bound).
    """

    code: str
    title: str
    unit: str
    theme: str
    direction: Literal["up", "down", "context"]
    numerator_def: str
    denominator_def: str
    window: str
    attribution: str
    source_system: str
    formula_status: Literal["stated", "reading", "background"]
    facts: tuple[str, ...]
    params: type[Params]
    compute: Compute
    scopes: tuple[Scope, ...] = EVERY
    minimum: Fraction | None = None
    maximum: Fraction | None = None
    version: str = "1"


Span = Literal["share", "positive", "any"]
"""The range of an indicator's values: 0 to 1, 0 and above, or anything (growth, balances)."""
_RANGES: dict[Span, tuple[Fraction | None, Fraction | None]] = {
    "share": (Fraction(0), Fraction(1)),
    "positive": (Fraction(0), None),
    "any": (None, None),
}
SHARES = frozenset({"%", "是否"})
"""Units of indicators that are parts of a whole, where they do not say otherwise (`span`)."""


class Said(TypedDict, total=False):
    """What `quotient` hands on to `indicator`."""

    direction: Literal["up", "down", "context"]
    window: str
    attribution: str
    status: Literal["stated", "reading", "background"]
    scopes: tuple[Scope, ...]
    span: Span


def indicator(
    title: str,
    *,
    unit: str,
    numerator: str,
    facts: tuple[str, ...],
    source: str,
    denominator: str = "",
    direction: Literal["up", "down", "context"] = "up",
    window: str = "本期",
    attribution: str = "成员单位各计各的; 医联体和区域为成员之和",
    status: Literal["stated", "reading", "background"] = "reading",
    params: type[Params] = Params,
    scopes: tuple[Scope, ...] = EVERY,
    span: Span | None = None,
    version: str = "1",
) -> Callable[[Compute], Compute]:
    """Mark a function (view, params) -> Reading as an indicator; its code is the function's name.

    span: the range of its values; where it says nothing, that of a share by its unit (SHARES), else 0 and above.
    """
    minimum, maximum = _RANGES[span or ("share" if unit in SHARES else "positive")]

    def mark(compute: Compute) -> Compute:
        described = Indicator(
            code=compute.__name__,
            title=title,
            unit=unit,
            theme=compute.__module__.rpartition(".")[2],
            direction=direction,
            numerator_def=numerator,
            denominator_def=denominator,
            window=window,
            attribution=attribution,
            source_system=source,
            formula_status=status,
            facts=facts,
            params=params,
            compute=compute,
            scopes=scopes,
            minimum=minimum,
            maximum=maximum,
            version=version,
        )
        compute.__dict__["indicator"] = described
        return compute

    return mark


def quotient(
    title: str,
    numerator: str,
    denominator: str,
    *,
    source: str,
    unit: str = "%",
    tiers: tuple[str, ...] = (),
    per: int = 1,
    **said: Unpack[Said],
) -> Callable[[Callable[[], Sides]], Compute]:
    """Mark a function () -> two catalogue codes as the indicator first ÷ second (× per).

    tiers: the members whose figures are taken, on both sides (none: all who report them). The rest is as for
    `indicator`; what it reads is what the function returns.
    """

    def mark(sides: Callable[[], Sides]) -> Compute:
        above, below = sides()

        def compute(view: FactView, _params: Params) -> Reading:
            return ratio(view.get(above, tiers), view.get(below, tiers), per=per)

        update_wrapper(compute, sides)
        described = indicator(
            title, unit=unit, numerator=numerator, denominator=denominator, facts=(above, below), source=source, **said
        )
        return described(compute)

    return mark


@cache
def indicators() -> dict[str, Indicator]:
    """Every indicator by code. Raises ValueError if two modules define the same code."""
    found: dict[str, Indicator] = {}
    for theme, code in modules("indicators").items():
        for value in vars(code).values():
            described = getattr(value, "__dict__", {}).get("indicator")
            if not isinstance(described, Indicator) or described.theme != theme:
                continue
            if described.code in found:
                raise ValueError(f"指标 {described.code} 在 {found[described.code].theme} 与 {theme} 中重复")
            found[described.code] = described
    return dict(sorted(found.items()))


def ratio(numerator: Quantity, denominator: Quantity, per: Fraction | int = 1) -> Reading:
    """Numerator / denominator × per; a zero denominator is not applicable."""
    state = np.maximum(numerator.state, denominator.state)
    zero = (state == OK) & (denominator.value.num == 0)
    state = np.where(zero, NOT_APPLICABLE, state).astype(np.int8)
    there = state == OK
    value = Ratios.where(there, numerator.value, 0) / Ratios.where(there, denominator.value, 1)
    return Reading(numerator, denominator, value * per if per != 1 else value, state, per=Fraction(per))


def amount(number: Quantity) -> Reading:
    """A number without a denominator."""
    return Reading(number, None, number.value, number.state)


def growth(now: Quantity, before: Quantity) -> Reading:
    """(now − before) / before; nothing before is not applicable."""
    return ratio(now - before, before)
