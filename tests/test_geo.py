"""Geo: the city's outlines as a map asks for them: small, kept for ever, and never those of another version."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
import shapely
from serving import Page, get, put_city, riverside, serving, until

from dashboard.bus.connect import Redis, connect
from dashboard.bus.embedded import Embedded
from feeds.city import City

FILES = ("city.json", "grids.geojson", "areas.geojson", "streets.geojson", "workers.json", "cameras.json")


@pytest.fixture(scope="module")
def city() -> City:
    return riverside()


@pytest.fixture(scope="module")
def geo(redis_server: Embedded, city: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the city's files."""
    redis_server.start()
    with connect(redis_server.url) as redis, serving(redis_server.url, tmp_path_factory.mktemp("serve") / "log") as url:
        redis.flushall()
        put_city(redis, city)
        assert until(lambda: get(f"{url}/healthz").status == 200)
        yield f"{url}/geo/{city.version}"


def said(page: Page) -> Any:
    return json.loads(gzip.decompress(page.body) if page.headers["Content-Encoding"] == "gzip" else page.body)


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_packed_and_is_not_sent_twice(geo: str, name: str) -> None:
    page = get(f"{geo}/{name}", **{"Accept-Encoding": "gzip"})
    assert page.status == 200 and page.headers["Content-Encoding"] == "gzip" and page.headers["ETag"]
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert ("immutable" in page.headers["Cache-Control"]) == (name != "city.json"), (
        "settings may change, outlines do not"
    )
    again = get(f"{geo}/{name}", **{"Accept-Encoding": "gzip", "If-None-Match": page.headers["ETag"]})
    assert again.status == 304 and not again.body
    assert said(get(f"{geo}/{name}")) == said(page), "and plain for those who cannot unpack"


def test_the_city_says_what_painters_must_know(geo: str, city: City) -> None:
    facts = said(get(f"{geo}/city.json"))
    assert facts["bounds"] == list(city.bounds) and facts["zone"] == city.zone and facts["cell_size"] > 0
    assert [area["id"] for area in facts["areas"]] == list(city.areas.area_id)
    assert [area["parent"] for area in facts["areas"]] == list(city.areas.parent)
    assert facts["settings"]["fresh_seconds"] == 60 and facts["settings"]["targets"]["urban"] == 120
    assert [c["code"] for c in facts["classes"]] == list(city.classes.class_code)


def test_grids_are_numbered_by_their_rows_and_keep_their_shape(geo: str, city: City) -> None:
    features = said(get(f"{geo}/grids.geojson"))["features"]
    assert [feature["id"] for feature in features] == list(range(64))
    for feature, shape in zip(features, city.grids.shape, strict=True):
        drawn = shapely.geometry.shape(feature["geometry"])
        assert drawn.is_valid and drawn.symmetric_difference(shape).area < shape.area / 1000
        assert feature["properties"].keys() == {"kind", "area", "name"}


def test_areas_carry_row_and_level(geo: str, city: City) -> None:
    features = said(get(f"{geo}/areas.geojson"))["features"]
    assert [(f["properties"]["row"], f["properties"]["level"]) for f in features] == list(enumerate(city.areas.level))


def test_workers_and_cameras_are_columns_by_row(geo: str, city: City) -> None:
    assert said(get(f"{geo}/workers.json"))["grid"] == city.workers.grid.tolist()
    assert len(said(get(f"{geo}/cameras.json"))["lon"]) == 32
    assert "W001" not in get(f"{geo}/workers.json").body.decode()


@pytest.mark.parametrize("path", ["../nowhere/city.json", "secrets.json", "%2e%2e%2fcity.json"])
def test_what_is_not_there_gets_a_sentence(geo: str, path: str) -> None:
    page = get(f"{geo}/{path}")
    assert page.status == 404 and len(said(page)["error"]) > 10


def test_another_version_is_not_answered_with_this_one(geo: str, redis: Redis) -> None:
    page = get(f"{geo.rsplit('/', 1)[0]}/0123456789abcdef/grids.geojson")
    assert page.status == 404 and "0123456789abcdef" in said(page)["error"]


def test_holes_islands_and_slivers_survive_the_rounding() -> None:
    from dashboard.web.shapes import geometry

    island = shapely.box(0, 0, 1e-7, 1e-7)
    holed = shapely.Polygon([(0, 0), (1, 0), (1, 1), (0, 1)], [[(0.2, 0.2), (0.4, 0.2), (0.4, 0.4)]])
    assert geometry(holed, 5)["type"] == "Polygon" and len(geometry(holed, 5)["coordinates"]) == 2
    both = geometry(shapely.MultiPolygon([island, holed]), 5)
    assert both["type"] == "MultiPolygon" and all(len(ring) >= 4 for part in both["coordinates"] for ring in part)
    line = geometry(shapely.LineString([(0, 0), (1, 1)]), 5)
    assert line == {"type": "LineString", "coordinates": [[0.0, 0.0], [1.0, 1.0]]}
