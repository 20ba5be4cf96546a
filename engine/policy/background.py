"""What no document says how to compute (口径待核), and how an entry that is unsure in any way is marked."""

from __future__ import annotations

from domain.pack import PackEntry
from engine.policy.words import AMBIGUOUS, RECOMMENDED, UNCHECKED
from indicators.registry import indicators


def unchecked(entry: PackEntry) -> bool:
    """Whether no document states how an entry is computed: by its own mark, or by that of its indicator."""
    return entry.formula_status == "background" or assumed(getattr(entry, "indicator", None))


def assumed(indicator: str | None) -> bool:
    """Whether the formula of an indicator is background; a plan's local indicator states its own."""
    known = indicators().get(indicator or "")
    return known is not None and known.formula_status == "background"


def marks(entry: PackEntry) -> tuple[str, ...]:
    """What must be known before an entry is relied on."""
    said = (
        (RECOMMENDED, getattr(entry, "recommended", False)),
        (UNCHECKED, unchecked(entry)),
        (AMBIGUOUS, bool(entry.ambiguity)),
    )
    return tuple(word for word, holds in said if holds)
