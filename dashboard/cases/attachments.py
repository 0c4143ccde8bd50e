"""Attachments: photos and papers of a case: bytes on disk by their SHA-256, a row and an entry in the ledger.

The file is on disk before the entry that names it is written; a file that no row names was never answered for, and is
swept. Nothing is decoded, scaled or stripped: what a photo says of itself (EXIF: place, time, device) stays in it, for
it is evidence. Who may see a file is asked where it is served.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import sqlalchemy as sa
from sqlalchemy import Engine

from dashboard.cases.answers import NoCase
from dashboard.cases.case import Actor, Case, Change, NotAllowed
from dashboard.cases.durable import NotNew, Partial, partial
from dashboard.cases.file_kinds import HEAD, mime_of, plain_name
from dashboard.cases.ledger import Ledger
from dashboard.cases.sheet import By, Sheet
from dashboard.cases.store.schema import FILES
from dashboard.cases.workflow.moves import MOVES
from dashboard.cases.workflow.relations import RELATIONS
from dashboard.sql.engine import reading
from layouts.words import say

__all__ = ["FOLDER", "KINDS", "MANY", "Altered", "FileRow", "Files", "NoFile", "Unfit"]

#: In the data folder.
FOLDER = "files"
KINDS = ("before", "after", "other")
BLOCK = 1 << 18
#: Files of one case.
MANY = 50
#: Seconds after which a file that no row names is nobody's. A slow upload is still being written into.
FORGOTTEN = 86_400.0
_SHA256 = re.compile("[0-9a-f]{64}")


class FileRow(msgspec.Struct, frozen=True, kw_only=True):
    """One attachment. bytes: its size. added_at: hall time, seconds since 1970."""

    case_id: str
    sha256: str
    kind: str
    mime: str
    bytes: int
    name: str
    added_by: str
    added_at: float


class Unfit(Exception):
    """What cannot be attached. code: file.<code> is its sentence."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values

    def sentence(self, lang: str) -> str:
        return say(lang)(f"file.{self.code}", **self.values)


class NoFile(LookupError):
    """This case has no such file."""


class Altered(Exception):
    """The file on disk is not what was attached, or is gone."""


