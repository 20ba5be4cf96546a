"""按次计价的服务: what the services of each member come to at their prices, settled by the fund that pays for them.

    due     Σ times × price, exactly
    pool    the sum of what is due

Every member gets exactly what is due to it. A price that a document prints is named by its entry (`entries`), and the
plan's number must be that of the day (`engine.policy.fee_checks`, PRICE-DIFFERS). Source: beijing-2021 (十七)
上门服务费和家庭病床查床费, (十八) 签约老年人的医事服务费.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Self

from pydantic import Field, model_validator

from allocation.context import PoolContext, Value
from allocation.pools import Formed, Owed, Settling, Shown, forming_step, owed_step
from domain.key import Key, Keys
from domain.money import format_exact
from domain.problems import Problems
from domain.step import Numbers, Phrase, Words
from domain.values import Yuan

TITLE = "按次计价服务"
SHOWN = (Shown("times", "number", summed=True),)
_NUMBERS = {"times": "服务次数", "service": "{it:title} ({it})"}
WORDS = {
    "owed": Words("应付服务费", "Σ 各项服务次数 × 单价", _NUMBERS),
    "amount": Words("资金池", "Σ 各项服务次数 × 单价", _NUMBERS),
    "priced": "{times} 次 × {price}",
    "nothing": "没有应付的服务费",
}
KEYS: Keys = {
    "Params": Key(TITLE, "各项服务次数 × 单价, 付给提供服务的机构; 单价与文件的价格条目核对"),
    "prices": Key("价格", "计次的数据: 每次多少元", {"outreach_visits": "30.00"}),
    "entries": Key(
        "价格的出处", "计次的数据: 印明这个价格的 政策包:条目", {"outreach_visits": "jilin-city-2017:JL-P01"}
    ),
}


class Params(Settling):
    """prices: yuan a time by the fact that counts the times; entries: the pack entry (pack:ID) that prints a price."""

    prices: dict[str, Annotated[Yuan, Field(gt=0)]] = Field(min_length=1)
    entries: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _of_prices(self) -> Self:
        if stray := sorted(self.entries.keys() - self.prices.keys()):
            raise ValueError(f"entries 中的 {'、'.join(stray)} 不在 prices 之中")
        return self


def _times(context: PoolContext, params: Params) -> dict[str, dict[str, Value]]:
    """How often each service was given, by member. Raises InputProblems: FACT-MISSING, SERVICE-TIMES."""
    problems = Problems()
    found = {
        unit: {metric: context.need_value(problems, unit, metric) for metric in params.prices}
        for unit in context.sharing["unit_code"]
    }
    for unit, counted in found.items():
        for metric, times in counted.items():
            if times.value < 0 or times.value.denominator != 1:
                where = times.cells[0] if times.cells else context.where(unit)
                said = f"{context.title(metric)} {format_exact(times.value)} 不是次数"
                problems.add(where, "SERVICE-TIMES", said, "按次填报, 没有的填 0")
    problems.raise_if_any()
    return found


def _fen(counted: Mapping[str, Value], params: Params) -> int:
    return sum(int(times.value) * params.prices[metric] for metric, times in counted.items())


def _cells(counted: Mapping[str, Value]) -> tuple[str, ...]:
    return tuple(cell for times in counted.values() for cell in times.cells)


def _numbers(params: Params, times: Mapping[str, Fraction]) -> Numbers:
    """All times together, and those of every service with its price."""
    numbers: Numbers = {"times": sum(times.values(), Fraction(0))}
    for metric, count in times.items():
        numbers["service", metric] = Phrase(f"{__name__}:priced", {"times": count, "price": params.prices[metric]})
    return numbers


def owed(context: PoolContext, params: Params) -> dict[str, Owed]:
    """What every member is due. Raises InputProblems as `form`."""
    return {unit: _owed(context, params, unit, counted) for unit, counted in _times(context, params).items()}


def _owed(context: PoolContext, params: Params, unit: str, counted: Mapping[str, Value]) -> Owed:
    fen = _fen(counted, params)
    numbers = _numbers(params, {metric: times.value for metric, times in counted.items()})
    cites, cells = tuple(params.entries.values()), _cells(counted)
    return Owed(fen, owed_step(context, __name__, "owed", unit, fen, numbers, cites=cites, cells=cells))


def form(context: PoolContext, params: Params) -> Formed:
    """The fees due to all members. Raises InputProblems: FACT-MISSING, SERVICE-TIMES."""
    found = _times(context, params)
    amount = sum(_fen(counted, params) for counted in found.values())
    times = {
        metric: sum((counted[metric].value for counted in found.values()), Fraction(0)) for metric in params.prices
    }
    cites = tuple(params.entries.values())
    cells = tuple(cell for counted in found.values() for cell in _cells(counted))
    step = forming_step(context, __name__, "amount", amount, _numbers(params, times), cites=cites, cells=cells)
    return Formed(amount, (step,), reason=None if amount else Phrase(f"{__name__}:nothing"))
