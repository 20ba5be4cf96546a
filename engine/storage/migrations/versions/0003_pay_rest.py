"""Batches that pay what another left open, and what a workbook of people was handed in for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """The schema after this change."""
    with op.batch_alter_table("pay_batch") as table:
        table.add_column(sa.Column("completes", BIG, nullable=True))
        table.create_foreign_key("fk_pay_batch_completes", "batch", ["completes"], ["id"])
        table.create_index("ix_pay_batch_completes", ["completes"])
    with op.batch_alter_table("pay_people") as table:
        table.add_column(sa.Column("what", sa.String(), nullable=False, server_default="people"))
    with op.batch_alter_table("pay_people") as table:
        table.alter_column("what", server_default=None)


def downgrade() -> None:
    """The schema before it."""
    with op.batch_alter_table("pay_people") as table:
        table.drop_column("what")
    with op.batch_alter_table("pay_batch") as table:
        table.drop_index("ix_pay_batch_completes")
        table.drop_constraint("fk_pay_batch_completes", type_="foreignkey")
        table.drop_column("completes")
