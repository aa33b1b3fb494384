"""The notices of events that campaigns have sent."""

import sqlalchemy as sa
from alembic import op

from tigc_mail.ground.database import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; of what was sent before, the files of the workspace tell."""
    op.create_table(
        "notices",
        sa.Column("campaign", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("issued", Instant(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("dates", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign"], ["campaigns.number"], name=op.f("fk_notices_campaign")
        ),
        sa.PrimaryKeyConstraint("campaign", "uid", name=op.f("pk_notices")),
    )
