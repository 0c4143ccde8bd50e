"""App: the meeting room of the web process: pages, sockets, geo and API around one scene."""

from __future__ import annotations

import logging
import socket
from dataclasses import dataclass
from typing import Any

import gevent
from dash import Dash
from flask import Flask
from flask_socketio import SocketIO
from gevent.pywsgi import WSGIServer

from dashboard.bus.connect import AWAY, Redis
from dashboard.settings import Settings
from dashboard.web import api, errors, files, geo, guard, metrics, pages, sheets
from dashboard.web.cases import case_moves
from dashboard.web.handler import Handler
from dashboard.web.lines import Lines
from dashboard.web.packet import OnePacket
from dashboard.web.parts import Parts
from dashboard.web.people import signing_in
from dashboard.web.people.origin import Origin
from dashboard.web.people.permit import Permit
from dashboard.web.push import Gateway
from dashboard.web.relay import Relay
from dashboard.web.scene import Scene

__all__ = ["Web", "create"]

log = logging.getLogger(__name__)

#: Seconds. A wall on a thin line may need long for one whole picture; its pings stand behind it in the queue.
PING_EVERY, PING_PATIENCE = 10, 110

#: The largest message a browser may send: it only ever says what it watches and has drawn.
HEARD_BYTES = 64 * 1024


@dataclass
class Web:
    settings: Settings
    server: Flask
    dash: Dash
    scene: Scene
    parts: Parts
    gateway: Gateway
    relay: Relay
    permit: Permit

    def start(self) -> list[gevent.Greenlet[..., Any]]:
        rounds = (self.keep, self.relay.listen, self.parts.run, self.gateway.keep_watch, self.scene.books.keep)
        return [gevent.spawn(work) for work in rounds]

    def keep(self) -> None:
        """For ever, once a second: the clock, the city and the heartbeats."""
        while True:
            try:
                self.scene.refresh()
                self.relay.remind()
            except AWAY as error:
                log.warning("Redis is away: %s", error)
            except Exception:
                log.exception("the hall could not be read")
            gevent.sleep(1.0)

    def listen(self) -> WSGIServer:
        door = listener(self.settings.host, self.settings.port)
        return WSGIServer(door, self.server, handler_class=Handler, log=None, error_log=log)


def create(settings: Settings, redis: Redis) -> Web:
    server = Flask("gridhall", static_folder=None)
    headers = guard.guard(server)
    lines = Lines()
    given: dict[str, Any] = {"transports": ["websocket"], "serializer": OnePacket, "client_manager": lines}
    if settings.origins:
        given["cors_allowed_origins"] = Origin(settings).may_connect
    socketio: Any = SocketIO(
        server, async_mode="gevent", async_handlers=False, manage_session=False,
        ping_interval=PING_EVERY, ping_timeout=PING_PATIENCE, max_http_buffer_size=HEARD_BYTES,
        http_compression=False, **given,
    )  # fmt: skip
    lines.lay(socketio.server.eio)
    scene = Scene(redis, settings)
    parts = Parts(socketio.server, scene)
    permit = Permit(settings, scene)
    permit.staff.open()
    gateway = Gateway(socketio.server, scene, parts, permit)
    lines.at_once["drawn"] = gateway.on_drawn
    relay = Relay(scene, gateway)
    scene.on_city += [relay.new_city, scene.books.new_city]
    scene.books.open()
    errors.register(server)
    case_moves.register(server, scene)
    signing_in.register(server, permit)
    files.register(server)
    sheets.register(server)
    geo.register(server, scene)
    api.register(server, scene, gateway, permit)
    metrics.register(server, scene, gateway, relay, parts)
    app = pages.create(server, settings, scene)
    permit.seal(server, pages.PAGES)
    server.test_client().get("/_favicon.ico")  # lets Dash finish its scripts, so that their hashes are known
    headers["Content-Security-Policy"] = guard.policy(app.csp_hashes())
    return Web(settings, server, app, scene, parts, gateway, relay, permit)


def listener(host: str, port: int) -> socket.socket:
    """A binary event is two websocket frames: without NODELAY the second waits some 40 ms for the first's receipt."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    door.bind((host, port))
    door.listen(512)
    door.setblocking(False)
    return door
