"""Devices: a browser in which somebody signed in before is known again: whoever guesses elsewhere does not hold it up.

The cookie opens nothing. It says that its holder once knew the password that the account still has: it is proved with
the password's hash, which nobody outside has, and is worth nothing once there is another one.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

__all__ = ["known", "mark"]

#: Letters of what a device is told apart by.
NAMED = 16


def mark(name: str, kept: str) -> str:
    """What a new device keeps. kept: the account's password, hashed."""
    device = secrets.token_hex(NAMED // 2)
    return f"{device}.{_proof(name, kept, device)}"


def known(name: str, kept: str, said: str) -> str:
    """What the device is told apart by; empty if it is not known, or if there is no such account or password."""
    device, _, proof = said.partition(".")
    good = hmac.compare_digest(_proof(name, kept, device).encode(), proof.encode("utf-8", "replace"))
    return device if kept and len(device) == NAMED and good else ""


def _proof(name: str, kept: str, device: str) -> str:
    said = f"device {device} {name}".encode("utf-8", "surrogateescape")
    return hmac.new(kept.encode(), said, hashlib.sha256).hexdigest()
