"""SQL: where what must never be lost is kept: one engine, one schema, SQLite and PostgreSQL alike."""
