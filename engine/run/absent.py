"""The one cause of many gaps: figures that stand nowhere in the tables, as where a sheet or a column was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from domain.period import Period
from domain.problems import Problem
from engine.run.indexed import Indexed

MANY = 5
"""More gaps than this are told with their cause."""


def absent(problems: Sequence[Problem], indexed: Indexed) -> Iterator[Problem]:
    """What to say before `problems`: which figures no unit reported for any part of the year, if that makes many."""
    gaps = Counter(one.about for one in problems if one.about)
    nowhere = [code for code in gaps if code not in _reported(indexed)]
    count = sum(gaps[code] for code in nowhere)
    if count > MANY:
        named = "、".join(indexed.titles.get(code, code) for code in nowhere)
        said = f"{indexed.period.year}年没有任何单位的 {named}, 以下 {count} 处缺数由此而来"
        remedy = "核对是不是缺了工作表或列, 表头改了名, 或整列没有填"
        yield Problem("数据", "FIGURES-ABSENT", said, remedy)


def _reported(indexed: Indexed) -> set[str]:
    """The codes of metrics and items of which some unit has a row in the year."""
    facts, year = indexed.facts, indexed.period.year
    tables = ((facts.facts, "metric"), (facts.money, "item"))
    return {
        str(code)
        for table, column in tables
        for period, code in table[["period", column]].drop_duplicates().itertuples(index=False)
        if Period.parse(str(period)).year == year
    }
