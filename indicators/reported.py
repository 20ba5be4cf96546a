"""Plain figures of the catalogue (填报数据): counts, days, ratios and changes that need no function of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import reduce
from operator import add
from typing import Annotated, Literal

from pydantic import Field

from domain.key import Key, Keys
from domain.values import Exact
from indicators.quantity import Quantity
from indicators.registry import ANY, Params, Reading, amount, growth, indicator, ratio
from indicators.view import FactView

Codes = Annotated[tuple[str, ...], Field(min_length=1)]
_WHOSE = "按目录中各数据的填报单位; 上一级为其和"
KEYS: Keys = {
    "metric": Key("数据", "指标目录的代码或中文名", "mechanism_established"),
    "combine": Key("怎样合计", "", "sum", {"sum": "相加", "min": "取最少"}),
    "DayParams.metric": Key("日期数据", "值写成 20260630, 0 是没有完成", "task_ledger_on"),
    "numerator": Key("分子", "指标目录的代码或中文名, 相加", ["visits"]),
    "denominator": Key("分母", "指标目录的代码或中文名, 相加", ["resident_population"]),
    "per": Key("每多少", "结果乘以它", "1"),
    "mode": Key("变化按", "", "points", {"points": "百分点", "relative": "相对变化"}),
    "lines": Key("逐项计的数据", "给扣分法和清单得分用", ["posted_staff"]),
}


class MetricParams(Params):
    """metric: a catalogue code; combine: add up those that report it, or take the least of them."""

    metric: str
    combine: Literal["sum", "min"] = "sum"


class DayParams(Params):
    """metric: a catalogue code whose value is a day, written 20260630 (0: not done)."""

    metric: str


class RatioParams(Params):
    """numerator, denominator: catalogue codes that are added up; per: the result times this."""

    numerator: Codes
    denominator: Codes
    per: Exact = Fraction(1)


class GrowthParams(Params):
    """numerator, denominator: catalogue codes that are added up (no denominator: growth of the sum itself)."""

    numerator: Codes
    denominator: tuple[str, ...] = ()


class ChangeParams(Params):
    """The change of a share. mode: in percentage points (百分点), or relative to the share before."""

    numerator: Codes
    denominator: Codes
    mode: Literal["points", "relative"]


class CountParams(Params):
    """lines: catalogue codes that are counted one by one, for deductions and checklists."""

    lines: Codes


def total(view: FactView, codes: Sequence[str]) -> Quantity:
    """The sum of several catalogue figures."""
    return reduce(add, (view.get(code) for code in codes))


@indicator(
    "填报数",
    unit="",
    span="any",
    numerator="目录所定的数",
    direction="context",
    facts=ANY,
    source="按目录",
    attribution=_WHOSE,
    status="stated",
    params=MetricParams,
)
def reported(view: FactView, params: MetricParams) -> Reading:
    """A catalogue figure as it is. Its unit and definition are the catalogue's."""
    return amount(view.get(params.metric, combine=params.combine))


@indicator(
    "完成日期",
    unit="日期",
    numerator="完成的日期 (如 20260630, 未完成为 0)",
    direction="context",
    facts=ANY,
    source="按目录",
    window="期末",
    attribution="填报单位自身, 不相加",
    status="stated",
    params=DayParams,
)
def completed_on(view: FactView, params: DayParams) -> Reading:
    """The day something was done, as the unit itself reports it; for milestones."""
    return amount(view.own(params.metric))


@indicator(
    "填报比例",
    unit="",
    span="any",
    numerator="方案所列各数之和",
    denominator="方案所列各数之和",
    direction="context",
    facts=ANY,
    source="按目录",
    attribution=_WHOSE,
    params=RatioParams,
)
def reported_ratio(view: FactView, params: RatioParams) -> Reading:
    """Sum / sum × per. For ratios of the documents that have no indicator of their own."""
    return ratio(total(view, params.numerator), total(view, params.denominator), per=params.per)


@indicator(
    "增长率",
    unit="%",
    span="any",
    numerator="本期 − 对比期",
    denominator="对比期",
    direction="context",
    facts=ANY,
    source="按目录",
    window="本期与对比期",
    attribution=_WHOSE,
    params=GrowthParams,
)
def reported_growth(view: FactView, params: GrowthParams) -> Reading:
    """Growth of a sum, or of a ratio of sums, against the period compared with."""

    def figure(of: FactView) -> Quantity:
        above = total(of, params.numerator)
        return ratio(above, total(of, params.denominator)).quantity if params.denominator else above

    return growth(figure(view), figure(view.before))


@indicator(
    "占比变化",
    unit="百分点",
    span="any",
    numerator="本期占比 − 对比期占比",
    denominator="对比期占比 (相对变化时)",
    direction="context",
    facts=ANY,
    source="按目录",
    window="本期与对比期",
    attribution=_WHOSE,
    params=ChangeParams,
)
def reported_change(view: FactView, params: ChangeParams) -> Reading:
    """The change of a share, in points (0.03 is 3 percentage points) or relative. Source: liaoning-2017 二(九)."""

    def share(of: FactView) -> Quantity:
        return ratio(total(of, params.numerator), total(of, params.denominator)).quantity

    now, before = share(view), share(view.before)
    return amount(now - before) if params.mode == "points" else growth(now, before)


@indicator(
    "逐项计数",
    unit="次",
    numerator="各项次数之和",
    direction="down",
    facts=ANY,
    source="按目录, 附佐证材料",
    attribution=_WHOSE,
    params=CountParams,
)
def line_counts(view: FactView, params: CountParams) -> Reading:
    """Each line on its own, and their sum: what deductions take from and checklists ask for."""
    lines = {code: view.get(code) for code in params.lines}
    return replace(amount(reduce(add, lines.values())), lines=lines)
