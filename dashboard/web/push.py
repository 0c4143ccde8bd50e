"""Push: frames to browsers over Socket.IO. Those who keep up share one broadcast; the slow rest a while."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Any, Literal

import gevent
import msgspec
from socketio.exceptions import ConnectionRefusedError as Refused

from dashboard.bus.hall import NoCity
from dashboard.live.frame import bundle, unbundle
from dashboard.web.client import Client, Count, Scope, Watch
from dashboard.web.missed import Missed
from dashboard.web.narrow import Part
from dashboard.web.parts import Parts, Sight
from dashboard.web.people.permit import Forbidden, Permit, Unknown
from dashboard.web.scene import Scene
from feeds.city import City
from layouts.words import say

__all__ = ["Gateway", "Watch"]

log = logging.getLogger(__name__)

#: A client with this many beats sent and not drawn is let rest: three seconds' worth, as browsers tell each eight
#: frames, or after two seconds.
UNDRAWN = 12

#: Seconds between two whole pictures that one client may ask for.
ASK_EVERY = 0.5

#: Seconds between two looks at whether those who are connected still may be.
CHECK_EVERY = 2.0


class Gateway:
    """`io` is the python-socketio server: Flask-SocketIO would build a whole request for every `drawn`."""

    def __init__(self, io: Any, scene: Scene, parts: Parts, permit: Permit) -> None:
        self.io, self.scene, self.parts, self.permit = io, scene, parts, permit
        self.clients: dict[str, Client] = {}
        self.number = 0
        self.count = Count()
        self._whole: dict[Scope, bytes] = {}
        self._missed: dict[Scope, Missed] = {}
        self._parts: dict[int, Part] = {}
        scene.on_city.append(self.on_city)
        for name in ("connect", "disconnect", "watch", "drawn", "ask"):
            io.on(name, getattr(self, f"on_{name}"))

    @property
    def resting(self) -> int:
        return sum(client.state == "resting" for client in self.clients.values())

    # --- what a browser says ---

    def on_connect(self, sid: str, environ: Any, _auth: Any = None) -> None:
        try:
            self.clients[sid] = Client(sid, self.permit.viewer(environ), checked=time.monotonic())
        except (Unknown, Forbidden) as why:
            raise Refused(str(why)) from why

    def on_disconnect(self, sid: str, _reason: Any = None) -> None:
        if client := self.clients.pop(sid, None):
            self.parts.leave(client.sight)

    def on_watch(self, sid: str, wish: Any = None) -> dict[str, Any]:
        client = self.clients[sid]
        try:
            watch = msgspec.convert(wish, Watch)
            self._look_again(client)
            watch = msgspec.structs.replace(watch, area=self.permit.inside(client.person, watch.area))
            answer = self._turn(client, watch, self._area_row(watch))
        except (msgspec.ValidationError, NoCity, LookupError, Unknown, Forbidden) as error:
            return {"ok": False, "why": str(error.args[0])}
        self._show_soon(client)
        return answer

    def _look_again(self, client: Client) -> None:
        """Who it is now, if that was not asked a moment ago. Raises Unknown, Forbidden."""
        now = time.monotonic()
        if now - client.checked > CHECK_EVERY:
            client.person = self.permit.again(client.person)
            client.checked = now

    def _show_soon(self, client: Client) -> None:
        """The whole of what is watched; of wishes that follow too soon only the last is shown."""
        now = time.monotonic()
        if client.shown <= now:
            client.shown = max(client.shown + ASK_EVERY, now)
            gevent.spawn_later(client.shown - now, self.show_whole, client)

    def on_drawn(self, sid: str, number: Any = None) -> None:
        """Called by the hub itself, too: nothing in it may wait."""
        client = self.clients[sid]
        if isinstance(number, int):
            client.sent = [n for n in client.sent if n > number]
        if client.state == "resting" and not client.sent:
            gevent.spawn(self._resume, client)

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
        self._parts.clear()
        for client in self.clients.values():
            if client.watch:
                # Whoever may see one area only watches it on, or nothing, should the new city not have it.
                if client.person.scope and client.person.scope not in city.area_row:
                    gevent.spawn(self.io.disconnect, client.sid)
                    continue
                kept = client.watch.area in city.area_row and self.permit.within(client.person, client.watch.area)
                row = city.area_row.get(client.watch.area if kept else client.person.scope, 0)
                self._turn(client, client.watch, row)
                gevent.spawn(self.show_whole, client)

    # --- who may still be here ---

    def keep_watch(self) -> None:
        """For ever: whose session or key has ended, or who is somebody else now, is not shown anything any more."""
        while True:
            gevent.sleep(CHECK_EVERY)
            try:
                self.check()
            except Exception:
                log.exception("it could not be asked who may still watch")

    def check(self) -> None:
        clients, now = list(self.clients.values()), time.monotonic()
        still = self.permit.still(client.person for client in clients)
        for client in clients:
            if client.person.proof and still.get(client.person.proof) != client.person:
                self.io.disconnect(client.sid)
            else:
                client.checked = now

    # --- what is shown ---

    def _area_row(self, watch: Watch) -> int:
        row = self.scene.city.area_row.get(watch.area) if watch.area else 0
        if row is None:
            raise LookupError(say(watch.lang)("banner.no_area", area=watch.area[:60]))
        return row

    def _turn(self, client: Client, watch: Watch, row: int) -> dict[str, Any]:
        city, clock = self.scene.city, self.scene.clock
        sight = self.parts.watch(row, watch.view, watch.lang, watch.theme, watch.alone)
        self._leave(client, "new")
        self.parts.leave(client.sight)
        district = int(city.district_of_area[row])
        districts = (district,) if district >= 0 else tuple(int(d) for d in city.districts)
        client.scope = districts, self.permit.part(client.person)
        client.watch, client.sight = watch, sight
        return {
            "ok": True, "area": row, "now": clock.now_ms(), "clock": msgspec.to_builtins(clock.hall),
            "city": {"version": city.version}, "districts": list(districts),
        }  # fmt: skip

    def show_whole(self, client: Client) -> None:
        """The whole picture; from then on what changes."""
        with self.scene.still() as mirror:
            if client.sid not in self.clients or client.state != "new" or client.sight is None:
                return
            if len(client.sent) >= UNDRAWN:
                client.state = "resting"
                return
            if client.scope not in self._whole:
                whole = mirror.whole(client.scope[0])
                self._whole[client.scope] = (
                    whole if client.scope[1] < 0 else bundle(self._of(client.scope, unbundle(whole)))
                )
            self.count.wholes += 1
            self._join(client, client.sight, self._whole[client.scope])
        self.parts.show_all(client.sid, client.sight)

    def _resume(self, client: Client) -> None:
        """It has drawn what it had: show it what it missed, or the whole where that was too much."""
        if client.state != "resting" or client.sid not in self.clients:
            return
        kept = self._missed.get(client.scope)
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
        self.io.enter_room(client.sid, _room(client.scope))
        self.io.enter_room(client.sid, sight.room)

    def show(self, frames: Sequence[tuple[int, memoryview]], body: bytes) -> None:
        """One broadcast a scope: all who watch the same districts get the same bytes."""
        self._whole.clear()
        now, tick = time.monotonic(), float(self.scene.settings.tick_seconds)
        scopes = self._scopes()
        self._missed = {scope: missed for scope, missed in self._missed.items() if scope in scopes}
        for scope, clients in scopes.items():
            views = self._of(scope, [view for district, view in frames if district in scope[0]])
            if not views:
                continue
            current = [client for client in clients if self._keeps_up(client)]
            self._missed.setdefault(scope, Missed(self.number)).add(self.number + 1, views)
            self.number += 1
            for client in current:
                client.count(self.number, now, tick)
            if current:
                same = len(views) == len(frames) and scope[1] < 0
                self._emit(body if same else bundle(views), _room(scope), len(current))

    def _of(self, scope: Scope, views: Sequence[bytes | memoryview]) -> Sequence[bytes | memoryview]:
        """Frames as somebody of this scope may see them."""
        if scope[1] < 0:
            return views
        if scope[1] not in self._parts:
            self._parts[scope[1]] = Part(self.scene.city, scope[1])
        return self._parts[scope[1]].of(views)

    def _scopes(self) -> dict[Scope, list[Client]]:
        scopes: dict[Scope, list[Client]] = {}
        for client in self.clients.values():
            if client.state in ("live", "resting"):
                scopes.setdefault(client.scope, []).append(client)
        return scopes

    def _keeps_up(self, client: Client) -> bool:
        if client.state == "live" and len(client.sent) >= UNDRAWN:
            self._leave(client, "resting")
        self.count.skipped += client.state == "resting"
        return client.state == "live"

    def _leave(self, client: Client, state: Literal["new", "resting"]) -> None:
        client.state = state
        if client.sight:
            self.io.leave_room(client.sid, _room(client.scope))
            self.io.leave_room(client.sid, client.sight.room)

    def _emit(self, body: bytes, to: str, clients: int) -> None:
        self.count.frames += clients
        self.count.bytes += clients * len(body)
        self.io.emit("frame", (self.number, body), to=to)


def _room(scope: Scope) -> str:
    return f"frames:{scope[1]}:" + ",".join(map(str, scope[0]))
