"""Case: the words of the ledger: a case as it stands, an entry of its trail, and who asks for what."""

from __future__ import annotations

from typing import Any

import msgspec

__all__ = ["OUTCOMES", "SOURCES", "Actor", "Ask", "Case", "Change", "Entry", "NotAllowed", "apply"]

#: Where a report can come from (EventReport.source, Case.source); anything else is kept as it was said.
SOURCES = (
    "worker", "citizen", "wechat", "hotline", "mailbox", "video", "leader", "police", "sensor",
)  # fmt: skip

#: How a case ended; empty while it is open. `closed`: went the whole way.
OUTCOMES = ("", "closed", "on_spot", "void", "merged")


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """案件 as it stands after `version` entries: the columns of the table `cases`, and nothing but a fold of them.

    Times: seconds since 1970 UTC, None where it has not happened. Seconds and hours are floats. Flags are bools.
    """

    # what it is
    case_id: str
    version: int = 0
    seq: int = 0  # of its last entry: which chain, and where in it (dashboard.cases.store.schema.SEQ)
    district: str = ""  # area_id of the district whose chain it is written in; never changes
    street: str = ""  # area_ids above where it happened; empty where not known
    community: str = ""
    area_id: str = ""  # the lowest of these that is known
    grid_id: str = ""
    grid_kind: str = ""  # urban, rural, scenic, dedicated: some duties have longer there
    lon: float | None = None
    lat: float | None = None
    origin: str = ""  # whose record it came with: source of the API key, or account
    report_id: str = ""  # what the origin calls it
    source: str = ""  # of SOURCES
    worker_id: str = ""
    class_code: str = ""
    level: str = "community"  # of feeds.record.LEVELS
    response: str = ""  # response level: red 2 h, yellow 24 h, blue 7 d, grey 15 d; empty: by class
    text: str = ""
    address: str = ""
    # where it stands
    step: str = "reported"  # of feeds.record.STEPS
    outcome: str = ""  # of OUTCOMES
    owner: str = ""  # 首问负责: who took it in first; stays
    department: str = ""  # who is to handle it
    handler: str = ""  # account or worker_id that the order is with
    verifier: str = ""
    order: str = ""  # the order's way: "", sent, reached, accepted, rejected
    checked: bool = False  # 核实 before dispatch
    parked: bool = False
    exempt: bool = False  # an appeal was heard; that it was late stays a fact
    needs_answer: bool = False  # a citizen waits for an answer (件件有回音)
    merged_into: str = ""
    repeat_of: str = ""  # an earlier case of the same place and cause
    pending: dict[str, Any] = {}  # asked for and not yet decided: extend, park, joint, appeal
    told: bool = False  # its source still says where it stands; false once our people have moved it
    # when
    reported_at: float = 0.0  # seen and said, by the source's clock
    received_at: float = 0.0
    updated_at: float = 0.0  # last entry, recorded
    told_at: float = 0.0  # the source's own last word (EventReport.updated_at)
    told_step: str = ""  # and the step it told of; empty: reported
    entered_at: float = 0.0  # came into its step
    checked_at: float | None = None
    dispatched_at: float | None = None  # the last time it came into this step; first_…: the first time
    accepted_at: float | None = None
    handled_at: float | None = None
    verified_at: float | None = None
    archived_at: float | None = None
    appraised_at: float | None = None
    answered_at: float | None = None
    first_dispatched_at: float | None = None
    first_handled_at: float | None = None
    # clocks
    clock: str = "continuous"  # or working
    limit_hours: float | None = None
    due_at: float | None = None
    clock_from: float | None = None  # when the clock was last set going, and the hours it had left then: whenever
    clock_hours: float | None = None  # calendar or limits change, due_at is counted from there
    reply_due_at: float | None = None  # second due time: the procedural reply, or the citizen's answer
    reply_from: float | None = None  # when that began to run; None: it is a fixed time
    step_due_at: float | None = None
    step_from: float | None = None  # when the step's clock was set going, if not when it came into the step
    paused_at: float | None = None
    paused_seconds: float = 0.0
    # what it went through
    spent_reported: float = 0.0  # seconds it stood in each step until now, without the present stay
    spent_dispatched: float = 0.0
    spent_handled: float = 0.0
    spent_verified: float = 0.0
    returns: int = 0
    rejects: int = 0
    reworks: int = 0
    extends: int = 0
    parks: int = 0
    urges: int = 0
    escalations: int = 0
    appeals: int = 0
    reopens: int = 0
    late: bool = False  # closed after its due time: the raw fact
    satisfaction: int | None = None  # 1 … 5
    score: float | None = None

    @property
    def open(self) -> bool:
        return self.step not in ("archived", "appraised")

    @property
    def area_ids(self) -> list[str]:
        """Where it happened, lowest first."""
        return [area for area in (self.grid_id, self.community, self.street, self.district) if area]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """台账: one move, as it is hashed and kept. `set`: columns of the case that it changed, and their new values."""

    district: str
    position: int  # in the chain of the district, from 1, without gaps
    case_id: str
    version: int  # of the case after it, from 1, without gaps
    move: str
    actor: str
    role: str
    seat: str = ""
    observed_at: float
    recorded_at: float
    before: str = ""  # step
    after: str = ""
    note: str = ""
    set: dict[str, Any] = {}
    more: dict[str, Any] = {}  # what a reader of the trail wants besides: the old due time, the hash of a phone number


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks. scope: area_id of the subtree it may act in, empty for the whole city. area_ids: that subtree's ids."""

    name: str
    role: str
    scope: str = ""
    seat: str = ""
    department: str = ""


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """A move that somebody wants. version: the case's as they saw it; None: whatever it is now."""

    case_id: str
    move: str
    version: int | None = None
    note: str = ""
    data: dict[str, Any] = {}
    observed_at: float | None = None
    request_key: str = ""  # idempotency: the same key of the same actor is one move, however often it is sent


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What a move does. `also`: what it does to other cases (the one it is merged into)."""

    move: str
    set: dict[str, Any]
    note: str = ""
    more: dict[str, Any] = {}
    also: dict[str, Change] = {}


class NotAllowed(Exception):
    """A move that is refused. `code` names the sentence in layouts.words_moves.REFUSALS; `values` fill it."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.code, self.values = code, values


def apply(case: Case | None, entry: Entry, seq: int) -> Case:
    """The case after one more entry. The first entry makes it."""
    stamp = {"version": entry.version, "seq": seq, "updated_at": entry.recorded_at}
    if case is None:
        return msgspec.convert({"case_id": entry.case_id, "district": entry.district} | entry.set | stamp, Case)
    return msgspec.structs.replace(case, **entry.set | stamp)
