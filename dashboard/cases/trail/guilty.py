"""Guilty: which byte of an entry was altered, where one byte put back makes its hash right again."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import Any

__all__ = ["guilty"]

#: Bytes of an entry up to which each is tried: every other value in every place, a second or so.
LONGEST = 1200


@lru_cache(64)  # what is broken is looked at again and again
def guilty(before: bytes, raw: bytes, digest: bytes, following: tuple[bytes, bytes] | None) -> dict[str, Any]:
    """before, digest: hashes of the entry before, and its own. following: body and hash of the one after it.

    byte: place in the body from 1, found and said: what stands there and what was hashed. Or `kept`: the body is what
    was hashed, its own hash is not. Empty where more than that was altered.
    """
    if following and sha256(sha256(before + raw).digest() + following[0]).digest() == following[1]:
        return {"kept": True}
    return _byte(before, raw, digest) if len(raw) <= LONGEST else {}


def _byte(before: bytes, raw: bytes, digest: bytes) -> dict[str, Any]:
    for place in range(len(raw)):
        start, rest = sha256(before + raw[:place]), raw[place + 1 :]
        for value in range(256):
            tried = start.copy()
            tried.update(bytes((value,)) + rest)
            if tried.digest() == digest:
                return {"byte": place + 1, "found": _shown(raw[place]), "said": _shown(value)}
    return {}


def _shown(value: int) -> str:
    return repr(bytes((value,)))[1:]
