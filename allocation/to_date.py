"""What adds up from the year's first month to the end of a period (年内累计)."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from allocation.context import Amount, amounts
from domain.facts import MoneyItem
from domain.period import Period


def amounts_to_date(
    money: pd.DataFrame, items: Mapping[str, MoneyItem], period: Period, needed: Mapping[str, int] | None = None
) -> dict[tuple[str, str], tuple[Amount, ...]]:
    """The flows of the year's months up to the end of `period`, by (unit, item), as `amounts`.

    needed: months of the year that each unit owes, as bits.
    """
    ended = {text for text in set(money["period"]) if Period.parse(text).end <= period.end}
    flows = {code for code, one in items.items() if one.kind == "flow"}
    rows = money[money["period"].isin(ended) & money["item"].isin(flows)]
    months = (1 << period.end.month) - 1  # of its year up to its end
    owed = {unit: (needed or {}).get(unit, months) & months for unit in set(rows["unit_code"])}
    return amounts(rows, items, Period(period.year, "year", 1), owed)
