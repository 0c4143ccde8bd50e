"""Whatever is sent to the door is taken, refused with a reason, or not readable: nothing else ever happens."""

from __future__ import annotations

import json
import time
from typing import Any

import msgspec
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.ingest import fixes
from dashboard.ingest.fixes import read_fixes
from dashboard.ingest.names import Names
from dashboard.ingest.reports import read_cameras, read_events
from dashboard.ingest.roster import Roster
from dashboard.ingest.taken import Limits, Taken
from feeds.lattice import lattice
from feeds.record import FIX, BadRecord

ROSTER = Roster(lattice("town", (120.0, 30.0, 120.1, 30.1), worker_ids=["w0", "w1"], cameras=2))
LIMITS = Limits(time.time() * 1000, 120_000, 86_400_000)

SCALAR = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
WILD = st.recursive(
    SCALAR, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
)
NAMES = (
    *("worker_id", "lon", "lat", "at", "accuracy", "speed", "heading", "battery", "mock", "sos"),
    *("event_id", "reported_at", "updated_at", "status", "level", "due_at", "camera_id", "state"),
)
NEAR = (
    WILD
    | st.sampled_from(["w0", "w1", "cam-00000", "open", "online", "2026-01-01T00:00:00Z", LIMITS.now_ms])
    | st.floats(-200, 200)
)
RECORD = st.dictionaries(st.sampled_from(NAMES), NEAR, max_size=12)
SENT = WILD | RECORD | st.lists(RECORD | WILD, max_size=6)


def readers(body: bytes, msgpack: bool) -> list[Taken]:
    results: list[Taken] = []
    for read in (read_fixes, read_cameras, lambda *given: read_events(*given, "wild")):
        try:
            results.append(read(body, msgpack, ROSTER, LIMITS))
        except BadRecord as bad:
            assert bad.reason and len(bad.detail) > 10
    return results


def check(results: list[Taken]) -> None:
    for taken in results:
        assert taken.accepted + len(taken.refused) == taken.received
        assert len({bad.index for bad in taken.refused}) == len(taken.refused)
        msgspec.json.encode([taken.refused, [body() for body in taken.bodies]])
        for (kind, _), (pieces, rows) in taken.parts.items():
            assert kind != "fixes" or len(b"".join(pieces)) == rows * FIX.itemsize


@settings(max_examples=200, deadline=None)
@given(SENT)
def test_wild_json_is_taken_or_refused_and_always_counted(sent: Any) -> None:
    check(readers(json.dumps(sent).encode(), False))


@settings(max_examples=150, deadline=None)
@given(SENT)
def test_wild_msgpack_too(sent: Any) -> None:
    try:
        body = msgspec.msgpack.encode(sent)
    except (OverflowError, UnicodeEncodeError):
        return
    check(readers(body, True))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60), st.booleans())
def test_wild_bytes_too(body: bytes, msgpack: bool) -> None:
    check(readers(body, msgpack))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.floats(), st.floats(), st.floats()), max_size=20))
def test_wild_numbers_never_leave_the_door(numbers: list[tuple[float, float, float]]) -> None:
    sent = [{"worker_id": "w0", "lon": lon, "lat": lat, "at": at} for lon, lat, at in numbers]
    check(readers(json.dumps(sent).encode(), False))


PLACES = st.floats(119.0, 121.5)
ID = st.sampled_from(["w0", "w1"]) | st.sampled_from(["w", "w00", "nobody", "", "w\0", 7])
MOMENT = st.sampled_from([int(LIMITS.now_ms), LIMITS.now_ms - 1e6, LIMITS.now_ms / 1000, 2**63, -1, "noon"])
WORKERS, MOMENTS = (
    st.lists(st.sampled_from(["w0", "w1"]), min_size=1) | st.lists(ID),
    st.lists(st.just(int(LIMITS.now_ms)), min_size=1) | st.lists(st.just(LIMITS.now_ms)) | st.lists(MOMENT),
)
NUMBERS = st.lists(st.floats(0, 150), min_size=1) | st.lists(st.floats() | st.integers(0, 99) | st.none())


@settings(max_examples=400, deadline=None)
@given(st.data(), st.integers(0, 20))
def test_plain_columns_become_the_same_rows_and_the_same_refusals_as_any_others(data: st.DataObject, size: int) -> None:
    def column(name: str, of: st.SearchStrategy[list[Any]]) -> list[Any]:
        drawn = data.draw(of, name)
        return (drawn * (size + 1))[: data.draw(st.just(size) | st.integers(0, 20))] if drawn else []

    sent: dict[str, Any] = {"worker_id": column("worker_id", WORKERS), "at": column("at", MOMENTS)}
    sent["lon"] = column("lon", st.lists(PLACES, min_size=1) | st.lists(PLACES | st.integers(119, 121)))
    sent["lat"] = column("lat", st.lists(st.floats(29, 31), min_size=1))
    optional = data.draw(st.sets(st.sampled_from(["accuracy", "speed", "heading", "battery"])))
    sent |= {name: column(name, NUMBERS) for name in sorted(optional)}
    sent |= data.draw(
        st.just({}) | st.fixed_dictionaries({}, optional={"sos": st.just([True] * size), "x": st.just([None, "x"])})
    )
    body = msgspec.msgpack.encode(sent)
    as_any, read_plain = None, fixes.read_plain
    fixes.read_plain = lambda *given: None
    try:
        as_any = told(body)
    finally:
        fixes.read_plain = read_plain
    assert told(body) == as_any


