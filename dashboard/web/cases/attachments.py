"""Attachments: photos and papers of a case, taken in and handed out to those who may see the case."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from flask import Flask, Response, request

from dashboard.cases.attachments import FOLDER, Altered, FileRow, Files, NoFile, Unfit
from dashboard.web.cases.books import Book
from dashboard.web.cases.case_replies import FileList, FileReply, FilesQuery, LangQuery, Refused, Stored
from dashboard.web.cases.seen_cases import within
from dashboard.web.people.permit import actor, caller, language, need
from dashboard.web.replies import Problem
from dashboard.web.route import PREFIX
from dashboard.web.scene import Scene
from dashboard.web.wire import encode
from layouts.words import say

__all__ = ["add", "files", "files_of", "one", "register"]

#: Seconds that a browser may keep a file for whoever has seen it.
KEPT = 300


def add(scene: Scene, asked: FilesQuery, case_id: str) -> Stored:
    """The body is the file itself, whatever it calls itself: its kind is read from its bytes."""
    who = actor(caller())
    if (
        who.role != "source"
    ):  # a source may add to what it told of, and sees nothing: the room of files asks whose it is
        need("cases")
        within(scene, case_id)
    request.max_content_length = (
        _most(scene) + 1
    )  # one more, so that it is the room of files that says what is too large
    body = request.get_data(cache=False)  # a socket belongs to the thread that opened it: read here, written aside

    def put(book: Book) -> Stored:
        row = files_in(book, scene).put(case_id, who, asked.name, body, asked.kind)
        return Stored(now=scene.clock.now(), file=_reply(row), version=book.ledger.case(case_id).version)

    return scene.books.aside(put)


def files(scene: Scene, _asked: LangQuery, case_id: str) -> FileList:
    within(scene, case_id)
    found = scene.books.aside(lambda book: files_of(book, scene, case_id))
    return FileList(now=scene.clock.now(), files=found)


def one(scene: Scene, _asked: LangQuery, case_id: str, sha256: str) -> Response:
    within(scene, case_id)

    def read(book: Book) -> tuple[FileRow, bytes]:
        row, path = files_in(book, scene).open(case_id, sha256)
        return row, path.read_bytes()

    row, body = scene.books.aside(read)
    shown = "inline" if row.mime.startswith("image/") else "attachment"
    answer = Response(body, mimetype=row.mime)
    answer.headers["Content-Disposition"] = f"{shown}; filename*=UTF-8''{quote(row.name)}"
    answer.headers["Cache-Control"] = f"private, max-age={KEPT}"
    return answer


def files_of(book: Book, scene: Scene, case_id: str) -> list[FileReply]:
    return [_reply(row) for row in files_in(book, scene).of(case_id)]


def files_in(book: Book, scene: Scene) -> Files:
    return Files(Path(scene.settings.data) / FOLDER, book.engine, book.ledger, _most(scene))


def _most(scene: Scene) -> int:
    """Bytes of the largest file that is taken."""
    return int(scene.settings.file_mb * 1_000_000)


def register(server: Flask) -> None:
    """What the room of files raises, as answers."""

    def unfit(error: Unfit) -> Response:
        return _say(422, Refused(error=error.sentence(language()), code=f"file_{error.code}"))

    def missing(_error: NoFile) -> Response:
        return _say(404, Problem(error=say(language())("cases.no_file")))

    def altered(_error: Altered) -> Response:
        return _say(500, Problem(error=say(language())("cases.altered_file")))

    server.register_error_handler(Unfit, unfit)
    server.register_error_handler(NoFile, missing)
    server.register_error_handler(Altered, altered)


def _say(status: int, said: object) -> Response:
    return Response(encode(said), status, mimetype="application/json", headers={"Cache-Control": "no-store"})


def _reply(row: FileRow) -> FileReply:
    href = f"{PREFIX}/cases/{quote(row.case_id, safe='')}/files/{row.sha256}"
    return FileReply(
        sha256=row.sha256, kind=row.kind, mime=row.mime, bytes=row.bytes, name=row.name, added_by=row.added_by,
        added_at=row.added_at, href=href,
    )  # fmt: skip
