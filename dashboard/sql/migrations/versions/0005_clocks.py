"""Clocks: from where due times are counted, so that they can be again; the kind of grid; the source's last step."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

#: Where a clock was set going, and the hours left then. None in cases that are older: they are counted as before.
TIMES = ("clock_from", "clock_hours", "reply_from", "step_from")
WORDS = ("grid_kind", "told_step")


def upgrade() -> None:
    for name in WORDS:
        op.add_column("cases", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    for name in TIMES:
        op.add_column("cases", sa.Column(name, sa.Float(precision=53), nullable=True))
