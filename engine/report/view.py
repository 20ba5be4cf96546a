"""What the sheets share: the run's tables with its labels, and codes in words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import pandas as pd

from domain.institution import Tier
from domain.money import exact_text, format_exact, format_yuan
from domain.step import Basis, Name, Step, Value
from engine.policy.words import STATUS
from engine.run.labels import CardLabel, ItemLabel, Labels, PoolLabel
from engine.run.result import Allocation, Result, frame
from engine.run.say import Speaker
from engine.run.tables import numbers
from engine.run.words import tier_title

_ORDER = {
    tier.value: at
    for at, tier in enumerate(
        (
            Tier.DISTRICT,
            Tier.ALLIANCE,
            Tier.LEAD,
            Tier.PROVINCE,
            Tier.CITY,
            Tier.COUNTY,
            Tier.TOWNSHIP,
            Tier.COMMUNITY,
            Tier.VILLAGE,
        )
    )
}


@dataclass(frozen=True)
class View:
    """One run, as the sheets read it."""

    result: Result
    labels: Labels

    @classmethod
    def of(cls, result: Result) -> View:
        """The view of `result`; a code stands for a name where it has none."""
        return cls(result, result.labels)

    @cached_property
    def warnings(self) -> list[str]:
        """What the run warns of, in words, without the codes that programs read."""
        return [self.speaker.phrase(one.said) for one in self.result.warnings]

    def table(self, name: str) -> pd.DataFrame:
        """One of the run's frames; an empty one where the run has none of that name."""
        return self.result.frames[name] if name in self.result.frames else frame(name, [])

    @property
    def plan_id(self) -> str:
        """The plan's code."""
        return self.result.plan_id

    @property
    def plan_title(self) -> str:
        """The plan's name."""
        return self.result.plan_title

    @property
    def period(self) -> str:
        """The period's code."""
        return str(self.result.period)

    @property
    def period_title(self) -> str:
        """The period in words."""
        return self.result.period.title

    @property
    def region(self) -> str:
        """The code of the plan's region."""
        return self.result.region

    @property
    def caution(self) -> str:
        """What every page says at its foot where the run rests on documents not in force, or warns of anything."""
        standing = dict.fromkeys(one.status for one in self.labels.documents if one.status != "in_force")
        if standing:
            return f"警示：依据文件{'、'.join(STATUS[status] for status in standing)}，见首页"
        return "警示：见首页" if self.result.warnings else ""

    @cached_property
    def tiers(self) -> dict[str, str]:
        """Tiers of units by code, as codes."""
        paid = self.table("allocations")
        return dict(zip(paid["unit_code"], paid["tier"], strict=True)) | dict(self.labels.tiers)

    @cached_property
    def totals(self) -> dict[tuple[str, str], Fraction | None]:
        """Totals by (scorecard, unit)."""
        rows = self.table("totals")
        return dict(zip(zip(rows["scorecard"], rows["unit_code"], strict=True), rows["score"], strict=True))

    @cached_property
    def answers(self) -> dict[tuple[str, str], Allocation]:
        """The optimizer's problems and answers by (alliance, pool)."""
        return {(one.alliance_code, one.pool): one for one in self.result.allocations}

    def name(self, unit: str) -> str:
        """A unit's name."""
        return self.labels.names.get(unit, unit)

    def tier(self, unit: str) -> str:
        """A unit's tier in Chinese."""
        return tier_title(self.tiers.get(unit, ""))

    def place(self, unit: str) -> tuple[int, str]:
        """Where a unit stands in a list: by tier from the top, then by code."""
        return _ORDER.get(self.tiers.get(unit, ""), len(_ORDER)), unit

    def card(self, card: str) -> CardLabel:
        """A scorecard's labels."""
        return self.labels.cards.get(card) or CardLabel(card, "", {}, {})

    @cached_property
    def items(self) -> dict[str, ItemLabel]:
        """The labels of all items by "scorecard/item"."""
        return {f"{card}/{item}": its for card, label in self.labels.cards.items() for item, its in label.items.items()}

    def item(self, card: str, item: str) -> ItemLabel:
        """An item's labels."""
        return self.card(card).items.get(item) or ItemLabel(item, item, "", frozenset())

    def asked(self, item: ItemLabel, unit: str) -> bool:
        """Whether the plan scores this unit by that item."""
        tier = self.tiers.get(unit, "")
        return not item.tiers or not tier or tier in item.tiers

    def pool(self, pool: str) -> PoolLabel:
        """A pool's labels."""
        return self.labels.pools.get(pool) or PoolLabel(pool)

    def cite(self, text: str) -> str:
        """A citation with documents by their number on the cover."""
        for at, document in enumerate(self.labels.documents, start=1):
            text = text.replace(document.id, f"文件{at}")
        return text.replace("; ", "；").replace(", ", "，")

    def cites(self, cites: Iterable[Basis]) -> str:
        """Clauses and documents, each once, those of the packs by their number on the cover."""
        each = (one for several in cites for one in (several if isinstance(several, tuple) else (several,)))
        return "；".join(dict.fromkeys(self.cite(self.speaker.cite(one)) for one in each))

    @cached_property
    def formations(self) -> dict[tuple[str, str], list[Step]]:
        """By alliance and pool the steps by which it came to its amount, and what is left of it, as they were told."""
        found: dict[tuple[str, str], list[Step]] = {}
        for one in self.result.steps:
            if one.kind == "pool" and not one.place.part:
                found.setdefault((one.place.alliance, one.place.pool), []).append(one)
        return found

    @cached_property
    def permits(self) -> dict[tuple[str, str], Step]:
        """The steps of the statements of the two permits by unit and line."""
        return {(one.place.unit, one.place.line): one for one in self.result.steps if one.kind == "permits"}

    @cached_property
    def speaker(self) -> Speaker:
        """Says steps."""
        return Speaker(self.labels)

    @cached_property
    def formulas(self) -> Speaker:
        """Says how a pool was formed: codes are called by their titles."""
        return PrintSpeaker(self.labels)

    @cached_property
    def numbers(self) -> Speaker:
        """Says the numbers put in: codes by their titles, amounts with thousands separators."""
        return PrintSpeaker(self.labels, thousands=True)

    @cached_property
    def documents(self) -> str:
        """The line that says which document is which."""
        named = [f"文件{at}：《{one.title}》" for at, one in enumerate(self.labels.documents, start=1)]
        return "依据 " + "；".join(named) if named else ""

    @cached_property
    def digest(self) -> str:
        """sha256 over the tables without their words, in groups: the same digest, the same numbers."""
        made = hashlib.sha256()
        for table in numbers(self.result).values():
            made.update(table.to_csv(index=False, lineterminator="\n").encode())
        digits = made.hexdigest()
        return " ".join(digits[at : at + 4] for at in range(0, 32, 4))


