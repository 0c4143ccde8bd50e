"""Compact: real county outlines and names, boiled down to one small file a city (run by hand: see SOURCES.md)."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import shape

from feeds.cities.plans import PLANS, Plan

__all__ = ["compact"]

HERE = Path(__file__).parent / "data"
SUFFIXES = (
    ("社区居委会", "社区"),
    ("社区村委会", "社区"),
    ("村村委会", "村"),
    ("居委会", "社区"),
    ("村委会", "村"),
    ("村居委会", "社区"),
)

Row = dict[str, str]


def compact(shared: Path, plan: Plan) -> dict[str, Any]:
    """The districts (code, name, rings), streets and communities (code, name) of one city."""
    with (shared / "admin_divisions_5cities.csv").open(encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file) if row["code"][:6] in plan.districts]
    streets = [[row["code"], row["name"]] for row in rows if row["level"] == "township" and plan.keeps(row["name"])]
    kept = {code for code, _ in streets}
    villages = [
        [row["code"], _plain(row["name"])] for row in rows if row["level"] == "village" and row["code"][:9] in kept
    ]
    streets += [[code, name] for code, name, _ in plan.added]
    villages = _thin(_moved(villages, plan), plan.communities)
    return {"districts": _outlines(shared, plan), "streets": sorted(streets), "communities": sorted(villages)}


def _plain(name: str) -> str:
    for long, short in SUFFIXES:
        if name.endswith(long):
            return name.removesuffix(long) + short
    return name


def _moved(villages: list[list[str]], plan: Plan) -> list[list[str]]:
    """Villages of the streets that the source no longer lists go under a new number there."""
    target = {name: code for code, _, names in plan.added for name in names}
    used: dict[str, int] = {}
    moved: list[list[str]] = []
    for code, name in villages:
        street = target.get(name)
        if street and street[:6] == code[:6]:
            used[street] = used.get(street, 200) + 1
            code = f"{street}{used[street]:03d}"  # noqa: PLW2901
        moved.append([code, name])
    return moved


def _thin(villages: list[list[str]], count: int) -> list[list[str]]:
    """Keep `count` of them, every street in proportion and none empty; the first numbers stay."""
    if not count:
        return villages
    by_street: dict[str, list[list[str]]] = {}
    for village in villages:
        by_street.setdefault(village[0][:9], []).append(village)
    order = sorted((rank / len(of), of[rank][0]) for of in by_street.values() for rank in range(len(of)))
    keep = {code for _, code in order[:count]}
    return [village for village in villages if village[0] in keep]


def _outlines(shared: Path, plan: Plan) -> list[list[Any]]:
    features = json.loads((shared / plan.outlines).read_text(encoding="utf-8"))["features"]
    shapes = shapely.coverage_simplify([shape(feature["geometry"]) for feature in features], plan.simplify)
    found = {
        feature["properties"]["adcode"]: [feature["properties"]["name"], _rings(outline)]
        for feature, outline in zip(features, shapes, strict=True)
    }
    return [[code, *found[code]] for code in plan.districts]


def _rings(outline: shapely.Geometry) -> list[list[list[float]]]:
    """Outer rings as flat lists of lon, lat in degrees to 1e-5: the sources are no finer, and have no holes."""
    rings: list[list[list[float]]] = []
    for part in shapely.get_parts(outline):
        if len(shapely.get_rings(part)) > 1:
            raise ValueError("an outline with a hole: teach compact to keep it")
        points = shapely.get_coordinates(shapely.get_exterior_ring(part)).round(5)
        kept = [point for n, point in enumerate(points.tolist()) if n == 0 or point != points[n - 1].tolist()]
        if len(kept) >= 4:
            rings.append(kept)
    return rings


def main() -> None:
    shared = Path(sys.argv[1])
    for name, plan in PLANS.items():
        body = compact(shared, plan)
        lines = ",\n".join(
            f'"{key}": [\n'
            + ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
            + "]"
            for key, rows in body.items()
        )
        (HERE / f"{name}.json").write_text("{" + lines + "}\n", encoding="utf-8")
        sys.stdout.write(f"{name}: {', '.join(f'{len(rows)} {key}' for key, rows in body.items())}\n")


if __name__ == "__main__":
    main()
