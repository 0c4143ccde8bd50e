"""Import: a city out of people's files, and a sentence for everything that is wrong with them."""

import json
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.cities import build
from feeds.datum import convert, metres_between
from feeds.export import write_city
from feeds.findings import Findings
from feeds.importer import NotACity, read_city

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
HOSTILE = SHARED / "changzhou_counties_echarts_gcj02_raw.geojson"


def square(x, y, size=0.01, **properties):
    ring = [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]
    return feature([ring], **properties)


def feature(rings, kind="Polygon", **properties):
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": rings}}


@pytest.fixture
def bring(tmp_path):
    """Write features as grids.geojson (and other files by name) and read the city."""

    def write(*features, datum=None, previous=None, **files):
        folder = tmp_path / "city"
        folder.mkdir(exist_ok=True)
        body = {"type": "FeatureCollection", "features": list(features)}
        (folder / "grids.geojson").write_text(json.dumps(body), encoding="utf-8")
        for name, text in files.items():
            raw = text if isinstance(text, bytes) else text.encode()
            (folder / name.replace("_csv", ".csv").replace("_json", ".json")).write_bytes(raw)
        return read_city(folder, datum=datum, previous=previous)

    return write


def codes(findings):
    return set(findings.counts)


@pytest.mark.parametrize("name", ["wulingyuan", "yangling"])
def test_a_city_that_is_written_and_read_is_the_same_city(tmp_path, name):
    city = build(name)
    write_city(city, tmp_path)
    again, findings = read_city(tmp_path)
    assert again.version == city.version
    assert not {finding.severity for finding in findings} & {"error", "warning"}


def test_two_squares_side_by_side_have_nothing_to_say_but_that_no_county_is_known(bring):
    city, findings = bring(square(100, 30, grid_id="a"), square(100.01, 30, grid_id="b"))
    assert codes(findings) == {"datum-unknown"}
    assert city.areas.level.tolist() == [0, 1] and (city.district_of_grid == 1).all()


def test_an_overlap_names_both_grids_and_its_size(bring):
    _, findings = bring(square(100, 30, grid_id="a"), square(100.009, 30, grid_id="b"))
    (finding,) = findings.of("overlap")
    assert finding.rows == ("a", "b")
    assert "a and b overlap by 1.0" in finding.sentence or "km²" in finding.sentence


def test_land_that_belongs_to_nobody_is_told_with_its_place_and_neighbours(bring):
    ring = [
        square(100 + 0.01 * i, 30 + 0.01 * j, grid_id=f"{i}{j}") for i in range(3) for j in range(3) if (i, j) != (1, 1)
    ]
    _, findings = bring(*ring)
    (finding,) = findings.of("gap")
    assert "100.015" in finding.sentence and set(finding.rows) <= {f"{i}{j}" for i in range(3) for j in range(3)}


def test_land_of_a_district_that_no_grid_covers_is_a_gap(bring):
    wkt = "POLYGON((100 30, 100.03 30, 100.03 30.01, 100 30.01, 100 30))"
    areas = f'area_id,name,level,wkt\nd,D,district,"{wkt}"\n'
    _, findings = bring(square(100, 30, grid_id="a"), square(100.01, 30, grid_id="b"), areas_csv=areas)
    assert "gap" in codes(findings)


def test_a_code_that_a_spreadsheet_has_eaten_is_told_and_made_up(bring):
    city, findings = bring(square(100, 30, grid_id="1.23E+19"), square(100.01, 30, grid_id="1.23E+19"))
    assert len(findings.of("damaged-code")) == 2
    assert len(set(city.grids.grid_id)) == 2 and not any("E+" in code for code in city.grids.grid_id)


@pytest.mark.parametrize(
    ("raw", "code", "finding"),
    [
        ("230803001001.0", "230803001001", "float-code"),
        (" 2308 0300 1001 ", "230803001001", "untidy-code"),
        ("２３０８０３００１００１", "230803001001", "untidy-code"),
        ("'230803001001", "230803001001", "untidy-code"),
        ("23080300100100000000", "23080300100100000000", "rounded-code"),
        (23080300100112345678, "23080300100112345678", "rounded-code"),
        (None, "grid@grids.geojson:1", "no-code"),
    ],
)
def test_a_damaged_code_is_repaired_where_that_is_possible_and_always_told(bring, raw, code, finding):
    city, findings = bring(square(100, 30, grid_id=raw))
    assert city.grids.grid_id.tolist() == [code]
    assert finding in codes(findings)


