"""Chain: canonical JSON, and a SHA-256 over the hash before and the entry: to change one is to change all after it."""

from __future__ import annotations

import hashlib

import msgspec

from dashboard.cases.case import Entry

__all__ = ["GENESIS", "canonical", "link"]

#: The hash before the first entry of a district.
GENESIS = bytes(32)

_encoder = msgspec.json.Encoder(order="sorted")


def canonical(entry: Entry) -> str:
    """JSON with sorted keys, no blanks, UTF-8, shortest numbers (in the manner of RFC 8785)."""
    return _encoder.encode(entry).decode()


def link(before: bytes, body: str) -> bytes:
    """32 bytes: SHA-256(hash before ‖ body)."""
    return hashlib.sha256(before + body.encode()).digest()
