"""District: what is known stays with the areas and cameras it is known of, whatever rows a new grid set gives them."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from dashboard.live import columns
from dashboard.live.district import District, Ground
from dashboard.live.flow import OPEN_AT
from dashboard.settings import load
from feeds.city import City
from feeds.lattice import lattice
from feeds.record import CAMERA_STATES, CameraStatus, EventReport

T = 1_763_700_300.0
BOX = (116.0, 39.0, 116.08, 39.08)


def taken(table: Any, order: Any, **other: Any) -> Any:
    return type(table)(**{field.name: getattr(table, field.name)[order] for field in fields(table)} | other)


def shuffled(city: City) -> City:
    """The same city with other rows: the second district first, the last camera first."""
    order = np.array([0, 4, 5, 6, 1, 2, 3])
    now = np.argsort(order)
    parent = city.areas.parent[order]
    return replace(
        city,
        areas=taken(city.areas, order, parent=np.where(parent >= 0, now[parent], -1).astype(np.int32)),
        grids=replace(city.grids, area=now[city.grids.area].astype(np.int32)),
        cameras=taken(city.cameras, slice(None, None, -1)),
    )


def known(district: District) -> dict[str, Any]:
    """What the district tells, by ids."""
    city, tables, facts = district.city, district.tables(whole=True), district.facts(whole=True)
    area = [str(city.areas.area_id[row]) for row in facts["flow"]["area"]]
    flow = zip(facts["flow"]["bucket"], area, facts["flow"]["step"], facts["flow"]["count"], strict=True)
    cameras = zip(tables["cameras"]["slot"], tables["cameras"]["state"], tables["cameras"]["since"], strict=True)
    return {
        "flow": sorted(flow),
        "times": sorted((str(city.areas.area_id[row]), seconds) for row, seconds in zip(
            facts["times"]["area"], facts["times"]["seconds"], strict=True)),
        "cameras": {str(city.cameras.camera_id[slot]): (state, since) for slot, state, since in cameras},
        "events": sorted(str(city.areas.area_id[row]) for row in tables["events"]["area"]),
    }  # fmt: skip


@pytest.fixture(scope="module")
def east() -> District:
    """With an open event, one that has gone on, and an offline camera."""
    city = lattice("t", BOX, districts=("east", "west"), cameras=64)
    district = District(Ground(city), int(city.districts[0]), load({}))
    camera_ids = [str(city.cameras.camera_id[row]) for row in district.cameras]
    district.fold_cameras([CameraStatus(name, "online", T) for name in camera_ids])
    district.fold_cameras([CameraStatus(camera_ids[3], "offline", T + 5)])
    for number, step in enumerate(("reported", "dispatched", "archived")):
        told = EventReport(f"E{number}", "litter", T, T + 30, step=step, lon=116.005, lat=39.005)  # type: ignore[arg-type]
        district.fold_events([told])
    return district


def test_a_grid_set_that_gives_areas_and_cameras_other_rows_leaves_what_is_known_with_them(east: District):
    after = shuffled(east.city)
    assert after.version != east.city.version
    again = District(Ground(after), after.area_row["east"], load({}))
    assert again.load(east.fields(everything=True)) is True
    assert known(again) == known(east)
    offline = CAMERA_STATES.index("offline")
    assert [name for name, (state, _) in known(again)["cameras"].items() if state == offline] == ["cam-00003"]
    assert known(again)["events"] == ["east-community", "east-community"]


def test_what_lay_in_an_area_that_is_gone_counts_for_the_district(east: District):
    area_id = east.city.areas.area_id.copy()
    area_id[3] = "east-other"
    after = replace(east.city, areas=replace(east.city.areas, area_id=area_id))
    again = District(Ground(after), after.area_row["east"], load({}))
    again.load(east.fields(everything=True))
    passed = {(area, step): count for _, area, step, count in known(again)["flow"]}
    assert passed["east", 0] == 3 and ("east-other", 0) not in passed
    # Open events have been placed anew, and the numbers of what is open follow them.
    assert passed["east-other", OPEN_AT] == 2 and passed["east", OPEN_AT] == 0


def test_a_checkpoint_of_before_rows_had_names_is_read_and_saved_anew(east: District):
    fields = east.fields(everything=True)
    older = {name: body for name, body in fields.items() if not name.startswith(("names", "flow:", "times:"))}
    state = columns.read(older["state"])
    older["state"] = columns.write(state | {"next": state["next"][:2]})
    again = District(Ground(east.city), east.district, load({}))
    assert again.load(older) is True
    had, has = known(east), known(again)
    assert (has["cameras"], has["events"]) == (had["cameras"], had["events"])
    # What passed is not known any more, but what stands open is.
    assert [row[1:] for row in has["flow"]] == [row[1:] for row in had["flow"] if row[2] >= OPEN_AT]
    assert fields.keys() - again.fields(everything=True).keys() <= {
        name for name in fields if name.startswith("times:")
    }