def test_a_code_that_stands_twice_keeps_both_pieces_of_land(bring):
    city, findings = bring(square(100, 30, grid_id="a"), square(100.01, 30, grid_id="a"))
    assert city.grids.grid_id.tolist() == ["a", "a~2"]
    assert "grids.geojson:1 and again at grids.geojson:2" in findings.of("duplicate-code")[0].sentence


def test_a_ring_that_crosses_itself_is_repaired_and_told(bring):
    bow = [[100, 30], [100.01, 30.01], [100.01, 30], [100, 30.01], [100, 30]]
    city, findings = bring(feature([bow], grid_id="a"))
    assert shapely.is_valid(city.grids.shape).all()
    assert "crosses itself" in findings.of("invalid-ring")[0].sentence


def test_a_ring_that_does_not_close_is_closed_and_told(bring):
    city, findings = bring(feature([[[100, 30], [100.01, 30], [100.01, 30.01]]], grid_id="a"))
    assert city.grids.shape[0].area > 0 and "unclosed-ring" in codes(findings)


def test_several_pieces_and_holes_are_kept_and_noted(bring):
    a, b = square(100, 30)["geometry"]["coordinates"], square(100.02, 30)["geometry"]["coordinates"]
    hole = [[[100.052, 30.002], [100.052, 30.004], [100.054, 30.004], [100.052, 30.002]]]
    city, findings = bring(
        feature([a, b], "MultiPolygon", grid_id="m"),
        feature(square(100.05, 30)["geometry"]["coordinates"] + hole, grid_id="h"),
    )
    assert {"multipolygon", "hole", "gap"} <= codes(findings)
    assert shapely.get_num_geometries(city.grids.shape).tolist() == [2, 1]


def test_a_grid_without_land_is_left_out_and_told(bring):
    nan = feature([[[100, 30], [float("nan"), 30], [100.01, 30.01], [100, 30]]], grid_id="n")
    nothing = {"type": "Feature", "properties": {"grid_id": "e"}, "geometry": None}
    city, findings = bring(square(100, 30, grid_id="a"), nan, nothing, feature([100, 30], "Point", grid_id="p"))
    assert city.grids.grid_id.tolist() == ["a"]
    assert findings.counts["unreadable-shape"] == 2 and findings.counts["no-shape"] == 1


def test_latitude_before_longitude_is_turned_round_and_told(bring):
    city, findings = bring(square(30, 120, grid_id="a"), square(30.01, 120, grid_id="b"))
    assert "swapped" in codes(findings)
    assert city.bounds[0] == 120


def test_one_shape_that_is_turned_is_turned_round_and_the_others_stay(bring):
    city, findings = bring(square(120, 30, grid_id="a"), square(30, 120.01, grid_id="b"))
    assert "1 shape" in findings.of("swapped")[0].sentence
    assert city.bounds == pytest.approx((120, 30, 120.02, 30.01))


def test_a_missing_parent_is_replaced_by_the_next_best_and_told(bring):
    areas = "area_id,name,level,parent_id\n230803,D,district,\n230803001,S,street,999999\n"
    areas += "230803001001,C,community,230803001\n"
    city, findings = bring(square(100, 30, grid_id="230803001001001", area_id="nowhere"), areas_csv=areas)
    assert len(findings.of("missing-parent")) == 2
    assert city.areas.parent.tolist() == [-1, 0, 1, 2]
    assert city.areas.area_id[city.grids.area[0]] == "230803001001"


def test_codes_alone_say_which_area_a_grid_belongs_to(bring):
    city, _ = bring(square(100, 30, grid_id="230803001001001"), square(100.01, 30, grid_id="230804001001001"))
    assert city.areas.level.tolist() == [0, 1, 1, 2, 2, 3, 3]
    assert city.districts.tolist() == [1, 2]


def test_a_worker_whose_grid_is_unknown_is_left_out_and_told(bring):
    city, findings = bring(square(100, 30, grid_id="a"), workers_csv="worker_id,name,grid_id\nw1,A,a\nw2,B,zz\n")
    assert city.workers.worker_id.tolist() == ["w1"]
    assert findings.of("unknown-grid")[0].rows == ("w2",)


