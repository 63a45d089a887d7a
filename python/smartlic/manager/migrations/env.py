"""What Alembic runs: the migrations in the transaction that `upgrade` was given."""

from __future__ import annotations

from alembic import context

from smartlic.manager.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
