"""Doors: behind every number of the wall that comes from the ledger stand exactly the cases that it counts."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from serving import get, until
from test_within_a_second import Walk, walk

from feeds.record import LEVELS
from layouts.catalog import panel
from layouts.words import say

__all__ = ["walk"]

CLASSES = ("litter", "noise", "nobody-knows-this-class")
OF_BACKLOG = 5  # lines of one level; its number is the third


def shown(hall: Walk, name: str) -> Any:
    """What a panel shows now."""
    return [said["parts"][name] for said in list(hall.viewer.parts) if name in said["parts"]][-1]


def notes(hall: Walk, name: str) -> list[dict[str, Any]]:
    return shown(hall, name)["figure"]["layout"]["annotations"]


def behind(hall: Walk, door: str) -> int:
    """How many cases the list at this address has."""
    path, _, query = door.partition("?")
    assert path == "/cases"
    return int(json.loads(get(f"{hall.url}/api/v1/cases?limit=1&{query}").body)["total"])


def number(said: str) -> int:
    return int(re.sub(r"\D", "", said))


@pytest.fixture
def busy(walk: Walk) -> Walk:
    """A hall of cases of all levels, at several steps, some late, some parked, some that nobody can place."""
    now = time.time()
    for count in range(24):
        more: dict[str, Any] = {"lon": None, "lat": None, "area_id": "west"} if count % 6 == 5 else {}
        said = {"class_code": CLASSES[count % 3], "level": LEVELS[count % 3], "reported_at": now - 86_400 * (count % 5)}
        case = walk.report(**said | more, due_at=now + 3600 * (count - 12) + 60)
        for move in ("dispatch", "park", "void")[: count % 4]:
            walk.move(case, move, department="law", until=now + 86_400)
    assert until(lambda: sum(walk.river()) == 24 - 6, 10), walk.river()
    return walk


def test_what_a_number_says_is_what_its_door_opens(busy: Walk) -> None:
    time.sleep(1.5)  # all panels have been drawn since the last move
    level = [(line["href"], number(line["text"])) for line in notes(busy, "backlog_levels")[2::OF_BACKLOG]]
    assert len(level) == len(LEVELS) and sum(count for _, count in level) == 18
    classes = [
        (line["href"], int(part))
        for name, share in zip(notes(busy, "classes")[::2], notes(busy, "classes")[1::2], strict=True)
        for line, part in zip((share, name), re.findall(r"[0-9]+", share["text"])[:2], strict=True)
    ]
    assert sum(bool(door) for door, _ in classes) == 4 and any(count for _, count in classes[::2]), classes
    river = [(step["door"], step["open"]) for step in shown(busy, "river")["steps"] if step["door"]]
    beside = (panel("beside").address("", say("zh")), shown(busy, "beside")["count"])
    assert beside[1] == 2  # of four, two are void
    trend = (panel("trend").address("", say("zh")), number(notes(busy, "trend")[2]["text"]))
    for door, count in [*level, *(one for one in classes if one[0]), *river, beside, trend]:
        assert behind(busy, door) == count, door
