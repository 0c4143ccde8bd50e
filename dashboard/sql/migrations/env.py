"""Env: what Alembic runs: the migrations of `versions`, one after the other, in the transaction that `migrate` began.

How to change the schema: change the tables (`dashboard.sql.migrate.SCHEMAS` names the rooms that write them down), add
`versions/NNNN_what.py` with `revision = "NNNN"` and `down_revision` naming the last one, and run tests/test_sql.py: it
compares a migrated database with the tables, on SQLite and on PostgreSQL, and prints what a migration must still do.
A migration that was released is never changed; there is no way down: a backup is.
"""

from __future__ import annotations

from typing import Any

from alembic import context

from dashboard.sql.migrate import catalogue

connection: Any = context.config.attributes["connection"]
# SQLite cannot change a column: batches copy the table instead.
context.configure(connection=connection, target_metadata=catalogue(), render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
