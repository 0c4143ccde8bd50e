"""Columns: arrays by name as one value of bytes, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

__all__ = ["Column", "read", "write"]

Column = npt.NDArray[Any]

_decoder = msgspec.msgpack.Decoder(dict[str, tuple[str, list[int], bytes]])


def write(columns: Mapping[str, Column]) -> bytes:
    return msgspec.msgpack.encode({name: (a.dtype.str, a.shape, a.tobytes()) for name, a in columns.items()})


def read(body: bytes) -> dict[str, Column]:
    """The arrays may be written to: each has its own memory."""
    return {
        name: np.frombuffer(bytes_, np.dtype(kind)).reshape(shape).copy()
        for name, (kind, shape, bytes_) in _decoder.decode(body).items()
    }
