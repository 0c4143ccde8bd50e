"""Store: cases and their trail as they lie in SQLite and PostgreSQL."""
