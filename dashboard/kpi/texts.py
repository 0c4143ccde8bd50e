"""Texts: words as small numbers, so that a column of a million of them is a column of bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Texts"]

Column = npt.NDArray[Any]


class Texts:
    """Codes are given in the order in which words come, and never change: an older snapshot reads them as they were."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self.words: list[str] = list(known)
        self._code = {word: code for code, word in enumerate(self.words)}

    def __len__(self) -> int:
        return len(self.words)

    def take(self, said: Sequence[str]) -> Column:
        """Codes, as narrow as they can be."""
        try:  # mostly all of them were said before
            return self._coded(said)
        except KeyError:
            for word in set(said).difference(self._code):
                self._code[word] = len(self.words)
                self.words.append(word)
            return self._coded(said)

    def _coded(self, said: Sequence[str]) -> Column:
        narrow = np.min_scalar_type(max(len(self.words) - 1, 0))
        return np.fromiter(map(self._code.__getitem__, said), narrow, len(said))

    def code(self, word: str) -> int:
        """-1: nobody has said it."""
        return self._code.get(word, -1)

    def codes(self, words: Iterable[str]) -> list[int]:
        """Of those of them that were said."""
        return [self._code[word] for word in words if word in self._code]
