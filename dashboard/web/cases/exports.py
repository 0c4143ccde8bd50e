"""Exports: cases as CSV and XLSX, in the field names that cities hand each other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from flask import Response

from dashboard.kpi.paging import Found
from dashboard.people.looks import Looks
from dashboard.web.cases import case_sheet
from dashboard.web.cases.asked_cases import ExportQuery, filter_of, find
from dashboard.web.cases.books import Book
from dashboard.web.cases.cases import names_of
from dashboard.web.cases.naming import Names
from dashboard.web.people.permit import address, caller, need
from dashboard.web.scene import Scene
from dashboard.web.sheets import Cell, Sheet, as_csv, as_xlsx

__all__ = ["BATCH", "cases_csv", "cases_xlsx", "sheet"]

#: Cases that are read at once: some 50 ms of one thread.
BATCH = 500
#: Why a look is written down.
WHY = "export"

Batch = Sequence[Sequence[Cell]]


def cases_csv(scene: Scene, asked: ExportQuery) -> Response:
    return as_csv(_sheet(scene, asked), asked.encoding, asked.ids == "tab")


def cases_xlsx(scene: Scene, asked: ExportQuery) -> Response:
    return as_xlsx(_sheet(scene, asked), lambda work: scene.books.aside(lambda _book: work()))


def _sheet(scene: Scene, asked: ExportQuery) -> Sheet:
    which = filter_of(scene, asked)
    return sheet(scene, "cases", lambda cursor: find(scene, asked, which, cursor, BATCH), asked.personal)


def sheet(scene: Scene, name: str, page: Callable[[str], Found], personal: bool) -> Sheet:
    """Cases as a table. page: of some cursor, which is empty for the first; personal: with names and phones."""
    if personal:
        need("personal")
    read = _reader(scene, names_of(scene), personal)
    columns = case_sheet.COLUMNS + (case_sheet.PERSONAL if personal else ())
    return Sheet(name, columns, _batches(scene, page, read), case_sheet.IDS)


def _batches(
    scene: Scene, page: Callable[[str], Found], read: Callable[[Book, Sequence[str]], Batch]
) -> Iterator[Batch]:
    """Page after page. A case that moves meanwhile may be on two pages; it is written once, as it was first read."""
    written, cursor = set[str](), ""
    while True:
        found = page(cursor)
        fresh = [case_id for case_id in found.case_ids if case_id not in written]
        written.update(fresh)
        yield scene.books.aside(lambda book, fresh=fresh: read(book, fresh))
        if not (cursor := found.following):
            return


def _reader(scene: Scene, names: Names, personal: bool) -> Callable[[Book, Sequence[str]], Batch]:
    """Reads and writes out some cases. Who asks, and from where, is known now: the answer is sent when that is over."""
    person, where = caller(), address()

    def read(book: Book, case_ids: Sequence[str]) -> Batch:
        if personal:
            Looks(book.engine, time.time).add(person, case_ids, where, WHY)
        known: dict[str, Any] = {name: book.ledger.personal(name) for name in case_ids} if personal else {}
        now = scene.clock.now()
        return [case_sheet.row(case, names, now, known.get(case.case_id)) for case in book.ledger.cases(case_ids)]

    return read
