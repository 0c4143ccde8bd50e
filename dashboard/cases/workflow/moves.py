"""Moves: the workflow as one table: which move, from which step to which, by whom, and what must be brought along."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ANY", "CLOSED", "MOVES", "OPEN", "Move"]

OPEN = ("reported", "dispatched", "handled", "verified")
CLOSED = ("archived", "appraised")
ANY = (*OPEN, *CLOSED)

DESK = ("dispatcher", "admin")
HANDLE = ("worker", "department")
CHECK = ("verifier", "admin")
LEAD = ("dispatcher", "leader", "admin")
ASSESS = ("assessor", "admin")


@dataclass(frozen=True)
class Move:
    """One line of the workflow.

    before: steps in which it can be made; after: where it leads, None: the case stays in its step.
    roles: who may at all. relation: what they must be to the case, of relations.RELATIONS (scope is
    asked of everybody). guards: how the case must stand, of guards.GUARDS.
    needs: what must be brought, brings: what may be, of needs.NEEDS: Ask.note, or a key of Ask.data.
    takes: our people have the case in hand from then on, its source no longer moves its step.
    asked: can be asked for; else the hall writes it beside another move.
    """

    name: str
    before: tuple[str, ...]
    after: str | None
    roles: tuple[str, ...]
    relation: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    brings: tuple[str, ...] = ()
    takes: bool = True
    asked: bool = True


def _word(name: str, after: str | None = None, roles: tuple[str, ...] = ("system",)) -> Move:
    """What stands in a trail, and nobody asks for."""
    return Move(name, ANY, after, roles, takes=False, asked=False)


_ORDER = ("dispatched",)
_TASK = ("reported", "dispatched")

_TABLE = (
    _word("report", "reported", ("source", *HANDLE, "dispatcher", "leader", "admin")),  # 发现上报
    _word("tell", None, ("source",)),  # what its source says later
    _word("take_in"),  # another case was merged into this one
    _word("let_go"),  # and taken out again
    _word("attach", None, ("source", *HANDLE, "verifier", "dispatcher", "leader", "admin")),  # a photo, a paper
    # the six steps
    Move("check", ("reported",), None, ("worker", "verifier", *DESK), guards=("unchecked", "running"), needs=("note",)),
    Move(
        "dispatch", ("reported",), "dispatched", DESK, ("level",), ("running", "free"),
        needs=("whom",), brings=("handler", "note"),
    ),
    Move(
        "redispatch", _ORDER, "dispatched", DESK, ("level",), ("running", "free", "no_joint"),
        needs=("whom", "note"), brings=("handler",),
    ),
    Move("deliver", _ORDER, None, (*HANDLE, "system"), ("own",), ("order_sent",)),
    Move("accept", _ORDER, None, HANDLE, ("own",), ("order_open", "running")),
    Move("reject", _ORDER, "reported", HANDLE, ("own",), ("order_open", "running"), needs=("note",)),
    Move("return", _ORDER, "reported", HANDLE, ("own",), ("running",), needs=("note",)),
    Move(
        "come_back", _ORDER, "reported", ("system",), (), ("order_open", "running", "no_joint", "unread"),
        takes=False,
    ),
    Move(
        "handle", _ORDER, "handled", HANDLE, ("own",), ("accepted", "running", "no_joint"),
        needs=("proof",), brings=("answer",),
    ),
    # Handled, and not verified: whoever solved it on the spot is its handler, and the handler never verifies.
    Move(
        "solve_on_spot", ("reported",), "handled", HANDLE, ("department",), ("running",),
        needs=("proof",), brings=("answer",),
    ),
    Move("verify", ("handled",), "verified", CHECK, ("not_handler",), brings=("note",)),
    Move("rework", ("handled", "verified"), "dispatched", ("verifier", *DESK), ("not_handler",), needs=("note",)),
    Move("archive", ("verified",), "archived", DESK, ("level",), ("answered",), brings=("note",)),
    Move(
        "appraise", ("archived",), "appraised", ASSESS, ("not_handler",), ("whole_way",),
        needs=("score",), brings=("satisfaction", "note"),
    ),
    # 件件有回音
    Move("answer", ANY, None, (*HANDLE, "verifier", *DESK), ("own",), ("answer_asked",), needs=("note",), takes=False),
    Move(
        "feedback", ANY, None, ("verifier", "assessor", *DESK), (), ("answer_given",),
        needs=("satisfaction",), brings=("note",), takes=False,
    ),
    # time
    Move(
        "extend", _ORDER, None, HANDLE, ("own",), ("running", "due", "in_time", "extends_left", "extend_unasked"),
        needs=("hours", "note"),
    ),
    Move(
        "approve_extend", _ORDER, None, LEAD, ("level", "not_asker_extend", "not_approver", "second_level"),
        ("extend_asked",), brings=("note",),
    ),
    Move("refuse_extend", _ORDER, None, LEAD, ("level", "not_asker_extend"), ("extend_asked",), needs=("note",)),
    Move(
        "park", _TASK, None, (*HANDLE, *DESK), ("own",), ("running", "parks_left", "park_unasked"),
        needs=("until", "note"),
    ),
    Move(
        "approve_park", _TASK, None, LEAD, ("level", "not_asker_park", "senior"), ("running", "park_asked"),
        brings=("note",),
    ),
    Move("refuse_park", _TASK, None, LEAD, ("level", "not_asker_park"), ("park_asked",), needs=("note",)),
    Move("unpark", _TASK, None, (*LEAD, "system"), (), ("parked", "park_over"), brings=("note",)),
    Move("urge", OPEN, None, (*LEAD, "assessor"), brings=("note",), takes=False),
    # whose it is
    Move("claim", OPEN, None, (*DESK, "verifier"), (), ("unclaimed",)),
    Move("take_over", OPEN, None, (*DESK, "verifier"), ("not_claimer",), ("claimed",), needs=("note",)),
    Move("release", OPEN, None, (*DESK, "verifier"), ("claimer",), ("claimed",)),
    Move(
        "escalate", _TASK, "reported", (*HANDLE, *DESK), ("own", "level"), ("running", "free", "not_top"),
        needs=("note",),
    ),
    Move(
        "hand_down", ("reported",), "reported", DESK, ("level",), ("running", "free", "below_known"),
        brings=("note",),
    ),
    Move(
        "joint", _TASK, "dispatched", LEAD, ("level",), ("running", "free", "no_joint"),
        needs=("owners",), brings=("note",),
    ),
    Move("joint_answer", _ORDER, None, HANDLE, ("invited",), ("joint_open",), needs=("note",)),
    Move("joint_close", _ORDER, None, LEAD, ("level",), ("joint_open",), needs=("note",)),
    # ways out, and back
    Move("merge", _TASK, "archived", DESK, ("level",), ("running", "free"), needs=("into",), brings=("note",)),
    Move("unmerge", ("archived",), "reported", DESK, ("level",), ("merged",), needs=("note",)),
    Move("void", OPEN, "archived", LEAD, ("level",), ("free",), needs=("note",), brings=("answer",)),
    Move("reopen", CLOSED, "reported", ("verifier", *LEAD), ("level",), ("not_merged",), needs=("note",)),
    Move("appeal", ANY, None, HANDLE, ("own",), ("appeal_unasked", "not_exempt"), needs=("note",), takes=False),
    Move(
        "hear_appeal", ANY, None, ("leader", *ASSESS), ("not_asker_appeal",), ("appeal_asked",),
        needs=("granted", "note"), takes=False,
    ),
    # the hall itself
    Move("recompute", OPEN, None, ("system",), takes=False),
    Move("erase", ANY, None, ("system", "admin"), needs=("names", "note"), takes=False),
)  # fmt: skip

#: name → Move, in the order in which a page offers them.
MOVES: dict[str, Move] = {move.name: move for move in _TABLE}
