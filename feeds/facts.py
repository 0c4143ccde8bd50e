"""Facts: what city.json says of a city as a whole, or a sentence about what it cannot mean."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from feeds.datum import DATUMS
from feeds.findings import NotACity, cut
from feeds.sheets import decoded, parsed
from feeds.tidy import BREAKS, LONGEST

__all__ = ["ALWAYS", "city_id_of", "day_of", "facts_of"]

#: In force since ever: the day of a city that names none.
ALWAYS = "1970-01-01"


def facts_of(path: Path) -> dict[str, Any]:
    """What stands in city.json beside the grids, checked; nothing where there is none. Raises NotACity."""
    if not path.exists():
        raise NotACity(f"there is no file or folder called {cut(str(path))}")
    file = path / "city.json"
    if not path.is_dir() or not file.is_file():
        return {}
    said = parsed("city.json", decoded(file).removeprefix("\ufeff"))
    if not isinstance(said, dict):
        raise NotACity("city.json should be one object with city_id, name and zone")
    facts = cast("dict[str, Any]", said)
    for name in ("city_id", "name", "name_en", "zone", "datum", "valid_from"):
        if name in facts:
            facts[name] = _text(name, facts[name])
    _check(facts)
    return facts


def _text(name: str, value: object) -> str:
    """An id may be a number there, as those of counties look like one; nothing else is taken for a text."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise NotACity(f"city.json has {cut(str(value))} as {name}, which is no text")
    text = str(value).strip()
    if len(text) > LONGEST or BREAKS.search(text):
        raise NotACity(f"city.json has {cut(repr(text))} as {name}: that is longer than a line, or more than one")
    return text


def _check(facts: dict[str, Any]) -> None:
    if zone := facts.get("zone"):
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError) as error:
            raise NotACity(
                f"city.json names the time zone {zone}, which there is not; say it as Asia/Shanghai"
            ) from error
    if (datum := facts.get("datum")) and datum.lower() not in DATUMS:
        raise NotACity(f"city.json names the datum {datum}; it must be one of {', '.join(DATUMS)}")
    if day := facts.get("valid_from"):
        facts["valid_from"] = day_of(day, "valid_from of city.json")


def day_of(text: str, where: str) -> str:
    """A day as states of a city are sorted by. Raises NotACity for what the calendar does not have."""
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError as error:
        raise NotACity(f"{cut(repr(text))} ({where}) is no day; write it as 2026-01-31") from error


def city_id_of(said: str, path: Path) -> str:
    """The one that is said, else the name of the folder or file. It becomes part of keys, so it holds no path."""
    found = said or path.resolve().stem
    if BREAKS.search(found) or set(found) & set("/\\") or found in {".", ".."} or len(found) > LONGEST:
        raise NotACity(f"{cut(repr(found))} cannot be a city_id: one line of letters and digits, without / or \\")
    return found
