"""Attachments: photos and papers of a case, taken in and handed out to those who may see the case."""

from __future__ import annotations

from dashboard.web.books import Book
from dashboard.web.case_replies import FileReply

__all__ = ["files_of"]


def files_of(book: Book, case_id: str) -> list[FileReply]:
    return []
