"""Whole fen: of all ways to round x* up or down that keep the sum, the first that the hard group rules allow.

The rules restrict the choices one after another; one that no remaining choice satisfies is passed over (FEN-GRID).
How many of each kind of member are rounded up is found in `counts`; where that takes too long it ends (FEN-BOUND).
Then largest remainders get the fen, ties by code. Source: contract "Whole fen, one answer".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from allocation.exact.counts import Counts
from allocation.terms import Row


class WholeFen(NamedTuple):
    """floors: ⌊x*⌋; paid: what each gets; passed_over, ended: whether some group rule had to be passed over.

    passed over: provably nobody could satisfy it. ended: the search ended early: another rule may have been passed
    over that some choice satisfies, and the choice made, which satisfies all the rest, may not be the first.
    """

    floors: list[int]
    paid: list[int]
    passed_over: bool = False
    ended: bool = False


def settle(rows: Sequence[tuple[int, Row]], amounts: Sequence[int], unit: int) -> WholeFen:
    """Fen per member: Σ = ⌊Σ x*⌋; each is ⌊x*⌋ or ⌈x*⌉.

    rows: the hard group rows with the order of their rule, counting in fen, in the problem's order; amounts: x* in
    1/unit fen.
    """
    floors = [x // unit for x in amounts]
    rest = [x % unit for x in amounts]
    up = sum(rest) // unit
    order = sorted([i for i, left in enumerate(rest) if left], key=rest.__getitem__, reverse=True)  # stable: by code
    paid = floors.copy()
    for i in order[:up]:
        paid[i] += 1
    if all(row.value(paid) >= 0 for _, row in rows):
        return WholeFen(floors, paid)
    return _restricted(floors, up, order, [row for _, row in sorted(rows, key=_place)])


def _place(pair: tuple[int, Row]) -> tuple[int, str, bool]:
    """When a row restricts the choices: by rule; shares by group, lower bounds first, whatever rule they are of.

    Two shares of one place bound the same sum from the same side: which comes first changes nothing. Pay gaps keep the
    problem's order, which goes by their groups before their ratios.
    """
    order, row = pair
    return order, row.group, row.holds == "inside"


def _restricted(floors: list[int], up: int, order: list[int], rows: list[Row]) -> WholeFen:
    """The first choice of `up` members along `order` that satisfies the rows, passing over what nobody can satisfy."""
    kinds: dict[tuple[int, ...], list[int]] = {}
    for i in order:
        kinds.setdefault(tuple(row.coefs[i] for row in rows), []).append(i)
    signatures = list(kinds)
    high = [len(kinds[s]) for s in signatures]
    kind_of = {i: k for k, s in enumerate(signatures) for i in kinds[s]}
    largest = Counter(kind_of[i] for i in order[:up])
    search = Counts(up, high, [largest[k] for k in range(len(kinds))])
    passed_over = False
    for k, row in enumerate(rows):
        if not search.narrowed([s[k] for s in signatures], -row.value(floors)):
            passed_over |= not search.ended
    chosen = floors.copy()
    for i in order:
        if search.takes(kind_of[i]):
            chosen[i] += 1
    return WholeFen(floors, chosen, passed_over, search.ended)
