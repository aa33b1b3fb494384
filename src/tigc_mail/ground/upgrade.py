"""Bringing a database up to date by Alembic, which takes a tenth of a second to load."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from tigc_mail.ground.database import MIGRATIONS


def upgrade(connection: Connection) -> None:
    """Run the migrations that a database lacks, within the transaction of a connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
