"""The first irreducible set that cannot hold together, found without listing them all.

Sets are bit masks over elements in their order. Leaving something out of a set that can hold together, it still can. So
two kinds of set say everything about many others: one that holds answers for all within it, an irreducible one for all
around it. Only a set that neither answers for, and that could come before the best one known, is looked at; when there
is none left, the best one known is the first. There may be very many to look at: what is looked at is counted, and
after `_WORK` of it the best one known is the answer, an irreducible set all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

_WORK = 6_000_000  # elements looked at, after which the search ends: a few seconds
_OFTEN = 2  # dead ends of one beginning after which something is learnt from each that others can use


class Elements(Protocol):
    """What is asked of the elements; sets are masks."""

    keys: list[tuple[str, str]]
    """By what sets are compared, element by element; ascending."""
    torn: list[int]
    """Irreducible sets known beforehand, of which `rivals` need not speak."""
    asked: int
    """How often `holds` was asked, also by the others."""

    def holds(self, chosen: int) -> bool:
        """Whether the elements can hold together."""

    def each_needed(self, chosen: int) -> bool:
        """Whether what is left can hold together whichever element is taken away."""

    def needed(self, chosen: int) -> int:
        """Elements without which the rest can hold together; not always all of them."""

    def rivals(self, chosen: int) -> int:
        """Elements that no irreducible set has beside all of the chosen."""

    def useful(self, chosen: int) -> int:
        """The elements without some that no irreducible set has among the chosen."""

    def strongest(self, chosen: int) -> int:
        """Of the elements those that hold the others' place."""


def bits(mask: int) -> list[int]:
    """The elements of a set, ascending."""
    return [k for k, here in enumerate(f"{mask:b}"[::-1]) if here == "1"]


def first_irreducible(elements: Elements, guesses: Sequence[int] = ()) -> tuple[list[int], bool]:
    """Of all irreducible sets the first, compared element by element, and whether it is proved to be the first.

    All elements together must not hold. guesses: sets that may be irreducible.
    """
    search = _Search(elements)
    search.torn += [mask for mask in guesses if not elements.holds(mask) and elements.each_needed(mask)]
    return bits(search.first()), search.ended


class _EnoughError(Exception):
    """The search has taken `_WORK`."""


class _Search:
    """held: sets that hold, as large as can be; torn: irreducible sets; closed: beginnings that lead to none.

    ended: whether nothing was left to look at.
    """

    def __init__(self, elements: Elements) -> None:
        self.elements = elements
        self.count = len(elements.keys)
        self.held: list[int] = []
        self.torn = list(elements.torn)
        self.closed: set[int] = set()
        self.dead: dict[int, list[int]] = {}
        self.looked = 0
        self.ended = False

    def first(self) -> int:
        self.learn((1 << self.count) - 1)
        self.looked = -self.elements.asked  # the search begins here
        try:
            while any(self.leads_on(*branch) for branch in self.branches(self.best())):
                pass
            self.ended = True
        except _EnoughError:
            pass
        return self.best()

    def best(self) -> int:
        keys = self.elements.keys
        return min(self.torn, key=lambda mask: [keys[k] for k in bits(mask)])

    def look(self) -> None:
        """Count one set looked at."""
        self.looked += 1
        if (self.looked + self.elements.asked) * self.count > _WORK:
            raise _EnoughError

    def branches(self, best: int) -> list[tuple[int, int]]:
        """Where a set that comes before `best` can part from it: (what it contains, what it is within)."""
        keys, found, begun, after = self.elements.keys, [], 0, 0
        for last in bits(best):
            for k in range(after, self.count):
                if keys[k] > keys[last]:
                    break
                if k != last:  # of one name with `last`: what follows decides
                    found.append((begun | 1 << k, begun | (1 << self.count) - (1 << k)))
            begun |= 1 << last
            after = last + 1
        return found

    def leads_on(self, required: int, allowed: int) -> bool:
        """Whether something new is found on the way to an irreducible set between the two; False: there is none."""
        rivals = self.elements.rivals(required)
        if rivals & required:
            return False
        allowed &= ~rivals
        while required not in self.closed:
            self.look()
            within = self.unexplored(required, allowed)
            if within is None:
                self.closed.add(required)
                return False
            least = required | self.elements.needed(within)
            if not self.elements.each_needed(least):  # something required would be idle in any set within
                dead = self.dead.setdefault(required, [])
                dead.append(within)
                found = self.learn(within) if len(dead) > _OFTEN else None
            elif found := self.completed(least, within):
                self.torn.append(found)
            else:
                found = self.learn(within)
            if found:
                return True
        return False

    def unexplored(self, required: int, allowed: int) -> int | None:
        """A set between the two of which nothing is known, as large as can be."""
        dead = self.dead.get(required, [])
        seen: set[int] = set()
        waiting = [allowed]
        while waiting:
            self.look()
            mask = self.elements.useful(waiting.pop())
            if required & ~mask or mask in seen or any(mask | other == other for other in (*dead, *self.held)):
                continue
            seen.add(mask)
            hit = next((one for one in self.torn if one | mask == mask), None)
            if hit is None:
                return mask
            waiting += [mask & ~(1 << k) for k in bits(hit & ~required)]
        return None

    def completed(self, least: int, within: int) -> int | None:
        """An irreducible set around `least`: of the strongest what must stay, or else what goes in, in order."""
        strong = least | self.elements.strongest(within & ~self.elements.rivals(least))
        if not self.still_holds(strong):
            made = self.less(strong, least)
            if self.elements.each_needed(made):
                return made
        made = _kept(least, bits(within & ~least), self.elements.each_needed)
        return None if self.elements.holds(made) else made

    def less(self, mask: int, least: int = 0) -> int:
        """What is left of a set that does not hold, when from the last on all goes that is not needed."""
        return mask & ~_kept(0, bits(mask & ~least)[::-1], lambda gone: not self.still_holds(mask & ~gone))

    def learn(self, mask: int) -> int | None:
        """Note a largest set around `mask` that holds, or an irreducible one within it, which is returned."""
        whole = (1 << self.count) - 1
        if self.known_to_hold(mask) or self.elements.holds(mask):
            self.held.append(_kept(mask, bits(whole & ~mask), self.still_holds))
            return None
        self.torn.append(self.less(mask))
        return self.torn[-1]

    def known_to_hold(self, mask: int) -> bool:
        return any(mask | one == one for one in self.held)

    def still_holds(self, mask: int) -> bool:
        if any(one | mask == mask for one in self.torn):
            return False
        return self.known_to_hold(mask) or self.elements.holds(mask)


def _kept(start: int, others: Sequence[int], good: Callable[[int], bool]) -> int:
    """`start` with each of the others, in order, that leaves the set good; many at once where that does.

    good: of a good set every part around `start` is good.
    """
    made, waiting = start, [list(others)]
    while waiting:
        some = waiting.pop()
        mask = made
        for k in some:
            mask |= 1 << k
        if mask == made:
            continue
        if good(mask):
            made = mask
        elif len(some) > 1:
            half = len(some) // 2
            waiting += [some[half:], some[:half]]
    return made
