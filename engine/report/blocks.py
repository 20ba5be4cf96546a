"""Blocks of a sheet: the units of one alliance and pool, amounts beside each other, their sums also in capitals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from domain.money import format_daxie
from engine.printing.page import FILL_TOTAL, ROW, Column, Page
from engine.report.view import View

TIER = Column("机构级别", 130, "center")


def unit_columns(amounts: Sequence[str], *, wide: int, name: int, tiers: bool) -> list[Column]:
    """The columns of such a sheet. amounts: their headings; wide, name: pixels of an amount and of a unit's name."""
    first = [Column("序号", 36, "count"), Column("单位编码", 80, "code"), Column("成员单位", name), *[TIER] * tiers]
    return [*first, *(Column(title, wide, "money") for title in amounts)]


def unit_block(
    page: Page,
    view: View,
    heading: str,
    amounts: Mapping[str, Sequence[int]],
    in_capitals: Sequence[tuple[str, int]],
    *,
    note: str,
) -> None:
    """One block with its signatures.

    amounts: fen by unit, in the order of the columns; in_capitals: sums that are told in capitals, as what
    they are called and their place among the amounts; note: what is to be said of the block.
    """
    tiers = TIER in page.columns
    page.group(heading)
    for at, unit in enumerate(sorted(amounts, key=view.place), start=1):
        page.row([at, unit, view.name(unit), *[view.tier(unit)] * tiers, *amounts[unit]])
    sums = [sum(fen) for fen in zip(*amounts.values(), strict=True)]
    page.row(
        ["", "合计", f"{len(amounts)} 家", *[""] * tiers, *sums],
        kinds=["blank", "center", "text", *["blank"] * tiers, *["money"] * len(sums)],
        bold=True,
        bg_color=FILL_TOTAL,
    )
    page.keep(ROW * (3 + tiers) + page.tail([""]))
    for title, place in in_capitals:
        page.labelled(title, format_daxie(sums[place]), columns=3)
    page.line(note, size=9)
    page.signatures()
