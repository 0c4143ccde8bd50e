"""Simulator: a city that sends fixes, events and camera states as a real one would. Same seed, same day."""

from feeds.simulator.day import Batch, Day

__all__ = ["Batch", "Day"]
