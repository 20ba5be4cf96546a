"""Who stands below a hospital in its alliances: those that it sends its people to.

A hospital heads an alliance in which no hospital is of a higher level; where a lead hospital (牵头医院) stands beside
county hospitals, it alone does. In alliances in which it is a lower member it sends nobody.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from domain.institution import Tier
from domain.selection import Array
from indicators.book import Book, Links, spread

LEVELS = (Tier.COUNTY.value, Tier.LEAD.value, Tier.CITY.value, Tier.PROVINCE.value)


def below(book: Book, units: Array, tiers: Collection[str], day: int) -> Links:
    """Links from each of `units` to the members of `tiers` that stand below it in the alliances that it heads.

    day: the ordinal of the day asked about, which tells who heads an alliance. A link holds while both are members.
    """
    links = book.links
    rank = np.full(len(book.code), -1)
    for level, tier in enumerate(LEVELS):
        rank[book.tier == tier] = level
    today = (links.first <= day) & (day <= links.last)
    top = np.full(len(book.code), -1)
    np.maximum.at(top, links.parent[today], rank[links.child[today]])
    heads = np.flatnonzero(today & (rank[links.child] >= 0) & (rank[links.child] == top[links.parent]))
    order = np.argsort(links.parent, kind="stable")
    ordered = links.parent[order]
    parents = links.parent[heads]
    head, at = spread(np.searchsorted(ordered, parents), np.searchsorted(ordered, parents, side="right"))
    upper, lower = heads[head], order[at]
    position = np.full(len(book.code), -1)
    position[units] = np.arange(len(units))
    parent, child = position[links.child[upper]], links.child[lower]
    kept = (parent >= 0) & book.of_tiers(tiers)[child] & (rank[child] < rank[links.child[upper]])
    first = np.maximum(links.first[upper], links.first[lower])
    last = np.minimum(links.last[upper], links.last[lower])
    return Links(parent, child, first, last, links.source[lower]).of(kept & (first <= last))