def told(body: bytes) -> Any:
    try:
        taken = read_fixes(body, True, ROSTER, LIMITS)
    except BadRecord as bad:
        return bad.reason, bad.detail
    return taken.received, taken.parts, taken.refused, [body() for body in taken.bodies]


def test_the_rule_is_read_plainly() -> None:
    size = 300
    sent = {"worker_id": ["w0", "w1"] * 150, "lon": [120.05] * size, "lat": [30.05] * size, "accuracy": [8.0] * size}
    for at in (int(LIMITS.now_ms), LIMITS.now_ms):
        plain = fixes.read_plain(msgspec.msgpack.encode(sent | {"at": [at] * size}), ROSTER.names)
        assert plain is not None and plain.names == ("lon", "lat", "at", "accuracy")
        assert plain.table.tolist() == [sent["lon"], sent["lat"], [at] * size, sent["accuracy"]]
        assert plain.worker.tolist() == [0, 1] * 150


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=40), unique=True), st.data())
def test_names_are_found_as_in_a_dictionary_or_not_at_all(names: list[str], data: st.DataObject) -> None:
    rows = {name: row for row, name in enumerate(names)}
    asked = data.draw(
        st.lists(st.sampled_from(names) if names else st.text(), min_size=1) | st.lists(st.text(), min_size=1)
    )
    packed = b"".join(map(msgspec.msgpack.encode, asked))
    found = Names(rows).rows(packed, len(asked))
    if found is not None:
        assert found.tolist() == [rows[name] for name in asked]
    elif len({len(name.encode()) for name in asked}) == 1:
        # too long, unknown, or with a nothing in it: those take the ordinary way
        assert len(asked[0].encode()) > 31 or not rows.keys() >= set(asked) or "\0" in "".join(asked)


@settings(max_examples=200, deadline=None)
@given(st.lists(RECORD, max_size=4))
def test_reports_are_read_the_same_way_at_one_stroke_and_one_by_one(sent: list[Any]) -> None:
    event = {"event_id": "e", "reported_at": LIMITS.now_ms, "lon": 120.05, "lat": 30.05, "department": "d"}
    camera = {"camera_id": "cam-00000", "state": "on"}
    for good, read in ((event, lambda body: read_events(body, False, ROSTER, LIMITS, "s")), (camera, cameras)):
        body = json.dumps([good | record for record in sent]).encode()
        together, alone = read(body), Taken()
        for index, record in enumerate(sent):
            one = read(json.dumps([good | record, 7]).encode())  # the second is none, so each is looked at
            alone.told += one.told
            for (kind, district), (pieces, _) in one.parts.items():
                alone.take(kind, district, pieces[0])
            alone.refused += [msgspec.structs.replace(bad, index=index) for bad in one.refused[:-1]]
        assert (together.told, together.refused) == (alone.told, alone.refused)
        assert {key: b"".join(pieces) for key, (pieces, _) in together.parts.items()} == {
            key: b"".join(pieces) for key, (pieces, _) in alone.parts.items()
        }


def cameras(body: bytes) -> Taken:
    return read_cameras(body, False, ROSTER, LIMITS)


def test_a_batch_is_read_the_same_way_fast_and_slow() -> None:
    batch = [{"worker_id": f"w{n % 2}", "lon": 120.0 + n / 1000, "lat": 30.0, "at": LIMITS.now_ms} for n in range(50)]
    fast = read_fixes(json.dumps(batch).encode(), False, ROSTER, LIMITS)
    slow = read_fixes(json.dumps([*batch, 1]).encode(), False, ROSTER, LIMITS)
    assert fast.parts == slow.parts
    assert [bad.index for bad in slow.refused] == [50]


TRUE = st.tuples(st.floats(0.5, 65534), st.floats(0, 150), st.floats(0, 360), st.floats(0, 100))
UNTRUE = st.tuples(*[st.sampled_from([-1.0, -0.0, 360.5, 65534.5, 1e308, float("inf"), float("nan")])] * 4)


@settings(max_examples=200, deadline=None)
@given(st.lists(TRUE, min_size=1, max_size=5), st.lists(UNTRUE, max_size=2))
def test_what_is_optional_travels_the_same_beside_what_cannot_be_true(
    true: list[tuple[float, ...]], untrue: list[tuple[float, ...]]
) -> None:
    names = ("accuracy", "speed", "heading", "battery")

    def rows(numbers: list[tuple[float, ...]]) -> np.ndarray[Any, Any]:
        size = len(numbers)
        columns = {"worker_id": ["w1"] * size, "lon": [120.0] * size, "lat": [30.0] * size, "at": [1e12] * size}
        body = msgspec.msgpack.encode(columns | dict(zip(names, zip(*numbers, strict=True), strict=True)))
        taken = read_fixes(body, True, ROSTER, Limits(1e12, 1000, 1000))
        assert not taken.refused
        ((pieces, _),) = taken.parts.values()
        return np.frombuffer(b"".join(pieces), FIX)

    together = rows(true + untrue)
    assert together[: len(true)].tobytes() == rows(true).tobytes()
    for row, (accuracy, _, _, battery) in zip(together[len(true) :], untrue, strict=True):
        assert row["acc"] == {360.5: 361, 65534.5: 65534, 1e308: 65534}.get(accuracy, 65535)
        assert row["battery"] == (0 if battery == 0 else 255)