def test_a_camera_without_position_is_left_out_and_one_beside_the_land_counts_nearby(bring):
    rows = "camera_id,name,lon,lat\nc1,A,100.005,30.005\nc2,B,,\nc3,C,0,0\nc4,D,100.02,30.005\nc5,E,30.005,100.005\n"
    city, findings = bring(square(100, 30, grid_id="a"), cameras_csv=rows)
    assert city.cameras.camera_id.tolist() == ["c1", "c4", "c5"]
    assert findings.counts["no-position"] == 2 and findings.counts["outside"] == 1 and findings.counts["swapped"] == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_is_read_in_whatever_encoding_a_spreadsheet_has_left_it(tmp_path, encoding):
    text = (
        '网格编码,网格名称,网格类型,户数,wkt\n001,东风网格,农村,120,"POLYGON((100 30,100.01 30,100.01 30.01,100 30))"\n'
    )
    file = tmp_path / "grids.csv"
    file.write_bytes(text.encode(encoding))
    city, _ = read_city(file)
    assert (city.grids.grid_id[0], city.grids.name[0], city.grids.kind[0], city.grids.households[0]) == (
        "001",
        "东风网格",
        1,
        120,
    )


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\xff\xfe\xfd", "not text"),
        (b"\xef\xbb\xbf", "neither GeoJSON nor a CSV"),
        (b"hello world", "neither GeoJSON nor a CSV"),
        (b'{"a": 1}', "no GeoJSON FeatureCollection"),
        (b'{"type": "FeatureCollection", "features": [', "broken JSON"),
        (b'{"type": "FeatureCollection", "features": []}', "has no grids"),
        (b'{"type": "FeatureCollection", "features": [1]}', "no GeoJSON feature"),
        (b"a,b\n1,2\n", "no land in it"),
        (
            json.dumps({"type": "FeatureCollection", "features": [square(500000, 3400000, 100)]}).encode(),
            "metres of a projection",
        ),
        (
            json.dumps(
                {
                    "type": "FeatureCollection",
                    "crs": {"properties": {"name": "urn:ogc:def:crs:EPSG::4547"}},
                    "features": [],
                }
            ).encode(),
            "EPSG::4547",
        ),
    ],
)
def test_a_file_that_is_not_a_city_gets_a_sentence(tmp_path, body, sentence):
    file = tmp_path / "city.geojson"
    file.write_bytes(body)
    with pytest.raises(NotACity, match=sentence):
        read_city(file)


def test_a_file_that_is_not_there_gets_a_sentence(tmp_path):
    with pytest.raises(NotACity, match="there is no file"):
        read_city(tmp_path / "nothing")


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["type", "features", "geometry", "coordinates", "properties", "crs", "Polygon"]), inner
            )
        ),
        max_leaves=20,
    )
)
def test_whatever_a_file_holds_the_answer_is_a_city_or_a_sentence(tmp_path_factory, features):
    file = tmp_path_factory.mktemp("wild") / "wild.geojson"
    wild = features if isinstance(features, list) else [features]
    file.write_text(json.dumps({"features": [*wild, {"geometry": features, "properties": features}]}), encoding="utf-8")
    with pytest.raises(NotACity) as refusal:
        read_city(file)
    assert len(str(refusal.value)) > 10


def test_an_outline_in_gcj_02_is_refused_until_somebody_says_so(tmp_path):
    city = build("wulingyuan")
    write_city(city, tmp_path)
    (tmp_path / "city.json").unlink()
    file = tmp_path / "grids.geojson"
    body = json.loads(file.read_text(encoding="utf-8"))
    for grid in body["features"]:
        rings = (np.array(ring) for ring in grid["geometry"]["coordinates"])
        shifted = [np.stack(convert(*ring.T, "wgs84", "gcj02"), axis=1).tolist() for ring in rings]
        grid["geometry"]["coordinates"] = shifted
    file.write_text(json.dumps(body), encoding="utf-8")
    with pytest.raises(NotACity, match="say datum gcj02"):
        read_city(file)
    converted, findings = read_city(file, datum="gcj02")
    assert "datum-converted" in codes(findings)
    ours, theirs = (np.array(c.bounds).reshape(2, 2).T for c in (city, converted))
    assert metres_between(*ours, *theirs).max() < 0.1
    _, findings = read_city(file, datum="wgs84")
    assert "datum-doubt" in codes(findings)


