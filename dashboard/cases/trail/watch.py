"""Watch: the tables of those who watch over the ledger: how far it was verified, what was signed, who does what."""

from __future__ import annotations

import sqlalchemy as sa

from dashboard.sql.metadata import METADATA

__all__ = ["CHECKS", "DUTIES", "HEADS"]

#: How far each chain was verified. walk: "onward" follows the head; "again" goes round and round from the beginning.
CHECKS = sa.Table(
    "chain_checks",
    METADATA,
    sa.Column("district", sa.Text, primary_key=True),
    sa.Column("walk", sa.Text, primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),  # every entry up to this one was verified
    sa.Column("hash", sa.LargeBinary(32), nullable=False),  # of that entry
    sa.Column("at", sa.Float(53), nullable=False),
    sa.Column("rounds", sa.Integer, nullable=False),  # how often this walk has come to the head
    sa.Column("finding", sa.Text),  # JSON of the first broken entry; none while all is whole
)

#: Heads of all chains as they were signed: the document itself, so that each can be checked again.
HEADS = sa.Table(
    "signed_heads",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),  # of its file, without the ending: 2026-11-21
    sa.Column("signed_at", sa.Float(53), nullable=False),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),  # canonical JSON, with its signature
)

#: Duties of the stewards: who holds each, and how it goes. Times are the machine's, not the hall's.
DUTIES = sa.Table(
    "duties",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("held_until", sa.Float(53), nullable=False),
    sa.Column("due_at", sa.Float(53), nullable=False),
    sa.Column("done_at", sa.Float(53)),  # the last time it went well
    sa.Column("runs", sa.BigInteger, nullable=False),
    sa.Column("failures", sa.BigInteger, nullable=False),
    sa.Column("failed_at", sa.Float(53)),
    sa.Column("trouble", sa.Text, nullable=False),  # the last failure's sentence
)
