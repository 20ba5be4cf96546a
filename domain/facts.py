"""What was filled in: four tables and two that few plans need, each row with the cell it came from.

All tables are pandas frames with a RangeIndex; codes are str, dates `datetime.date` objects, money int64 fen,
fact values Decimal objects (exact as written). `source` is "file sheet!cell" of the value (or of the row's first cell),
or what the row's column 来处 says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    import pandas as pd  # only named here: whoever reads the vocabulary need not wait for it

    from domain.check import CheckRule  # which is made of what stands here

INSTITUTIONS = (
    "unit_code", "name", "tier", "ownership", "region", "credit_code", "signing", "form", "managing_unit", "source",
)  # fmt: skip
MEMBERSHIPS = ("unit_code", "alliance_code", "from", "to", "source")
FACTS = ("period", "unit_code", "metric", "value", "note", "source")
MONEY = ("period", "unit_code", "item", "amount", "document", "word", "of", "note", "source")
KINDS = ("approval", "flow", "stock", "to_date")  # of facts only flow and stock; domain.selection says which rows count
BLANKS = ("period", "unit_code", "code", "document", "source")
DISEASES = ("period", "unit_code", "disease", "name", "outbound", "cases", "source")
COMPLETIONS = ("entry", "unit_code", "completed_on", "progress", "evidence", "note", "source")


@dataclass(frozen=True)
class Facts:
    """The filled-in tables of one region.

    institutions: unit_code, name, tier (Tier values), ownership, region (行政区划代码), credit_code ("" if none),
        signing (bool: carries out family-doctor signing), form (of an alliance: a Form value, "" where not stated),
        managing_unit (who manages it and may file for it, "" if nobody does), source.
    memberships: unit_code, alliance_code, from (date), to (date or None), source.
    facts: period (text, as written), unit_code, metric (catalogue code), value (Decimal), note, source.
    money: period, unit_code, item (catalogue code), amount (int64 fen), document (文号), source.
    diseases: period (a year), unit_code (an alliance or district), disease (疾病编码), name, outbound (县域外转诊人次)
        and cases (就诊人次), both int64, source; None where none were collected.
    completions: what was done of the packs' entries: entry ("pack:id"), unit_code ("" for the plan's whole region where
        it is no unit), completed_on (date or None), progress (text: how far, 3/5), evidence, note, source; None where
        none were collected. Only the task ledger reads it.
    blanks: cells for facts and money that were left empty: period, unit_code, code (metric or item), document, source.
    """

    institutions: pd.DataFrame
    memberships: pd.DataFrame
    facts: pd.DataFrame
    money: pd.DataFrame
    diseases: pd.DataFrame | None = None
    blanks: pd.DataFrame | None = None
    completions: pd.DataFrame | None = None


class Strict(BaseModel):
    """Base of everything read from YAML: unknown keys are refused, nothing is changed after reading."""

    # built where first used: a model inside another is built with it, and many of a command's are never used
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, defer_build=True)


class Metric(Strict):
    """One catalogue fact.

    code: English identifier; title: Chinese name; unit: 人, 人次, 个, 张, 天, %, 分, 是否…;
    reporter: who fills it in; kind: `flow` facts add up over time, `stock` facts are a snapshot at the period's end;
    scopes: the tiers of units it is asked of (empty: all members); minimum/maximum: the allowed range;
    whole: only whole numbers; part_of: the metric this one may not exceed for the same unit and period.
    """

    code: str
    title: str
    unit: str
    reporter: str
    kind: str
    theme: str
    scopes: tuple[str, ...] = ()
    minimum: Decimal | None = Decimal(0)
    maximum: Decimal | None = None
    whole: bool = True
    part_of: str | None = None
    definition: str = ""


class MoneyItem(Strict):
    """One catalogue money item: as Metric; `signed` says whether a negative amount is allowed.

    kind: also `approval` (a decision for the year; the documents of a year add up) and `to_date` (what stood at the
    moment of the run: only the row of the run's own period counts, an earlier one never stands in for it).
    part_of: the item this one may not exceed for the same unit and period.
    """

    code: str
    title: str
    reporter: str
    kind: str
    scopes: tuple[str, ...] = ()
    signed: bool = False
    part_of: str | None = None
    definition: str = ""


@dataclass(frozen=True)
class Catalogue:
    """The metric catalogue (`configs/metrics.yaml`): metrics and money items by code, and the checks of the data.

    checks: hold in every plan that has none of the same id.
    """

    metrics: dict[str, Metric] = field(default_factory=dict)
    items: dict[str, MoneyItem] = field(default_factory=dict)
    checks: tuple[CheckRule, ...] = ()
