"""What is asked of tables, in the words that the workflow uses; the only way to a row goes through a desk.

    desk.rows(Batch, Batch.state == "locked", among(Batch.region, regions), order=newest(Batch.id), limit=100)

Conditions are comparisons of a table's columns, or one of the functions here.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast

from sqlalchemy import ColumnElement, UnaryExpression, and_, or_
from sqlmodel import col


def among(column: Any, values: Collection[Any]) -> ColumnElement[bool]:
    """The column has one of these values."""
    return col(column).in_(sorted(values))


def begins(column: Any, text: str) -> ColumnElement[bool]:
    """The column's text begins so."""
    return col(column).startswith(text, autoescape=True)


def unset(column: Any) -> ColumnElement[bool]:
    """The column has no value."""
    return col(column).is_(None)


def under(column: Any, value: Any) -> ColumnElement[bool]:
    """The column's value is smaller."""
    return cast("ColumnElement[bool]", col(column) < value)


def over(column: Any, value: Any) -> ColumnElement[bool]:
    """The column's value is larger."""
    return cast("ColumnElement[bool]", col(column) > value)


def true(column: Any) -> ColumnElement[bool]:
    """The column says yes."""
    return col(column).is_(True)


def false(column: Any) -> ColumnElement[bool]:
    """The column says no."""
    return col(column).is_(False)


def begun(column: Any, value: Any) -> ColumnElement[bool]:
    """The column's day or moment is not after this one, or it has none."""
    return or_(col(column).is_(None), col(column) <= value)


def lasting(column: Any, value: Any) -> ColumnElement[bool]:
    """The column's day or moment is not before this one, or it has none."""
    return or_(col(column).is_(None), col(column) >= value)


def between(column: Any, first: Any, last: Any) -> ColumnElement[bool]:
    """The column's value lies between these, both included."""
    return col(column).between(first, last)


def either(*conditions: Any) -> ColumnElement[bool]:
    """One of these holds."""
    return or_(*conditions)


def both(*conditions: Any) -> ColumnElement[bool]:
    """All of these hold."""
    return and_(*conditions)


def newest(column: Any) -> UnaryExpression[Any]:
    """Ordered by the column, the largest first."""
    return col(column).desc()
