"""Lists: `{items, next}`, `?cursor=&limit=`. A cursor is the key of the last item, opaque to whoever holds it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel, Field

from api.http.problems import wrong

MOST = 1_000
T = TypeVar("T")
Key = int | str


class Page(BaseModel, Generic[T]):
    """Some of a list, and where it goes on (null: that was all)."""

    items: list[T]
    next: str | None = Field(description="写进 ?cursor= 取下一页; 没有更多时为 null")


class Asked:
    """Which part of a list is wanted. after: the key of the last item that the caller has."""

    def __init__(
        self,
        cursor: Annotated[str, Query(max_length=400, description="上一页的 next")] = "",
        limit: Annotated[int, Query(ge=1, le=MOST, description="至多几项")] = 100,
    ) -> None:
        self.limit = limit
        self.after: Key | None = _key(cursor) if cursor else None

    def number(self) -> int | None:
        """The key where it is a number. Raises Wrong 422 for a cursor of another list."""
        if self.after is not None and not isinstance(self.after, int):
            raise _bad()
        return self.after

    def text(self) -> str | None:
        """The key where it is text. Raises Wrong 422 for a cursor of another list."""
        if self.after is not None and not isinstance(self.after, str):
            raise _bad()
        return self.after

    def page(self, found: Sequence[T], key: Callable[[T], Key]) -> Page[T]:
        """The part, of which `found` holds one more than `limit` where there are more."""
        items = list(found[: self.limit])
        return Page(items=items, next=_cursor(key(items[-1])) if len(found) > self.limit else None)

    def cut(self, found: Sequence[T], key: Callable[[T], str]) -> Page[T]:
        """The part of a whole list, by a key of text that no two items share."""
        after = self.text() or ""
        behind = sorted((one for one in found if key(one) > after), key=key)
        return self.page(behind[: self.limit + 1], key)

    def whole(self, found: Sequence[T]) -> Page[T]:
        """The part of a whole list in its own order; the cursor is the number of the last item."""
        first = max(self.number() or 0, 0)
        last = first + self.limit
        return Page(items=list(found[first:last]), next=_cursor(last) if len(found) > last else None)


Part = Annotated[Asked, Depends()]


def _cursor(key: Key) -> str:
    return base64.urlsafe_b64encode(json.dumps([key]).encode()).decode().rstrip("=")


def _key(cursor: str) -> Key:
    try:
        made = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except ValueError:
        raise _bad() from None
    match made:
        case [bool()]:
            raise _bad()
        case [int() as key] if abs(key) < 2**63:
            return key
        case [str() as key] if key.isprintable():
            return key
    raise _bad()


def _bad() -> Exception:
    return wrong(422, "CURSOR", "不是本列表给出的游标", "从第一页取起", where="?cursor")
