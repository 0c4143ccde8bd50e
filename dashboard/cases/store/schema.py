"""Schema: the tables of the ledger. Entries are only ever added; a case is their fold, kept in the same transaction."""

from __future__ import annotations

import types
import typing
from typing import Any

import msgspec
import sqlalchemy as sa

from dashboard.cases.case import Case
from dashboard.sql.metadata import METADATA

__all__ = ["CASES", "CHAINS", "ENTRIES", "FILES", "PERSONAL", "SEQ"]

#: seq of an entry = number of its chain × SEQ + position in it: one number, in order within a district, without gaps.
SEQ = 10**12

_SQL: dict[Any, Any] = {str: sa.Text, int: sa.BigInteger, float: sa.Float(53), bool: sa.Boolean, dict: sa.JSON}


def _column(field: msgspec.structs.FieldInfo) -> sa.Column[Any]:
    hint: Any = field.type
    nullable = isinstance(hint, types.UnionType) and type(None) in typing.get_args(hint)
    if nullable:
        hint = next(part for part in typing.get_args(hint) if part is not type(None))
    made: Any = _SQL[typing.get_origin(hint) or hint]
    return sa.Column(field.name, made, primary_key=field.name == "case_id", nullable=nullable)


#: One row a case: the fields of `Case`, so that there is one list of them.
CASES = sa.Table("cases", METADATA, *(_column(field) for field in msgspec.structs.fields(Case)))
sa.Index("ix_cases_seq", CASES.c.seq, unique=True)
sa.Index("ix_cases_origin_report_id", CASES.c.origin, CASES.c.report_id, unique=True)
# What is like a new report: the same class, about the same place (dashboard.cases.similar).
sa.Index("ix_cases_class_code_lat_lon", CASES.c.class_code, CASES.c.lat, CASES.c.lon)

#: The trail. body: the Entry as canonical JSON, byte for byte what was hashed; hash: SHA-256 of the last and body.
ENTRIES = sa.Table(
    "case_entries",
    METADATA,
    sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
    sa.Column("case_id", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("move", sa.Text, nullable=False),
    sa.Column("recorded_at", sa.Float(53), nullable=False),
    sa.Column("request_key", sa.Text),  # "{actor} {key}"; none where the asker gave none
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("hash", sa.LargeBinary(32), nullable=False),
    sa.UniqueConstraint("case_id", "version"),
    sa.Index(
        "ix_case_entries_request_key", "request_key", unique=True,
        sqlite_where=sa.text("request_key IS NOT NULL"), postgresql_where=sa.text("request_key IS NOT NULL"),
    ),
)  # fmt: skip

#: One row a district: its number, and the head of its chain. Whoever writes in a district locks its row first.
CHAINS = sa.Table(
    "chains",
    METADATA,
    sa.Column("district", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False, unique=True),  # from 1
    sa.Column("position", sa.BigInteger, nullable=False),  # of the last entry; 0: none yet
    sa.Column("hash", sa.LargeBinary(32), nullable=False),  # of the last entry; 32 zero bytes before the first
)

#: What can be erased: names and numbers of reporters. The trail holds SHA-256(salt + value) of each.
PERSONAL = sa.Table(
    "personal",
    METADATA,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),  # reporter_name, reporter_phone
    sa.Column("salt", sa.LargeBinary(16)),  # none once erased
    sa.Column("value", sa.Text),  # none once erased
    sa.Column("erased_at", sa.Float(53)),
)

#: Attachments by content; the bytes lie in the data folder.
FILES = sa.Table(
    "case_files",
    METADATA,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("sha256", sa.Text, primary_key=True),  # hex
    sa.Column("kind", sa.Text, nullable=False),  # before, after, other
    sa.Column("mime", sa.Text, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("added_by", sa.Text, nullable=False),
    sa.Column("added_at", sa.Float(53), nullable=False),
)
