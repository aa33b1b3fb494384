"""How Alembic runs the migrations: inside the transaction that `ground.database` opened."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
