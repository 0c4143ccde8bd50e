"""Durable: a file that is whole or not there, and on disk when we say so."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import IO

__all__ = ["NotNew", "Partial", "partial", "place"]


class NotNew(Exception):
    """A file of that name is there already."""


class Partial:
    """A file that has no name yet which anybody would look for."""

    def __init__(self, file: IO[bytes], path: Path) -> None:
        self.file, self._path = file, path

    def settle(self, path: Path, *, mode: int, anew: bool) -> None:
        """On disk, under its name, in one step. Raises NotNew when there is one and `anew` is not said."""
        self.file.flush()
        os.fchmod(self.file.fileno(), mode)
        os.fsync(self.file.fileno())
        _folder(path.parent)
        if anew:
            self._path.replace(path)
        else:
            try:
                path.hardlink_to(self._path)
            except FileExistsError as error:
                raise NotNew(str(path)) from error
        _sync(path.parent)


@contextlib.contextmanager
def partial(folder: Path) -> Generator[Partial]:
    """A file to write into; what was not settled is gone afterwards."""
    _folder(folder)
    number, name = tempfile.mkstemp(prefix=".partial-", dir=folder)
    path = Path(name)
    try:
        with os.fdopen(number, "wb") as file:
            yield Partial(file, path)
    finally:
        path.unlink(missing_ok=True)


def place(path: Path, words: bytes, *, mode: int, anew: bool = False) -> None:
    """Write a file in one step. Raises NotNew when it is there and `anew` is not said."""
    with partial(path.parent) as made:
        made.file.write(words)
        made.settle(path, mode=mode, anew=anew)


def _folder(path: Path) -> None:
    """The folder, and its name on disk too."""
    if path.is_dir():
        return
    _folder(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
