"""Parts: once a second, what each panel shows, for everything that somebody watches; only what has changed is sent."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gevent
import msgspec
from gevent.event import Event

from dashboard.bus.hall import NoCity
from dashboard.live.mirror import Mirror
from dashboard.web.scene import Scene
from dashboard.web.wire import encode
from feeds.city import City
from layouts.catalog import panel, panels
from layouts.panel import CALM, VIEWS, Panel
from layouts.theme import THEMES
from layouts.words import LANGS, Say, say

__all__ = ["Parts", "Sight"]

log = logging.getLogger(__name__)

#: Seconds between two whole rounds; and at least, when an event has moved and its numbers shall move with it.
EVERY, SOON = 1.0, 0.35
#: While events move all the time, a round begins right after a frame, and what it finds out goes out with the next one.
#: Seconds that a frame may be ago to be just there; at most between two with moves; and from when on that is a flow.
JUST, GAP, FLOW = 0.05, 0.4, 1.0


@dataclass(frozen=True)
class Sight:
    """What somebody watches: an area (row) in a view, a language and a theme."""

    area: int
    view: str
    lang: str
    theme: str
    alone: bool = False

    @property
    def room(self) -> str:
        return f"parts:{self.area}:{self.view}:{self.lang}:{self.theme}:{self.alone:d}"


Taken = dict[str, bytes]


class Parts:
    def __init__(self, io: Any, scene: Scene) -> None:
        self.io, self.scene = io, scene
        self.watched: Counter[Sight] = Counter()
        self.shown: dict[Sight, tuple[float, Taken]] = {}
        self.broken: Counter[str] = Counter()
        self.seconds = 0.0
        self._hurry, self._beat = Event(), Event()
        self._beat_at = self._moved_at = self._flow_began = self._calm_until = 0.0
        scene.on_city.append(self._new_city)

    def watch(self, area: int, view: str, lang: str, theme: str, alone: bool = False) -> Sight:
        for word, words in ((view, VIEWS), (lang, LANGS), (theme, THEMES)):
            if word not in words:
                raise LookupError(f"there is no {word}: choose one of {', '.join(words)}")
        sight = Sight(area, view, lang, theme, alone)
        self.watched[sight] += 1
        return sight

    def leave(self, sight: Sight | None) -> None:
        if sight is None:
            return
        self.watched[sight] -= 1
        if self.watched[sight] <= 0:
            del self.watched[sight]
            self.shown.pop(sight, None)

    def _new_city(self, _city: City) -> None:
        """What was shown is of another."""
        self.shown.clear()

    def show_all(self, sid: str, sight: Sight) -> None:
        """To one who has just come: all that the others have on their screens."""
        if kept := self.shown.get(sight):
            self.io.emit("parts", self._said(sight, *kept), to=sid)
        else:
            self._hurry.set()

    def beat(self, moved: bool) -> None:
        """A frame has gone out. moved: events have, too, and the next round need not wait its second."""
        now = self._beat_at = time.monotonic()
        self._beat.set()
        if moved:
            self._flow_began = now if now - self._moved_at > GAP else self._flow_began
            self._moved_at = now
            self.hurry()

    def hurry(self) -> None:
        """Numbers of events have moved."""
        if self.watched:
            self._hurry.set()

    @property
    def _flows(self) -> bool:
        return time.monotonic() - self._moved_at < GAP and self._moved_at - self._flow_began > FLOW

    def run(self) -> None:
        """For ever. Panels never take more than half of the time."""
        due = 0.0
        while True:
            self._hurry.clear()
            began = time.monotonic()
            whole = began >= due
            due = began + EVERY - JUST if whole else due
            self._try(whole)
            self.seconds = time.monotonic() - began
            gevent.sleep(max(self.seconds, SOON))
            self._hurry.wait(max(due - time.monotonic(), 0.001))
            if self._flows and JUST < (ago := time.monotonic() - self._beat_at) < GAP:
                self._beat.clear()
                self._beat.wait(GAP - ago)

    def _try(self, whole: bool) -> None:
        try:
            self.round(whole)
        except NoCity:
            pass
        except Exception:
            log.exception("the panels could not be filled")

    def round(self, whole: bool = True) -> None:
        """Not whole: only what is about events, which have moved, is taken anew."""
        stays = self._stays(whole)
        areas: dict[int, list[Sight]] = {}
        for sight in self.watched:
            areas.setdefault(sight.area, []).append(sight)
        for area, sights in areas.items():
            now, taken, errors = self.scene.aside(self._taker(area, sights, stays))
            for name, error in errors:
                self._tell(name, error)
            for sight, parts in taken.items():
                self._show(sight, now, parts)

    def _stays(self, whole: bool) -> Callable[[Panel], bool]:
        """Which panels are left as they are shown."""
        if not whole:
            return lambda one: one.calm or one.feed != "events"
        now = time.monotonic()
        if now < self._calm_until:
            return lambda one: one.calm
        self._calm_until = now + CALM - JUST
        return lambda _: False

    def _taker(self, area: int, sights: list[Sight], stays: Callable[[Panel], bool]) -> Callable[[Mirror], Any]:
        kept = {sight: self._kept(sight, stays) for sight in sights}

        def take(mirror: Mirror) -> tuple[float, dict[Sight, Taken], list[tuple[str, Exception]]]:
            situation = self.scene.situation(mirror, area)
            made = _Made(situation)
            taken = {sight: made.all_of(sight, kept[sight]) for sight in sights}
            return situation.now, taken, made.errors

        return take

    def _kept(self, sight: Sight, stays: Callable[[Panel], bool]) -> Taken:
        _, shown = self.shown.get(sight, (0.0, {}))
        return {name: part for name, part in shown.items() if stays(panel(name))}

    def _show(self, sight: Sight, now: float, parts: Taken) -> None:
        if sight not in self.watched:
            return
        _, before = self.shown.get(sight, (0.0, {}))
        changed = {name: part for name, part in parts.items() if before.get(name) != part}
        self.shown[sight] = now, parts
        if changed:
            say = self.io.manager.soon if self._flows else self.io.emit
            say("parts", self._said(sight, now, changed), sight.room)

    def _said(self, sight: Sight, now: float, parts: Taken) -> bytes:
        """As bytes of JSON inside the packet: the fastest that a browser reads; text it would read letter by letter."""
        said = {name: msgspec.Raw(part) for name, part in parts.items()}
        area = str(self.scene.city.areas.area_id[sight.area])
        return encode({"now": now * 1000, "area": area, "view": sight.view, "parts": said})

    def _tell(self, name: str, error: Exception) -> None:
        if not self.broken[name]:
            log.error("panel %s could not be filled", name, exc_info=error)
        self.broken[name] += 1


class _Made:
    """Panels of one situation, each made once a language: views and themes share them."""

    def __init__(self, situation: Any) -> None:
        self.situation = situation
        self.errors: list[tuple[str, Exception]] = []
        self._made: dict[tuple[str, str], bytes] = {}

    def all_of(self, sight: Sight, kept: Taken) -> Taken:
        names = [one.name for one in panels(sight.view, sight.alone)]
        return kept | {name: self.one(name, sight.lang) for name in names if name not in kept}

    def one(self, name: str, lang: str) -> bytes:
        if (name, lang) not in self._made:
            self._made[name, lang] = self._take(panel(name), say(lang))
        return self._made[name, lang]

    def _take(self, one: Panel, speak: Say) -> bytes:
        try:
            return encode(one.take(self.situation, speak))
        except Exception as error:  # noqa: BLE001 - one broken panel goes grey; the wall stays lit
            self.errors.append((one.name, error))
            return encode(_broken(one, speak))


def _broken(panel: Panel, speak: Say) -> dict[str, str]:
    return {
        "broken": panel.name,
        "title": speak("state.broken", name=speak(panel.title)),
        "do": speak("state.broken.do"),
    }
