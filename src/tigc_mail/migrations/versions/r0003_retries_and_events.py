"""Deliveries that are put off, campaigns that pause, and what providers report later."""

import sqlalchemy as sa
from alembic import op

from tigc_mail.delivery.tables import transition_triggers
from tigc_mail.ground.database import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the table, and have the database refuse what is no transition.

    Deliveries that were handed over before name the provider of their campaign, which was the only
    one until now.
    """
    op.add_column("campaigns", sa.Column("paused_by", sa.String()))
    op.add_column("campaigns", sa.Column("pause_reason", sa.String()))
    op.add_column("deliveries", sa.Column("provider", sa.String()))
    op.add_column(
        "deliveries", sa.Column("attempts", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("deliveries", sa.Column("due_at", Instant()))
    op.execute(
        "UPDATE deliveries SET provider = (SELECT campaigns.provider FROM campaigns"
        " WHERE campaigns.number = deliveries.campaign) WHERE state <> 'planned'"
    )
    op.create_table(
        "provider_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("delivery", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("applied", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_events")),
        sa.UniqueConstraint("event_id", name=op.f("uq_provider_events_event_id")),
    )
    op.create_index(op.f("ix_provider_events_delivery"), "provider_events", ["delivery"])
    for statement in transition_triggers(op.get_bind().dialect.name):
        op.execute(statement)
