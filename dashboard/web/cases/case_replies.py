"""Case replies: the shapes of what the case API is asked, is sent and says."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from dashboard.cases.case import Case
from dashboard.web.replies import Problem, Query, Reply, Seconds, Stamped

__all__ = [
    "CaseList", "CaseQuery", "CaseReply", "ClassList", "ClassReply", "ClassesQuery", "Conflict", "EntryReply",
    "FileList", "FileReply", "FilesQuery", "LangQuery", "MoveBody", "MoveList", "MoveReply", "Moved", "MovesQuery",
    "OneCase", "PlaceReply", "Refused", "ReportBody", "Reported", "Similar", "Stored", "TrailList", "TrailState",
    "Winner",
]  # fmt: skip

Lang = Annotated[Literal["", "zh", "en"], Meta(description="of sentences; empty: by Accept-Language")]
Word = Annotated[str, Meta(max_length=200)]
Key = Annotated[str, Meta(max_length=200, description="the same key of the same caller is one act, however often sent")]
Band = Annotated[
    Literal["", "due", "soon", "overdue", "long_open"], Meta(description="age band of an open case; empty: closed")
]


class LangQuery(Query):
    lang: Lang = ""


class CaseQuery(LangQuery):
    personal: Annotated[
        bool, Meta(description="with names and phones of reporters; needs the capability, and is written down")
    ] = False


class ClassesQuery(LangQuery):
    q: Annotated[str, Meta(max_length=60, description="Chinese, English, code, or initials in pinyin")] = ""
    limit: Annotated[int, Meta(ge=1, le=100)] = 12


class FilesQuery(LangQuery):
    kind: Literal["before", "after", "other"] = "other"
    name: Annotated[str, Meta(max_length=200, description="what the file is called")] = ""


class MovesQuery(LangQuery):
    pass


class ReportBody(Query, kw_only=True):
    """A case as it is reported: what, where, by whom. One that cannot be placed is taken all the same."""

    class_code: Annotated[str, Meta(max_length=60, description="unknown ones are counted as other")] = ""
    text: Annotated[str, Meta(max_length=4000)] = ""
    lon: Annotated[float, Meta(ge=-180, le=180, description="WGS-84")] | None = None
    lat: Annotated[float, Meta(ge=-90, le=90)] | None = None
    area_id: Word = ""
    grid_id: Word = ""
    address: Annotated[str, Meta(max_length=400)] = ""
    source: Literal["worker", "citizen", "wechat", "hotline", "mailbox", "video", "leader", "police", "sensor"] = (
        "worker"
    )
    worker_id: Word = ""
    level: Literal["community", "street", "district"] = "community"
    response: Annotated[
        Literal["", "red", "yellow", "blue", "grey"], Meta(description="2 h, 24 h, 7 d, 15 d; empty: by class")
    ] = ""
    department: Word = ""
    reported_at: Annotated[float, Meta(ge=0, le=1e11, description="when it was seen; now unless given")] | None = None
    reporter_name: Annotated[str, Meta(max_length=100, description="kept apart; never shown without a reason")] = ""
    reporter_phone: Annotated[str, Meta(max_length=40)] = ""
    solved: Annotated[bool, Meta(description="seen and solved by the same hand: one act; somebody else verifies")] = (
        False
    )
    request_key: Key = ""


class MoveBody(Query, kw_only=True):
    """A move somebody wants. Which there are, and what each needs: GET /api/v1/moves."""

    move: Annotated[str, Meta(max_length=40)]
    version: Annotated[int, Meta(ge=0, le=2**31 - 1, description="of the case as the caller saw it")] | None = None
    note: Annotated[str, Meta(max_length=2000)] = ""
    request_key: Key = ""
    observed_at: Annotated[float, Meta(ge=0, le=1e11, description="when it was done; now unless given")] | None = None
    data: Annotated[dict[str, Any], Meta(description="what the move needs: department, handler, hours, into, …")] = {}  # noqa: RUF012


class PlaceReply(Reply):
    """What the places and the class of a case are called."""

    district: str
    street: str
    community: str
    area: str
    grid: str
    class_name: str


class CaseReply(Case, frozen=True, kw_only=True):
    """A case as it stands, and how it stands against its time."""

    band: Band = ""


class EntryReply(Reply, kw_only=True):
    """One row of the trail."""

    version: int
    move: str
    actor: str
    role: str
    seat: str
    observed_at: Seconds
    recorded_at: Seconds
    before: str
    after: str
    note: str
    set: dict[str, Any]
    more: dict[str, Any]
    hash: Annotated[str, Meta(description="SHA-256 over the entry before and this one, hex")] = ""


class TrailState(Reply):
    """How far the chain of the case's district has been walked, and what was found."""

    at: Annotated[float, Meta(description="when; null: not yet")] | None = None
    position: int = 0
    broken: Annotated[str, Meta(description="the first broken entry; empty: none")] = ""


