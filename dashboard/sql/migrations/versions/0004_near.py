"""Near: an index by class and latitude, by which a new report finds what is like it."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_index("ix_cases_class_code_lat", "cases", ["class_code", "lat"], unique=False)
