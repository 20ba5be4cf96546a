"""What the sheets share: the run's tables with its labels, and codes in words."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from domain.institution import TIER_TITLES, Tier
from domain.money import exact, format_exact
from engine.policy.words import STATUS
from engine.run.labels import CardLabel, ItemLabel, Labels, PoolLabel
from engine.run.result import Allocation, Result
from engine.run.tables import texts

SCOPES = {"member": "成员单位", "alliance": "医联体", "district": "区域"}
_TIERS = {tier.value: (at, title) for at, (tier, title) in enumerate(TIER_TITLES.items())}
_ORDER = {tier.value: at for at, tier in enumerate(
    (Tier.DISTRICT, Tier.ALLIANCE, Tier.LEAD, Tier.PROVINCE, Tier.CITY, Tier.COUNTY, Tier.TOWNSHIP, Tier.COMMUNITY,
     Tier.VILLAGE)
)}  # fmt: skip
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[_-][A-Za-z0-9]+)*")
_CODE = re.compile(r"\s*\([A-Z][A-Z0-9-]+\)$")


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
    def tables(self) -> dict[str, pd.DataFrame]:
        """The run's tables, as texts."""
        return texts(self.result)

    def table(self, name: str) -> pd.DataFrame:
        """One of the run's tables."""
        return self.tables[name]

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
        standing = dict.fromkeys(one.status for one in self.labels.documents if one.status != STATUS["in_force"])
        if standing:
            return f"警示：依据文件{'、'.join(standing)}，见首页"
        return "警示：见首页" if self.result.warnings else ""

    @cached_property
    def names(self) -> dict[str, str]:
        """Names of units by code."""
        told: dict[str, str] = {}
        for name in ("indicators", "totals", "allocations"):
            frame = self.table(name)
            told |= dict(zip(frame["unit_code"], frame["unit_name"], strict=True))
        return told | dict(self.labels.names)

    @cached_property
    def tiers(self) -> dict[str, str]:
        """Tiers of units by code, as codes."""
        frame = self.table("allocations")
        return dict(zip(frame["unit_code"], frame["tier"], strict=True)) | dict(self.labels.tiers)

    @cached_property
    def alliances(self) -> dict[str, str]:
        """The alliance each member shares in a pool of."""
        frame = self.table("allocations")
        return dict(zip(frame["unit_code"], frame["alliance_code"], strict=True))

    @cached_property
    def totals(self) -> dict[tuple[str, str], str]:
        """Totals by (scorecard, unit), as texts."""
        frame = self.table("totals")
        return dict(zip(zip(frame["scorecard"], frame["unit_code"], strict=True), frame["score"], strict=True))

    @cached_property
    def answers(self) -> dict[tuple[str, str], Allocation]:
        """The optimizer's problems and answers by (alliance, pool)."""
        return {(one.alliance_code, one.pool): one for one in self.result.allocations}

    def name(self, unit: str) -> str:
        """A unit's name."""
        return self.names.get(unit, unit)

    def tier(self, unit: str) -> str:
        """A unit's tier in Chinese."""
        return tier_title(self.tiers.get(unit, ""))

    def place(self, unit: str) -> tuple[int, str]:
        """Where a unit stands in a list: by tier from the top, then by code."""
        return _ORDER.get(self.tiers.get(unit, ""), len(_ORDER)), unit

    def card(self, card: str) -> CardLabel:
        """A scorecard's labels."""
        return self.labels.cards.get(card) or CardLabel(card, "", {}, {})

    def card_of(self, scope: str, dimension: str, item: str) -> str:
        """The scorecard that a row of the scores belongs to."""
        for card, label in self.labels.cards.items():
            if label.scope == scope and dimension in label.dimensions and item in label.items:
                return card
        return ""

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

    def words(self, text: str) -> str:
        """A text with the codes of facts, money items, scorecards and pools replaced by what they are called."""
        return _NAME.sub(lambda found: self.labels.words.get(found.group(), found.group()), text)

    @cached_property
    def documents(self) -> str:
        """The line that says which document is which."""
        named = [f"文件{at}：《{one.title}》" for at, one in enumerate(self.labels.documents, start=1)]
        return "依据 " + "；".join(named) if named else ""

    @cached_property
    def digest(self) -> str:
        """sha256 over the tables, in groups: two sheets with the same digest carry the same numbers."""
        made = hashlib.sha256()
        for name in self.tables:
            made.update(self.table(name).to_csv(index=False, lineterminator="\n").encode())
        return " ".join(re.findall("....", made.hexdigest()[:32]))


def tier_title(tier: str) -> str:
    """A tier in Chinese."""
    return _TIERS[tier][1] if tier in _TIERS else tier


def tier_place(tier: str) -> int:
    """Where a tier stands, from the top."""
    return _ORDER.get(tier, len(_ORDER))


def plain(warning: object) -> str:
    """A warning for print: without the code that programs read."""
    return _CODE.sub("", str(warning))


def value_kind(unit: str) -> str:
    """How a value in this unit is shown."""
    return "percent" if unit == "%" else "center" if unit in {"是否", "日期", "百分点"} else "number"


def shown(value: str, unit: str) -> Any:
    """A value as a cell takes it: 是 or 否 where the unit is a yes or no, a day as a day, points with their name."""
    if unit == "是否" and value in {"0", "1"}:
        return "是" if value == "1" else "否"
    if unit == "日期" and value.isdigit():
        return "未完成" if value == "0" else f"{value[:4]}-{value[4:6]}-{value[6:]}"
    if unit == "百分点" and value:
        return f"{format_exact(exact(value) * 100, 4)} 个百分点"
    return value or None