class PrintSpeaker(Speaker):
    """A speaker that calls codes by their titles, in values too; thousands: amounts with separators."""

    def __init__(self, labels: Labels, *, thousands: bool = False) -> None:
        super().__init__(labels)
        self.plain = Speaker(labels)
        self.thousands = thousands

    def name(self, words: str, name: Name) -> str:
        """What a number is called: there a code stands beside its title."""
        return self.plain.name(words, name)

    def value(self, value: Value | None, form: str = "") -> str:
        """A value in words; a number of two decimals is separated like an amount."""
        if self.thousands and isinstance(value, int):
            return format_yuan(value, thousands=True)
        if (
            self.thousands
            and isinstance(value, Fraction)
            and (value * 100).denominator == 1 != (value * 10).denominator
        ):
            return format_yuan(int(value * 100), thousands=True)
        said = super().value(value, form)
        return self.words.get(said, said) if isinstance(value, str) else said


def tier_place(tier: str) -> int:
    """Where a tier stands, from the top."""
    return _ORDER.get(tier, len(_ORDER))


def value_kind(unit: str) -> str:
    """How a value in this unit is shown."""
    return "percent" if unit == "%" else "center" if unit in {"是否", "日期", "百分点"} else "number"


def shown(value: Fraction | None, unit: str) -> Any:
    """A value as a cell takes it: 是 or 否 where the unit is a yes or no, a day as a day, points with their name."""
    if value is None or value_kind(unit) != "center":
        return value
    if unit == "是否" and value in {0, 1}:
        return "是" if value else "否"
    if unit == "日期" and value.denominator == 1:
        number = int(value)
        return f"{number // 10000:04}-{number // 100 % 100:02}-{number % 100:02}" if number else "未完成"
    return f"{format_exact(value * 100, 4)} 个百分点" if unit == "百分点" else exact_text(value)
