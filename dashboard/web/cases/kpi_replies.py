"""KPI replies: the shapes of what is asked about the hall's numbers, and what is said of them."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from dashboard.web.cases.case_replies import LangQuery
from dashboard.web.replies import Reply, Seconds, Stamped

__all__ = [
    "ChangeReply", "GroupReply", "IndicatorList", "IndicatorReply", "KpiCasesQuery", "KpiQuery", "MeasureReply",
    "RankReply", "RankingReply",
]  # fmt: skip

Words = Annotated[str, Meta(max_length=400, description="one, or several with commas between; - for those without")]
When = Annotated[str, Meta(max_length=40, description="ISO 8601 with zone, or seconds since 1970")]
Name = Annotated[
    Literal[
        "today", "yesterday", "week", "last_week", "month", "last_month", "quarter", "last_quarter", "year", "last_year"
    ],
    Meta(description="calendar of the hall; not looked at when `from` is given"),
]
Number = Annotated[float | None, Meta(description="null: there is none, as of a rate of nothing")]


class _Kpi(LangQuery, kw_only=True, rename={"since": "from", "until": "to"}):
    area: Annotated[str, Meta(max_length=200, description="area_id; the caller's whole area unless given")] = ""
    since: When = ""
    until: Annotated[str, Meta(max_length=40, description="the same; not in it any more; now unless given")] = ""
    period: Name = "month"
    district: Words = ""
    street: Words = ""
    community: Words = ""
    grid: Words = ""
    class_code: Annotated[str, Meta(max_length=400, description="of these classes, or of those below them")] = ""
    only_class: Annotated[str, Meta(max_length=400, description="of these classes, without those below")] = ""
    department: Words = ""
    handler: Words = ""
    level: Words = ""
    step: Words = ""
    source: Words = ""
    origin: Words = ""


class KpiQuery(_Kpi, kw_only=True, rename={"since": "from", "until": "to"}):
    by: Annotated[
        str,
        Meta(
            max_length=100,
            description="district, street, community, grid, department, handler (or post), class, top_class, source, "
            "origin, level, step, several with commas between; or day or month",
        ),
    ] = ""
    compare: Annotated[bool, Meta(description="beside the period before and a year ago")] = False
    rank: Annotated[int, Meta(ge=0, le=20, description="so many best and worst groups")] = 0
    minimum: Annotated[int, Meta(ge=1, le=100000, description="cases that a group needs to be ranked")] = 30


class KpiCasesQuery(_Kpi, kw_only=True, rename={"since": "from", "until": "to"}):
    part: Annotated[
        str, Meta(max_length=40, description="numerator, denominator, or why cases were left out (void, exempt …)")
    ] = "numerator"
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    cursor: Annotated[str, Meta(max_length=1000, description="`next` of the page before")] = ""


class IndicatorReply(Reply, kw_only=True):
    name: str
    title: str
    unit: Literal["cases", "percent", "hours"]
    formula: str
    better: Annotated[Literal["more", "less", ""], Meta(description="which way is good; empty: neither")]


class IndicatorList(Stamped, kw_only=True):
    """Every number that can be asked for, and how it is counted."""

    indicators: list[IndicatorReply]


class GroupReply(Reply, kw_only=True):
    """One row of a split. keys: as they are kept; names: as they are called; behind: address of its cases."""

    keys: list[str]
    names: list[str]
    value: Number
    text: str
    numerator: float
    denominator: float | None
    behind: str
    p90: Number = None
    mean: Number = None
    share: Number = None
    bands: dict[str, int] | None = None
    period: tuple[Seconds, Seconds] | None = None


class ChangeReply(Reply, kw_only=True):
    """Against another period. label: 环比 or 同比; kind: two rates differ by points, all else by percent."""

    label: str
    kind: Literal["points", "percent"]
    change: Number
    text: str
    better: bool | None
    value: Number
    value_text: str
    numerator: float
    denominator: float | None
    period: tuple[Seconds, Seconds]


class RankReply(Reply, kw_only=True):
    rank: int
    tie: bool
    group: GroupReply


class RankingReply(Reply, kw_only=True):
    """few: groups that were not ranked because they had too few cases."""

    best: list[RankReply]
    worst: list[RankReply]
    few: list[GroupReply]


class MeasureReply(Stamped, kw_only=True):
    """A number with what it is made of. period: [from, to); at: when open or closed was asked; behind: its cases."""

    name: str
    title: str
    value: Number
    text: str
    unit: Literal["cases", "percent", "hours"]
    numerator: float
    denominator: float | None
    period: tuple[Seconds, Seconds]
    at: Seconds
    formula: str
    exclusions: Annotated[dict[str, int], Meta(description="why cases were left out → how many")]
    clock: Annotated[str, Meta(description="of times: by what they were measured")]
    behind: str
    by: list[str]
    groups: list[GroupReply]
    p90: Number = None
    mean: Number = None
    bands: dict[str, int] | None = None
    so_far: Annotated[bool, Meta(description="not over yet; others are compared as far into theirs")] = False
    compared: list[ChangeReply]
    ranking: RankingReply | None = None
