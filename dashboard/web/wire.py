"""Wire: how what we say becomes JSON: numpy values plain, NaN as null, what is JSON already left as it is."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import numpy as np

__all__ = ["dumps", "encode", "loads", "plain"]


def encode(value: Any) -> bytes:
    return msgspec.json.encode(value, enc_hook=plain)


def dumps(value: Any, **_ignored: Any) -> str:
    """For python-socketio, which takes a module with dumps and loads."""
    return encode(value).decode()


loads = json.loads


def plain(value: Any) -> Any:
    """What msgspec asks for types that it does not know."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if hasattr(value, "to_plotly_json"):
        return value.to_plotly_json()
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise NotImplementedError(f"a {type(value).__name__} cannot be said in JSON")
