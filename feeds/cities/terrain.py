"""Terrain: between degrees and a bent plane in metres where every street runs straight along one of two axes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

__all__ = ["Terrain", "Turn", "chance"]

Floats = npt.NDArray[np.float64]

#: Wave lengths of the bends in metres, and how far each swings: broad ones for valleys, short ones for lanes.
WAVES = ((41_000.0, 0.024), (17_000.0, 0.024), (6_100.0, 0.022), (2_300.0, 0.016))


def chance(*key: object) -> np.random.Generator:
    """Chance that is the same on every machine: only `random()` of it is used, whose stream is fixed for ever."""
    return np.random.Generator(np.random.PCG64(list("/".join(map(str, key)).encode())))


@dataclass(frozen=True)
class Turn:
    """A town whose streets run at their own angle: the plane is turned about x, y, less and less with distance."""

    x: float
    y: float
    reach: float
    angle: float

    def apply(self, points: Floats, sign: float) -> Floats:
        d = points - (self.x, self.y)
        angle = sign * self.angle * np.exp(-(d * d).sum(axis=1) / self.reach**2)
        cos, sin = np.cos(angle), np.sin(angle)
        return np.stack([self.x + cos * d[:, 0] - sin * d[:, 1], self.y + sin * d[:, 0] + cos * d[:, 1]], axis=1)


@dataclass(frozen=True)
class Terrain:
    lon: float
    lat: float
    bend: float
    turns: tuple[Turn, ...]
    seed: str

    @cached_property
    def scale(self) -> Floats:
        """Metres a degree, east and north."""
        return np.array([111_320.0 * np.cos(np.radians(self.lat)), 110_574.0])

    @cached_property
    def _waves(self) -> list[tuple[Floats, Floats, float]]:
        random = chance(self.seed, "waves")
        waves: list[tuple[Floats, Floats, float]] = []
        for length, swing in WAVES:
            for turned in (0.0, np.pi / 2):
                angle = random.random() * 0.9 - 0.45 + turned
                k = 2 * np.pi / length * np.array([np.cos(angle), np.sin(angle)])
                across = np.array([-np.sin(angle), np.cos(angle)])
                waves.append((k, across * swing * self.bend * length / 1.4, random.random() * 2 * np.pi))
        return waves

    def metres(self, degrees: Floats) -> Floats:
        return (np.asarray(degrees, float) - (self.lon, self.lat)) * self.scale

    def degrees(self, metres: Floats) -> Floats:
        return metres / self.scale + (self.lon, self.lat)

    def _shift(self, plane: Floats) -> Floats:
        shift = np.zeros_like(plane)
        for k, swing, phase in self._waves:
            shift += np.sin(plane @ k + phase)[:, None] * swing
        return shift

    def unbend(self, metres: Floats) -> Floats:
        """From metres to the bent plane."""
        target = metres
        for turn in self.turns:
            target = turn.apply(target, -1.0)
        plane = target.copy()
        for _ in range(60):
            plane = target - self._shift(plane)
        return plane

    def bent(self, plane: Floats) -> Floats:
        """From the bent plane to metres."""
        metres = plane + self._shift(plane)
        for turn in reversed(self.turns):
            metres = turn.apply(metres, 1.0)
        return metres
