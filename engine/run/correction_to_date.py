"""Whether a corrected workbook states what was paid to date as it stood before the run it corrects: CORRECTION-TO-DATE.

A correction stands in place of the old run: what that paid is no part of `quota_paid`, `reward_paid` or a prepayment
yet, else headroom and R would be taken off twice. A figure to date that is not the old one is told, at its cell.
Source: docs/corrections.md, the figures of the same moment.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from allocation.earlier import PAID, STATED
from allocation.reserve import ITEM as RESERVE
from domain.documents import BY_NAME
from domain.facts import MoneyItem
from domain.period import Period
from domain.step import Phrase, Place, RunWarning

Key = tuple[str, str, str]
"""A unit, an item, and the pool that its document names ("": of none)."""
WORDS = {
    "differs": "{unit:where} {what} {new} 元 ({cell}), 原结果的数据是 {old} 元 ({other}); "
    "更正的累计数填原结果之前的, 不加原结果已付的, 确是更正这个数的不用改",
    "gone": "{unit:where} {what}没有填, 原结果的数据是 {old} 元 ({other}); 更正的累计数填原结果之前的",
    "came": "{unit:where} {what} {new} 元 ({cell}), 原结果的数据没有; 更正的累计数填原结果之前的, 不加原结果已付的",
    "item": "{item:title}",
    "item_of": "{item:title} ({pool:title})",
    "unread": "原结果的数据用本版本读不出, 没有核对累计数 (已发与已承诺、已预付等) 是不是原结果之前的",
}


@dataclass(frozen=True)
class Stated:
    """What the old run's workbook said: fen and the first cell, by `Key`; sound: whether it could be read.

    earlier: whether it left what was paid out of R to runs of shorter periods.
    """

    amounts: Mapping[Key, tuple[int, str]] = field(default_factory=dict)
    earlier: bool = False
    sound: bool = True

    def only(self, units: Container[str]) -> Stated:
        """The same of some units."""
        return replace(self, amounts={key: one for key, one in self.amounts.items() if key[0] in units})


def to_date(money: pd.DataFrame, items: Mapping[str, MoneyItem], period: Period) -> dict[Key, tuple[int, str]]:
    """The figures to date of a period: fen and the first cell.

    money: rows as in domain.facts. A reserve of corrections is not among them: only corrections have one.
    """
    asked = {code for code, one in items.items() if one.kind == "to_date"} - {RESERVE}
    rows = money[money["item"].isin(asked)]
    found: dict[Key, tuple[int, str]] = {}
    columns = (rows[name] for name in ("unit_code", "item", "document", "period", "amount", "source"))
    for unit, item, document, text, fen, cell in zip(*columns, strict=True):
        if Period.parse(str(text)) == period:
            key = str(unit), str(item), str(document) if item in BY_NAME else ""
            had, first = found.get(key, (0, str(cell)))
            found[key] = had + int(fen), first
    return found


def differing(
    money: pd.DataFrame, items: Mapping[str, MoneyItem], period: Period, old: Stated | None
) -> Iterator[RunWarning]:
    """What to say of figures to date that are not those of the old run; old: None tells nothing."""
    if old is None:
        return
    if not old.sound:
        yield RunWarning("CORRECTION-TO-DATE", Phrase(f"{__name__}:unread"))
        return
    was, now = old.amounts, to_date(money, items, period)
    for key in sorted(was.keys() | now.keys()):
        before, after = was.get(key), now.get(key)
        if before is None and old.earlier and key[1] in {PAID, STATED}:
            continue
        if (before or (0,))[0] != (after or (0,))[0]:
            yield _warning(key, before, after)


def _warning(key: Key, before: tuple[int, str] | None, after: tuple[int, str] | None) -> RunWarning:
    unit, item, pool = key
    what = (
        Phrase(f"{__name__}:item_of", {"item": item, "pool": pool})
        if pool
        else Phrase(f"{__name__}:item", {"item": item})
    )
    said: dict[str, int | str | Phrase | None] = {"unit": unit, "what": what}
    if after is not None:
        said |= {"new": after[0], "cell": after[1]}
    if before is not None:
        said |= {"old": before[0], "other": before[1]}
    code = "gone" if after is None else "came" if before is None else "differs"
    return RunWarning("CORRECTION-TO-DATE", Phrase(f"{__name__}:{code}", said), Place(pool=pool, unit=unit))
