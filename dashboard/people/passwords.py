"""Passwords: argon2id, hashed again when its parameters change; an unknown name is weighed as long as a known one."""

from __future__ import annotations

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

__all__ = ["LONGEST", "SHORTEST", "Passwords", "WeakPassword", "check"]

#: Letters. The longest keeps a try cheap.
SHORTEST, LONGEST = 10, 200
#: Different letters that a password has at least.
DIFFERENT = 5
#: What everybody tries first.
COMMON = ("password", "gridhall", "1234567890", "qwertyuiop", "administrator", "woaini1314")


class WeakPassword(Exception):
    """`code` names the sentence in layouts.words_people."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Passwords:
    """To weigh one takes some 50 ms and 64 MB."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()

    def hash(self, password: str) -> str:
        return self._hasher.hash(_same(password))

    def fits(self, kept: str, password: str) -> bool:
        """Whether it is that one. An empty `kept` (no such name, no password) is weighed too, and never fits."""
        try:
            return self._hasher.verify(kept or _nobodys(self._hasher), _same(password)) and bool(kept)
        except (VerificationError, InvalidHashError):
            return False

    def outdated(self, kept: str) -> bool:
        return self._hasher.check_needs_rehash(kept)


def check(name: str, password: str) -> None:
    """Raises WeakPassword."""
    said = _same(password)
    lower = said.casefold()
    wrong = {
        "short": len(said) < SHORTEST,
        "long": len(said) > LONGEST,
        "plain": len(set(lower)) < DIFFERENT or any(word in lower for word in COMMON),
        "name": name.casefold() in lower,
    }
    if code := next((code for code, true in wrong.items() if true), ""):
        raise WeakPassword(code)


def _same(password: str) -> str:
    """What is typed alike on two keyboards is alike."""
    return unicodedata.normalize("NFKC", password)[: LONGEST * 4]


@cache
def _nobodys(hasher: PasswordHasher) -> str:
    return hasher.hash("nobody has this password")
