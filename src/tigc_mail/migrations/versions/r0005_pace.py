"""How fast providers are handed mail, and when campaigns are scheduled for."""

import sqlalchemy as sa
from alembic import op

from tigc_mail.ground.database import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and the column; nothing was taken yet."""
    op.create_table(
        "paces",
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("filled_until", Instant(), nullable=True),
        sa.Column("taken", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("provider", "scope", name=op.f("pk_paces")),
    )
    op.add_column("campaigns", sa.Column("not_before", Instant()))
