"""Plain: fixes by columns, all entries of a column of one form, from bytes to arrays: no object of any is made.

That is how a program with typed columns sends them, and what it sends is most of all there is. Nothing is refused here:
what is not plain is read by the other way (`columns.py`), which knows a sentence for all that can be wrong.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from dashboard.ingest.names import Names

__all__ = ["NUMBERS", "Plain", "read_plain"]

Raw = msgspec.Raw

#: In the order of a table's rows; those from the fourth on need not be sent.
NUMBERS = ("lon", "lat", "at", "accuracy", "speed", "heading", "battery")
AT = NUMBERS.index("at")
#: Head of an array → its own bytes.
HEADS = {0xDC: 3, 0xDD: 5} | dict.fromkeys(range(0x90, 0xA0), 1)
#: A number of eight bytes, and what stands before a float and a whole one.
WIDE = np.dtype([("form", "u1"), ("word", ">u8")])
FLOAT, WHOLE = b"\xcb", b"\xcf"


class _Sent(msgspec.Struct):
    """As in Columns, unread."""

    worker_id: Raw
    lon: Raw
    lat: Raw
    at: Raw
    accuracy: Raw = Raw()
    speed: Raw = Raw()
    heading: Raw = Raw()
    battery: Raw = Raw()
    mock: Raw = Raw()
    sos: Raw = Raw()
    indoor: Raw = Raw()


class Plain(NamedTuple):
    """names: of the table's rows; worker: the row of each fix's worker."""

    names: tuple[str, ...]
    table: npt.NDArray[np.float64]
    worker: npt.NDArray[np.uint32]


_columns = msgspec.msgpack.Decoder(_Sent)


def read_plain(body: bytes, workers: Names) -> Plain | None:
    """None when it is not plain, or somebody is not known."""
    try:
        sent = _columns.decode(body)
    except (ValueError, RecursionError):
        return None
    if sent.mock or sent.sos or sent.indoor:
        return None
    ids = bytes(sent.worker_id)
    size = HEADS.get(ids[0], 0)
    count = int.from_bytes(ids[:size]) - 0x90 if size == 1 else int.from_bytes(ids[1:size])
    columns = {name: bytes(column) for name in NUMBERS if (column := getattr(sent, name))}
    table = _table(list(columns.values()), ids[:size], count)
    worker = None if table is None else workers.rows(ids[size:], count)
    return None if table is None or worker is None else Plain(tuple(columns), table, worker)


def _table(columns: list[bytes], head: bytes, count: int) -> npt.NDArray[np.float64] | None:
    """Of columns that all have this head."""
    size = len(head) + count * WIDE.itemsize
    if not count or not all(len(column) == size and column.startswith(head) for column in columns):
        return None
    wide = np.frombuffer(b"".join(column[len(head) :] for column in columns), WIDE).reshape(len(columns), count)
    words = wide["word"].astype(np.uint64)
    table = words.view(np.float64)
    forms = [FLOAT * count] * len(columns)
    if columns[AT].startswith(WHOLE, len(head)):
        forms[AT] = WHOLE * count
        table[AT] = words[AT]
    return table if wide["form"].tobytes() == b"".join(forms) else None
