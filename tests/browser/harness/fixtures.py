"""Fixtures: bytes that Python writes and the browser's tests read: `python -m tests.browser.harness.fixtures`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from dashboard.live.frame import NOWHERE, TABLES, Frame, bundle, encode
from feeds.hexes import cells, centres
from feeds.record import NONE

__all__ = ["FOLDER", "frames", "hexes"]

FOLDER = Path(__file__).resolve().parents[3] / "assets" / "js" / "test" / "fixtures"
SIZE = 0.00137


def frames() -> bytes:
    """A whole frame with every table a page reads, a delta with a table it does not know, and an empty one."""
    columns = {
        "workers": {
            "slot": [0, 2, 5],
            "lon": [1301234567, -123, 1305000000],
            "lat": [467654321, 456, 469000000],
            "at": [1700000000, 1700000001, 1700000002],
            "mark": [1, 3, 33],
        },
        "events": {
            "key": [7, 8],
            "lon": [1301000000, NOWHERE],
            "lat": [467000000, NOWHERE],
            "reported": [1699990000, 1699999000],
            "due": [1700003600, 0],
            "grid": [12, NONE],
            "area": [3, 1],
            "class_row": [2, 0],
            "step": [0, 1],
            "level": [0, 2],
            "parked": [0, 1],
            "returns": [0, 2],
        },
        "cameras": {"slot": [1], "since": [1699999990], "at": [1700000000], "state": [2], "before": [1]},
        "heat": {"q": [-4, 9], "r": [5, -6], "weight": [1.5, 0.25], "at": [1700000000, 1699996400]},
    }
    whole = Frame(0, 41, 3, 1, 1_700_000_003_000.5, 0xDEADBEEF, _tables(columns))
    unknown = _tables({"visits": {"q": [1], "r": [2], "at": [3]}}) | {"workers": _tables(columns)["workers"]}
    delta = Frame(1, 42, 3, 1, 1_700_000_003_250.0, 0xDEADBEEF, unknown)
    return bundle([encode(whole), encode(delta), encode(Frame(1, 9, 1, 4, 1_700_000_003_250.0, 0xDEADBEEF))])


def _tables(columns: dict[str, dict[str, list[float]]]) -> dict[str, dict[str, np.ndarray]]:
    return {
        name: {column: np.array(table[column]).astype(kind) for column, kind in TABLES[name].columns}
        for name, table in columns.items()
    }


def hexes() -> list[list[float]]:
    """lon, lat, q, r of its cell, and the cell's centre."""
    dice = np.random.default_rng(11)
    lon, lat = dice.uniform(109, 135, 200), dice.uniform(29, 48.5, 200)
    q, r = cells(lon, lat, SIZE)
    x, y = centres(q, r, SIZE)
    return np.column_stack([lon, lat, q, r, x, y]).round(9).tolist()


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "frames.bin").write_bytes(frames())
    (FOLDER / "hexes.json").write_text(json.dumps({"size": SIZE, "rows": hexes()}), "ascii")


if __name__ == "__main__":
    main()
