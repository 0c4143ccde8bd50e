"""Case routes: the rows of the API's table that are about cases."""

from __future__ import annotations

from dashboard.web.cases import attachments, case_moves, cases, classes, exports, trail
from dashboard.web.cases.asked_cases import CasesQuery, ExportQuery
from dashboard.web.cases.case_replies import (
    CaseList,
    CaseQuery,
    ClassesQuery,
    ClassList,
    Conflict,
    FileList,
    FilesQuery,
    LangQuery,
    MoveBody,
    Moved,
    MoveList,
    MovesQuery,
    OneCase,
    Refused,
    ReportBody,
    Reported,
    Stored,
    TrailList,
)  # fmt: skip
from dashboard.web.route import CSV, OCTETS, XLSX, Route

__all__ = ["CASES"]

LIST = "Cases of the caller's area, the last changed first; `updated_after` and `next` make a feed of it."
REPORT = "Report a case. The answer also names cases that it may be the same as."
CSV_LIST = "The same list as CSV, in the field names that cities hand each other, the whole of it."
XLSX_LIST = "The same as a workbook."
ONE = "A case with its trail, its clocks and the moves that the caller could make now."
MOVE = "Move a case. Whoever is first wins; the other is told who that was."
MOVES = "The workflow: every move, from which step to which, by whom, and what must be brought."
FILES = "Photos and papers of a case."
ADD_FILE = "Add a photo or a paper: the body is the file."
FILE = "One of them, as it was taken in."
CLASSES = "Classes by name, code or initials in pinyin, the likeliest first."
TRAIL = "How far the ledger was verified, by district."

NOT_ALLOWED = {422: ("Not allowed; the sentence says why", Refused)}
LOST = NOT_ALLOWED | {409: ("Somebody was quicker: who, and the case as it now is", Conflict)}

CASES = (
    Route("/cases", LIST, CasesQuery, CaseList, cases.cases, capability="cases"),
    Route(
        "/cases", REPORT, LangQuery, Reported, cases.report, capability="report", method="POST", body=ReportBody,
        also=NOT_ALLOWED,
    ),
    Route("/cases.csv", CSV_LIST, ExportQuery, None, exports.cases_csv, CSV, "cases"),
    Route("/cases.xlsx", XLSX_LIST, ExportQuery, None, exports.cases_xlsx, XLSX, "cases"),
    Route(
        "/cases/{case_id}/moves", MOVE, LangQuery, Moved, case_moves.move, capability="move", method="POST",
        body=MoveBody, also=LOST,
    ),
    Route("/cases/{case_id}/files", FILES, LangQuery, FileList, attachments.files, capability="cases"),
    Route(
        "/cases/{case_id}/files", ADD_FILE, FilesQuery, Stored, attachments.add, capability="attach", method="POST",
        sends="application/octet-stream", also=NOT_ALLOWED,
    ),
    Route("/cases/{case_id}/files/{sha256}", FILE, LangQuery, None, attachments.one, OCTETS, "cases"),
    Route("/cases/{case_id}", ONE, CaseQuery, OneCase, cases.one, capability="cases"),
    Route("/moves", MOVES, MovesQuery, MoveList, case_moves.moves, capability="cases"),
    Route("/classes", CLASSES, ClassesQuery, ClassList, classes.classes, capability="cases"),
    Route("/trail/verified", TRAIL, LangQuery, TrailList, trail.trail, capability="cases"),
)  # fmt: skip
