"""Columns that come back from both databases as they went in.

SQLModel's `int` has 32 bits on PostgreSQL (5·10⁹ fen fails), SQLite drops digits of decimals and forgets the zone of a
time: so fen are BIGINT, exact numbers text, and times aware UTC. Migrations name the plain types below these.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any, cast

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field

Fen = BigInteger
"""Whole fen, up to 9.2·10¹⁸."""

Id = BigInteger().with_variant(Integer(), "sqlite")
"""A number that the database gives: SQLite numbers rows only by its own INTEGER."""


class Exact(TypeDecorator[Fraction]):
    """A ratio as text, whole: `1/3`, `7`, also of a hundred digits."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Fraction | None, dialect: Dialect) -> str | None:  # noqa: ARG002  (SQLAlchemy's)
        """The text that is kept. Raises TypeError for a float, which is not exact."""
        if value is None:
            return None
        if not isinstance(value, (Fraction, int)):
            raise TypeError(f"{value!r} is not exact")
        return str(Fraction(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Fraction | None:  # noqa: ARG002
        """The ratio as it was."""
        return None if value is None else Fraction(value)


class Utc(TypeDecorator[datetime]):
    """A moment: aware on the way in, aware UTC on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment in UTC. Raises ValueError for a time without zone, of which nobody knows what it means."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """The moment with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """What JSON can say, as text with sorted keys: the same value is the same bytes in both databases."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        """The text."""
        return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        """The value."""
        return None if value is None else json.loads(value)


def row_id() -> Any:
    """A primary key that the database numbers."""
    return Field(default=None, primary_key=True, sa_type=cast("Any", Id))


def loose() -> Any:
    """A number of a row of a table that itself names this one: no foreign key goes round in a circle."""
    typed: dict[str, Any] = {"sa_type": Id}
    return Field(default=None, nullable=True, index=True, **typed)


def ref(target: str, *, optional: bool = False, index: bool = True, primary: bool = False) -> Any:
    """A number of another table's row: `ref("batch.id")`."""
    more: dict[str, Any] = {
        "foreign_key": target,
        "sa_type": Id,
        "index": index and not primary,
        "primary_key": primary,
    }
    return Field(default=None, nullable=True, **more) if optional else Field(nullable=False, **more)


def fen(*, optional: bool = False) -> Any:
    """An amount in whole fen."""
    typed: dict[str, Any] = {"sa_type": Fen}
    return Field(default=None, nullable=True, **typed) if optional else Field(nullable=False, **typed)


def exact(*, optional: bool = False) -> Any:
    """An exact ratio."""
    typed: dict[str, Any] = {"sa_type": Exact}
    return Field(default=None, nullable=True, **typed) if optional else Field(nullable=False, **typed)


def moment(*, optional: bool = False, index: bool = False) -> Any:
    """A moment."""
    typed: dict[str, Any] = {"sa_type": Utc, "index": index}
    return Field(default=None, nullable=True, **typed) if optional else Field(nullable=False, **typed)


def whole(default: int = 0) -> Any:
    """A whole number of any size that matters."""
    typed: dict[str, Any] = {"sa_type": BigInteger}
    return Field(default=default, nullable=False, **typed)


def data(default: Any = None) -> Any:
    """A value as JSON."""
    typed: dict[str, Any] = {"sa_type": Json}
    return Field(default=default, nullable=True, **typed)


def words() -> Any:
    """Text of any length."""
    typed: dict[str, Any] = {"sa_type": Text}
    return Field(default="", nullable=False, **typed)
