"""Serve: the harness on loopback: `python -m tests.browser.harness.serve --city jiamusi`, then open /wall."""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

import argparse  # noqa: E402
import json  # noqa: E402
import time  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import gevent  # noqa: E402
import numpy as np  # noqa: E402
import shapely  # noqa: E402
from dash import Dash  # noqa: E402
from flask import Flask, Response, request, send_from_directory  # noqa: E402
from flask_socketio import SocketIO  # noqa: E402

from dashboard.settings import load  # noqa: E402
from feeds.city import City  # noqa: E402
from feeds.hexes import cell_size, centres  # noqa: E402
from feeds.lattice import lattice  # noqa: E402
from layouts.map import STUB  # noqa: E402
from layouts.shell import index_string  # noqa: E402
from layouts.wall import wall  # noqa: E402
from layouts.words import words  # noqa: E402
from tests.browser.harness.invented import Invented  # noqa: E402

ROOT = Path(__file__).resolve().parents[3]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self' ws:; worker-src 'self'"
)
PAGE = """<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>harness</title>{styles}
<link rel="icon" href="data:,"></head><body>
<div id="wall" class="page wall" data-theme="{theme}" data-view="{view}">
<div class="wall-map"><div id="map" class="map gridmap"></div></div>
<div class="banner" id="banner" role="status" hidden></div></div>
<script type="application/json" id="words">{words}</script>
<script type="module" src="/harness.js"></script></body></html>"""
SCRIPT = """import { mount } from '/assets/gen/wall.mjs';
const told = [];
window.told = told;
window.mounted = mount(document.getElementById('map'), {}, (props) => told.push(props));"""
SETTINGS = ("fresh", "ageing", "old", "camera_off", "soon", "long_open", "camera_unknown")
NAMES = ("向阳区", "前进区", "东风区", "郊区", "同江市", "富锦市")
WALK = 40  # points of an invented track


def shape(geometry: Any, row: int, **properties: Any) -> str:
    return (
        json.dumps({"type": "Feature", "id": row, "properties": properties})[:-1]
        + f', "geometry": {shapely.to_geojson(geometry)}}}'
    )


def collection(features: list[str]) -> Response:
    return Response('{"type":"FeatureCollection","features":[' + ",".join(features) + "]}", mimetype="application/json")


def application(city: City, rate: float, share: float) -> tuple[Flask, SocketIO]:
    app = Flask("harness")
    io = SocketIO(app, async_mode="gevent")
    day = Invented(city, time.time())

    @app.get("/wall")
    def bare() -> Response:
        lang, theme, view = (request.args.get(name, "") for name in ("lang", "theme", "view"))
        styles = "".join(
            f'<link rel="stylesheet" href="/assets/css/{name}.css">' for name in ("tokens", "base", "wall", "banner")
        )
        page = PAGE.format(
            lang=lang or "zh",
            theme=theme or "dark",
            view=view or "overview",
            styles=styles,
            words=json.dumps(words(lang or "zh")).replace("<", "\\u003c"),
        )
        return Response(page, mimetype="text/html", headers={"Content-Security-Policy": POLICY})

    @app.get("/harness.js")
    def script() -> Response:
        return Response(SCRIPT, mimetype="text/javascript")

    @app.get("/assets/<path:name>")
    def assets(name: str) -> Response:
        return send_from_directory(ROOT / "assets", name, mimetype="text/javascript" if name.endswith("mjs") else None)

    geography(app, city)
    pages(app, city)
    paths(app, day)
    sockets(io, day, rate, share)
    return app, io


def geography(app: Flask, city: City) -> None:
    areas, grids = city.areas, city.grids

    @app.get("/geo/<version>/<name>")
    def geo(version: str, name: str) -> Any:
        if name == "city.json":
            rows = zip(areas.area_id, areas.name, areas.level, areas.parent, areas.lon, areas.lat, strict=True)
            listed = [
                {"id": str(i), "name": str(n), "level": int(v), "parent": int(p), "lon": float(x), "lat": float(y)}
                for i, n, v, p, x, y in rows
            ]
            settings = load({})
            names = [field for field in vars(settings) if field.startswith(SETTINGS)]
            return {
                "city_id": city.city_id,
                "name": city.name,
                "name_en": city.name_en,
                "bounds": city.bounds,
                "zone": city.zone,
                "areas": listed,
                "classes": [],
                "cell_size": cell_size(city),
                "heat_half_life": 3600,
                "grid_count": len(grids.grid_id),
                "settings": {name: getattr(settings, name) for name in names},
            }
        if name == "workers.json":
            return {"grid": city.workers.grid.tolist(), "role": city.workers.role.tolist()}
        if name == "cameras.json":
            return {"lon": city.cameras.lon.tolist(), "lat": city.cameras.lat.tolist()}
        if name == "grids.geojson":
            return collection([shape(one, row, kind=int(grids.kind[row])) for row, one in enumerate(grids.shape)])
        if name == "areas.geojson":
            return collection([shape(one, row, level=int(areas.level[row])) for row, one in enumerate(areas.shape)])
        return collection([shape(one, row, rank=int(city.street_rank[row])) for row, one in enumerate(city.streets)])


