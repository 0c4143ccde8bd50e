"""API: puts the routes table at its addresses. Every answer is JSON; every refusal is a sentence."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from flask import Flask, Response, request

from dashboard import __version__
from dashboard.bus.hall import NoCity
from dashboard.live.heard import heard
from dashboard.web.asking import body, query, text
from dashboard.web.openapi import document
from dashboard.web.people.permit import Permit, inside
from dashboard.web.push import Gateway
from dashboard.web.replies import Health
from dashboard.web.route import PREFIX, Route
from dashboard.web.routes import ROUTES
from dashboard.web.scene import Scene
from dashboard.web.wire import encode

__all__ = ["register"]

#: Seconds without a frame, which folds tell every second whatever happens, after which something is wrong with them.
FROZEN = 15.0


def register(server: Flask, scene: Scene, gateway: Gateway, permit: Permit) -> None:
    server.url_map.merge_slashes = False  # ids are other systems' and may hold anything
    for route in ROUTES:
        rule = PREFIX + route.path.replace("{case_id}", "<path:case_id>").replace("{", "<").replace("}", ">")
        server.add_url_rule(rule, f"api_{route.name}", _view(route, scene), methods=[route.method])
        permit.require({f"api_{route.name}": route.capability})
    said = encode(document(__version__, ROUTES))
    server.add_url_rule(f"{PREFIX}/openapi.json", "openapi", lambda: _json(said), methods=["GET"])
    server.add_url_rule("/healthz", "healthz", lambda: _json(encode(_health(scene, gateway))), methods=["GET"])


def _view(route: Route, scene: Scene) -> Callable[..., Response]:
    def view(**names: str) -> Response:
        asked = query(request.args.to_dict(flat=False), route.query)
        if (area := getattr(asked, "area", None)) is not None:
            asked = msgspec.structs.replace(asked, **{"area": inside(area)})
        for name, value in names.items():
            _within(scene, name, text(value))
        given = () if route.body is None else (body(request, route.body),)
        said = route.answer(scene, asked, *given, *map(text, names.values()))
        return said if isinstance(said, Response) else _json(encode(said), route.mime)

    return view


def _within(scene: Scene, name: str, value: str) -> None:
    """An area or a worker that stands in the address lies in the caller's scope. Raises Forbidden."""
    city = scene.city if name in ("area_id", "worker_id") else None
    if city and name == "area_id" and value in city.area_row:
        inside(value)
    elif city and value in city.worker_row:
        inside(str(city.areas.area_id[city.grids.area[city.workers.grid[city.worker_row[value]]]]))


def _health(scene: Scene, gateway: Gateway) -> Health:
    if not scene.ready:
        raise NoCity("no city has been put into this hall yet, or Redis has not been reached")
    as_of, now = scene.as_of(0), scene.clock.now()
    age = None if as_of is None else max(now - as_of, 0.0) / (scene.clock.hall.speed or 1.0)
    live = scene.reachable and age is not None and age < FROZEN
    return Health(
        now=now, status="ok" if live else "degraded", redis=scene.reachable, city=scene.city.version,
        frame_age=age, clients=len(gateway.clients), feeds=_grades(scene, now),
    )  # fmt: skip


def _grades(scene: Scene, now: float) -> dict[str, str]:
    """A hall is well whose feeds are dead; whoever watches it wants to know both. Of each kind the liveliest source,
    and none by name: anybody may ask."""
    pace = scene.clock.hall.speed or 1.0
    told = sorted((heard(one, scene.settings, now, pace) for one in scene.feeds), key=lambda one: -one.age)
    return {one.kind: one.grade for one in told}


def _json(body: bytes, mime: str = "application/json") -> Response:
    response = Response(body, mimetype=mime)
    response.headers["Cache-Control"] = "no-store"
    return response
