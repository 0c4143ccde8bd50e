"""KPI exports: a number's groups, and the cases behind it, as CSV and XLSX."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from flask import Response
from msgspec import Meta

from dashboard.kpi.indicators import INDICATORS, BadPart, behind
from dashboard.kpi.paging import Found
from dashboard.web.cases import exports, kpi
from dashboard.web.cases.asked_kpi import filter_of, period_of
from dashboard.web.cases.kpi_replies import GroupReply, KpiCasesQuery, KpiQuery, MeasureReply
from dashboard.web.errors import BadQuestion, NotFound
from dashboard.web.people.permit import need
from dashboard.web.scene import Scene
from dashboard.web.sheets import Cell, Sheet, as_csv, as_xlsx

__all__ = ["KpiCasesExport", "KpiExport", "cases_csv", "cases_xlsx", "groups_csv", "groups_xlsx"]

Encoding = Annotated[Literal["utf-8", "utf-8-bom", "gb18030"], Meta(description="of a CSV")]
Ids = Annotated[Literal["plain", "tab"], Meta(description="tab: spreadsheets take the ids of a CSV for text")]
#: Of each row, behind its keys and their names. A rate's value is percent, a time's hours.
FIGURES = ("value", "numerator", "denominator", "p90", "mean", "share")
ABOUT = ("indicator", "unit", "from", "to", "formula")


class KpiExport(KpiQuery, kw_only=True, rename={"since": "from", "until": "to"}):
    encoding: Encoding = "utf-8"
    ids: Ids = "plain"


class KpiCasesExport(KpiCasesQuery, kw_only=True, rename={"since": "from", "until": "to"}):
    encoding: Encoding = "utf-8"
    ids: Ids = "plain"
    personal: Annotated[bool, Meta(description="with names and phones; needs the capability, and is written down")] = (
        False
    )


def groups_csv(scene: Scene, asked: KpiExport, name: str) -> Response:
    return as_csv(_groups(scene, asked, name), asked.encoding, asked.ids == "tab")


def groups_xlsx(scene: Scene, asked: KpiExport, name: str) -> Response:
    return as_xlsx(_groups(scene, asked, name), lambda work: scene.books.aside(lambda _book: work()))


def cases_csv(scene: Scene, asked: KpiCasesExport, name: str) -> Response:
    return as_csv(_cases(scene, asked, name), asked.encoding, asked.ids == "tab")


def cases_xlsx(scene: Scene, asked: KpiCasesExport, name: str) -> Response:
    return as_xlsx(_cases(scene, asked, name), lambda work: scene.books.aside(lambda _book: work()))


def _groups(scene: Scene, asked: KpiExport, name: str) -> Sheet:
    """A row for the whole, without keys, and one for each group of the split."""
    measured = kpi.indicator(scene, asked, name)
    deep = max([len(measured.by), *(len(group.keys) for group in measured.groups)])
    words = [*measured.by, *("part" for _ in range(deep - len(measured.by)))]
    columns = [*words, *(f"{word}_name" for word in words), *FIGURES, *ABOUT]
    zone = ZoneInfo(scene.city.zone)
    rows = [_row(measured, one, deep, zone) for one in (measured, *measured.groups)]
    return Sheet(f"kpi-{name}", columns, [rows], frozenset(words))


def _row(measured: MeasureReply, one: MeasureReply | GroupReply, deep: int, zone: ZoneInfo) -> list[Cell]:
    keys, names = (one.keys, one.names) if isinstance(one, GroupReply) else ([], [])
    blank: list[Cell] = [""] * deep
    figures: list[Cell] = [getattr(one, name, None) for name in FIGURES]
    start, end = (_local(at, zone) for at in one.period or measured.period)
    about: list[Cell] = [measured.name, measured.unit, start, end, measured.formula]
    return [*[*keys, *blank][:deep], *[*names, *blank][:deep], *figures, *about]


def _local(at: float, zone: ZoneInfo) -> str:
    """As the clocks of the city show it, and as a question takes it: with the offset."""
    return datetime.fromtimestamp(at, UTC).astimezone(zone).isoformat(timespec="seconds")


def _cases(scene: Scene, asked: KpiCasesExport, name: str) -> Sheet:
    need("cases")
    if name not in INDICATORS:
        raise NotFound(f"there is no indicator {name[:60]}: /kpi lists them")
    which, whole, now = filter_of(scene, asked), period_of(scene, asked), scene.clock.now()

    def page(cursor: str) -> Found:
        return scene.books.count(
            lambda register: behind(
                register,
                name,
                asked.part,
                start=whole.start,
                end=whole.end,
                now=now,
                filter=which,
                cursor=cursor,
                limit=exports.BATCH,
            )
        )

    try:
        page("")  # what cannot be asked is said before the first line is sent
    except BadPart as error:
        raise BadQuestion(str(error)) from error
    return exports.sheet(scene, f"kpi-{name}-cases", page, asked.personal)