class TrailList(Stamped):
    """By district; those that were never walked are left out."""

    districts: dict[str, TrailState]


class FileReply(Reply):
    sha256: str
    kind: str
    mime: str
    bytes: int
    name: str
    added_by: str
    added_at: Seconds
    href: str


class FileList(Stamped):
    files: list[FileReply]


class Stored(Stamped, kw_only=True):
    """version: of the case with the file in it."""

    file: FileReply
    version: int


class Similar(Reply):
    """A case that may be the same."""

    case_id: str
    metres: float
    seconds: Annotated[float, Meta(description="by how much it was reported earlier")]
    kind: Annotated[str, Meta(description="near: it is still open; repeat: the same complaint again")]
    merge: Annotated[bool, Meta(description="the caller could merge the case into it now")] = False


class ClassReply(Reply):
    """A class, and what the city's standard asks of it: when it is filed and closed, by when, and by whom."""

    class_code: str
    name: str
    name_en: str
    limit_hours: Annotated[float | None, Meta(description="at the level that usually works on it; null: none")]
    clock: Annotated[str, Meta(description="by what those hours are counted: continuous or working")]
    level: str
    filing_condition: Annotated[str, Meta(description="立案条件; empty where the standard says nothing")]
    closing_condition: Annotated[str, Meta(description="结案条件")]
    handling_unit: Annotated[str, Meta(description="处置单位")]


class OneCase(Stamped, kw_only=True):
    case: CaseReply
    place: PlaceReply
    trail: list[EntryReply]
    offered: Annotated[list[str], Meta(description="moves that the caller could make now")]
    files: list[FileReply]
    verified: TrailState
    similar: Annotated[list[Similar], Meta(description="cases that it may be the same as, of those the caller may see")]
    standard: Annotated[ClassReply | None, Meta(description="what is asked of its class; null: nobody knows that")]
    personal: Annotated[dict[str, str] | UnsetType, Meta(description="only if it was asked for")] = UNSET


class CaseList(Stamped, kw_only=True):
    """One page. total: on all pages; next: cursor of the page behind this one."""

    cases: list[CaseReply]
    total: int
    next: str | None


class Reported(Stamped, kw_only=True):
    case: CaseReply
    similar: list[Similar]


class Moved(Stamped, kw_only=True):
    """again: the same request had been carried out before; this is what came of it."""

    case: CaseReply
    entry: EntryReply
    again: bool
    offered: list[str]


class Winner(Reply):
    """Who was quicker."""

    actor: str
    role: str
    move: str
    at: Seconds
    version: int


class Conflict(Problem, kw_only=True):
    """Somebody else was quicker: who, and how the case stands now."""

    winner: Winner
    case: CaseReply


class Refused(Problem, kw_only=True):
    """A move that is not allowed, and why."""

    code: str


class ClassList(Reply):
    classes: list[ClassReply]


class MoveReply(Reply):
    """A row of the table of moves."""

    name: str
    words: str
    before: list[str]
    after: str | None
    roles: list[str]
    relation: list[str]
    needs: Annotated[list[str], Meta(description="what must be brought: note, or a key of data")]
    brings: Annotated[list[str], Meta(description="what may be brought")]


class MoveList(Reply):
    moves: list[MoveReply]
