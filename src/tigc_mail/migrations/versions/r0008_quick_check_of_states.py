"""Whether a delivery's state is a known one is asked in a form that SQLite answers quickly."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from tigc_mail.ground.database import Instant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_KNOWN = (
    "state = 'planned' OR state = 'claimed' OR state = 'accepted' OR state = 'delivered'"
    " OR state = 'deferred' OR state = 'bounced' OR state = 'dropped' OR state = 'rejected'"
    " OR state = 'unknown' OR state = 'suppressed' OR state = 'expired' OR state = 'cancelled'"
)


def upgrade() -> None:
    """Put the new check in the place of the old one.

    SQLite changes no check of a table: it is copied into a new one, with its triggers and whatever
    indexes somebody added. No key refers to it.
    """
    if op.get_bind().dialect.name == "sqlite":
        _copy()
    else:
        op.drop_constraint("ck_deliveries_state", "deliveries")
        op.create_check_constraint(op.f("ck_deliveries_state"), "deliveries", _KNOWN)


def _copy() -> None:
    columns: tuple[sa.Column[Any], ...] = (
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("variant", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("receipt", sa.String(), nullable=True),
        sa.Column("changed_at", Instant(), nullable=True),
        sa.Column("provider", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
    )
    names = ", ".join(column.name for column in columns)
    op.create_table(
        "new_deliveries",
        *columns,
        sa.CheckConstraint(_KNOWN, name=op.f("ck_deliveries_state")),
        sa.ForeignKeyConstraint(
            ["campaign"], ["campaigns.number"], name=op.f("fk_deliveries_campaign")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint(
            "campaign", "contact_id", name=op.f("uq_deliveries_campaign_contact_id")
        ),
    )
    op.execute(f"INSERT INTO new_deliveries ({names}) SELECT {names} FROM deliveries ORDER BY id")  # noqa: S608
    beside = op.get_bind().exec_driver_sql(
        "SELECT sql FROM sqlite_master"
        " WHERE tbl_name = 'deliveries' AND type IN ('index', 'trigger') AND sql IS NOT NULL"
    )
    statements = [str(sql) for sql in beside.scalars()]
    op.drop_table("deliveries")
    op.execute("PRAGMA legacy_alter_table = ON")  # views of others may name the table meanwhile
    op.rename_table("new_deliveries", "deliveries")
    op.execute("PRAGMA legacy_alter_table = OFF")
    for statement in statements:
        op.execute(statement)
