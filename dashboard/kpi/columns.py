"""Columns: what the register keeps of every case, how wide, and how a chunk of rows out of SQL becomes columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from dashboard.cases.case import OUTCOMES
from dashboard.cases.store.schema import CASES
from dashboard.kpi.reckoned import filed_at
from dashboard.kpi.texts import Texts
from feeds.record import LEVELS, STEPS

__all__ = [
    "COUNTS", "FLAGS", "NAMES", "PENDING", "PLACES", "SELECT", "SPENT", "TEXTS", "TIMES", "UNPLACED", "WRITTEN", "laid",
    "texts", "turned", "written",
]  # fmt: skip

Column = npt.NDArray[Any]

#: Words, kept as codes of a `Texts`, one byte wide until there are more. Those of a fixed table have its order.
TEXTS: dict[str, tuple[str, ...]] = {
    "step": STEPS,
    "level": LEVELS,
    "outcome": OUTCOMES,
    "response": ("",),
    "clock": ("continuous", "working"),
    "district": ("",),
    "street": ("",),
    "community": ("",),
    "grid_id": ("",),
    "department": ("",),
    "handler": ("",),
    "owner": ("",),
    "pending": ("",),
    "class_code": ("",),
    "source": ("",),
    "origin": ("",),
}

#: Seconds since 1970 UTC, float64, NaN where it has not happened.
TIMES = (
    "reported_at", "received_at", "updated_at", "entered_at", "dispatched_at", "accepted_at", "handled_at",
    "verified_at", "archived_at", "appraised_at", "answered_at", "first_dispatched_at", "first_handled_at",
    "due_at", "reply_due_at", "step_due_at", "paused_at",
)  # fmt: skip

#: Seconds, float32: a third of a second in a month.
SPENT = ("spent_reported", "spent_dispatched", "spent_handled", "spent_verified", "paused_seconds")

#: One byte; what is more is 255. Satisfaction 0: nobody said.
COUNTS = (
    "returns", "rejects", "reworks", "extends", "parks", "urges", "escalations", "appeals", "reopens", "satisfaction",
)  # fmt: skip

FLAGS = ("checked", "parked", "exempt", "needs_answer", "late", "repeat")

#: Degrees WGS-84 in 1e-7, int32; UNPLACED where not known.
PLACES = ("lon", "lat")
UNPLACED = -(2**31)

#: Kept as they were written, to be searched (`written`). The number is one that is not the case's own.
WRITTEN = ("text", "address", "number")

#: What is asked for and not yet decided, as one word: a line each for extend, park, joint, …, and for every department
#: that is called to a joint meeting "joint:" and its name. By the name of SQLAlchemy's dialect.
PENDING = {
    "sqlite": """CASE WHEN pending = '{}' THEN '' ELSE (SELECT coalesce(group_concat(word, char(10)), '') FROM
        (SELECT key AS word FROM json_each(pending) UNION ALL
        SELECT 'joint:' || key FROM json_each(pending, '$.joint.owners'))) END""",
    "postgresql": """CASE WHEN pending::text = '{}' THEN '' ELSE (SELECT coalesce(string_agg(word, chr(10)), '') FROM
        (SELECT json_object_keys(pending) AS word UNION ALL
        SELECT 'joint:' || json_object_keys(pending->'joint'->'owners')) AS words) END""",
}
_OWN: dict[str, sa.ColumnElement[Any]] = {
    "repeat": CASES.c.repeat_of != "",
    "number": sa.case((CASES.c.report_id == CASES.c.case_id, ""), else_=CASES.c.report_id),
}
NAMES = (*TEXTS, *TIMES, *SPENT, *COUNTS, *FLAGS, *PLACES, *WRITTEN)
#: seq and case_id stand first. Types are not converted by SQLAlchemy: numpy does that for a whole column at once.
SELECT: tuple[sa.ColumnElement[Any], ...] = (
    CASES.c.seq,
    CASES.c.case_id,
    *(sa.type_coerce(_OWN.get(name, CASES.c.get(name)), sa.types.NullType()).label(name) for name in NAMES),
)


def texts() -> dict[str, Texts]:
    return {name: Texts(known) for name, known in TEXTS.items()}


def laid(said: Mapping[str, Sequence[Any]], words: Mapping[str, Texts]) -> dict[str, Column]:
    """Values as they are said in SQL, column by column → as they are kept. New words are put into `words`."""
    columns: dict[str, Column] = {name: words[name].take(said[name]) for name in TEXTS}
    columns |= {name: np.array(said[name], np.float64) for name in TIMES}
    columns |= {name: np.array(said[name], np.float32) for name in SPENT}
    columns |= {name: _counted(said[name]) for name in COUNTS}
    columns |= {name: np.array(said[name], np.bool_) for name in FLAGS}
    columns |= {name: _placed(said[name]) for name in PLACES}
    return columns | {"filed_at": _filed(columns)}


def written(said: Mapping[str, Sequence[Any]]) -> list[tuple[str, str, str]]:
    """What is searched of each case: text, address, number."""
    return list(zip(*(said[name] for name in WRITTEN), strict=True))


def turned(rows: Sequence[Sequence[Any]]) -> dict[str, Sequence[Any]]:
    """Rows as SELECT gives them → columns."""
    if not rows:
        return dict.fromkeys(NAMES, ())
    return dict(zip(NAMES, list(zip(*rows, strict=True))[2:], strict=True))


def _counted(said: Sequence[int | None]) -> Column:
    counts = np.array(said, np.float64)
    return np.fmin(np.where(np.isnan(counts), 0, counts), 255).astype(np.uint8)


def _placed(said: Sequence[float | None]) -> Column:
    degrees = np.array(said, np.float64)
    return np.where(np.isnan(degrees), UNPLACED, np.round(degrees * 1e7)).astype(np.int32)


def _filed(c: Mapping[str, Column]) -> Column:
    """受理: when it was taken on: first dispatched; without that, the first later step. Dropped ones never were."""
    gone = np.isin(c["outcome"], [OUTCOMES.index("void"), OUTCOMES.index("merged")])
    return filed_at(c["first_dispatched_at"], c["first_handled_at"], c["verified_at"], c["archived_at"], gone)