def pages(app: Flask, city: City) -> None:
    """/dash/: the same map as the wall's own Dash page has it."""
    layout = wall("", "zh", "dark", "overview", load({}), city)
    page = Dash("harness", server=app, url_base_pathname="/dash/", index_string=index_string("zh"), assets_ignore=".*")
    page.config.external_scripts = [f"/assets/{STUB}"]
    page.layout = layout


def paths(app: Flask, day: Invented) -> None:
    @app.get("/api/v1/tracks")
    def tracks() -> Any:
        slots = [int(slot) for slot in request.args.getlist("slot")]
        if near := request.args.get("near"):
            lon, lat = map(float, near.split(","))
            away = np.hypot((day.place[:, 0] - lon) * 0.7, day.place[:, 1] - lat)
            slots = np.argsort(away)[:12].tolist()
        at = day.now - np.arange(WALK)[::-1] * 60.0
        walks = [
            day.place[slot] + np.cumsum(np.random.default_rng(slot).normal(size=(WALK, 2)) * 4e-4, axis=0)[::-1]
            for slot in slots
        ]
        walks = [walk - walk[-1] + day.place[slot] for slot, walk in zip(slots, walks, strict=True)]
        return {
            "workers": [
                {"slot": s, "worker_id": str(s), "at": at.tolist(), "lon": w[:, 0].tolist(), "lat": w[:, 1].tolist()}
                for s, w in zip(slots, walks, strict=True)
            ]
        }


def sockets(io: SocketIO, day: Invented, rate: float, share: float) -> None:
    city = day.city

    @io.on("watch")
    def watch(scope: dict[str, str]) -> dict[str, Any]:
        gevent.spawn_later(0, again, request.sid)
        clock = {"hall_ms": day.now * 1000, "wall_ms": time.time() * 1000, "speed": 1.0}
        return {
            "ok": True,
            "area": scope.get("area", ""),
            "now": day.now * 1000,
            "clock": clock,
            "city": {"version": city.version},
            "districts": city.districts.tolist(),
        }

    numbers = {"n": 0}

    def again(sid: str) -> None:
        numbers["n"] += 1
        io.emit("frame", (numbers["n"], day.whole()), to=sid)
        hot = sorted(day.heat.items(), key=lambda one: -one[1])[:3]
        lons, lats = centres(np.array([q for (q, _), _ in hot]), np.array([r for (_, r), _ in hot]), day.size)
        places = [
            {"lon": lon, "lat": lat, "weight": weight, "area": 0}
            for lon, lat, (_, weight) in zip(lons.tolist(), lats.tolist(), hot, strict=True)
        ]
        said = {"now": day.now * 1000, "area": "", "view": "", "parts": {"hot": places}}
        io.emit("parts", json.dumps(said).encode(), to=sid)

    @io.on("ask")
    def ask() -> None:
        again(request.sid)

    @io.on("drawn")
    def drawn(_n: int) -> None: ...

    def beat() -> None:
        while True:
            gevent.sleep(1 / rate)
            numbers["n"] += 1
            new = int(day.dice.random() < 0.5 / rate) * int(day.dice.integers(1, 4))
            io.emit("frame", (numbers["n"], day.tick(1 / rate, share, new)))

    gevent.spawn(beat)


def made(name: str, workers: int) -> City:
    if name == "lattice":
        ids = [f"W{i:05d}" for i in range(workers)]
        return lattice("lattice", (129.8, 46.4, 131.2, 47.0), columns=116, rows=74, districts=NAMES, worker_ids=ids)
    if Path(name).is_file():
        return City.from_bytes(Path(name).read_bytes())
    from feeds.cities import build

    return build(name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--city", default="lattice", help="lattice, a city of feeds/cities, or a file of City.to_bytes")
    parser.add_argument("--workers", type=int, default=35_000)
    parser.add_argument("--port", type=int, default=8060)
    parser.add_argument("--rate", type=float, default=4.0, help="frames a second")
    parser.add_argument("--share", type=float, default=0.05, help="share of the workers that a frame moves")
    given = parser.parse_args()
    app, io = application(made(given.city, given.workers), given.rate, given.share)
    io.run(app, host="127.0.0.1", port=given.port)


if __name__ == "__main__":
    main()
