"""Mapping: a small TOML file that says which column of a recorded CSV is what. Examples stand in feeds/mappings."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

__all__ = ["FIELDS", "SHIPPED", "UNITS", "Mapping", "WrongMapping", "load_mapping"]

FOLDER = Path(__file__).parent / "mappings"
SHIPPED = tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))

#: What a column can be, by kind; those with True must be mapped.
FIELDS: dict[str, dict[str, bool]] = {
    "fixes": {
        "worker_id": True, "at": True, "lon": True, "lat": True, "accuracy": False, "speed": False, "heading": False,
        "battery": False, "mock": False, "sos": False, "indoor": False,
    },
    "events": {
        "event_id": True, "reported_at": True, "class_code": False, "updated_at": False, "status": False,
        "status_at": False, "closed_at": False, "due_at": False, "level": False, "lon": False, "lat": False,
        "area": False, "grid_id": False, "worker_id": False, "source": False, "text": False, "address": False,
        "department": False,
    },
    "cameras": {"camera_id": True, "state": True, "at": True, "lon": False, "lat": False, "owner": False},
}  # fmt: skip

#: Metres a second in one of each.
UNITS = {"m/s": 1.0, "km/h": 1 / 3.6, "kn": 1852 / 3600, "mph": 0.44704}


class WrongMapping(Exception):
    """A mapping that cannot be used; the sentence says which and why."""


class Units(msgspec.Struct, forbid_unknown_fields=True):
    speed: str = "m/s"


class Mapping(msgspec.Struct, forbid_unknown_fields=True):
    """columns: our field → a column, or several that are joined. All else is explained in the shipped files."""

    kind: Literal["fixes", "events", "cameras"]
    columns: dict[str, str | list[str]]
    name: str = ""
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    zone: str = "UTC"
    time_format: str = "iso"
    start: str = ""
    datum: Literal["wgs84", "gcj02", "bd09"] = "wgs84"
    missing: list[str] = []
    joiner: str = " · "
    constants: dict[str, str] = {}
    status: dict[str, str] = {}
    states: dict[str, str] = {}
    units: Units = msgspec.field(default_factory=Units)

    def of(self, field: str) -> tuple[str, ...]:
        column = self.columns.get(field, ())
        return (column,) if isinstance(column, str) else tuple(column)


def load_mapping(name: str) -> Mapping:
    """By the name of one that ships, or by its file. Raises WrongMapping."""
    path = FOLDER / f"{name}.toml" if name in SHIPPED else Path(name)
    if not path.is_file():
        raise WrongMapping(f"there is no mapping {name!r}: name a TOML file, or one of {', '.join(SHIPPED)}")
    try:
        body = tomllib.loads(path.read_text("utf-8"))
        mapping = msgspec.convert(body, Mapping)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise WrongMapping(f"the mapping {path} cannot be used: {error}") from error
    _check(path, mapping)
    return mapping


def _check(path: Path, mapping: Mapping) -> None:
    fields = FIELDS[mapping.kind]
    given = mapping.columns.keys() | mapping.constants.keys()
    for wrong, sentence in (
        (given - fields.keys(), f"knows no field called {{}}; {mapping.kind} have {', '.join(fields)}"),
        ({name for name, needed in fields.items() if needed} - given, "does not say which column is {}"),
        ({mapping.units.speed} - UNITS.keys(), f"knows no unit {{}}; there are {', '.join(UNITS)}"),
        (_bad_zone(mapping.zone), "knows no time zone {}"),
        (_bad_delimiter(mapping.delimiter), "has {} as delimiter; it is one character, as , or ; or \\t"),
    ):
        if wrong:
            raise WrongMapping(f"the mapping {path} " + sentence.format(", ".join(sorted(wrong))))


def _bad_delimiter(text: str) -> set[Any]:
    return set() if len(text) == 1 and text not in '\r\n"' else {repr(text)}


def _bad_zone(name: str) -> set[Any]:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return {name}
    return set()
