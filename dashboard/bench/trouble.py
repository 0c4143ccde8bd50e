"""Trouble: a measurement that cannot be taken says so in a sentence, before anything is started."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

__all__ = ["CHROMIUM", "CannotMeasure", "need", "need_browser"]

CHROMIUM = Path("/usr/bin/chromium")


class CannotMeasure(Exception):
    """Why there is no figure, and what to do."""


def need(*libraries: str) -> None:
    missing = [library for library in libraries if find_spec(library) is None]
    if missing:
        raise CannotMeasure(f"{', '.join(missing)} missing: install with `pip install 'gridhall[bench]'`")


def need_browser() -> None:
    need("playwright")
    if not CHROMIUM.exists():
        raise CannotMeasure(f"there is no browser at {CHROMIUM}: install chromium (Debian: apt-get install chromium)")
