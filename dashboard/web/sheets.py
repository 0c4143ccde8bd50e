"""Sheets: tables as CSV and XLSX, batch by batch, so that a million rows neither fill the memory nor stop a frame."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import xlsxwriter
from flask import Flask, Response
from gevent.lock import BoundedSemaphore

from dashboard.web.people.permit import language
from dashboard.web.route import CSV, XLSX
from dashboard.web.wire import encode
from layouts.words import say

__all__ = ["ENCODINGS", "Busy", "Cell", "Sheet", "as_csv", "as_xlsx", "register"]

Cell = str | int | float | None
Batch = Sequence[Sequence[Cell]]

#: As a caller names it → (Python's name, name on the wire).
ENCODINGS = {"utf-8": ("utf-8", "utf-8"), "utf-8-bom": ("utf-8-sig", "utf-8"), "gb18030": ("gb18030", "gb18030")}

#: What a spreadsheet would take for a formula. A quote before it makes it text again.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: Rows that a spreadsheet can hold on one sheet.
ROWS = 1_048_575
#: Characters that a cell of a spreadsheet can hold.
LETTERS = 32_767
PIECE = 1 << 16
#: Tables that one process writes at once, and seconds after which one may ask again: each takes a thread for long.
AT_ONCE, RETRY = 2, 10

_pens = BoundedSemaphore(AT_ONCE)


class Busy(Exception):
    """As many tables as may be are being written just now."""


class _Pen:
    """One of those that write; it is laid down once, however the answer ends. Raises Busy."""

    def __init__(self) -> None:
        if not _pens.acquire(blocking=False):
            raise Busy
        self.held = True

    def lay_down(self) -> None:
        if self.held:
            self.held = False
            _pens.release()


def register(server: Flask) -> None:
    def busy(_error: Busy) -> Response:
        said = encode({"error": say(language())("sheet.busy", seconds=RETRY)})
        return Response(said, 429, {"Retry-After": str(RETRY), "Cache-Control": "no-store"}, "application/json")

    server.register_error_handler(Busy, busy)


@dataclass(frozen=True)
class Sheet:
    """name: of the file, without its ending. ids: columns that a spreadsheet must not take for numbers."""

    name: str
    columns: Sequence[str]
    batches: Iterable[Batch]
    ids: frozenset[str] = frozenset()


def as_csv(sheet: Sheet, encoding: str = "utf-8", tab: bool = False) -> Response:
    """encoding: of ENCODINGS. tab: a tab before each id, by which a spreadsheet takes it for text. Raises Busy."""
    python, wire = ENCODINGS[encoding]
    pen = _Pen()
    answer = Response(_held(_lines(sheet, python, tab), pen), content_type=f"{CSV}; charset={wire}")
    answer.call_on_close(pen.lay_down)  # whoever hung up before the first line too
    return _named(answer, f"{sheet.name}.csv")


def _held(lines: Iterator[bytes], pen: _Pen) -> Iterator[bytes]:
    try:
        yield from lines
    finally:
        pen.lay_down()


def _lines(sheet: Sheet, encoding: str, tab: bool) -> Iterator[bytes]:
    marked = [tab and column in sheet.ids for column in sheet.columns]
    yield _csv([sheet.columns]).encode(encoding)
    plain = encoding.removesuffix("-sig")  # only the first word of a file carries the mark
    for batch in sheet.batches:
        yield _csv([[_defused(cell, mark) for cell, mark in zip(row, marked, strict=True)] for row in batch]).encode(
            plain, "replace"
        )


def _csv(rows: Iterable[Sequence[Cell]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


def _defused(cell: Cell, tab: bool) -> Cell:
    if not isinstance(cell, str):
        return cell
    text = f"'{cell}" if cell.startswith(FORMULA) else cell
    return f"\t{text}" if tab and text else text


def as_xlsx(sheet: Sheet, aside: Callable[[Callable[[], None]], None]) -> Response:
    """aside: does a piece of work on another thread. The file is written to disk, and sent from there.

    Raises Busy.
    """
    pen = _Pen()
    file = tempfile.TemporaryFile(prefix="gridhall-")  # noqa: SIM115 - closed when it has been sent
    try:
        book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_numbers": False})
        writer = _Writer(book, sheet.columns)
        for batch in sheet.batches:
            aside(lambda batch=batch: writer.write(batch))
        aside(book.close)
    except BaseException:
        file.close()
        raise
    finally:
        pen.lay_down()
    file.seek(0)
    return _named(Response(_pieces(file), mimetype=XLSX), f"{sheet.name}.xlsx")


class _Writer:
    """Row after row; a sheet that is full is followed by another."""

    def __init__(self, book: Any, columns: Sequence[str]) -> None:
        self.book, self.columns = book, columns
        self._turn()

    def write(self, batch: Batch) -> None:
        for row in batch:
            if self.row > ROWS:
                self._turn()
            self._write(row)

    def _turn(self) -> None:
        self.page: Any = self.book.add_worksheet()
        self.page.freeze_panes(1, 0)
        self.row = 0
        self._write(self.columns)

    def _write(self, row: Sequence[Cell]) -> None:
        for column, cell in enumerate(row):
            if isinstance(cell, str):  # never a formula, a link or a number, whatever it looks like
                self.page.write_string(self.row, column, cell[:LETTERS])
            elif cell is not None:
                self.page.write_number(self.row, column, cell)
        self.row += 1


def _pieces(file: Any) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


def _named(answer: Response, name: str) -> Response:
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    answer.headers["Cache-Control"] = "no-store"
    return answer
