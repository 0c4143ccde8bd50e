"""What the door says beside yes and no: notes on what was taken, ids that are no ids, and who was not let in."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from test_ingest import door, soon

from dashboard.bus.connect import Redis
from dashboard.bus.feeds import Feeds
from dashboard.bus.hall import Hall
from dashboard.bus.rejected import KEPT_NOTES, NOTED, Refusal, Rejected
from dashboard.ingest.fixes import read_fixes
from dashboard.ingest.reports import read_cameras, read_events
from dashboard.ingest.roster import Roster
from dashboard.ingest.taken import Limits, Taken
from dashboard.ingest.tally import Tally
from feeds.lattice import lattice

CITY = lattice("town", (120.0, 30.0, 120.1, 30.1), districts=("west", "east"), worker_ids=["w0", "w1"], cameras=2)
ROSTER = Roster(CITY)
NOW = time.time()
LIMITS = Limits(NOW * 1000, 120_000, 86_400_000)


@pytest.fixture
def post(redis: Redis, redis_url: str, free_port: int, tmp_path: Path) -> Iterator[httpx.Client]:
    Hall(redis).put_city(CITY)
    with door(redis_url, free_port, tmp_path) as client:
        yield client


def event(**changed: Any) -> dict[str, Any]:
    return {"event_id": "e1", "class_code": "litter", "reported_at": NOW, "lon": 120.05, "lat": 30.05} | changed


def fix(**changed: Any) -> dict[str, Any]:
    return {"worker_id": "w0", "lon": 120.05, "lat": 30.05, "at": NOW * 1000} | changed


def events(*sent: Any, msgpack: bool = False) -> Taken:
    body = msgspec.msgpack.encode(sent) if msgpack else json.dumps(sent).encode()
    return read_events(body, msgpack, ROSTER, LIMITS, "hotline")


def fixes(*sent: Any) -> Taken:
    return read_fixes(json.dumps(sent).encode(), False, ROSTER, LIMITS)


def noted(taken: Taken) -> list[tuple[int, str]]:
    return [(note.index, note.reason) for note, _ in taken.noted]


# --- notes on events

NOWHERE: list[dict[str, Any]] = [
    {"lon": float("nan")},
    {"lon": 999},
    {"lon": 0, "lat": 0},
    {"lon": 30.05, "lat": 120.05},
    {"lat": None},
]


@pytest.mark.parametrize("msgpack", [False, True])
@pytest.mark.parametrize("wrong", NOWHERE)
def test_an_event_with_a_place_that_cannot_be_is_taken_without_it_and_its_sender_is_told(
    wrong: dict[str, Any], msgpack: bool
) -> None:
    taken = events(event(), event(event_id="e2", **wrong), msgpack=msgpack)
    assert (taken.accepted, taken.refused) == (2, [])
    assert [(one.report.lon, one.report.lat) for one in taken.told] == [(120.05, 30.05), (None, None)]
    ((note, body),) = taken.noted
    assert (note.index, note.reason) == (1, "bad_position")
    assert "without a position" in note.detail and "'e2'" in body()


def test_where_both_ways_are_on_the_earth_the_city_says_which_one_was_meant() -> None:
    roster = Roster(lattice("west", (80.0, 40.0, 80.1, 40.1)))
    body = json.dumps([event(lon=40.05, lat=80.05), event(event_id="e2", lon=80.05, lat=40.05)]).encode()
    taken = read_events(body, False, roster, LIMITS, "hotline")
    assert [one.report.lon for one in taken.told] == [None, 80.05]
    assert "wrong way round" in taken.noted[0][0].detail and len(taken.noted) == 1


def test_an_event_that_honestly_has_no_place_and_one_in_order_get_no_note() -> None:
    full = event(area_id="west", grid_id="town-000-000", worker_id="w1", updated_at=NOW)
    assert noted(events(full, event(event_id="e2", lon=None, lat=None))) == []


def test_what_an_event_names_and_the_city_does_not_have_is_noted_and_so_are_moments_out_of_order() -> None:
    taken = events(
        event(area_id="atlantis", grid_id="g", worker_id="w9"),
        event(event_id="e2", updated_at=NOW - 60),
        event(event_id="e3", status="gone", area_id="atlantis"),
    )
    assert noted(taken) == [
        (0, "unknown_area"),
        (0, "unknown_grid"),
        (0, "unknown_worker"),
        (1, "updated_before_reported"),
    ]
    assert [bad.index for bad in taken.refused] == [2]


def test_of_an_event_that_is_taken_no_words_are_kept_beside_the_ledger() -> None:
    taken = events(event(lon=999, text="Zhang San", address="7 Hill Road", reporter_name="Li", department="street"))
    ((_, body),) = taken.noted
    assert "'e1'" in body() and "litter" in body() and "999" in body()
    assert not any(word in body() for word in ("Zhang", "Hill", "Li'", "street"))


def test_a_note_is_answered_counted_and_kept_and_is_no_refusal(post: httpx.Client, redis: Redis) -> None:
    answer = post.post("/ingest/v1/events", json=[event(lon=999), event(event_id="e2")]).json()
    assert (answer["accepted"], answer["rejected"]) == (2, [])
    assert [(note["index"], note["reason"]) for note in answer["noted"]] == [(0, "bad_position")]
    assert "noted" not in post.post("/ingest/v1/events", json=[event(event_id="e3")]).json()
    assert soon(lambda: Rejected(redis).counts() == {"events:noted:bad_position": 1})
    (kept,) = Rejected(redis).recent()
    assert (kept.kind, kept.reason, "999" in kept.body) == ("events", "noted:bad_position", True)
    text = post.get("/metrics").text
    assert 'gridhall_ingest_noted_total{kind="events",reason="bad_position"} 1' in text
    assert 'rejected_total{kind="events"' not in text


def test_however_many_notes_there_are_no_refusal_is_pushed_out(redis: Redis) -> None:
    book, tally = Rejected(redis), Tally()
    book.add([Refusal("fixes", "phones", "nan", "no number", "{}", 1.0)])
    taken = events(*(event(event_id=f"e{n}", lon=999) for n in range(3000)))
    tally.take("events", "hotline", taken, 2.0)
    untold = tally.untold()
    assert len(untold.notes) == KEPT_NOTES and not untold.refusals
    book.add(untold.notes * 9, dict(untold.refused))
    assert book.counts() == {"events:noted:bad_position": 3000, "fixes:nan": 1}
    shown = book.recent(10)
    assert (len(shown), shown[-1].reason) == (10, "nan")
    assert len(book.recent(10_000)) == KEPT_NOTES + 1
    book.add([Refusal("fixes", "phones", "nan", "no number", "{}", 3.0)] * 20)
    shown = book.recent(10)
    assert sum(one.reason.startswith(NOTED) for one in shown) == 2
    assert shown == sorted(shown, key=lambda one: -one.at_ms)


# --- notes on fixes


def test_a_fix_without_what_cannot_be_true_is_taken_and_its_sender_is_told() -> None:
    sent = [fix(), fix(worker_id="w1", battery=900), fix(heading=999, speed=1.0), fix(battery=900, lat=95)]
    taken = fixes(*sent)
    assert (taken.accepted, noted(taken)) == (3, [(1, "bad_battery"), (2, "bad_heading")])
    assert "900" in taken.noted[0][0].detail and "'w1'" in taken.noted[0][1]()
    loose = fixes(*sent, fix(accuracy="x", sos="yes"), fix(accuracy="x", lat=95), 7)
    assert noted(loose) == [(4, "bad_accuracy"), (4, "bad_sos"), (1, "bad_battery"), (2, "bad_heading")]


def test_how_phones_say_that_they_do_not_know_is_no_note() -> None:
    honest = fix(accuracy=0, speed=-1, heading=-1, battery=None)
    assert fixes(honest, fix()).noted == []
    assert fixes(honest, fix(battery=float("nan"), sos=0), 7).noted == []
    columns = {name: [value] for name, value in fix(accuracy=float("nan"), battery=-1.0).items()}
    assert read_fixes(msgspec.msgpack.encode(columns), True, ROSTER, LIMITS).noted == []


# --- what is kept of a refused record


@pytest.mark.parametrize(
    ("kind", "sent", "reason", "kept"),
    [
        ("fixes", [fix(worker_id="w9")], "unknown_worker", "'w9'"),
        ("fixes", fix(lat=95), "out_of_range", "'w0'"),
        ("fixes", [{"worker_id": "w0"}], "malformed", "'w0'"),
        ("fixes", [{"worker": "w0", "when": 7}], "malformed", "{} + 2"),
        ("events", [{"event_id": "e1"}], "malformed", "'e1'"),
        ("events", event(status="gone"), "unknown_status", "'e1'"),
        ("cameras", [{"camera_id": "cam-9", "state": "on"}], "unknown_camera", "'cam-9'"),
        ("cameras", {"camera_id": "cam-00000", "state": "asleep"}, "unknown_state", "'asleep'"),
    ],
)
def test_of_whatever_is_refused_something_is_kept_to_look_at(
    kind: str, sent: Any, reason: str, kept: str, post: httpx.Client, redis: Redis
) -> None:
    assert [bad["reason"] for bad in post.post(f"/ingest/v1/{kind}", json=sent).json()["rejected"]] == [reason]
    assert soon(lambda: len(Rejected(redis).recent()) == 1)
    assert kept in Rejected(redis).recent()[0].body


# --- ids


@pytest.mark.parametrize("letter", ["\0", "\n", "\x1b", "\x85", "\u2028", "\ud800"])
def test_an_id_with_what_nobody_sees_is_refused_and_the_others_are_taken(letter: str) -> None:
    bad = f"a{letter}b"
    taken = events(event(event_id=bad), event(event_id="ab"), event(event_id="e3", worker_id=bad))
    assert [one.report.event_id for one in taken.told] == ["ab"]
    fixed = fixes(fix(worker_id=bad), fix())
    cameras = [{"camera_id": bad, "state": "on"}, {"camera_id": "cam-00000", "state": "on"}]
    seen = read_cameras(json.dumps(cameras).encode(), False, ROSTER, LIMITS)
    assert (taken.accepted, fixed.accepted, seen.accepted) == (1, 1, 1)
    for one in (*taken.refused, *fixed.refused, *seen.refused):
        assert (one.reason, "control characters" in one.detail) == ("malformed", True)


def test_an_id_may_be_in_any_script_and_have_spaces_in_it() -> None:
    assert events(event(event_id="案 7\u30002026\U000f0000é")).accepted == 1


# --- one record that breaks JSON


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1" * 5000, "-" + "1" * 5000])
def test_a_number_beyond_all_numbers_costs_only_its_own_record(number: str) -> None:
    body = json.dumps([fix(lon="#"), fix()]).replace('"#"', number).encode()
    taken = read_fixes(body, False, ROSTER, LIMITS)
    assert ([bad.index for bad in taken.refused], taken.accepted) == ([0], 1)
    body = json.dumps([event(reported_at="#"), event(lon="#"), event()]).replace('"#"', number).encode()
    told = read_events(body, False, ROSTER, LIMITS, "hotline")
    assert ([bad.index for bad in told.refused], noted(told)) == ([0], [(1, "bad_position")])


def test_a_text_that_was_cut_in_the_middle_of_a_letter_costs_nothing_but_that_letter(post: httpx.Client) -> None:
    body = json.dumps([event(text="street \ud83d"), event(event_id="e2")]).encode()
    assert post.post("/ingest/v1/events", content=body).json() == {"accepted": 2, "rejected": []}


# --- who is not let in, and what is no sign of life


def test_who_sends_other_credentials_is_no_guest(post: httpx.Client) -> None:
    for said in ("Basic aGFsbDpoYWxs", "Bearer", "Digest x", "token"):
        answer = post.post("/ingest/v1/fixes", json=fix(), headers={"Authorization": said})
        assert (answer.status_code, "API key" in answer.text) == (401, True), said
    assert post.post("/ingest/v1/fixes", json=fix(), headers={"Authorization": ""}).status_code == 200


def test_who_was_not_let_in_is_counted_and_a_flood_of_them_pushes_nothing_out(post: httpx.Client, redis: Redis) -> None:
    post.post("/ingest/v1/fixes", json=fix(lat=95))
    for n in range(30):
        assert post.post("/ingest/v1/fixes", json=fix(), headers={"X-API-Key": f"guess-{n}"}).status_code == 403
        assert post.post("/ingest/v1/events", json=[], headers={"Origin": "page"}).status_code == 401
    assert soon(
        lambda: Rejected(redis).counts() == {"events:no_key": 30, "fixes:out_of_range": 1, "fixes:wrong_key": 30}
    )
    assert [one.reason for one in Rejected(redis).recent()] == ["out_of_range"]
    assert 'gridhall_ingest_rejected_total{kind="events",reason="no_key"} 30' in post.get("/metrics").text


def test_a_refusal_is_counted_with_its_source_and_is_no_sign_of_life() -> None:
    tally = Tally(lambda: 5.0)
    tally.refuse("fixes", "phones", "broken", "no JSON", 1.0)
    tally.take("fixes", "phones", fixes(fix(lat=95)), 1.0)
    tally.refuse("heartbeat", "phones", "broken", "no JSON", 1.0)
    ((key, beat),) = tally.untold().beats.items()
    assert key == ("fixes", "phones")
    assert (beat.beat_ms, beat.record_ms, beat.received, beat.accepted, beat.rejected) == (0, 0, 2, 0, 2)
    tally.take("fixes", "phones", fixes(fix(lat=95), fix()), 1.0)
    tally.refuse("fixes", "phones", "broken", "no JSON", 1.0)
    tally.beat("events", "phones")
    untold = tally.untold()
    assert [(b.kind, b.beat_ms, b.record_ms, b.rejected) for b in untold.beats.values()] == [
        ("fixes", 5000, 5000, 2),
        ("events", 5000, 0, 0),
    ]
    tally.restore(untold)
    assert tally.untold().beats == untold.beats


def test_who_was_only_refused_is_no_feed_and_a_feed_shows_what_of_it_was_refused(
    post: httpx.Client, redis: Redis
) -> None:
    def refused(source: str) -> None:
        post.post("/ingest/v1/fixes", content=b"x", headers={"X-Source": source})
        post.post("/ingest/v1/fixes", json=fix(lat=95), headers={"X-Source": source})

    refused("nobody")
    assert soon(lambda: Rejected(redis).counts() == {"fixes:broken": 1, "fixes:out_of_range": 1})
    assert Feeds(redis).all() == []
    post.post("/ingest/v1/fixes", json=fix(), headers={"X-Source": "phones"})
    assert soon(lambda: len(Feeds(redis).all()) == 1)
    (before,) = Feeds(redis).all()
    refused("phones")
    assert soon(lambda: [feed.rejected for feed in Feeds(redis).all()] == [2])
    (after,) = Feeds(redis).all()
    assert (after.accepted, after.received) == (1, 3)
    assert abs(after.last_record_ms - before.last_record_ms) < 1 > abs(after.last_beat_ms - before.last_beat_ms)


def test_a_broken_heartbeat_and_one_of_a_strange_kind_are_refused_and_counted(post: httpx.Client, redis: Redis) -> None:
    assert post.post("/ingest/v1/heartbeat", content=b"x").status_code == 400
    for kind in ("heartbeat", "moods", ""):
        assert post.post("/ingest/v1/heartbeat", json={"kind": kind}).status_code == 400
    assert soon(lambda: Rejected(redis).counts() == {"heartbeat:broken": 1, "heartbeat:unknown_kind": 3})
    assert redis.hgetall("feeds") == {}
