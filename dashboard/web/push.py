"""Push: frames to browsers over Socket.IO. Those who keep up share one broadcast; the slow rest a while."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import gevent
import msgspec

from dashboard.bus.hall import NoCity
from dashboard.live.frame import bundle
from dashboard.web.missed import Missed
from dashboard.web.parts import Parts, Sight
from dashboard.web.scene import Scene
from feeds.city import City

__all__ = ["Gateway", "Watch"]

#: A client with this many beats sent and not drawn is let rest: a second's worth, as browsers tell of every other.
UNDRAWN = 4

#: Seconds between two whole pictures that one client may ask for.
ASK_EVERY = 0.5


class Watch(msgspec.Struct, frozen=True):
    """What a browser asks to see. area: an area_id, empty for the whole city."""

    area: str = ""
    view: str = "overview"
    lang: str = "zh"
    theme: str = "dark"


@dataclass
class Client:
    """One browser. new: the whole picture is on its way; live: in the room; resting: until it has drawn what it has."""

    sid: str
    state: Literal["idle", "new", "live", "resting"] = "idle"
    watch: Watch | None = None
    districts: tuple[int, ...] = ()
    sight: Sight | None = None
    sent: list[int] = field(default_factory=list)
    last: int = 0
    beat: float = 0.0
    asked: float = 0.0

    def count(self, number: int, now: float, tick: float) -> None:
        """Frames of several folds that come in one beat are one frame to draw."""
        self.last = number
        if self.sent and now - self.beat < tick / 2:
            self.sent[-1] = number
        else:
            self.sent.append(number)
            self.beat = now


@dataclass
class Count:
    """What the gateway did, for /metrics."""

    frames: int = 0
    bytes: int = 0
    skipped: int = 0
    wholes: int = 0


class Gateway:
    """`io` is the python-socketio server: Flask-SocketIO would build a whole request for every `drawn`."""

    def __init__(self, io: Any, scene: Scene, parts: Parts) -> None:
        self.io, self.scene, self.parts = io, scene, parts
        self.clients: dict[str, Client] = {}
        self.number = 0
        self.count = Count()
        self._whole: dict[tuple[int, ...], bytes] = {}
        self._missed: dict[tuple[int, ...], Missed] = {}
        scene.on_city.append(self.on_city)
        for name in ("connect", "disconnect", "watch", "drawn", "ask"):
            io.on(name, getattr(self, f"on_{name}"))

    @property
    def resting(self) -> int:
        return sum(client.state == "resting" for client in self.clients.values())

    # --- what a browser says ---

    def on_connect(self, sid: str, _environ: Any, _auth: Any = None) -> None:
        self.clients[sid] = Client(sid)

    def on_disconnect(self, sid: str, _reason: Any = None) -> None:
        if client := self.clients.pop(sid, None):
            self.parts.leave(client.sight)

    def on_watch(self, sid: str, wish: Any = None) -> dict[str, Any]:
        client = self.clients[sid]
        try:
            watch = msgspec.convert(wish, Watch)
            answer = self._turn(client, watch, self._area_row(watch.area))
        except (msgspec.ValidationError, NoCity, LookupError) as error:
            return {"ok": False, "why": str(error.args[0])}
        gevent.spawn(self.show_whole, client)
        return answer

    def on_drawn(self, sid: str, number: Any = None) -> None:
        client = self.clients[sid]
        if isinstance(number, int):
            client.sent = [n for n in client.sent if n > number]
        if client.state == "resting" and not client.sent:
            self._resume(client)

    def on_ask(self, sid: str, _nothing: Any = None) -> None:
        client, now = self.clients[sid], time.monotonic()
        if client.state == "resting":
            client.last = -1  # what it missed will not do: the whole
        if client.state == "live" and now - client.asked >= ASK_EVERY:
            client.asked = now
            self._leave(client, "new")
            gevent.spawn(self.show_whole, client)

    def on_city(self, city: City) -> None:
        """Another city, or a new state of it: everybody is shown it, in the area they had if it is still there."""
        self._whole.clear()
        self._missed.clear()
        for client in self.clients.values():
            if client.watch:
                self._turn(client, client.watch, city.area_row.get(client.watch.area, 0))
                gevent.spawn(self.show_whole, client)

    # --- what is shown ---

    def _area_row(self, area: str) -> int:
        row = self.scene.city.area_row.get(area) if area else 0
        if row is None:
            raise LookupError(f"there is no area called {area}")
        return row

    def _turn(self, client: Client, watch: Watch, row: int) -> dict[str, Any]:
        city, clock = self.scene.city, self.scene.clock
        sight = self.parts.watch(row, watch.view, watch.lang, watch.theme)
        self._leave(client, "new")
        self.parts.leave(client.sight)
        district = int(city.district_of_area[row])
        client.districts = (district,) if district >= 0 else tuple(int(d) for d in city.districts)
        client.watch, client.sight = watch, sight
        return {
            "ok": True, "area": row, "now": clock.now_ms(), "clock": msgspec.to_builtins(clock.hall),
            "city": {"version": city.version}, "districts": list(client.districts),
        }  # fmt: skip

    def show_whole(self, client: Client) -> None:
        """The whole picture; from then on what changes."""
        with self.scene.still() as mirror:
            if client.sid not in self.clients or client.state != "new" or client.sight is None:
                return
            if len(client.sent) >= UNDRAWN:
                client.state = "resting"
                return
            if client.districts not in self._whole:
                self._whole[client.districts] = mirror.whole(client.districts)
            self.count.wholes += 1
            self._join(client, client.sight, self._whole[client.districts])
        self.parts.show_all(client.sid, client.sight)

    def _resume(self, client: Client) -> None:
        """It has drawn what it had: show it what it missed, or the whole where that was too much."""
        kept = self._missed.get(client.districts)
        missed = kept.since(client.last) if kept else None
        if missed is None or client.sight is None:
            client.state = "new"
            gevent.spawn(self.show_whole, client)
            return
        self._join(client, client.sight, bundle(missed))
        self.parts.show_all(client.sid, client.sight)

    def _join(self, client: Client, sight: Sight, body: bytes) -> None:
        self.number += 1
        client.sent.append(self.number)
        client.state, client.last, client.beat = "live", self.number, time.monotonic()
        self._emit(body, client.sid, 1)
        self.io.enter_room(client.sid, _room(client.districts))
        self.io.enter_room(client.sid, sight.room)

    def show(self, frames: Sequence[tuple[int, memoryview]], body: bytes) -> None:
        """One broadcast a scope: all who watch the same districts get the same bytes."""
        self._whole.clear()
        now, tick = time.monotonic(), float(self.scene.settings.tick_seconds)
        scopes = self._scopes()
        self._missed = {districts: missed for districts, missed in self._missed.items() if districts in scopes}
        for districts, clients in scopes.items():
            views = [view for district, view in frames if district in districts]
            if not views:
                continue
            current = [client for client in clients if self._keeps_up(client)]
            self._missed.setdefault(districts, Missed(self.number)).add(self.number + 1, views)
            self.number += 1
            for client in current:
                client.count(self.number, now, tick)
            if current:
                self._emit(body if len(views) == len(frames) else bundle(views), _room(districts), len(current))

    def _scopes(self) -> dict[tuple[int, ...], list[Client]]:
        scopes: dict[tuple[int, ...], list[Client]] = {}
        for client in self.clients.values():
            if client.state in ("live", "resting"):
                scopes.setdefault(client.districts, []).append(client)
        return scopes

    def _keeps_up(self, client: Client) -> bool:
        if client.state == "live" and len(client.sent) >= UNDRAWN:
            self._leave(client, "resting")
        self.count.skipped += client.state == "resting"
        return client.state == "live"

    def _leave(self, client: Client, state: Literal["new", "resting"]) -> None:
        client.state = state
        if client.sight:
            self.io.leave_room(client.sid, _room(client.districts))
            self.io.leave_room(client.sid, client.sight.room)

    def _emit(self, body: bytes, to: str, clients: int) -> None:
        self.count.frames += clients
        self.count.bytes += clients * len(body)
        self.io.emit("frame", (self.number, body), to=to)


def _room(districts: tuple[int, ...]) -> str:
    return "frames:" + ",".join(map(str, districts))
