"""Schema: the tables of the people. No password and no secret stands in them, only hashes."""

from __future__ import annotations

import sqlalchemy as sa

from dashboard.sql.metadata import METADATA

__all__ = ["ACCOUNTS", "ATTEMPTS", "LOOKS", "SESSIONS", "TOKENS"]

ACCOUNTS = sa.Table(
    "accounts",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("password", sa.Text, nullable=False),  # argon2id; empty: none, signs in elsewhere or not at all
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),  # area_id; empty: the whole city
    sa.Column("department", sa.Text, nullable=False),
    sa.Column("seat", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, unique=True),  # "issuer subject" of an account that came by OIDC
    sa.Column("created_at", sa.Float(53), nullable=False),
    sa.Column("changed_at", sa.Float(53), nullable=False),
    sa.Column("disabled_at", sa.Float(53)),
)

#: Sessions of browsers: of accounts, and of walls (token_id says which pass). Deleted when they end.
SESSIONS = sa.Table(
    "sessions",
    METADATA,
    sa.Column("hash", sa.Text, primary_key=True),  # SHA-256 of what the cookie holds, hex
    sa.Column("account", sa.Text, nullable=False),  # empty: a wall's
    sa.Column("token_id", sa.Text, nullable=False),  # empty: an account's
    sa.Column("began_at", sa.Float(53), nullable=False),
    sa.Column("seen_at", sa.Float(53), nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Index("ix_sessions_account", "account"),
    sa.Index("ix_sessions_token_id", "token_id"),
)

#: Keys that machines hold. kind: source (a system), account (acts as that account), wall (a display's pass).
TOKENS = sa.Table(
    "tokens",
    METADATA,
    sa.Column("token_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),  # of the source, the account or the wall
    sa.Column("area", sa.Text, nullable=False),  # of a wall
    sa.Column("hash", sa.Text, nullable=False, unique=True),  # SHA-256 of the key, hex
    sa.Column("created_at", sa.Float(53), nullable=False),
    sa.Column("ends_at", sa.Float(53)),  # set when another took its place
    sa.Column("revoked_at", sa.Float(53)),
    sa.Index("ix_tokens_kind_name", "kind", "name"),
)

#: Who looked at personal data of which case, when, and why. Only ever added to.
LOOKS = sa.Table(
    "looks",
    METADATA,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("at", sa.Float(53), nullable=False),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("case_id", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Index("ix_looks_case_id", "case_id"),
    sa.Index("ix_looks_at", "at"),
)

#: Tries to sign in. outcome: pending (being weighed, counts as wrong), wrong, right, refused (not even weighed).
ATTEMPTS = sa.Table(
    "attempts",
    METADATA,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("at", sa.Float(53), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Index("ix_attempts_name_at", "name", "at"),
    sa.Index("ix_attempts_address_at", "address", "at"),
)
