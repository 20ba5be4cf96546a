"""What every table shares, and what makes one belong to a place."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import MetaData
from sqlmodel import Field, SQLModel


class Table(SQLModel):
    """A table of the service; names of constraints are the same on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Scoped(Table):
    """A row that belongs to a unit of a region, and is there for nobody without a grant on them.

    unit: the code of a unit, or the region's own code for what concerns the region whole. `covers`: whoever has a
    grant on any unit of the region sees the row (a batch is there for all whom it covers), not only who has this unit.
    apart: of such a table, the column and the value of rows that are nevertheless their unit's alone.
    """

    covers: ClassVar[bool] = False
    apart: ClassVar[tuple[str, str] | None] = None

    region: str = Field(index=True)
    unit: str = Field(index=True)

    @property
    def covered(self) -> bool:
        """Whether whoever has a grant on any unit of the region sees this row."""
        return self.covers and (self.apart is None or getattr(self, self.apart[0]) != self.apart[1])
