"""Written: the words of all cases as one long row of letters, in which any word is found in a few milliseconds.

A letter is a UTF-16 unit: two bytes for a Chinese one, and numpy compares sixteen at once. Of a case there stand its
text, END, its address, END; then, if it has another number at its origin, that, as bytes that no word is written in.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["EMPTY", "Written", "letters", "number", "places"]

Column = npt.NDArray[Any]

#: Halves of a letter that takes two units: alone, as here, they are in no text, and in nothing that is asked for.
END = b"\xff\xdf"
_NUMBER = b"\xdc"
EMPTY: Column = np.zeros(0, "<u2")
#: Stands for END in a string; no letter of Unicode. A text that has it is laid in by itself.
_BETWEEN = "\uffff"
#: Looked through at once: what the cache of a core holds.
PIECE = 1 << 18
#: So much of a piece is looked at to know which letter is rare; less than this share of it are few.
SAMPLE, FEW = 1 << 14, 1 / 32
#: Room kept for what is to come.
SLACK = 1.1


def letters(text: str) -> bytes:
    """As they stand here: whichever way they are written, they are the same."""
    return text.casefold().encode("utf-16-le", "replace")


def number(said: str) -> bytes:
    """Of a number at the origin, with what stands before it: as long as its bytes in UTF-8, and one unit."""
    told = said.encode("utf-8", "replace").lower()
    units = bytearray(_NUMBER * 2 * len(told))
    units[::2] = told
    return END + units


class Written:
    """One thread writes at a time; what was written once is not written again, so that a snapshot stays."""

    def __init__(self) -> None:
        self._units, self._size = EMPTY, 0
        self.numbered = False  # whether there are numbers to be found

    def put(self, said: Sequence[tuple[str, str, str]], share: float = 0.0) -> Column:
        """Where each begins. said: text, address, number at the origin or empty. share: of all that will come."""
        plain = None if any(other for _, _, other in said) else _together(said)
        self.numbered |= plain is None
        units, sizes = plain or _one_by_one(said)
        first, last = self._size, self._size + int(sizes.sum())
        if last > len(self._units):
            self._units = _longer(self._units[:first], int(max(last / share if share else 0, last) * SLACK) + 4096)
        self._units[first:last] = units
        self._size = last
        return (first + np.cumsum(sizes) - sizes).astype(np.min_scalar_type(last | 2**31))

    def snapshot(self) -> Column:
        return self._units[: self._size]

    def sweep(self, starts: Column, alive: Column) -> Column:
        """Leave out what is not alive; where each of the others begins now."""
        sizes = np.diff(starts, append=starts.dtype.type(self._size)).astype(np.int64)
        kept = self._units[: self._size][np.repeat(alive, sizes)]
        self._units, self._size = _longer(kept, int(len(kept) * SLACK) + 4096), len(kept)
        return (np.cumsum(sizes[alive]) - sizes[alive]).astype(starts.dtype)


def places(units: Column, wanted: Column) -> Column:
    """Where `wanted`, one unit at least, begins in `units`, upwards."""
    step, width = PIECE, len(wanted)
    starts = range(0, max(len(units) - width + 1, 0), step)
    found = [_within(units[at : at + step + width - 1], wanted) + at for at in starts]
    return np.concatenate([np.zeros(0, np.int64), *found])


def _within(piece: Column, wanted: Column) -> Column:
    """All are compared while many are left, the rarest letters first; then only those that are left."""
    count = len(piece) - len(wanted) + 1
    order = _rarest(piece, wanted)
    at = next(order)
    mask = piece[at : at + count] == wanted[at]
    for at in order:
        if np.count_nonzero(mask) < count * FEW:
            return _left(piece, wanted, np.flatnonzero(mask), [at, *order])
        mask &= piece[at : at + count] == wanted[at]
    return np.flatnonzero(mask)


def _left(piece: Column, wanted: Column, found: Column, order: Sequence[int]) -> Column:
    for at in order:
        if not len(found):
            break
        found = found[piece[found + at] == wanted[at]]
    return found


def _rarest(piece: Column, wanted: Column) -> Iterator[int]:
    """Places in `wanted`, in which one unit may stand more than once."""
    sample = piece[:SAMPLE]
    often = {unit: int(np.count_nonzero(sample == unit)) for unit in set(wanted.tolist())}
    return iter(sorted(range(len(wanted)), key=lambda at: often[int(wanted[at])]))


def _together(said: Sequence[tuple[str, str, str]]) -> tuple[Column, Column] | None:
    """Units and sizes of many rows without numbers, in a third of the time. None: what stands between is in a text."""
    joined = _BETWEEN.join([*itertools.chain.from_iterable((text, address) for text, address, _ in said), ""])
    units = np.frombuffer(letters(joined), "<u2").copy()
    ends = np.flatnonzero(units == ord(_BETWEEN))
    if len(ends) != 2 * len(said):
        return None
    units[ends] = int.from_bytes(END, "little")
    return units, np.diff(ends[1::2], prepend=-1)


def _one_by_one(said: Sequence[tuple[str, str, str]]) -> tuple[Column, Column]:
    rows = [_row(*one) for one in said]
    return np.frombuffer(b"".join(rows), "<u2"), np.fromiter(map(len, rows), np.int64, len(rows)) // 2


def _row(text: str, address: str, other: str) -> bytes:
    return letters(text) + END + letters(address) + END + (number(other)[len(END) :] if other else b"")


def _longer(units: Column, room: int) -> Column:
    made = np.zeros(room, "<u2")
    made[: len(units)] = units
    return made
