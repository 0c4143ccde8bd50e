"""Heads: the end of every chain, written down and signed: whoever rewrites what came before cannot rewrite this."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
import sqlalchemy as sa
from sqlalchemy import Engine

from dashboard.cases.trail.along import Signed
from dashboard.cases.trail.watch import HEADS
from dashboard.sql.engine import reading

__all__ = ["HeadLine", "SignedHeads", "files", "read", "recorded", "signed_of"]

_encoder = msgspec.json.Encoder(order="sorted")


class HeadLine(msgspec.Struct, frozen=True, kw_only=True):
    """The last entry of a district's chain. hash: hex."""

    district: str
    number: int
    position: int
    hash: str


class SignedHeads(msgspec.Struct, frozen=True, kw_only=True):
    """A document. signature: Ed25519 over `words()`, hex. signed_at: seconds since 1970."""

    version: int = 1
    name: str  # of its file, without the ending
    signed_at: float
    key_id: str
    heads: list[HeadLine]
    signature: str = ""

    def words(self) -> bytes:
        """What is signed: canonical JSON of all but the signature."""
        return msgspec.structs.replace(self, signature="").body().encode()

    def body(self) -> str:
        return _encoder.encode(self).decode()


def recorded(engine: Engine) -> list[SignedHeads]:
    """All documents in the database, the oldest first."""
    with reading(engine) as connection:
        bodies = connection.execute(sa.select(HEADS.c.body).order_by(HEADS.c.signed_at, HEADS.c.name)).scalars()
        return [read(body.encode()) for body in bodies]


def read(body: bytes) -> SignedHeads:
    """A document, byte for byte as it was written. Raises msgspec.MsgspecError."""
    document = msgspec.json.decode(body, type=SignedHeads)
    if document.body().encode() != body:
        raise msgspec.ValidationError("it is not canonical: somebody has edited it")
    return document


def files(place: Path) -> list[Path]:
    """A file, or all documents of a folder, the oldest first."""
    return sorted(place.glob("*.json")) if place.is_dir() else [place]


def signed_of(documents: Iterable[SignedHeads] | Sequence[SignedHeads], district: str) -> dict[int, Signed]:
    """Of one chain: position → what was signed there."""
    return {
        line.position: Signed(bytes.fromhex(line.hash), document.name)
        for document in documents for line in document.heads
        if line.district == district and line.position
    }  # fmt: skip
