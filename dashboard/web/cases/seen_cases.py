"""Seen cases: a case as a caller may see it, and as the API shows it."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from dashboard.cases.case import Case
from dashboard.kpi.bands import BANDS
from dashboard.web.cases.case_replies import CaseReply
from dashboard.web.people.permit import Forbidden, caller, language, sees
from dashboard.web.scene import Scene
from layouts.words import say

__all__ = ["shown", "within"]


def within(scene: Scene, case_id: str) -> Case:
    """The case, if the caller may see it. Raises NoCase, permit.Forbidden."""
    case = scene.books.aside(lambda book: book.ledger.case(case_id))
    person = caller()
    if not sees(person, case):
        inside = person.role == "department" and sees(person, case.area_id or case.district)
        raise Forbidden(say(language())("people.not_your_order" if inside else "people.out_of_scope"))
    return case


def shown(scene: Scene, case: Case, now: float) -> CaseReply:
    """The case, and how it stands against its time: as the lists and the wall count it."""
    band = ""
    if case.open:
        times = (_column(case.due_at), _column(case.reported_at), _column(case.paused_at))
        band = BANDS[int(scene.books.bands.of(*times, now)[0])]
    return CaseReply(**msgspec.structs.asdict(case), band=band)  # type: ignore[arg-type]


def _column(at: float | None) -> Any:
    return np.array([np.nan if at is None else at])
