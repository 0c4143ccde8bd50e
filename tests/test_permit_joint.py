"""Permit, joint meetings: every department that is called to a case sees it, and no other does."""

from __future__ import annotations

import pytest

from dashboard.cases.case import Case
from dashboard.people.person import Person
from dashboard.web.people.permit import Permit

CALLED = {"joint": {"owners": {"water": {}, "road": {}}, "lead": "water"}}


@pytest.mark.parametrize(
    ("department", "seen"), [("water", True), ("road", True), ("power", False), ("", False)]
)  # fmt: skip
def test_all_who_are_called_to_a_meeting_see_the_case(department: str, seen: bool) -> None:
    permit = Permit.__new__(Permit)
    person = Person(name="p", role="department", department=department, kind="account")
    assert permit.sees(person, Case(case_id="E1", department="water", pending=CALLED)) is seen
    assert permit.sees(person, Case(case_id="E2")) is False
