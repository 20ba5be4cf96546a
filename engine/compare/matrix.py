"""Several policy documents side by side: which quantity each one asks for, and what it says about money.

What is measured stands in a row by the indicator that computes it, a money rule by its hook, a duty by its title.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

import xlsxwriter

from domain.pack import Pack, PackDuty, PackEntry, PackIndicator, PackMoney, PackNamed, PackTrend
from engine.policy.background import marks
from engine.policy.readings import chosen_params
from engine.policy.words import ARROWS, NAMED, SECTIONS, STATUS, deadline_text, demand_text, every_text
from engine.printing.files import ends_in, write_whole
from engine.printing.page import OPTIONS, Book, Column
from indicators.registry import ANY, indicators

Measured = PackIndicator | PackTrend | PackNamed
Section = Literal["measured", "money", "duties"]
E = TypeVar("E", bound=PackEntry)
# Params that choose the figure. The others say whose figure it is or how it is counted and make no other row.
CHOOSING = frozenset(
    {
        "metric",
        "numerator",
        "denominator",
        "lines",
        "mode",
        "resource",
        "centre",
        "kind",
        "side",
        "disease",
        "checklist",
        "form",
    }
)
# Values of such params that are kinds of one thing: they share its row, told apart by their titles.
KINDS = {"all_slots": "slots", "booked_slots": "slots", "specialty_slots": "slots"}
WITHOUT = "没有对应的指标"


@dataclass(frozen=True, order=True)
class Quantity:
    """What is measured: an indicator's code and those of its params that choose the figure; code "" if none does."""

    code: str
    params: str

    @classmethod
    def of(cls, entry: Measured) -> Quantity:
        """The quantity of an entry; without an indicator, its title."""
        if entry.indicator is None:
            return cls("", entry.title)
        given = chosen_params(entry.indicator, entry.params)
        chosen = {key: _kind(value) for key, value in given.items() if key in CHOOSING}
        return cls(entry.indicator, json.dumps(chosen, ensure_ascii=False, sort_keys=True, default=str))


@dataclass(frozen=True)
class Row:
    """One thing and the entries of each pack that ask for it, by pack id.

    section: measured (quantity: what is measured), money (its hook) or duties (no code, only the title).
    """

    quantity: Quantity
    title: str
    cells: Mapping[str, tuple[PackEntry, ...]]
    section: Section = "measured"

    @property
    def entries(self) -> list[PackEntry]:
        """All entries, pack by pack."""
        return [entry for cell in self.cells.values() for entry in cell]

    def text(self, pack: str) -> list[str]:
        """A cell, one line per entry; where the row mixes populations or titles an entry says which by its title."""
        if self.section == "measured":
            mixed = len({_population(entry) for entry in self.entries}) > 1
        else:
            mixed = len({entry.title for entry in self.entries}) > 1
        return [
            " ".join(part for part in (entry.id, entry.title if mixed else "", _asks(entry), *said) if part)
            for entry in self.cells.get(pack, ())
            for said in [[f"[{mark}]" for mark in marks(entry)]]
        ]


@dataclass(frozen=True)
class Matrix:
    """Packs are the columns; rows by the indicators' codes, then those without an indicator, money rules and duties."""

    packs: tuple[Pack, ...]
    rows: tuple[Row, ...] = field(default_factory=tuple)

    def as_json(self) -> dict[str, Any]:
        """Everything as JSON takes it."""
        return {
            "packs": [{"id": pack.id, "title": pack.title, "status": pack.status} for pack in self.packs],
            "rows": [
                {
                    "section": row.section,
                    "indicator": row.quantity.code or None if row.section == "measured" else None,
                    "hook": row.quantity.code if row.section == "money" else None,
                    "params": json.loads(row.quantity.params) if row.quantity.code else {},
                    "title": row.title,
                    "cells": {pack: [_as_json(entry) for entry in cell] for pack, cell in row.cells.items()},
                }
                for row in self.rows
            ],
        }


def measured(pack: Pack) -> list[Measured]:
    """The entries of a pack that ask for a figure or name one."""
    return [*pack.indicators, *pack.trends, *pack.named]


def matrix(packs: Sequence[Pack], *, duties: bool = False) -> Matrix:
    """Demands × documents. Entries of no indicator, and duties, share a row where their titles are the same.

    duties: also what there is to do. Money rules share a row by their hook.
    """
    found = _gathered(packs, lambda pack: [(Quantity.of(entry), entry) for entry in measured(pack)])
    several = [quantity.code for quantity in found]
    ordered = sorted(found, key=lambda quantity: (not quantity.code, quantity))
    rows = [
        Row(one, _title(one, found[one], split=several.count(one.code) > 1), _frozen(found[one])) for one in ordered
    ]
    money = _gathered(packs, lambda pack: [(Quantity(entry.hook, "{}"), entry) for entry in pack.money])
    rows += [Row(one, _first(money[one]).title, _frozen(money[one]), "money") for one in sorted(money)]
    tasks = _gathered(packs, lambda pack: [(Quantity("", entry.title), entry) for entry in pack.duties if duties])
    rows += [Row(one, one.params, _frozen(cells), "duties") for one, cells in tasks.items()]
    return Matrix(tuple(packs), tuple(rows))