@pytest.mark.skipif(not HOSTILE.exists(), reason="the hostile outline lies beside the repository, not in it")
def test_the_quantised_self_crossing_outline_of_changzhou_is_refused_and_then_read():
    with pytest.raises(NotACity, match=r"say datum gcj02"):
        read_city(HOSTILE)
    city, findings = read_city(HOSTILE, datum="gcj02")
    assert {"invalid-ring", "overlap", "gap", "datum-converted"} <= codes(findings)
    assert shapely.is_valid(city.grids.shape).all()
    ours = build("wulingyuan").bounds
    assert city.bounds != ours and len(city.grids.grid_id) == 6
    assert city.areas.area_id[1:].tolist() == ["320402", "320404", "320411", "320412", "320413", "320481"]


def test_a_later_state_keeps_the_rows_of_all_workers_it_knew(bring):
    grids = square(100, 30, grid_id="a"), square(100.01, 30, grid_id="b")
    before, _ = bring(*grids, workers_csv="worker_id,name,grid_id\nw1,A,a\nw2,B,a\nw3,C,b\n")
    after, findings = bring(*grids, workers_csv="worker_id,name,grid_id\nw9,N,a\nw3,C,a\nw1,A,b\n", previous=before)
    assert after.workers.worker_id.tolist() == ["w1", "w2", "w3", "w9"]
    assert after.workers.sends.tolist() == [True, False, True, True]
    assert after.workers.grid.tolist() == [1, 0, 0, 0]
    assert findings.of("left")[0].rows == ("w2",)


def test_too_many_findings_of_one_kind_are_counted_not_told(bring):
    _, findings = bring(*(square(100 + 0.01 * n, 30, grid_id="same") for n in range(60)))
    told = [finding.sentence for finding in findings if finding.code == "duplicate-code"]
    assert len(told) == 21 and told[-1] == "and 39 more of duplicate-code"


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"zone": "Mars/Base"}, "time zone Mars/Base, which there is not"),
        ({"zone": 8}, "time zone 8"),
        ({"valid_from": "next tuesday"}, "'next tuesday' .* is no day"),
        ({"valid_from": "2026-02-31"}, "'2026-02-31' .* is no day"),
        ({"city_id": ["a"]}, "as city_id, which is no text"),
        ({"city_id": True}, "as city_id, which is no text"),
        ({"city_id": "../../etc/passwd"}, "cannot be a city_id"),
        ({"city_id": "a\nb"}, "as city_id: that is longer than a line"),
        ({"name": "x" * 100_000}, "as name: that is longer than a line"),
        ({"datum": "mars"}, "datum mars"),
    ],
)
def test_a_fact_that_a_city_cannot_have_is_refused_with_a_short_sentence(bring, facts, sentence):
    with pytest.raises(NotACity, match=sentence) as refusal:
        bring(square(100, 30, grid_id="a"), city_json=json.dumps(facts))
    assert len(str(refusal.value)) < 400


def test_brackets_without_end_and_numbers_without_end_are_broken_json(bring, tmp_path):
    with pytest.raises(NotACity, match=r"city.json is broken JSON: brackets"):
        bring(square(100, 30, grid_id="a"), city_json="[" * 200_000)
    file = tmp_path / "grids.geojson"
    file.write_text(f'{{"features": [{{"properties": {{"grid_id": {"9" * 6000}}}}}]}}')
    with pytest.raises(NotACity, match="thousands of digits"):
        read_city(file)


