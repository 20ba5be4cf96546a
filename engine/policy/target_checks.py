"""Whether what an item of a scorecard aims at can be: in the range of its indicator's values, and in its direction."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from domain.facts import Catalogue
from domain.money import format_exact
from domain.pack import Pack, PackTrend
from domain.plan import Item, LocalIndicator, Plan
from engine.policy.find import find_entry
from engine.policy.readings import item_target
from engine.yaml.document import Document, KeyPath
from indicators.curves import curves
from indicators.registry import indicators

_PERCENT = frozenset({"%", "比率"})
MOST = Fraction(10)
"""Of a percentage that may be above 1, such as growth: what is above ten times is a percentage written as 75."""
Range = tuple[Fraction | None, Fraction | None]


def check_targets(document: Document, plan: Plan, packs: Mapping[str, Pack], catalogue: Catalogue) -> None:
    """Note marks that no value reaches, and curves that reward what the indicator calls worse."""
    local = {one.id: one for one in plan.local_indicators}
    for number, card in enumerate(plan.scorecards):
        for first, part in enumerate(card.dimensions):
            for second, item in enumerate(part.items):
                path: KeyPath = ("scorecards", number, "dimensions", first, "items", second, "curve")
                if item.sound and item.curve.sound:
                    _check_range(document, path, item, _range(item, local, catalogue))
                    _check_direction(document, path, item, local, packs)


def _range(item: Item, local: Mapping[str, LocalIndicator], catalogue: Catalogue) -> Range:
    """What the values of an item's indicator are between."""
    own, known = local.get(item.indicator), indicators().get(item.indicator)
    if own is not None:
        return _local_range(own, catalogue)
    if known is None:
        return None, None
    metric = catalogue.metrics.get(str(getattr(item.given, "metric", None)))
    percent = metric is not None and metric.unit in _PERCENT
    if metric is not None and percent and item.indicator == "reported":  # never a sum
        return _fraction(metric.minimum), _fraction(metric.maximum)
    return known.minimum, MOST if known.maximum is None and known.unit in _PERCENT else known.maximum


def _local_range(own: LocalIndicator, catalogue: Catalogue) -> Range:
    """A share of a whole is 0 to 1; anything else that is given in percent may be above 1, as growth may be below 0."""
    if own.unit not in _PERCENT or own.per != 1:
        return (None if own.kind == "growth" else Fraction(0)), None
    wholes = {catalogue.metrics[one].part_of for one in own.numerator if one in catalogue.metrics}
    part = len(own.numerator) == len(own.denominator) == 1 and wholes == {*own.denominator}
    return (None if own.kind == "growth" else Fraction(0)), Fraction(1) if part or own.kind == "coverage" else MOST


def _fraction(bound: object) -> Fraction | None:
    return None if bound is None else Fraction(str(bound))


def _check_range(document: Document, path: KeyPath, item: Item, within: Range) -> None:
    least, most = within
    for name, mark in curves()[item.curve.use].marks(item.curve.given):
        low, high = least is not None and mark < least, most is not None and mark > most
        if low or high:
            bound = format_exact((least if low else most) or Fraction(0))
            said = f"{name} {format_exact(mark)} {'小于最小值' if low else '大于最大值'} {bound} ({item.indicator})"
            share = high and most is not None and most <= MOST and mark <= 100
            remedy = f'比率按 1 的份数写, 如 "{format_exact(mark / 100)}"' if share else "核对数值和单位"
            document.add(_at(item, path, name), "TARGET-RANGE", f"{said}, 没有值能达到", remedy)


def _check_direction(
    document: Document, path: KeyPath, item: Item, local: Mapping[str, LocalIndicator], packs: Mapping[str, Pack]
) -> None:
    """A rule's own demand is compared elsewhere; the indicator's direction holds where there is none."""
    known = local.get(item.indicator) or indicators().get(item.indicator)
    lean = curves()[item.curve.use].lean(item.curve.given)
    opposite = {"up": "down", "down": "up"}
    if known is None or lean is None or opposite.get(lean) != known.direction or _demanded(item, packs):
        return
    better = "大" if known.direction == "up" else "小"
    said = f"{known.title}越{better}越好, 曲线却是越{'小' if better == '大' else '大'}分越高"
    document.add(path, "CURVE-DIRECTION", said, "核对 target 与 floor 是否写反")


def _demanded(item: Item, packs: Mapping[str, Pack]) -> bool:
    """Whether a pack's rule says which way is better."""
    if item.rule is None:
        return False
    try:
        target = item_target(item, packs)
        return isinstance(find_entry(item.rule, packs), PackTrend) or (target is not None and target.value is not None)
    except KeyError:
        return True  # said of the rule


def _at(item: Item, path: KeyPath, name: str) -> KeyPath:
    """Where a mark is written; the curve, where a rule gives it."""
    return (*path, "params", name) if name in item.curve.params else path