def _gathered(
    packs: Sequence[Pack], keyed: Callable[[Pack], Sequence[tuple[Quantity, E]]]
) -> dict[Quantity, dict[str, list[E]]]:
    found: dict[Quantity, dict[str, list[E]]] = {}
    for pack in packs:
        for key, entry in keyed(pack):
            found.setdefault(key, {}).setdefault(pack.id, []).append(entry)
    return found


def indicator_title(code: str) -> str:
    """The Chinese name of an indicator; the code itself for one that is not there."""
    known = indicators().get(code)
    return known.title if known else code


def write_matrix(table: Matrix, hooks: Mapping[str, str], path: Path) -> None:
    """The matrix as a workbook ready to print, as a whole or not at all; the same packs give the same bytes.

    hooks: what money rules are called (`Configs.hooks`).
    """
    ends_in(path, ".xlsx")
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, deepcopy(OPTIONS)) as workbook:
        workbook.set_properties({"title": "政策指标对照表", "created": datetime(2000, 1, 1, tzinfo=UTC)})
        book = Book(workbook, "政策指标对照表", f"{len(table.packs)} 份文件")
        width = 5 / max(1, len(table.packs))
        columns = [Column("指标", 1.6), *(Column(pack.id, width) for pack in table.packs)]
        page = book.page("指标对照", "指标与文件", "政策指标对照表", columns, list(legend()))
        page.headings(freeze=1)
        page.row(["文件", *(f"{pack.title} ({STATUS[pack.status]})" for pack in table.packs)], bold=True)
        group = None
        for row in table.rows:
            if (said := theme(row)) != group:
                page.group(said)
                group = said
            code = hooks.get(row.quantity.code, row.quantity.code) if row.section == "money" else row.quantity.code
            name = "\n".join(dict.fromkeys(filter(None, (row.title, code))))
            page.row([name, *("\n".join(row.text(pack.id)) for pack in table.packs)])
        page.close()
    write_whole(path, buffer.getvalue())


def legend() -> Iterator[str]:
    """What the signs mean."""
    yield (
        f"{ARROWS['up']} {ARROWS['down']}: 只要求上升或下降, 没有数; {NAMED}: 点名考核, 没有目标值。"
        "空格: 文件没有提到。以上、以下、达到都含本数。"
    )
    yield "[口径待核]: 算法不出自文件; [歧义]: 文字有几种读法, 由方案选定; [建议性]: 文件用一般应、可、探索等语。"


def theme(row: Row) -> str:
    """The group a row stands in."""
    if row.section != "measured":
        return SECTIONS[row.section]
    return "有对应指标的要求" if row.quantity.code else f"{WITHOUT}的要求 ({SECTIONS['trends'][:2]}和点名考核)"


def quantity_title(quantity: Quantity, first: Measured, *, split: bool) -> str:
    """The indicator's name; where it measures several things, what the first document calls this one.

    split: several of them are shown side by side. Generic indicators (填报数 …) are always called as in the document.
    """
    if not quantity.code:
        return quantity.params
    name = indicator_title(quantity.code)
    known = indicators().get(quantity.code)
    generic = known is not None and known.facts == ANY
    return f"{name}: {first.title}" if (split or generic) and first.title != name else name


def _title(quantity: Quantity, cells: Mapping[str, Sequence[Measured]], *, split: bool) -> str:
    return quantity_title(quantity, _first(cells), split=split)


def _first(cells: Mapping[str, Sequence[E]]) -> E:
    return next(entry for cell in cells.values() for entry in cell)


def _asks(entry: PackEntry) -> str:
    """What a cell says of an entry: a measured one its demand, a money rule its scope, a duty when or how often."""
    if isinstance(entry, PackMoney):
        return f"范围: {entry.scope}" if entry.scope else "有"
    if isinstance(entry, PackDuty):
        return ", ".join(part for part in (deadline_text(entry), every_text(entry)) if part) or "有"
    return demand_text(entry)


def _frozen(cells: Mapping[str, Sequence[PackEntry]]) -> dict[str, tuple[PackEntry, ...]]:
    return {pack: tuple(cell) for pack, cell in cells.items()}


def _kind(value: Any) -> Any:
    return KINDS.get(value, value) if isinstance(value, str) else value


def _population(entry: PackEntry) -> str:
    code, given = getattr(entry, "indicator", None), getattr(entry, "params", {})
    given = chosen_params(code, given) if code else given
    chosen = {key: value for key, value in given.items() if key not in CHOOSING or _kind(value) != value}
    return json.dumps(chosen, sort_keys=True, default=str)


_KIND = {PackIndicator: "indicator", PackTrend: "trend", PackNamed: "named", PackMoney: "money", PackDuty: "duty"}


def _as_json(entry: PackEntry) -> dict[str, Any]:
    fields = {"id", "title", "params", "op", "target", "upper", "unit", "deadline", "direction", "scope", "every"}
    kind = _KIND[type(entry)]
    said = entry.model_dump(mode="json", by_alias=True, include=fields)
    return {**said, "kind": kind, "clause": entry.cite.clause, "marks": list(marks(entry))}
