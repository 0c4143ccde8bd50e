"""Replay: recorded data through the hall, counted again by pandas straight from the files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dashboard.bench.doorless import Doorless
from dashboard.bench.figures import Figure, Figures, exactly
from dashboard.bench.trouble import CannotMeasure
from dashboard.progress import done
from dashboard.settings import load
from feeds.mapping import load_mapping
from feeds.replay import Recording, read
from feeds.replay_city import city_of

__all__ = ["measure"]

Column = npt.NDArray[np.float64]

EVENTS, FIXES = "nyc311_sample_c_2013.csv", "geolife_4users.csv"
TELEPORT, SPLIT, EARTH = 50.0, 600, 6_371_008.8
MINUTE = 60


def measure(quick: bool) -> Figures:
    folder = _folder()
    return [*_events(folder / EVENTS), *_fixes(folder / FIXES)]


def _folder() -> Path:
    """GRIDHALL_SHARED, or shared/data beside the checkout."""
    named = os.environ.get("GRIDHALL_SHARED", "")
    places = [Path(named), Path(named) / "data"] if named else [Path(__file__).parents[4] / "shared" / "data"]
    for place in places:
        if (place / EVENTS).exists() and (place / FIXES).exists():
            return place
    raise CannotMeasure(f"no file {EVENTS} and {FIXES}: say where they are with GRIDHALL_SHARED=<folder>")


def _recorded(path: Path, mapping: str) -> tuple[Recording, Doorless]:
    rules = load_mapping(mapping)
    recording = read([path], rules)
    return recording, Doorless(city_of(recording, rules), load({}))


# --- events ---


def _events(path: Path) -> Figures:
    recording, hall = _recorded(path, "nyc311")
    made, closed, due = _times(pd.read_csv(path))
    start, end = int(made.min()), int(np.nanmax([made, closed])) + MINUTE
    wrong = {"open": 0, "overdue": 0}
    minutes, place = range(start, end + MINUTE, MINUTE), 0
    for number, now in enumerate(minutes):
        first = place
        while place < len(recording.played) and recording.played[place].at <= now:
            place += 1
        hall.take(recording.played[first:place], float(now))
        shown: Any = hall.situation(float(now)).backlog("level")
        is_open = (made <= now) & ~(closed <= now)
        wrong["open"] += int(shown["open"].sum()) != int(is_open.sum())
        wrong["overdue"] += int((shown["overdue"] + shown["long_open"]).sum()) != int((is_open & (due < now)).sum())
        done("311, minute by minute", number / len(minutes))
    done("", 1.0)
    return [
        Figure(
            "311: rows read, refused",
            len(recording.bad) + sum(hall.refused.values()),
            "",
            exactly(0),
            f"of {recording.rows}",
        ),
        Figure("311: minutes looked at", len(minutes)),
        Figure("311: minutes with another open count than pandas", wrong["open"], "", exactly(0)),
        Figure("311: minutes with another overdue count than pandas", wrong["overdue"], "", exactly(0)),
    ]


def _times(table: pd.DataFrame) -> tuple[Column, Column, Column]:
    """Made, closed and due in seconds since 1970. What was closed before it was made was never open.

    Two rows are pending and have a closing time all the same; the mapping goes by the status, and so do we.
    """
    made, closed, due = (_seconds(table[name]) for name in ("Created Date", "Closed Date", "Due Date"))
    closed = np.where(table["Status"] == "Closed", closed, np.nan)
    return made, np.maximum(closed, made), due


def _seconds(column: Any) -> Column:
    """NaN where there is no time; no comparison with it holds."""
    local: Any = pd.to_datetime(column, format="%m/%d/%Y %I:%M:%S %p").dt.tz_localize("America/New_York")
    return ((local - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(seconds=1)).to_numpy(np.float64)


# --- fixes ---


def _fixes(path: Path) -> Figures:
    recording, hall = _recorded(path, "geolife")
    played, place = recording.played, 0
    while place < len(played):
        first, now = place, played[place].at
        while place < len(played) and played[place].at < now + MINUTE and place - first < 2000:
            place += 1
        hall.take(played[first:place], played[place - 1].at)
        done("GeoLife", place / len(played))
    done("", 1.0)
    have, want = hall.counters(), _walks(pd.read_csv(path, dtype={"user_id": str}))
    ours = {"fixes": have["fixes"] + have["late"], "teleports": have["teleports"], "splits": have["splits"]}
    names = {"fixes": "fixes", "teleports": "flagged teleports", "splits": "track splits (gaps > 10 min)"}
    return [
        Figure("GeoLife: rows refused", len(recording.bad) + sum(hall.refused.values()), "", exactly(0)),
        *(Figure(f"GeoLife: {names[key]}", ours[key], "", exactly(want[key])) for key in ours),
    ]


def _walks(table: Any) -> dict[str, int]:
    """The same three numbers from the file alone."""
    table = table.assign(at=(pd.to_datetime(table["time_utc"]) - pd.Timestamp(0, tz="UTC")) // pd.Timedelta(seconds=1))
    table = table.sort_values(["user_id", "at"], kind="stable").drop_duplicates(["user_id", "at"])
    table[["phi", "lam"]] = np.radians(table[["lat", "lon"]])
    step = table.groupby("user_id")[["at", "phi", "lam"]].diff()
    half = (
        np.sin(step["phi"] / 2) ** 2
        + np.cos(table["phi"]) * np.cos(table["phi"] - step["phi"]) * np.sin(step["lam"] / 2) ** 2
    )
    metres = 2 * EARTH * np.arcsin(np.sqrt(half))
    return {
        "fixes": len(table),
        "teleports": int((metres > TELEPORT * step["at"]).sum()),
        "splits": int((step["at"] > SPLIT).sum()),
    }
