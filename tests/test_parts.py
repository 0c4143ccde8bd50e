"""Parts: which panels are taken anew in a round, and which stay as they are shown."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest

from dashboard.web import parts as room
from dashboard.web.parts import Parts
from layouts.panel import Panel, Situation
from layouts.words import Say


class Scene:
    """A hall of which nothing is asked but the moment."""

    def __init__(self) -> None:
        self.on_city: list[Any] = []
        self.city = SimpleNamespace(areas=SimpleNamespace(area_id=["town"]))

    def aside(self, work: Any) -> Any:
        return work(None)

    def situation(self, _mirror: Any, _area: int) -> Any:
        return SimpleNamespace(now=0.0)


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each of three panels was taken."""
    taken = Counter[str]()

    def take(name: str) -> Any:
        def taking(_situation: Situation, _say: Say) -> dict[str, Any]:
            taken[name] += 1
            return {}

        return taking

    all_of = {
        "quick": Panel("quick", take("quick"), feed="fixes"),
        "moved": Panel("moved", take("moved"), feed="events"),
        "calm": Panel("calm", take("calm"), feed="events", calm=True),
    }
    monkeypatch.setattr(room, "panel", all_of.__getitem__)
    monkeypatch.setattr(room, "panels", lambda _view, _alone: all_of.values())
    return taken


@pytest.fixture
def parts(taken: Counter[str]) -> Parts:
    io: Any = SimpleNamespace(emit=lambda *_: None, manager=SimpleNamespace(soon=lambda *_: None))
    scene: Any = Scene()
    made = Parts(io, scene)
    made.watch(0, "overview", "zh", "dark")
    made.round()
    assert taken == {"quick": 1, "moved": 1, "calm": 1}
    return made


def test_when_events_move_only_what_is_about_them_is_taken(parts: Parts, taken: Counter[str]) -> None:
    parts.round(whole=False)
    assert taken == {"quick": 1, "moved": 2, "calm": 1}


def test_what_changes_by_the_minute_is_not_taken_each_second(
    parts: Parts, taken: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    parts.round()
    assert taken == {"quick": 2, "moved": 2, "calm": 1}
    now = room.time.monotonic() + room.CALM
    monkeypatch.setattr(room.time, "monotonic", lambda: now)
    parts.round()
    assert taken == {"quick": 3, "moved": 3, "calm": 2}


def test_a_sight_that_is_new_is_shown_all_at_once(parts: Parts, taken: Counter[str]) -> None:
    later = parts.watch(0, "overview", "en", "dark")
    parts.round()
    assert parts.shown[later][1].keys() == {"quick", "moved", "calm"} and taken["calm"] == 2


def test_of_another_city_all_is_taken_anew(parts: Parts, taken: Counter[str]) -> None:
    for tell in parts.scene.on_city:
        tell(parts.scene.city)
    parts.round(whole=False)
    assert taken == {"quick": 2, "moved": 2, "calm": 2}
