"""Entries of packs by their reference, what they demand, and the clauses that plans cite."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from pydantic import BaseModel

from domain.demand import Target
from domain.pack import Pack, PackEntry, PackIndicator, PackNamed, PackTrend
from domain.plan import Item, Plan, Scorecard
from domain.step import Basis
from domain.values import Cite
from engine.yaml.document import KeyPath

_NESTED = (BaseModel, list, dict)
_SPLIT = re.compile(r"[,\uff0c、;；]")


def parted(clauses: str) -> list[str]:
    """The clauses that a citation names, in one width of characters."""
    return [plain_clause(part) for part in _SPLIT.split(clauses)]


def plain_clause(clause: str) -> str:
    """A clause in one width of characters, without blanks."""
    return "".join(unicodedata.normalize("NFKC", clause).split())


def target_of(rule: PackEntry, cite: Basis = "") -> Target:
    """What a pack's entry demands of an item; a duty has only a deadline. Dated targets must have been resolved."""
    value, upper = getattr(rule, "target", None), getattr(rule, "upper", None)
    return Target(
        value if isinstance(value, Fraction) else None,
        str(getattr(rule, "op", "")),
        upper if isinstance(upper, Fraction) else None,
        getattr(rule, "deadline", None),
        cite,
    )


def find_entry(reference: str, packs: Mapping[str, Pack]) -> PackEntry:
    """The pack entry of "tianjin-2024:TJ-I03". Raises KeyError if there is none."""
    name, _, rule = reference.partition(":")
    entry = next((entry for entry in packs[name].entries() if entry.id == rule), None)
    if entry is None:
        raise KeyError(reference)
    return entry


def find_rule(reference: str, packs: Mapping[str, Pack]) -> PackIndicator | None:
    """The pack indicator of a reference; None for a trend or named item. Raises KeyError if there is none."""
    entry = find_entry(reference, packs)
    return entry if isinstance(entry, PackIndicator) else None


def looking(reference: str, entry: PackEntry, plan: Plan) -> list[tuple[Scorecard, Item]]:
    """The items of a plan that look at an entry: that name it, or of a trend or named item, that compute the same."""
    return [
        (card, item)
        for card in plan.scorecards
        for part in card.dimensions
        for item in part.items
        if reference in (item.rule, *item.also) or _computes(item, entry)
    ]


def _computes(item: Item, entry: PackEntry) -> bool:
    """Whether an item is what a trend or named item, which has no number of its own, is read to be."""
    if not isinstance(entry, PackTrend | PackNamed) or entry.indicator != item.indicator:
        return False
    return entry.sound and item.sound and entry.given == item.given


def cites(plan: Plan) -> list[tuple[KeyPath, Cite]]:
    """Every citation of a plan, with its key path."""
    found: list[tuple[KeyPath, Cite]] = []

    def walk(value: Any, path: KeyPath) -> None:
        if isinstance(value, Cite):
            found.append((path, value))
            return
        inner: Iterable[tuple[str | int, Any]] = ()
        if isinstance(value, BaseModel):
            inner = vars(value).items()
        elif isinstance(value, dict):
            inner = value.items()
        elif isinstance(value, list):
            inner = enumerate(value)
        for key, each in inner:
            if isinstance(each, _NESTED):
                walk(each, (*path, key))

    walk(plan, ())
    return found
