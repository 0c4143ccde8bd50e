"""Near: an index by class and place, by which a new report finds what is like it."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_index("ix_cases_class_code_lat_lon", "cases", ["class_code", "lat", "lon"], unique=False)
