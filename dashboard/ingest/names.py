"""Names: many ids as they stand in MessagePack, looked up at one stroke: no text is made of any."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np
import numpy.typing as npt

__all__ = ["Names"]

Words = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.uint32]

#: Bytes of an id with its head, which says how long it is: longer ones have a head of two bytes.
LONGEST = 32
#: By which the eight words of an id become one number; those of two ids that are the same one are told apart by a look.
MIX = np.array((0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5), np.uint64)


#: So many leading bits of that number say where an id is to be looked for: a handful at most begin alike.
BITS = 17
SHIFT = np.uint64(64 - BITS)


class Names:
    """Ids of one city, each with its row."""

    def __init__(self, rows: Mapping[str, int]) -> None:
        ids = {packed: row for name, row in rows.items() if len(packed := msgspec.msgpack.encode(name)) <= LONGEST}
        self._width = max(map(len, ids), default=1) + 7 & ~7
        words = np.frombuffer(b"".join(one.ljust(self._width, b"\0") for one in ids), np.uint64)
        words = words.reshape(len(ids), self._width // 8)
        mixed = words @ MIX[: words.shape[1]]
        order = np.argsort(mixed)
        self._words, self._rows = words[order], np.fromiter(ids.values(), np.uint32, len(ids))[order]
        firsts = np.searchsorted(mixed[order] >> SHIFT, np.arange(2**BITS + 1, dtype=np.uint64))
        self._most = np.arange(np.diff(firsts).max())
        self._firsts = firsts[:-1].astype(np.uint32)
        # What stands behind the last one is nobody's.
        self._mixed = np.append(mixed[order], np.full(len(self._most), ~mixed[order[-1:]].max(initial=0)))

    def rows(self, packed: bytes, count: int) -> Rows | None:
        """The row of each of so many ids, one behind the other; None unless all are known and equally long."""
        size, rest = divmod(len(packed), count)
        if rest or not 0 < size <= self._width or not len(self._rows):
            return None
        ids = np.frombuffer(packed, np.uint8).reshape(count, size)
        padded = np.zeros((count, self._width), np.uint8)
        padded[:, :size] = ids
        words = padded.view(np.uint64)
        mixed = words @ MIX[: words.shape[1]]
        places = self._firsts.take(mixed >> SHIFT)
        places += (self._mixed.take(places[:, None] + self._most) == mixed[:, None]).argmax(1).astype(np.uint32)
        known = self._words.take(places, 0, mode="clip") == words
        # A shorter id and the nothing behind it would look like one that is equally long.
        if not (known.all() and packed[0] - 0xA0 == size - 1 and (ids[:, 0] == packed[0]).all()):
            return None
        return self._rows.take(places)
