"""Of which institutions an indicator has figures: those whom the catalogue asks for them."""

from __future__ import annotations

from collections.abc import Collection

from domain.facts import Catalogue
from indicators.registry import ANY, indicators

SENDER = "sender"
"""A hospital answers with the figures of those below it (`whose`)."""


def answers(indicator: str, tiers: Collection[str], catalogue: Catalogue) -> bool:
    """Whether members of these tiers have any figure of an indicator; of one that says not what it reads: yes."""
    described = indicators().get(indicator)
    if described is None or ANY[0] in described.facts:
        return True
    asked = [catalogue.metrics[code].scopes for code in described.facts if code in catalogue.metrics]
    return not asked or any(not scopes or {*scopes} & {*tiers} for scopes in asked)


def sends(indicator: str) -> bool:
    """Whether an indicator can be reckoned of the hospital that sends, in place of those who are sent to."""
    described = indicators().get(indicator)
    return described is not None and "whose" in described.params.model_fields