def test_a_day_given_with_the_import_is_one_of_the_calendar(tmp_path):
    write_city(build("wulingyuan"), tmp_path)
    with pytest.raises(NotACity, match=r"'notaday' .* is no day; write it as 2026-01-31"):
        read_city(tmp_path, valid_from="notaday")
    assert read_city(tmp_path, valid_from="20260131")[0].valid_from == "2026-01-31"


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("a,b\n1,2\n", "has no column class_code, parent, name"),
        ("", "has no column"),
        ("class_code,parent,name\na,,A\na,,A\n", "class_code a stands twice"),
        ("class_code,parent,name\na,b,A\n", "stands under 'b', which there is not"),
        ("class_code,parent,name,limit_hours\na,,A,soon\n", "'soon' as limit_hours, which is no number"),
        (b"\x89PNG\r\n\0\xff\xfe", "not text in UTF-8"),
    ],
)
def test_a_class_tree_that_is_none_is_refused_with_a_sentence(bring, table, sentence):
    with pytest.raises(NotACity, match=f"classes.csv .*{sentence}"):
        bring(square(100, 30, grid_id="a"), classes_csv=table)


@pytest.mark.parametrize("geometry", [{}, {"type": ["x"]}, {"type": "Polygon", "coordinates": None}, "LAND (1 2)", 7])
def test_a_shape_that_nobody_can_read_is_told_by_its_row_and_not_by_python(bring, geometry):
    wrong = {"type": "Feature", "properties": {"grid_id": "z"}, "geometry": geometry}
    city, findings = bring(square(100, 30, grid_id="a"), wrong)
    (finding,) = findings.of("unreadable-shape")
    assert finding.sentence == "the shape of row 2 cannot be read (grids.geojson:2); it was left out"
    assert city.grids.grid_id.tolist() == ["a"]


def test_coordinates_beyond_all_numbers_are_told_without_a_warning_of_the_library(bring, recwarn):
    for wild in (float("nan"), 1e308):
        ring = [[wild, 30], [-wild, 31], [100, wild], [wild, 30]]
        with pytest.raises(NotACity):
            bring(feature([ring], grid_id="n"))
    assert not recwarn.list


@pytest.mark.parametrize("code", [True, [1], {"a": 1}, "x" * 100_000])
def test_what_cannot_be_a_code_is_told_and_made_up(bring, code):
    city, findings = bring(square(100, 30, grid_id=code))
    assert city.grids.grid_id.tolist() == ["grid@grids.geojson:1"]
    assert len(findings.of("odd-code")[0].sentence) < 200


def test_an_endless_name_is_cut_and_told(bring):
    city, findings = bring(square(100, 30, grid_id="a", name="n" * 100_000))
    assert len(city.grids.name[0]) == 200
    assert "100,000 letters" in findings.of("long-name")[0].sentence


def test_a_table_without_its_headings_is_told_once_with_the_columns_it_lacks(bring):
    city, findings = bring(square(100, 30, grid_id="a"), workers_csv="".join(f"w{n},Li,a\n" for n in range(20)))
    (finding,) = [one for one in findings if one.severity == "error"]
    assert "workers.csv has no column worker_id" in finding.sentence and "w0, li, a" in finding.sentence
    assert not len(city.workers.worker_id)


def test_a_role_and_a_terminal_that_there_are_not_are_told(bring):
    rows = "worker_id,name,role,grid_id,terminal\nw1,A,king,a,maybe\nw2,B,part_time,a,0\n"
    city, findings = bring(square(100, 30, grid_id="a"), workers_csv=rows)
    assert {"unknown-role", "unknown-terminal"} <= codes(findings) and len(findings.of("unknown-role")) == 1
    assert city.workers.role.tolist() == [0, 1] and city.workers.sends.tolist() == [True, False]


def test_a_number_of_thousands_of_digits_is_cut_where_it_is_told(bring):
    grid = square(100, 30, grid_id="a", households="9" * 6000)
    grid["properties"]["kind"] = "9" * 5000
    _, findings = bring(grid)
    assert {"bad-number", "unknown-kind"} <= codes(findings)
    assert all(len(str(finding)) < 250 for finding in findings)


def test_a_finding_is_printed_with_its_weight_and_the_rows_its_sentence_does_not_name():
    findings = Findings()
    findings.add("overlap", "warning", "a and b overlap", ("a", "b"))
    findings.add("hole", "note", "1 shapes have holes", ("c",))
    findings.add("hole", "note", "21 shapes have holes", [f"g{n}" for n in range(9)])
    assert [str(finding) for finding in findings] == [
        "warning  a and b overlap",
        "note     1 shape has holes  (c)",
        "note     21 shapes have holes  (g0, g1, g2, g3, g4, g5 and 3 more)",
    ]
