"""Rulebook: the files that rules are made of, read and checked. What is wrong is said by file, line and reason."""

from __future__ import annotations

import csv
import itertools
import tomllib
from collections.abc import Iterator
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import msgspec

from dashboard.cases.rules.calendar import DAYS, KINDS, Calendar, Hours
from dashboard.cases.rules.routing import ANY, Department, Route, Routes
from feeds import classes
from feeds.city import Classes
from feeds.record import LEVELS

__all__ = ["Limits", "Near", "Source", "WrongRules", "calendar", "departments", "limits", "routes", "tree"]

T = TypeVar("T")
Clock = Literal["continuous", "working"]
#: More than ten years is a mistake.
Amount = Annotated[float, msgspec.Meta(gt=0, le=87600)]
Minute = Annotated[float, msgspec.Meta(gt=0, le=87600 * 60)]


class WrongRules(Exception):
    """A file of rules that cannot be used; the sentence says which, where and why."""


class Source:
    """The files: the operator's where there is one, else ours. `read`: the bytes of all that were read, by name."""

    def __init__(self, folder: Path | None) -> None:
        self.folder, self.read = folder, dict[str, bytes]()

    def own(self, name: str) -> Path | None:
        """The operator's file of this name, if there is one."""
        path = None if self.folder is None else self.folder / name
        return path if path is not None and path.is_file() else None

    def text(self, name: str, path: Path | None = None) -> str:
        """path: where else it stands than in the folder. Raises WrongRules."""
        place = path or self.own(name) or resources.files("feeds") / "rules" / name
        try:
            self.read[name] = place.read_bytes()
            return self.read[name].decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise WrongRules(f"the rules in {place} cannot be read: {error}") from error

    def rows(self, name: str) -> Iterator[tuple[int, dict[str, str]]]:
        """Lines of a CSV with their numbers, cells without blanks around them."""
        lines = csv.DictReader(self.text(name).splitlines())
        for row in lines:
            yield lines.line_num, {key: (value or "").strip() for key, value in row.items() if key}

    def table(self, name: str, kind: type[T]) -> T:
        try:
            return msgspec.convert(tomllib.loads(self.text(name)), kind)
        except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
            raise WrongRules(f"{name}: {error}") from error


class Minutes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of a duty; a kind of grid may have its own."""

    minutes: Minute
    clock: Clock = "continuous"
    urban: Minute | None = None
    rural: Minute | None = None
    scenic: Minute | None = None
    dedicated: Minute | None = None

    def of(self, grid_kind: str) -> float:
        own = getattr(self, grid_kind) if grid_kind in ("urban", "rural", "scenic", "dedicated") else None
        return self.minutes if own is None else own


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    hours: Amount
    clock: Clock = "continuous"


class Near(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many metres, so many hours."""

    metres: Annotated[float, msgspec.Meta(ge=0, le=100_000)]
    hours: Amount


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """limits.toml"""

    steps: dict[str, Minutes]
    response: dict[str, Amount]
    near: dict[str, Near]
    repeat: dict[str, Near]
    answer: dict[str, Answer] = {}
    level: dict[str, Amount] = {}


class _Week(msgspec.Struct, forbid_unknown_fields=True):
    """hours.toml"""

    hours: list[str]
    days: list[str]
    calendar_zones: list[str] = []


def limits(source: Source) -> Limits:
    made = source.table("limits.toml", Limits)
    for name, table in (("near", made.near), ("repeat", made.repeat)):
        if ANY not in table:
            raise WrongRules(f'limits.toml: [{name}] has no row for all classes: "*" = {{ metres = …, hours = … }}')
    return made


def calendar(source: Source, zone: str) -> Calendar:
    week = source.table("hours.toml", _Week)
    hours = Hours(tuple(_stretch(text) for text in week.hours), frozenset(_day(name) for name in week.days))
    edges = [minutes for stretch in hours.stretches for minutes in stretch]
    if not edges or not hours.days or any(one >= other for one, other in itertools.pairwise(edges)):
        raise WrongRules("hours.toml: hours and days must not be empty, and the hours must stand in order")
    if source.own("calendar.csv") is None and zone not in week.calendar_zones:
        return Calendar(zone, {}, hours)
    return Calendar(zone, _days(source), hours)


def _stretch(text: str) -> tuple[int, int]:
    try:
        (begin, first), (end, last) = (map(int, part.split(":")) for part in text.split("-"))
        # From one minute of the day to another; the day ends at 24:00.
        found = range(1441)[begin * 60 + first], range(1441)[end * 60 + last]
    except (ValueError, IndexError) as error:
        raise WrongRules(f"hours.toml: {text!r} is no stretch of time such as 08:00-12:00") from error
    return found


def _day(name: str) -> int:
    if name not in DAYS:
        raise WrongRules(f"hours.toml: {name!r} is no day; there are {', '.join(DAYS)}")
    return DAYS.index(name)


def _days(source: Source) -> dict[date, bool]:
    found: dict[date, bool] = {}
    for line, row in source.rows("calendar.csv"):
        try:
            day = date.fromisoformat(row["date"])
        except (KeyError, ValueError) as error:
            raise WrongRules(f"calendar.csv line {line}: {row.get('date')!r} is no day such as 2026-10-01") from error
        if row.get("kind") not in KINDS:
            raise WrongRules(f"calendar.csv line {line}: {row.get('kind')!r} is neither {' nor '.join(KINDS)}")
        if found.setdefault(day, row["kind"] == "workday") != (row["kind"] == "workday"):
            raise WrongRules(f"calendar.csv line {line}: {day} stands there twice, once free and once not")
    return found


def departments(source: Source) -> dict[str, Department]:
    found: dict[str, Department] = {}
    for line, row in source.rows("departments.csv"):
        made = Department(*(row.get(name, "") for name in Department._fields))
        if not made.department or made.level not in LEVELS:
            raise WrongRules(f"departments.csv line {line}: needs a department and a level of {', '.join(LEVELS)}")
        found[made.department] = made
    return found


def routes(source: Source, known: dict[str, Department]) -> Routes:
    """Routes of classes that another tree has may stand there too; a department must be known."""
    found: list[tuple[str, str, Route]] = []
    for line, row in source.rows("routes.csv"):
        class_code, area_id, level = (row.get(name) or ANY for name in ("class_code", "area_id", "level"))
        if level not in (*LEVELS, ANY):
            raise WrongRules(f"routes.csv line {line}: {level!r} is no level; there are {', '.join(LEVELS)} and *")
        if row.get("department") not in known:
            raise WrongRules(f"routes.csv line {line}: {row.get('department')!r} stands not in departments.csv")
        found.append((class_code, area_id, Route(row["department"], row.get("seat", ""), level)))
    return Routes(found)


def tree(source: Source, chosen: str) -> tuple[Classes, classes.Limits]:
    """chosen: the setting `classes`. Without one, classes.csv of the operator or ours."""
    name = Path(classes.SHIPPED.get(chosen, chosen)).name
    shipped = Path(str(resources.files("feeds") / classes.SHIPPED[chosen])) if chosen in classes.SHIPPED else None
    text = source.text(name, source.own(name) or shipped or Path(chosen))
    try:
        return classes.read(text)
    except (ValueError, KeyError) as error:
        raise WrongRules(f"the class tree {name} cannot be used: {error}") from error
