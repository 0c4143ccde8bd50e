"""Missed: the last frames of a scope, kept for those who rested: what they missed is mostly less than the whole."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

__all__ = ["Missed"]

View = bytes | memoryview

#: Bytes kept a scope; who missed more is shown the whole.
KEPT = 600_000


class Missed:
    def __init__(self, number: int) -> None:
        """number: of the last frame that is not kept."""
        self.before = number
        self.bytes = 0
        self._kept: deque[tuple[int, Sequence[View], int]] = deque()

    def add(self, number: int, views: Sequence[View]) -> None:
        size = sum(map(len, views))
        self._kept.append((number, views, size))
        self.bytes += size
        while self.bytes > KEPT:
            self.before, _, size = self._kept.popleft()
            self.bytes -= size

    def since(self, number: int) -> list[View] | None:
        """All that came after this frame, in order; None if that is no longer known."""
        if number < self.before:
            return None
        return [view for kept, views, _ in self._kept if kept > number for view in views]
