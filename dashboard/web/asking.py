"""Asking: what stands behind the question mark or in a body, read and checked. What is not clear gets a sentence."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar

import msgspec
from flask import Request

from dashboard.web.errors import BadQuestion, NotJson

__all__ = ["body", "box", "moment", "numbers", "place", "query", "slots", "span", "text"]

Query = TypeVar("Query", bound=msgspec.Struct)

#: The longest stretch of track that one question may ask for: what is kept live.
SPAN = 3600.0

#: Bytes of the longest JSON body that is read.
BODY = 256 * 1024
#: No database and no screen has a use for it; as it is and as JSON writes it.
NUL = re.compile(rb"\x00|(?<!\\)(?:\\\\)*\\u0000")

#: What somebody may well ask for, and where the answer is.
ELSEWHERE = {
    ("status", word): f"status: {word} events are not here, live state holds open ones: ask /api/v1/cases?step={step}"
    for word, step in (("closed", "archived"), ("archived", "archived"), ("appraised", "appraised"))
}


def text(said: str) -> str:
    """A part of an address."""
    if "\0" in said:
        raise BadQuestion("an address cannot hold the character NUL")
    return said


def body(request: Request, kind: type[Query]) -> Query:
    """A JSON body of that shape. Raises BadQuestion and NotJson; one that is too long is refused."""
    if request.mimetype != "application/json":
        raise NotJson("send a body of application/json")
    request.max_content_length = BODY
    sent = request.get_data()
    if NUL.search(sent):
        raise BadQuestion("a body cannot hold the character NUL")
    try:
        return msgspec.json.decode(sent, type=kind)
    except msgspec.ValidationError as error:
        raise BadQuestion(_sentence(str(error), kind)) from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadQuestion(f"the body is no JSON: {error}") from error


def query(given: Mapping[str, Sequence[str]], kind: type[Query]) -> Query:
    """A parameter that is given twice is a list, as with commas between."""
    if any("\0" in value for values in given.values() for value in values):
        raise BadQuestion("a parameter cannot hold the character NUL")
    try:
        return msgspec.convert({name: ",".join(values) for name, values in given.items()}, kind, strict=False)
    except msgspec.ValidationError as error:
        why = next(
            (ELSEWHERE[name, value] for name, said in given.items() for value in said if (name, value) in ELSEWHERE), ""
        )
        raise BadQuestion(why or _sentence(str(error), kind)) from error


def _sentence(said: str, kind: type[msgspec.Struct]) -> str:
    """msgspec's words, with the parameter first, and the words that may stand there where only some may."""
    what, _, where = said.partition(" - at `$.")
    name = where.rstrip("`")
    what = what.replace("Object contains unknown field", "there is no parameter").replace("`", "")
    if words := _words(kind, name):
        what = what.replace("Invalid enum value", "the words are " + ", ".join(words) + ", not")
    return f"{name}: {what[:1].lower()}{what[1:]}" if where else what


def _words(kind: type[msgspec.Struct], name: str) -> list[str]:
    """That may stand for a parameter; none where any may."""
    told = msgspec.inspect.type_info(kind)
    types = [field.type for field in getattr(told, "fields", ()) if field.encode_name == name]
    return [word for one in types for word in getattr(getattr(one, "type", one), "values", ()) if word]


def moment(said: str, otherwise: float, name: str) -> float:
    if not said:
        return otherwise
    if re.fullmatch(r"\d{1,11}(\.\d+)?", said):
        return float(said)
    try:
        at = datetime.fromisoformat(said.replace(" ", "+"))  # a plus sign that was not encoded arrives as a space
    except ValueError:
        raise BadQuestion(f"{name}: expected ISO 8601 or seconds since 1970, not {said[:40]!r}") from None
    if at.tzinfo is None:
        raise BadQuestion(f"{name}: {said} has no zone; add Z or +08:00")
    return at.timestamp()


def span(since: str, until: str, now: float) -> tuple[float, float]:
    end = moment(until, now, "to")
    begin = moment(since, end - SPAN, "from")
    if begin > end:
        raise BadQuestion("from: is later than to")
    if end < now - 2 * SPAN:
        raise BadQuestion("to: is too long ago; of tracks the last hour is kept")
    return max(begin, now - 2 * SPAN), min(end, now + SPAN)


def numbers(said: str, count: int, name: str, meaning: str) -> tuple[float, ...]:
    try:
        found = tuple(float(part) for part in said.split(","))
    except ValueError:
        found = ()
    if len(found) != count or not all(map(math.isfinite, found)):
        raise BadQuestion(f"{name}: expected {meaning}, not {said[:60]!r}")
    return found


def box(said: str) -> tuple[float, float, float, float]:
    west, south, east, north = numbers(said, 4, "bbox", "west,south,east,north in degrees")
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise BadQuestion("bbox: west,south,east,north must lie on the earth, west before east and south before north")
    return west, south, east, north


def place(said: str) -> tuple[float, float]:
    lon, lat = numbers(said, 2, "near", "lon,lat in degrees")
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise BadQuestion("near: lon,lat must lie on the earth, longitude first")
    return lon, lat


def slots(said: str, below: int) -> set[int]:
    parts = said.split(",")
    if not all(re.fullmatch(r"\d{1,9}", part) for part in parts):
        raise BadQuestion(f"slot: expected rows of workers with commas between, not {said[:60]!r}")
    rows = {int(part) for part in parts}
    if max(rows) >= below:
        raise BadQuestion(f"slot: there is no worker {max(rows)}; the city has {below}")
    return rows
