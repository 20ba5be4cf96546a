"""What the store knows of pay batches: whose workbooks, pay folders, exports, the bank's answers, the payer's word."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT = sa.DateTime(timezone=True)
INDEXES = {
    "pay_batch": ("region", "unit", "run"),
    "pay_people": ("region", "unit", "batch", "by"),
    "pay_folder": ("region", "unit", "batch", "folder"),
    "pay_export": ("region", "unit", "batch", "by"),
    "pay_result": ("region", "unit", "batch", "by"),
    "pay_said": ("region", "unit", "batch", "by"),
}
"""Columns with an index of their own, by table."""


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _table(name: str, *parts: sa.schema.SchemaItem, by: bool = True) -> None:
    """A table of rows with a number, a place and a batch; by: and who made them."""
    op.create_table(
        name,
        _text("region"),
        _text("unit"),
        sa.Column("id", BIG),
        sa.Column("batch", BIG, nullable=False),
        *parts,
        sa.Column("at", AT, nullable=False),
        sa.ForeignKeyConstraint(["batch"], ["batch.id"], name=f"fk_{name}_batch"),
        *([sa.Column("by", BIG, nullable=True)] if by else []),
        *([sa.ForeignKeyConstraint(["by"], ["user.id"], name=f"fk_{name}_by")] if by else []),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sqlite_autoincrement=True,
    )


def upgrade() -> None:
    """The schema after this change."""
    op.create_table(
        "pay_batch",
        _text("region"),
        _text("unit"),
        sa.Column("batch", BIG),
        _text("month"),
        sa.Column("run", BIG, nullable=True),
        sa.ForeignKeyConstraint(["batch"], ["batch.id"], name="fk_pay_batch_batch"),
        sa.ForeignKeyConstraint(["run"], ["run.id"], name="fk_pay_batch_run"),
        sa.PrimaryKeyConstraint("batch", name="pk_pay_batch"),
    )
    _table(
        "pay_people",
        _text("file"),
        _text("folder"),
        sa.ForeignKeyConstraint(["file"], ["file.sha"], name="fk_pay_people_file"),
    )
    _table(
        "pay_folder",
        _text("kind"),
        _text("folder"),
        _text("people"),
        _text("number"),
        _text("of"),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["people"], ["file.sha"], name="fk_pay_folder_people"),
        by=False,
    )
    _table(
        "pay_export",
        _text("kind"),
        _text("number"),
        _text("sha"),
        sa.Column("voided_reason", sa.Text(), nullable=False),
    )
    _table(
        "pay_result",
        _text("number"),
        _text("person_code"),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        _text("state"),
        _text("file"),
        sa.ForeignKeyConstraint(["file"], ["file.sha"], name="fk_pay_result_file"),
    )
    _table(
        "pay_said",
        _text("payer"),
        _text("person_code"),
        _text("kind"),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        _text("state"),
        _text("voucher"),
        sa.Column("dated", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
    )
    for table, columns in INDEXES.items():
        for column in columns:
            op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    """The schema before it."""
    for table in reversed(INDEXES):
        op.drop_table(table)
