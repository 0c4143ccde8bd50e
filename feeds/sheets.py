"""Sheets: rows out of the GeoJSON and CSV files that cities send, whatever their encoding and headings."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feeds.findings import NotACity

__all__ = ["HEADINGS", "Row", "decoded", "find", "parsed", "read"]

#: Headings that are understood, the wanted one first.
HEADINGS: dict[str, tuple[str, ...]] = {
    "grid_id": ("grid_id", "grid_code", "网格编码", "网格代码", "网格编号", "code", "编码", "代码", "adcode", "id"),
    "area_id": ("area_id", "area_code", "区域编码", "code", "编码", "代码", "adcode", "id"),
    "parent_id": ("parent_id", "parent_code", "parent_adcode", "上级编码", "parent", "pid"),
    "grid_area": (
        "area_id",
        "community_id",
        "所属社区编码",
        "社区编码",
        "所属区域",
        "parent_id",
        "parent_code",
        "parent",
    ),
    "name": ("name", "名称", "网格名称", "区域名称", "姓名", "点位名称"),
    "level": ("level", "层级", "级别"),
    "kind": ("kind", "网格类型", "类型", "type"),
    "households": ("households", "户数", "户籍数"),
    "wkt": ("wkt", "geometry", "geom", "the_geom", "几何", "坐标"),
    "worker_id": ("worker_id", "网格员编号", "工号", "id"),
    "role": ("role", "岗位", "专兼职", "类型"),
    "worker_grid": ("grid_id", "grid_code", "网格编码", "所属网格", "所属网格编码"),
    "terminal": ("terminal", "终端", "是否有终端"),
    "camera_id": ("camera_id", "设备编码", "国标编码", "摄像机编码", "id"),
    "lon": ("lon", "lng", "longitude", "经度", "x"),
    "lat": ("lat", "latitude", "纬度", "y"),
    "owner": ("owner", "权属单位", "所属单位", "建设单位"),
    "platform": ("platform", "平台", "所属平台"),
    "switch": ("switch", "交换机", "所属交换机"),
}

CRS = ("CRS84", "4326", "4490", "4979")


@dataclass(frozen=True)
class Row:
    """One row: its values by lower-case heading, its shape as GeoJSON or as WKT text, and where it stood."""

    values: dict[str, Any]
    shape: Any
    place: str

    def get(self, field: str) -> Any:
        """The value under the first heading that this row has and that is not empty."""
        for heading in HEADINGS[field]:
            value = self.values.get(heading)
            if value not in (None, ""):
                return value
        return None

    def text(self, field: str, default: str = "") -> str:
        value = self.get(field)
        return default if value is None else str(value).strip()


def find(folder: Path, name: str) -> Path | None:
    for ending in (".geojson", ".json", ".csv"):
        for path in (folder / f"{name}{ending}", folder / f"{name}{ending.upper()}"):
            if path.is_file():
                return path
    return None


def read(path: Path) -> list[Row]:
    text = decoded(path)
    if path.suffix.lower() == ".csv" or not text.lstrip().startswith(("{", "[")):
        return _csv(path, text)
    return _geojson(path, text)


def decoded(path: Path) -> str:
    """The text of a file, whatever its encoding. Raises NotACity."""
    try:
        body = path.read_bytes()
    except OSError as error:
        raise NotACity(f"{path.name} cannot be read: {error.strerror}") from error
    if not body.strip():
        raise NotACity(f"{path.name} is empty")
    marked = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}.get(body[:2])
    for encoding in (marked,) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise NotACity(f"{path.name} is not text in UTF-8, UTF-16 or GB18030; save it as GeoJSON or CSV")


def parsed(name: str, text: str) -> Any:
    """The JSON in it. Raises NotACity."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise NotACity(f"{name} is broken JSON: {error}") from error
    except RecursionError as error:
        raise NotACity(f"{name} is broken JSON: brackets in brackets without end") from error
    except ValueError as error:  # what else json raises is about numbers that Python does not read
        raise NotACity(f"{name} is broken JSON: it has a number of thousands of digits") from error


def _csv(path: Path, text: str) -> list[Row]:
    csv.field_size_limit(1 << 28)
    heading = text.partition("\n")[0]
    delimiter = max(",;\t", key=heading.count)
    try:
        records = list(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise NotACity(f"{path.name} is no CSV that can be read: {error}") from error
    if not records or len(records[0]) < 2:
        raise NotACity(f"{path.name} is neither GeoJSON nor a CSV with headings; a city needs grids with shapes")
    headings = [name.strip().lower() for name in records[0]]
    rows: list[Row] = []
    for number, record in enumerate(records[1:], 2):
        values = dict(zip(headings, record, strict=False))
        if any(record):
            wkt = next((values[name] for name in HEADINGS["wkt"] if values.get(name)), None)
            rows.append(Row(values, wkt, f"{path.name}:{number}"))
    return rows


def _geojson(path: Path, text: str) -> list[Row]:
    body = parsed(path.name, text)
    features = body.get("features") if isinstance(body, dict) else None
    if not isinstance(features, list):
        raise NotACity(f"{path.name} is JSON, but no GeoJSON FeatureCollection")
    _check_crs(path, body)
    rows: list[Row] = []
    for number, feature in enumerate(features, 1):
        if not isinstance(feature, dict):
            raise NotACity(f"feature {number} of {path.name} is no GeoJSON feature")
        properties = feature.get("properties")
        values = {
            str(name).lower(): value for name, value in (properties if isinstance(properties, dict) else {}).items()
        }
        if "id" in feature:
            values.setdefault("id", feature["id"])
        rows.append(Row(values, feature.get("geometry"), f"{path.name}:{number}"))
    return rows


def _check_crs(path: Path, body: dict[str, Any]) -> None:
    crs = body.get("crs")
    name = (
        str(crs["properties"].get("name", ""))
        if isinstance(crs, dict) and isinstance(crs.get("properties"), dict)
        else ""
    )
    if name and not name.rstrip().endswith(CRS):
        raise NotACity(f"{path.name} says that it is in {name}; export it in degrees (EPSG:4326 or EPSG:4490)")
