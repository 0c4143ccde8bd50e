"""Names: many ids as they stand in MessagePack, looked up at one stroke: no text is made of any."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np
import numpy.typing as npt

__all__ = ["Names"]

Rows = npt.NDArray[np.uint32]

#: Bytes of an id with its head, which says how long it is: longer ones have a head of two bytes.
LONGEST = 32
#: By which the words of eight bytes of an id become one number, in whose order ids are searched.
MIX = np.array((0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5), np.uint64)


class Names:
    """Ids of one city, each with its row."""

    def __init__(self, rows: Mapping[str, int]) -> None:
        # One with a nothing in it might look like a shorter one and what stands behind that.
        packed = {msgspec.msgpack.encode(name): row for name, row in rows.items() if "\0" not in name}
        ids = {name: row for name, row in packed.items() if len(name) <= LONGEST}
        self._words = -(-max(map(len, ids), default=1) // 8)
        words = np.frombuffer(b"".join(name.ljust(8 * self._words, b"\0") for name in ids), np.uint64)
        words = words.reshape(len(ids), self._words)
        mixed = words @ MIX[: self._words]
        order = np.argsort(mixed)
        self._mixed, self._ids = mixed[order], words[order]
        self._rows = np.fromiter(ids.values(), np.uint32, len(ids))[order]

    def rows(self, packed: bytes, count: int) -> Rows | None:
        """The row of each of so many ids, one behind the other; None unless all are known and equally long."""
        size, rest = divmod(len(packed), count)
        if rest or not 0 < size <= 8 * self._words or not len(self._rows):
            return None
        ids = np.zeros((count, 8 * self._words), np.uint8)
        ids[:, :size] = np.frombuffer(packed, np.uint8).reshape(count, size)
        words = ids.view(np.uint64)
        places = self._mixed.searchsorted(words @ MIX[: self._words])
        known = self._ids.take(places, 0, mode="clip").tobytes() == ids.tobytes()
        return self._rows.take(places) if known else None
