"""Ring: the newest rows of a table, in columns; only the chunks that were written to are saved again."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from dashboard.live import columns
from dashboard.live.columns import Column

__all__ = ["Ring"]


class Ring:
    """name: of the checkpoint's fields; kinds: name of each column → its dtype. next: place of the row to come."""

    def __init__(self, name: str, kinds: Mapping[str, npt.DTypeLike], chunk: int, chunks: int) -> None:
        self.name, self.chunk, self.chunks = name, chunk, chunks
        self.columns = {column: np.zeros(chunk * chunks, kind) for column, kind in kinds.items()}
        self.next = 0
        self._dirty: set[int] = set()

    def __len__(self) -> int:
        return self.chunk * self.chunks

    def take_place(self) -> int:
        """The place of the oldest row, which is to be written."""
        place, self.next = self.next, (self.next + 1) % len(self)
        return place

    def write(self, place: int, row: tuple[int, ...]) -> None:
        """In the order of the columns."""
        for column, value in zip(self.columns.values(), row, strict=True):
            column[place] = value
        self._dirty.add(place // self.chunk)

    def fields(self, everything: bool) -> dict[str, bytes]:
        """Checkpoint: the chunks that changed since the last call, or all that hold something."""
        chunks = filter(self._used, range(self.chunks)) if everything else sorted(self._dirty)
        fields = {f"{self.name}:{chunk:02d}": self._written(chunk) for chunk in chunks}
        self._dirty.clear()
        return fields

    def load(self, fields: Mapping[str, bytes], next_: int) -> None:
        """Chunks that an older hall saved in another size are all saved anew; a column it had not is left empty."""
        self.next = next_
        for chunk in range(self.chunks):
            if body := fields.get(f"{self.name}:{chunk:02d}"):
                saved = columns.read(body)
                size = len(next(iter(saved.values())))
                if size != self.chunk:
                    self._dirty.update(range(self.chunks))
                for name, column in self.columns.items():
                    column[chunk * size : (chunk + 1) * size] = saved.get(name, 0)

    def _used(self, chunk: int) -> bool:
        return any(column.any() for column in self._part(chunk).values()) or chunk == self.next // self.chunk

    def _part(self, chunk: int) -> dict[str, Column]:
        return {name: column[chunk * self.chunk : (chunk + 1) * self.chunk] for name, column in self.columns.items()}

    def _written(self, chunk: int) -> bytes:
        return columns.write(self._part(chunk))
