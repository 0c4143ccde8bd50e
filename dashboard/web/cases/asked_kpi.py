"""Asked KPI: which cases and which period a caller asks about, kept within what they may see, and how to ask again."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from dashboard.kpi.filters import NONE, Filter
from dashboard.kpi.grouping import CALENDAR
from dashboard.kpi.periods import Period, between, period
from dashboard.kpi.results import Group
from dashboard.web.asking import moment
from dashboard.web.cases.kpi_replies import KpiCasesQuery, KpiQuery
from dashboard.web.errors import BadQuestion
from dashboard.web.people.permit import caller, inside
from dashboard.web.route import PREFIX
from dashboard.web.scene import Scene

__all__ = ["address", "filter_of", "period_of"]

#: Words of the question that are words of the filter.
PLAIN = (
    "district", "street", "community", "grid", "class_code", "only_class", "department", "handler", "level", "step",
    "source", "origin",
)  # fmt: skip
#: What a split is by → the word of the question that asks for one of its groups.
ASKED = {"class": "only_class", "top_class": "class_code", "post": "handler"}
#: Periods lie before the year 2200, and are split into so many days or months at most.
LATEST, PARTS = 7_258_118_400.0, {"day": 400, "month": 12_000}
DAY = 86_400.0


def filter_of(scene: Scene, asked: KpiQuery | KpiCasesQuery) -> Filter:
    """What is asked, within what the caller may see. Raises permit.Forbidden."""
    person, city = caller(), scene.city
    whole = (str(city.areas.area_id[0]), city.city_id)
    area, scope = inside(asked.area), person.scope
    given = {name: getattr(asked, name) for name in PLAIN}
    if person.role == "department":
        given["department"] = person.department or "\0"
    return Filter(**given, area="" if area in whole else area, scope="" if scope in whole else scope)


def period_of(scene: Scene, asked: KpiQuery | KpiCasesQuery) -> Period:
    """Raises BadQuestion."""
    now, zone = scene.clock.now(), scene.city.zone
    if not asked.since:
        if asked.until:
            raise BadQuestion("to: say `from` as well")
        return period(asked.period, now, zone)
    start, end = moment(asked.since, now, "from"), moment(asked.until, now, "to")
    if not 0 <= start < end <= LATEST:
        raise BadQuestion("from: must lie before to, both between 1970 and 2200")
    by = getattr(asked, "by", "")
    if by in CALENDAR and (end - start) / DAY > PARTS[by]:
        raise BadQuestion(f"by: a split by {by} is of at most {PARTS[by]} days")
    return between(start, end, zone)


def address(name: str, asked: KpiQuery, whole: Period, by: tuple[str, ...] = (), group: Group | None = None) -> str:
    """Where the cases behind a number are listed: the same question, narrowed to one group."""
    said = {word: getattr(asked, word) for word in ("area", *PLAIN)}
    start, end = whole.start, whole.end
    if group is not None:
        said |= {ASKED.get(word, word): key or NONE for word, key in zip(by, group.keys, strict=False)}
        start, end = group.period or (start, end)
    said = {"from": repr(start), "to": repr(end)} | {word: value for word, value in said.items() if value}
    return f"{PREFIX}/kpi/{quote(name)}/cases?{urlencode(said)}"
