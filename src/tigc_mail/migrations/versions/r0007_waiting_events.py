"""The events that wait for the provider's answer are found without looking at all the others."""

from alembic import op

from tigc_mail.delivery.tables import waiting_events

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the index."""
    waiting_events.create(op.get_bind())
