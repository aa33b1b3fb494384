"""An entry of the audit log can no longer be replaced in SQLite."""

from alembic import op

from tigc_mail.delivery.tables import replacement_triggers

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the trigger."""
    for statement in replacement_triggers(op.get_bind().dialect.name):
        op.execute(statement)
