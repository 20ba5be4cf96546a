"""What the stages of a run made and from what, so that a rerun makes only what a change touches.

    memo = Memo()                                   # a fresh run: everything is made
    scored = memo.of(("card", card.id), (card, units), lambda: score(card, units))
    again = Memo(memo)                              # a rerun: what was made from the same is taken from before

A stage states all that it is made from: `key`, what is known beforehand, and `reads`, what only the answer tells (the
facts that were looked at). Whatever is not the very same or equal, type by type, is made anew; tables and arrays are
never changed in place and count as the same only where they are the same object. What fails is not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from operator import is_
from typing import Any, TypeVar

from pydantic import BaseModel

T = TypeVar("T")
Name = tuple[Hashable, ...]
Read = tuple[object, ...]

_NOTHING = object()
_PLAIN = frozenset({str, int, bool, Fraction})


@dataclass(frozen=True)
class Kept:
    """An answer, and what it was made and read from."""

    key: Read
    reads: Read
    value: Any


class Memo:
    """The answers of one run by stage (`made`); before: of a run that is repeated with changes, left as they are."""

    def __init__(self, before: Memo | None = None) -> None:
        self._before: Mapping[Name, Kept] = {} if before is None else before.made
        self.made: dict[Name, Kept] = {}

    def of(self, name: Name, key: Read, make: Callable[[], T], reads: Callable[[T], Read] = lambda _: ()) -> T:
        """The answer of the stage `name`, as it was made before from the same, else made now.

        reads: what an answer was read from besides the key, as it stands in this run.
        """
        for kept in (self.made.get(name), self._before.get(name)):
            if kept is not None and same(kept.key, key) and same(kept.reads, reads(kept.value)):
                self.made[name] = kept
                found: T = kept.value
                return found
        value = make()
        self.made[name] = Kept(key, reads(value), value)
        return value


class Watched(Mapping[Any, T]):
    """A mapping that notes what is asked of it, also what it does not have; `begin` forgets that."""

    def __init__(self, given: Mapping[Any, T]) -> None:
        self._given = given
        self.begin()

    def begin(self) -> None:
        """Nothing asked yet."""
        self._asked: dict[Hashable, None] = {}
        self._whole = False

    @property
    def asked(self) -> tuple[Hashable, ...] | None:
        """The keys that were asked for, None where it was gone through as a whole."""
        return None if self._whole else tuple(self._asked)

    def get(self, key: Hashable, default: Any = None) -> Any:
        """The value, noted."""
        self._asked[key] = None
        return self._given.get(key, default)

    def __getitem__(self, key: Hashable) -> T:
        self._asked[key] = None
        return self._given[key]

    def __contains__(self, key: object) -> bool:
        self._asked[key] = None
        return key in self._given

    def __iter__(self) -> Iterator[Any]:
        self._whole = True
        return iter(self._given)

    def __len__(self) -> int:
        self._whole = True
        return len(self._given)


class Noted:
    """Anything else, noting what is asked of it."""

    def __init__(self, given: object) -> None:
        self._given = given
        self._asked: dict[str, None] = {}

    def begin(self) -> None:
        """Nothing asked yet."""
        self._asked = {}

    @property
    def asked(self) -> tuple[str, ...]:
        """The attributes that were asked for."""
        return tuple(self._asked)

    def found(self, asked: tuple[str, ...]) -> Read:
        """What this one has of what was asked of another one."""
        return tuple(getattr(self._given, name) for name in asked)

    def __getattr__(self, name: str) -> Any:
        self._asked[name] = None
        return getattr(self._given, name)


def found(given: Mapping[Any, object], asked: tuple[Hashable, ...] | None) -> Read:
    """What a mapping has of what was asked of another one."""
    return (given,) if asked is None else tuple(given.get(key, _NOTHING) for key in asked)


def same(one: Any, other: Any) -> bool:
    """Whether two values are one object, or of one type and equal in every part; mappings also in their order."""
    if one is other:
        return True
    kind = type(one)
    if kind is not type(other):
        return False
    if kind in _PLAIN:
        return bool(one == other)
    if kind is tuple or kind is list:
        return _alike(one, other)
    if kind is dict:
        return [*one] == [*other] and _alike([*one.values()], [*other.values()])
    parts = _parts(kind)  # type: ignore[arg-type]
    if parts is not None:
        return _alike([getattr(one, name) for name in parts], [getattr(other, name) for name in parts])
    if isinstance(one, Decimal):
        return bool(one.as_tuple() == other.as_tuple())
    return not hasattr(one, "__array__") and bool(one == other)


def _alike(these: Sequence[Any], those: Sequence[Any]) -> bool:
    if len(these) != len(those):
        return False
    if all(map(is_, these, those)):
        return True
    kinds = [*map(type, these)]
    if _PLAIN.issuperset(kinds):
        return these == those and kinds == [*map(type, those)]
    return all(map(same, these, those))


@cache
def _parts(kind: Hashable) -> tuple[str, ...] | None:
    """The fields of a model or dataclass; None of everything else."""
    if not isinstance(kind, type):
        return None
    if issubclass(kind, BaseModel):
        return *kind.model_fields, *(["__pydantic_private__"] if kind.__private_attributes__ else [])
    return tuple(each.name for each in fields(kind)) if is_dataclass(kind) else None
