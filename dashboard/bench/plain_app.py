"""Plain app: what one would write instead of a hall: Dash, a dcc.Interval, and a Plotly map of every worker.

python -m dashboard.bench.plain_app VARIANT PORT WORKERS.npy SECONDS
"""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable
from itertools import count
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.express as px
import plotly.graph_objects as go
from dash import Dash, Input, Output, Patch, dcc, html

__all__ = ["VARIANTS", "create"]

#: The one style of Plotly's that asks the internet for nothing; a style of one's own is loaded anew with each figure.
EMPTY = "white-bg"
FRESHNESS = ("fresh", "ageing", "old")
#: Positions are worked out before, so that only what the page costs is measured.
STEPS = 16


class Workers:
    def __init__(self, places: npt.NDArray[np.float64]) -> None:
        rng = np.random.default_rng(5)
        self.lon = [places[0] + rng.normal(0, 5e-4, len(places[0])) for _ in range(STEPS)]
        self.lat = [places[1] + rng.normal(0, 5e-4, len(places[1])) for _ in range(STEPS)]
        self.state = rng.choice(3, len(places[0]), p=[0.9, 0.07, 0.03]).astype(np.uint8)
        self.names = [f"W{number:05d}" for number in range(len(places[0]))]
        self.center = {"lon": float(np.median(places[0])), "lat": float(np.median(places[1]))}
        self._turn = count()

    def now(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        turn = next(self._turn) % STEPS
        return self.lon[turn], self.lat[turn]


def _express(workers: Workers) -> go.Figure:
    """The first thing one writes."""
    lon, lat = workers.now()
    words = np.array(FRESHNESS)[workers.state]
    table = pd.DataFrame({"lon": lon, "lat": lat, "freshness": words, "worker": workers.names})
    figure = px.scatter_map(
        table, lat="lat", lon="lon", color="freshness", hover_name="worker", zoom=7, center=workers.center
    )
    return figure.update_layout(map_style=EMPTY, uirevision="map", height=900)


def _tuned(workers: Workers) -> go.Figure:
    """One trace, arrays instead of tables: Plotly packs them by itself."""
    lon, lat = workers.now()
    trace = go.Scattermap(lon=lon, lat=lat, marker={"color": workers.state, "size": 4}, hoverinfo="skip")
    layout = {
        "map": {"style": EMPTY, "zoom": 7, "center": workers.center},
        "uirevision": "map",
        "height": 900,
        "showlegend": False,
    }
    return go.Figure(trace, layout)


def _packed(workers: Workers) -> Patch:
    """Only what changed, packed by hand to half the width: as far as a polling page goes."""
    lon, lat = workers.now()
    patch = Patch()
    patch["data"][0]["lon"], patch["data"][0]["lat"] = _packed_column(lon), _packed_column(lat)
    return patch


def _packed_column(column: npt.NDArray[np.float64]) -> dict[str, str]:
    return {"bdata": base64.b64encode(column.astype("<f4").tobytes()).decode(), "dtype": "f4"}


VARIANTS: dict[str, Callable[[Workers], Any]] = {"px": _express, "tuned": _tuned, "packed": _packed}


def create(variant: str, workers: Workers, seconds: float) -> Dash:
    # Not the assets of the folder it happens to be started in.
    app = Dash("plain", assets_folder="plain-has-none")
    first = _express(workers) if variant == "px" else _tuned(workers)
    app.layout = html.Div([dcc.Graph(id="map", figure=first), dcc.Interval(id="tick", interval=seconds * 1000)])

    @app.callback(Output("map", "figure"), Input("tick", "n_intervals"), prevent_initial_call=True)
    def update(_ticks: int) -> Any:  # pyright: ignore[reportUnusedFunction]
        return VARIANTS[variant](workers)

    return app


def main() -> None:
    variant, port, places, seconds = sys.argv[1:]
    import logging  # noqa: PLC0415

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    create(variant, Workers(np.load(places)), float(seconds)).run(host="127.0.0.1", port=int(port), debug=False)


if __name__ == "__main__":
    main()
