"""Ground: areas and grids as files bring them, set in order: every grid under an area, every area under its parent."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from feeds.city import GRID_KINDS, Areas, Grids
from feeds.codes import sound
from feeds.datum import Datum, convert
from feeds.findings import Findings, NotACity
from feeds.rings import joined, lands
from feeds.seams import check_seams
from feeds.sheets import Row

__all__ = ["Ground", "ground"]

Shapes = npt.NDArray[np.object_]

LEVEL_WORDS = {
    "city": 0, "市": 0, "地级市": 0, "prefecture": 0,
    "district": 1, "county": 1, "区县": 1, "县": 1, "区": 1,
    "street": 2, "township": 2, "town": 2, "街道": 2, "乡镇": 2, "镇街": 2,
    "community": 3, "village": 3, "社区": 3, "村": 3, "社区村": 3,
}  # fmt: skip
KIND_DIGITS = tuple(str(n) for n in range(len(GRID_KINDS)))
#: Digits of an official code, and the level they stand for.
LEVEL_DIGITS = {4: 0, 6: 1, 9: 2, 12: 3}
KIND_WORDS = {
    "urban": 0, "城市": 0, "城镇": 0, "城区": 0, "基础": 0, "基础网格": 0, "城市网格": 0,
    "rural": 1, "农村": 1, "乡村": 1, "农村网格": 1, "scenic": 2, "景区": 2, "景区网格": 2,
    "dedicated": 3, "专属": 3, "专属网格": 3, "专用": 3,
}  # fmt: skip


@dataclass
class _Area:
    code: str
    name: str
    level: int
    parent: str
    shape: shapely.Geometry = field(default_factory=shapely.Polygon)
    #: where its name is written; None: in the middle
    label: tuple[float, float] | None = None


@dataclass(frozen=True)
class Ground:
    """Areas parents first (without the city itself), grids with the code of their area."""

    city_id: str
    name: str
    label: tuple[float, float] | None
    above: tuple[_Area, ...]
    codes: tuple[str, ...]
    names: tuple[str, ...]
    kinds: tuple[int, ...]
    households: tuple[int, ...]
    under: tuple[str, ...]
    shapes: Shapes

    def outline(self) -> shapely.Geometry:
        return joined(self.shapes)

    def converted(self, datum: Datum) -> Ground:
        if datum == "wgs84":
            return self

        def moved(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
            return np.stack(convert(points[:, 0], points[:, 1], datum), axis=1)

        above = tuple(replace(area, shape=shapely.transform(area.shape, moved), label=None) for area in self.above)
        return replace(self, label=None, above=above, shapes=shapely.transform(self.shapes, moved))

    def check(self, findings: Findings) -> None:
        drawn = [area.shape for area in self.above if area.level == 1 and not shapely.is_empty(area.shape)]
        check_seams(self.shapes, list(self.codes), findings, joined(drawn) if drawn else None)
        for level, word in ((1, "districts"), (2, "streets"), (3, "communities")):
            shapes = [
                (area.shape, area.code)
                for area in self.above
                if area.level == level and not shapely.is_empty(area.shape)
            ]
            if len(shapes) > 1:
                overlaps = Findings()
                check_seams(np.array([shape for shape, _ in shapes], object), [code for _, code in shapes], overlaps)
                for finding in overlaps.of("overlap"):
                    findings.add("area-overlap", "warning", f"of the {word}, {finding.sentence}", finding.rows)

    def areas(self) -> Areas:
        ids = [self.city_id, *(area.code for area in self.above)]
        row = {code: n for n, code in enumerate(ids)}
        parent = [-1, *(row.get(area.parent, 0) for area in self.above)]
        shape = self._area_shapes(row, parent)
        middle = shapely.get_coordinates(shapely.point_on_surface(shape))
        for n, label in enumerate([self.label, *(area.label for area in self.above)]):
            middle[n] = label or middle[n]
        return Areas(
            area_id=np.array(ids),
            name=np.array([self.name, *(area.name for area in self.above)]),
            level=np.array([0, *(area.level for area in self.above)], np.uint8),
            parent=np.array(parent, np.int32),
            lon=middle[:, 0].copy(),
            lat=middle[:, 1].copy(),
            shape=shape,
        )

    def _area_shapes(self, row: dict[str, int], parent: list[int]) -> Shapes:
        """As drawn; what is not drawn is the sum of what lies in it."""
        below: list[list[shapely.Geometry]] = [[] for _ in row]
        for code, shape in zip(self.under, self.shapes, strict=True):
            below[row[code]].append(shape)
        shapes = np.empty(len(row), object)
        for n in reversed(range(len(row))):
            drawn = self.above[n - 1].shape if n else shapely.Polygon()
            shapes[n] = joined(below[n]) if shapely.is_empty(drawn) else drawn
            if n:
                below[parent[n]].append(shapes[n])
        return shapes

    def grids(self) -> Grids:
        row = {self.city_id: 0} | {area.code: n for n, area in enumerate(self.above, 1)}
        return Grids(
            grid_id=np.array(self.codes),
            name=np.array(self.names),
            kind=np.array(self.kinds, np.uint8),
            area=np.array([row[code] for code in self.under], np.int32),
            households=np.array(self.households, np.int32),
            shape=self.shapes,
        )


def ground(
    grid_rows: list[Row], area_rows: list[Row], city_id: str, facts: dict[str, Any], findings: Findings
) -> Ground:
    codes = sound([row.get("grid_id") for row in grid_rows], "grid", [row.place for row in grid_rows], findings)
    shapes = lands(grid_rows, codes, findings)
    kept = [n for n, shape in enumerate(shapes) if not shapely.is_empty(shape)]
    above = _ordered(_areas(area_rows, city_id, findings), city_id, findings)
    above = above or _by_code(grid_rows, codes, city_id)
    above = above or [_Area(f"{city_id}-1", str(facts.get("name") or city_id), 1, city_id)]
    rows, shapes = [grid_rows[n] for n in kept], shapes[kept]
    codes = [codes[n] for n in kept]
    return Ground(
        city_id,
        str(facts.get("name") or city_id),
        _label(Row(facts, None, "city.json")),
        tuple(above),
        tuple(codes),
        tuple(row.text("name", code) for row, code in zip(rows, codes, strict=True)),
        tuple(_kind(row, code, findings) for row, code in zip(rows, codes, strict=True)),
        tuple(_households(row, code, findings) for row, code in zip(rows, codes, strict=True)),
        tuple(_under(rows, codes, shapes, above, findings)),
        shapes,
    )


def _areas(rows: list[Row], city_id: str, findings: Findings) -> list[_Area]:
    if not rows:
        return []
    codes = sound([row.get("area_id") for row in rows], "area", [row.place for row in rows], findings)
    drawn = [n for n, row in enumerate(rows) if row.shape]
    shapes = np.full(len(rows), shapely.Polygon(), object)
    if drawn:
        shapes[drawn] = lands([rows[n] for n in drawn], [codes[n] for n in drawn], findings)
    found: list[_Area] = []
    for row, code, shape in zip(rows, codes, shapes, strict=True):
        level = LEVEL_WORDS.get(row.text("level").lower(), LEVEL_DIGITS.get(len(code) if code.isdigit() else 0, 1))
        if level and code != city_id:
            found.append(_Area(code, row.text("name", code), level, row.text("parent_id"), shape, _label(row)))
    return found


def _label(row: Row) -> tuple[float, float] | None:
    try:
        lon, lat = float(row.text("lon")), float(row.text("lat"))
    except ValueError:
        return None
    return (lon, lat) if abs(lon) <= 180 and abs(lat) <= 90 else None


def _by_code(rows: list[Row], codes: list[str], city_id: str) -> list[_Area]:
    """Without a file of areas, official codes still say which district, street and community a grid belongs to."""
    if not all(code.isdigit() and len(code) in {6, 9, 12, 15, 18, 20} for code in codes):
        return []
    names = {code: row.text("name", code) for row, code in zip(rows, codes, strict=True)}
    found: list[_Area] = []
    for digits, parent in ((6, 0), (9, 6), (12, 9)):
        known = sorted({code[:digits] for code in codes if len(code) >= digits})
        found += [_Area(area, names.get(area, area), digits // 3 - 1, area[:parent] or city_id) for area in known]
    return found


def _ordered(areas: list[_Area], city_id: str, findings: Findings) -> list[_Area]:
    """Level by level, so that a parent stands before its children; who has no parent gets the next best one."""
    known = {area.code: area for area in areas}
    for area in areas:
        parent = known.get(area.parent)
        if area.level == 1:
            area.parent = city_id
        elif parent is None or parent.level >= area.level:
            area.parent = _next_best(area, known, city_id)
            sentence = f"{area.name} ({area.code}) names no area above it that there is; now under {area.parent}"
            findings.add("missing-parent", "warning", sentence, (area.code,))
    return sorted(areas, key=lambda area: area.level)


def _next_best(area: _Area, known: dict[str, _Area], city_id: str) -> str:
    """By code (a street's begins with its district's), by place, or else the first district."""
    higher = [other for other in known.values() if other.level < area.level]
    by_code = [other for other in higher if area.code.startswith(other.code)]
    if by_code:
        return max(by_code, key=lambda other: len(other.code)).code
    point = shapely.point_on_surface(area.shape)
    by_place = [other for other in higher if shapely.contains(other.shape, point)]
    pool = sorted(by_place or higher, key=lambda other: other.level if not by_place else -other.level)
    return pool[0].code if pool else city_id


def _under(rows: list[Row], codes: list[str], shapes: Shapes, above: list[_Area], findings: Findings) -> list[str]:
    known = {area.code: area.level for area in above}
    drawn = [area for area in sorted(above, key=lambda area: -area.level) if not shapely.is_empty(area.shape)]
    first = next((area.code for area in above if area.level == 1), None)
    if first is None:
        raise NotACity("its areas have no district: at least one area of level district is needed")
    found: list[str] = []
    for row, code, shape in zip(rows, codes, shapes, strict=True):
        said = row.text("grid_area")
        area = said if said in known else _area_of(code, shape, known, drawn) or first
        if said and said not in known:
            sentence = f"grid {code} says it is in {said}, which there is not; it was put under {area}"
            findings.add("missing-parent", "warning", sentence, (code,))
        found.append(area)
    return found


def _area_of(code: str, shape: shapely.Geometry, known: dict[str, int], drawn: list[_Area]) -> str | None:
    for digits in (12, 9, 6):
        if code[:digits] in known:
            return code[:digits]
    point = shapely.point_on_surface(shape)
    return next((area.code for area in drawn if shapely.contains(area.shape, point)), None)


def _kind(row: Row, code: str, findings: Findings) -> int:
    word = row.text("kind").lower()
    if word in KIND_DIGITS:
        return KIND_DIGITS.index(word)
    if word and word not in KIND_WORDS:
        findings.add(
            "unknown-kind", "warning", f"grid {code} is of kind {word}, which there is not; taken as urban", (code,)
        )
    return KIND_WORDS.get(word, 0)


def _households(row: Row, code: str, findings: Findings) -> int:
    word = row.text("households", "0")
    try:
        count = int(float(word))
    except (ValueError, OverflowError):
        count = -1
    if not 0 <= count < 1_000_000:
        findings.add("bad-number", "warning", f"grid {code} has {word} households; taken as 0", (code,))
        return 0
    return count
