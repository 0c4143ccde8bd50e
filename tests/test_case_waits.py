"""The page of a case says what it waits for and from whom, and its trail what each act was, not only that it was."""

from typing import Any

from layouts.case_pending import waiting
from layouts.case_trail import trail_table
from layouts.words import say

HOUR = 3600.0
NOON = 1_795_320_000.0  # 2026-11-22 12:00 in Shanghai
ZONE = "Asia/Shanghai"
ASKED = {"by": "crew", "at": NOON - HOUR, "seat": "", "department": "law"}


def lines(lang: str = "en", **case: Any) -> str:
    whole: dict[str, Any] = {"pending": {}, "parked": False, "step_due_at": None, "paused_at": None} | case
    parts = waiting(whole, {"law": "Enforcement bureau", "water": "Water board"}, NOON, ZONE, say(lang))
    return " | ".join(text for part in parts for text in texts(part))


def texts(part: Any) -> list[str]:
    if isinstance(part, str):
        return [part]
    inside = getattr(part, "children", None)
    return [text for one in (inside if isinstance(inside, list) else [inside]) if one for text in texts(one)]


def test_a_case_that_waits_for_nobody_says_nothing() -> None:
    assert lines(pending={"claim": ASKED}) == ""


def test_whoever_decides_sees_how_much_is_asked_for_by_whom_and_why() -> None:
    extend = ASKED | {"hours": 8.0, "note": "the pipe is on its way", "approved_by": "li"}
    said = lines(pending={"extend": extend})
    assert "8 hours · asked by crew, 11-22 11:00:00 · li has signed, the level above has not · the pipe" in said
    park = ASKED | {"until": NOON + 365 * 24 * HOUR, "note": "after the frost"}
    assert "until 2027-11-22 12:00 · asked by crew" in lines(pending={"park": park}), "a year on has its year"
    assert "延期申请 | 8 小时 · crew 于" in lines("zh", pending={"extend": extend})


def test_a_parked_case_says_until_when() -> None:
    assert "parked | until 2026-12-22 12:00" in lines(parked=True, step_due_at=NOON + 30 * 24 * HOUR)


def test_every_owner_of_a_joint_meeting_stands_there_with_its_deadline_and_what_it_said() -> None:
    open_ = {"answered_at": None, "by": "", "note": ""}
    owners = {
        "law": {"due_at": NOON + 3 * HOUR, "answered_at": NOON - 60, "by": "crew", "note": "we clear the path"},
        "water": open_ | {"due_at": NOON - 2 * HOUR},
        "traffic": open_ | {"due_at": NOON + 3 * HOUR},
    }
    said = lines(pending={"joint": ASKED | {"owners": owners, "lead": "law"}})
    assert "asked by crew, 11-22 11:00:00 · 2 still to answer" in said
    assert "Enforcement bureau | leads | 2026-11-22 15:00 | 3 h early" in said
    assert "11-22 11:59:00 | crew | we clear the path" in said
    assert "Water board | 2026-11-22 10:00 | 2 h over | not yet" in said
    assert "traffic | 2026-11-22 15:00 | 3 h left | not yet" in said, "a department that no table names keeps its id"


def test_the_clock_of_a_meeting_is_read_where_it_stopped() -> None:
    owner = {"answered_at": None, "by": "", "note": "", "due_at": NOON - HOUR}
    said = lines(pending={"joint": ASKED | {"owners": {"law": owner}, "lead": "law"}}, paused_at=NOON - 3 * HOUR)
    assert "2 h left" in said


def told(move: str, lang: str = "en", **more: Any) -> str:
    entry: dict[str, Any] = {
        "version": 2, "move": move, "actor": "li", "role": "dispatcher", "observed_at": NOON,
        "recorded_at": NOON, "before": "reported", "after": "reported", "note": "", "set": more.pop("set", {}),
    } | {"seat": more.pop("seat", "")}  # fmt: skip
    names = {"law": "Enforcement bureau", "water": "Water board"}
    return " | ".join(texts(trail_table([entry | {"more": more}], ZONE, say(lang), names)))


def test_the_seat_of_somebody_simulated_is_said_in_the_readers_language() -> None:
    assert "调度员 · 模拟" in told("dispatch", "zh", seat="simulated")
    assert "dispatcher · simulated" in told("dispatch", seat="simulated")
    assert "调度员 · 3 号台" in told("dispatch", "zh", seat="3 号台"), "what a hall calls its seats stays"


def test_the_trail_says_to_whom_an_order_went_and_who_was_called_to_a_meeting() -> None:
    assert "to Enforcement bureau · W012" in told("dispatch", set={"department": "law", "handler": "W012"})
    assert "派往 W012" in told("redispatch", "zh", set={"department": "", "handler": "W012"})
    assert "to " not in told("accept", set={"handler": "crew"}), "who accepts is who writes"
    owners = {"law": NOON + HOUR, "water": NOON + 2 * HOUR}
    assert "called: Enforcement bureau 11-22 13:00:00, Water board 11-22 14:00:00" in told("joint", owners=owners)
    assert "departments were due: Water board 11-22 14:00:00" in told("unpark", owners={"water": NOON + 2 * HOUR})
    assert "did not answer: Water board" in told("joint_close", unanswered=["water"])
    assert "was due" not in told("joint_answer", department="law", due_at=NOON), "its own deadline, not the case's"
    assert "did not answer" not in told("joint_close", unanswered=[])


def test_the_trail_says_into_which_case_and_what_a_source_called_it() -> None:
    assert "into A-1" in told("merge", into="A-1") and "took in A-2" in told("take_in", merged="A-2")
    assert "let go A-2" in told("let_go", unmerged="A-2")
    assert "class as it was said: moon-dust" in told("report", class_said="moon-dust")
    assert "8 hours more" in told("approve_extend", hours=8.0)
    assert "answer: it is done" in told("handle", answer="it is done")
    assert "parked until 2027-11-22 12:00" in told("approve_park", until=NOON + 365 * 24 * HOUR)