class Files:
    """folder: `<data>/files`. most: bytes of the largest file that is taken."""

    def __init__(self, folder: Path, engine: Engine, ledger: Ledger, most: int = 20_000_000) -> None:
        self.folder, self.engine, self.ledger, self.most = folder, engine, ledger, most

    def put(self, case_id: str, actor: Actor, name: str, data: BinaryIO | bytes, kind: str = "other") -> FileRow:
        """Take a file in; the same bytes once more are the same file. Raises Unfit, NotAllowed, NoCase, OSError."""
        if kind not in KINDS:
            raise Unfit("kind", kind=kind[:40])
        _may(self.ledger.case(case_id), actor)
        with partial(self.folder) as made:
            sha256, size, head = self._take(made, BytesIO(data) if isinstance(data, bytes) else data)
            mime = mime_of(head)
            if mime is None:
                raise Unfit("type" if size else "empty")
            row = FileRow(
                case_id=case_id, sha256=sha256, kind=kind, mime=mime, bytes=size, name=plain_name(name, mime),
                added_by=actor.name, added_at=self.ledger.now(),
            )  # fmt: skip
            self._settle(made, sha256)
            district = self.ledger.case(case_id).district
            kept = self.ledger.run({district}, lambda sheet: _enter(sheet, row, actor))
            if not self.path(sha256).exists():  # swept between the two, for it had lain there before
                self._settle(made, sha256)
        return kept

    def open(self, case_id: str, sha256: str) -> tuple[FileRow, Path]:
        """The row, and where the bytes lie; they were read and are what was attached. Raises NoFile, Altered."""
        if not _SHA256.fullmatch(sha256):
            raise NoFile(sha256[:64])
        of = (FILES.c.case_id == case_id) & (FILES.c.sha256 == sha256)
        with reading(self.engine) as connection:
            found = connection.execute(sa.select(FILES).where(of)).first()
        if found is None:
            raise NoFile(sha256)
        if not self.whole(sha256):
            raise Altered(sha256)
        return _row(found), self.path(sha256)

    def of(self, case_id: str) -> list[FileRow]:
        """The oldest first."""
        with reading(self.engine) as connection:
            rows = sa.select(FILES).where(FILES.c.case_id == case_id).order_by(FILES.c.added_at, FILES.c.sha256)
            return [_row(row) for row in connection.execute(rows)]

    def path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256[2:]

    def whole(self, sha256: str) -> bool:
        try:
            with self.path(sha256).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == sha256
        except FileNotFoundError:
            return False

    def sweep(self, older: float = FORGOTTEN) -> int:
        """Take away what no row names and nobody has touched for so many seconds; how many."""
        until = time.time() - older  # of the disk, not of the hall
        swept = 0
        for path in (*self.folder.glob("??/*"), *self.folder.glob(".partial-*")):
            if path.stat().st_mtime < until and not self._named(path):
                path.unlink(missing_ok=True)
                swept += 1
        return swept

    def _named(self, path: Path) -> bool:
        of = FILES.c.sha256 == path.parent.name + path.name
        with reading(self.engine) as connection:
            return connection.execute(sa.select(FILES.c.sha256).where(of).limit(1)).first() is not None

    def _take(self, made: Partial, data: BinaryIO) -> tuple[str, int, bytes]:
        """(SHA-256, size, beginning); what is too large is left where the limit was passed."""
        digest, size, head = hashlib.sha256(), 0, b""
        while block := data.read(BLOCK):
            size += len(block)
            if size > self.most:
                raise Unfit("large", most=round(self.most / 1e6, 1))
            head = head or block[:HEAD]
            digest.update(block)
            made.file.write(block)
        return digest.hexdigest(), size, head

    def _settle(self, made: Partial, sha256: str) -> None:
        path = self.path(sha256)
        try:
            made.settle(path, mode=0o600, anew=False)
        except NotNew:
            if self.whole(sha256):
                path.touch()  # the sweeper counts from here
            else:
                made.settle(path, mode=0o600, anew=True)


def _row(found: Sequence[Any]) -> FileRow:
    return FileRow(**dict(zip(FileRow.__struct_fields__, found, strict=True)))


def _may(case: Case, actor: Actor) -> None:
    move = MOVES["attach"]
    if actor.role not in move.roles:
        raise NotAllowed("role", move=move.name, role=actor.role, roles=list(move.roles))
    if actor.role == "source" and case.origin != actor.name:
        raise NoCase(case.case_id)  # of what others reported a source knows nothing
    RELATIONS["scope"](case, actor)


def _enter(sheet: Sheet, row: FileRow, actor: Actor) -> FileRow:
    """The row and its entry, in one transaction; those that are there stay as they are."""
    sheet.read([row.case_id])
    case = sheet.cases.get(row.case_id)
    if case is None:
        raise NoCase(row.case_id)
    of = (FILES.c.case_id == row.case_id) & (FILES.c.sha256 == row.sha256)
    if (found := sheet.connection.execute(sa.select(FILES).where(of)).first()) is not None:
        return _row(found)
    of_case = sa.select(sa.func.count()).select_from(FILES).where(FILES.c.case_id == row.case_id)
    if sheet.connection.execute(of_case).scalar_one() >= MANY:
        raise Unfit("many", most=MANY)
    said = {"sha256": row.sha256, "kind": row.kind, "mime": row.mime, "bytes": row.bytes, "name": row.name}
    by = By(actor.name, actor.role, actor.seat, row.added_at)
    sheet.change(case, Change(move="attach", set={}, more={"file": said}), by)
    sheet.connection.execute(sa.insert(FILES).values(**msgspec.structs.asdict(row)))
    return row
