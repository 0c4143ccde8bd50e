"""The case API: a case walks its six steps over HTTP; races, refusals, scopes and personal data as promised."""

from __future__ import annotations

import base64
import concurrent.futures
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from casework import HOSTILE, Hall, hall
from serving import get

from dashboard.bus import keys
from dashboard.bus.connect import connect as connect_redis
from dashboard.bus.embedded import Embedded, wheel_server
from dashboard.cases.ledger import Ledger
from dashboard.cases.rules.rules import Rules
from dashboard.cases.told import Told
from dashboard.cases.trail.verify import verify
from dashboard.people.looks import Looks
from dashboard.people.people import People
from dashboard.sql.engine import connect
from dashboard.sql.migrate import upgrade
from feeds.record import EventReport

STEPS = ["reported", "dispatched", "handled", "verified", "archived", "appraised"]


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with Embedded(tmp_path_factory.mktemp("redis"), wheel_server()) as server:
        yield server.start()


@pytest.fixture(scope="module")
def west(redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A hall over SQLite."""
    with hall(redis_url, tmp_path_factory.mktemp("hall")) as made:
        yield made


def walk(hall: Hall, case_id: str) -> list[str]:
    """From the report to the appraisal by the hands of those who may; the steps it stood in."""
    moves = [
        ("li", "dispatch", {"department": "law"}), ("crew", "accept", {}), ("crew", "handle", {}),
        ("chen", "verify", {}), ("li", "archive", {}), ("qian", "appraise", {"score": 90}),
    ]  # fmt: skip
    return [hall.move(who, case_id, move, "done", **data)["case"]["step"] for who, move, data in moves]


def test_a_case_walks_from_report_to_appraisal_on_each_database(
    redis_url: str, database_url: str, tmp_path: Path
) -> None:
    with hall(redis_url, tmp_path, database_url) as made:
        case = made.report("wang")
        assert case["step"] == "reported" and case["grid_id"] and case["district"] == "west"
        assert walk(made, case["case_id"]) == STEPS[1:2] * 2 + STEPS[2:]
        said = made.read("boss", f"/cases/{case['case_id']}")
        assert [entry["version"] for entry in said["trail"]] == list(range(1, 8))
        assert [entry["actor"] for entry in said["trail"]] == ["wang", "li", "crew", "crew", "chen", "li", "qian"]
        assert said["case"]["outcome"] == "closed" and said["case"]["score"] == 90
        listed = made.read("boss", "/cases?step=appraised")
        assert [one["case_id"] for one in listed["cases"]] == [case["case_id"]] and listed["total"] == 1
        engine = connect(database_url, str(tmp_path / "serve-data"))
        assert verify(engine).ok
        engine.dispose()


def test_many_at_once_are_served_while_others_look(redis_url: str, database_url: str, tmp_path: Path) -> None:
    """Threads of the ledger under gevent: no answer is lost, none is mixed up, on either database."""
    with hall(redis_url, tmp_path, database_url) as made, concurrent.futures.ThreadPoolExecutor(12) as pool:
        cases = list(pool.map(lambda number: made.report(text=f"number {number}", request_key=f"k{number}"), range(48)))
        assert len({case["case_id"] for case in cases}) == 48
        looks = [pool.submit(made.read, "boss", "/cases?limit=20") for _ in range(24)]
        moved = list(pool.map(lambda case: made.move("li", case["case_id"], "claim"), cases))
        assert {one["case"]["text"] for one in moved} == {f"number {number}" for number in range(48)}
        assert all(look.result()["total"] == 48 for look in looks)


def test_the_loser_of_a_race_is_told_who_won_and_how_the_case_now_stands(west: Hall) -> None:
    case_id = west.report()["case_id"]
    ask = {"move": "dispatch", "version": 1, "data": {"department": "law"}}
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda who: west.ask(who, f"/cases/{case_id}/moves?lang=en", ask), ["li", "sun"] * 4))
    assert sorted(status for status, _ in said) == [200] + [409] * 7
    winner = next(answer["entry"]["actor"] for status, answer in said if status == 200)
    for lost in (answer for status, answer in said if status == 409):
        assert lost["winner"]["actor"] == winner and lost["winner"]["move"] == "dispatch"
        assert lost["case"]["version"] == 2 and lost["case"]["step"] == "dispatched"
        assert winner in lost["error"] and "Dispatch" in lost["error"]


def test_a_request_that_is_sent_twice_is_one_act(west: Hall) -> None:
    body = {"class_code": "litter", "lon": 116.02, "lat": 40.02}
    first, second = (west.ask("li", "/cases", body, **{"Idempotency-Key": "once"})[1] for _ in range(2))
    assert first["case"]["case_id"] == second["case"]["case_id"] and second["case"]["version"] == 1
    address, ask = f"/cases/{first['case']['case_id']}/moves", {"move": "urge", "request_key": "u1"}
    done, again = west.ask("li", address, ask)[1], west.ask("li", address, ask)[1]
    assert (done["again"], again["again"]) == (False, True) and done["entry"]["version"] == again["entry"]["version"]
    assert west.read("li", f"/cases/{first['case']['case_id']}")["case"]["urges"] == 1


@pytest.mark.parametrize(("lang", "words"), [("zh", "任务核查"), ("en", "Verify")])
def test_a_refused_move_gets_a_sentence_in_the_callers_language(west: Hall, lang: str, words: str) -> None:
    case_id = west.report()["case_id"]
    status, said = west.ask("chen", f"/cases/{case_id}/moves", {"move": "verify"}, **{"Accept-Language": lang})
    assert status == 422 and said["code"] == "step" and words in said["error"]
    assert west.ask("chen", f"/cases/{case_id}/moves?lang={lang}", {"move": "verify"})[1]["error"] == said["error"]


def test_the_handler_never_verifies(west: Hall) -> None:
    status, said = west.ask("wang", "/cases", {"class_code": "litter", "lon": 116.03, "lat": 40.03, "solved": True})
    assert status == 200 and said["case"]["step"] == "handled" and said["case"]["handler"] == "wang"
    assert west.ask("wang", f"/cases/{said['case']['case_id']}/moves", {"move": "verify"})[0] == 422
    assert west.move("chen", said["case"]["case_id"], "verify")["case"]["step"] == "verified"


def test_what_lies_elsewhere_is_not_shown_moved_or_reported(west: Hall) -> None:
    case_id = west.report("li")["case_id"]
    elsewhere = west.report("zhao", lon=116.15, lat=40.1)["case_id"]
    assert west.ask("zhao", f"/cases/{case_id}")[0] == 403
    assert west.ask("zhao", f"/cases/{case_id}/moves", {"move": "urge"})[0] == 403
    assert west.ask("zhao", "/cases", {"lon": 116.01, "lat": 40.01})[0] == 403
    assert west.ask("zhao", "/cases?area=west")[0] == 403
    seen = {one["district"] for one in west.read("zhao", "/cases?limit=1000")["cases"]}
    assert seen == {"east"} and elsewhere in {one["case_id"] for one in west.read("sun", "/cases?limit=1000")["cases"]}


def test_a_department_sees_its_own_and_nothing_else(west: Hall) -> None:
    theirs, others = west.report()["case_id"], west.report()["case_id"]
    west.move("li", theirs, "dispatch", department="law")
    west.move("li", others, "dispatch", department="water")
    seen = {one["case_id"] for one in west.read("crew", "/cases?limit=1000")["cases"]}
    assert theirs in seen and others not in seen
    status, said = west.ask("crew", f"/cases/{others}?lang=en")
    assert status == 403 and said["error"] == "The order of this case is not your department's."


def test_an_order_to_a_department_that_there_is_not_is_refused(west: Hall) -> None:
    case_id = west.report()["case_id"]
    ask = {"move": "dispatch", "data": {"department": "no-such-dept"}}
    status, said = west.ask("li", f"/cases/{case_id}/moves?lang=en", ask)
    assert (status, said["code"]) == (422, "no_such_department") and "no-such-dept" in said["error"]
    place = {"class_code": "litter", "lon": 116.01, "lat": 40.01}
    status, said = west.ask("li", "/cases", place | {"department": "no-such-dept"})
    assert (status, said["code"]) == (422, "no_such_department")


def test_proof_is_a_file_of_this_case(west: Hall) -> None:
    mine, other = west.report()["case_id"], west.report()["case_id"]
    west.move("li", mine, "dispatch", department="law")
    west.move("crew", mine, "accept")
    sha256 = upload(west, "li", f"/cases/{other}/files", PNG)[1]["file"]["sha256"]
    ask = {"move": "handle", "data": {"proof": [sha256]}}
    status, said = west.ask("crew", f"/cases/{mine}/moves", ask)
    assert (status, said["code"]) == (422, "no_such_proof")
    upload(west, "crew", f"/cases/{mine}/files", PNG)
    assert west.move("crew", mine, "handle", proof=[sha256])["case"]["step"] == "handled"


def test_who_reported_is_shown_only_on_demand_to_those_who_may_and_written_down(redis_url: str, tmp_path: Path) -> None:
    with hall(redis_url, tmp_path) as made:
        case_id = made.report(reporter_name="张三", reporter_phone="13800000000", source="hotline")["case_id"]
        plain = made.read("li", f"/cases/{case_id}")
        assert "personal" not in plain and "13800000000" not in str(plain) and "张三" not in str(plain)
        assert made.ask("boss", f"/cases/{case_id}?personal=1")[0] == 403
        assert made.read("li", f"/cases/{case_id}?personal=1")["personal"] == {
            "reporter_name": "张三", "reporter_phone": "13800000000",
        }  # fmt: skip
        engine = connect("", str(tmp_path / "serve-data"))
        looks = Looks(engine, time.time).of(case_id=case_id)
        engine.dispose()
        assert [(look.account, look.why) for look in looks] == [("li", "case")]


def test_a_new_report_names_what_it_may_be_the_same_as(west: Hall) -> None:
    words = {"class_code": "CB02", "lon": 116.071, "lat": 40.071}
    first = west.ask("li", "/cases", words)[1]
    assert first["similar"] == []
    second = west.ask("li", "/cases", words | {"lon": 116.0711})[1]
    assert [one["case_id"] for one in second["similar"]] == [first["case"]["case_id"]]
    assert second["similar"][0]["kind"] == "near" and 5 < second["similar"][0]["metres"] < 15


def test_a_citizens_complaint_is_linked_to_the_one_before_and_what_a_worker_saw_again_is_only_suggested(
    west: Hall,
) -> None:
    words = {"class_code": "CB02", "lon": 116.031, "lat": 40.031}
    first = west.report(**words, reported_at=time.time() - 3 * 86400)["case_id"]
    for source, linked in (("worker", ""), ("hotline", first)):
        said = west.ask("li", "/cases", words | {"source": source})[1]
        assert said["case"]["repeat_of"] == linked
        assert (first, "repeat") in [(one["case_id"], one["kind"]) for one in said["similar"]]


def test_a_case_names_those_it_may_be_the_same_as_to_whoever_may_see_them_and_merge_it(west: Hall) -> None:
    words = {"class_code": "CB02", "lon": 116.041, "lat": 40.071}
    first, second = west.report(**words)["case_id"], west.report(**words | {"lon": 116.0411})["case_id"]
    said = west.read("li", f"/cases/{second}")
    assert [(one["case_id"], one["kind"], one["merge"]) for one in said["similar"]] == [(first, "near", True)]
    assert 5 < said["similar"][0]["metres"] < 15 and said["similar"][0]["seconds"] >= 0
    assert [one["merge"] for one in west.read("boss", f"/cases/{second}")["similar"]] == [False]
    west.move("li", second, "dispatch", department="law")
    assert west.read("crew", f"/cases/{second}")["similar"] == []  # of the other they have no order
    west.move("li", second, "merge", into=first)
    assert west.read("li", f"/cases/{first}")["similar"] == []


def test_a_case_says_what_the_standard_asks_of_its_class(redis_url: str, tmp_path: Path) -> None:
    with hall(redis_url, tmp_path, classes="urban") as made:
        asked = next(
            one for one in made.read("li", "/classes?q=%E7%A0%B4%E6%8D%9F")["classes"] if one["filing_condition"]
        )
        case_id = made.report(class_code=asked["class_code"], lon=116.06, lat=40.06)["case_id"]
        said = made.read("li", f"/cases/{case_id}")["standard"]
        assert said == asked and said["closing_condition"]
        page = made.read("li", f"/cases/{made.report(class_code='litter')['case_id']}")
        assert page["standard"] is None  # the city has that class, and the standard has not


def listed(hall: Hall, who: str, asked: str) -> list[str]:
    return [one["case_id"] for one in hall.read(who, f"/cases?limit=1000&{asked}")["cases"]]


def test_what_waits_for_somebody_is_found(redis_url: str, database_url: str, tmp_path: Path) -> None:
    with hall(redis_url, tmp_path, database_url) as made:
        waits = made.report(source="hotline", text="井盖 100%", address="和平路 9 号")["case_id"]
        plain = made.report(text="a bench", lon=116.03)["case_id"]
        made.move("li", plain, "dispatch", department="law")
        made.move("crew", plain, "accept")
        made.move("crew", plain, "extend", "rain", hours=4)
        made.move("boss", plain, "urge")
        for asked in ("waiting_answer=true", "owner=li&needs_answer=true", "waiting_answer=true&source=hotline"):
            assert listed(made, "sun", asked) == [waits]
        assert listed(made, "sun", "pending=extend") == listed(made, "sun", "urged=true") == [plain]
        for nothing in ("reply_overdue=true", "step_overdue=true", "rejected=true", "merged=true", "pending=park"):
            assert listed(made, "sun", nothing) == []
        assert listed(made, "sun", "order=reply_due_at&descending=false") == [waits, plain]
        for words in (waits, "west&source=hotline", "0%25", "%E4%BA%95%E7%9B%96", "%E5%92%8C%E5%B9%B3%E8%B7%AF"):
            assert listed(made, "sun", f"q={words}") == [waits]
        assert listed(made, "sun", "q=BENCH&urged=true") == [plain] and listed(made, "sun", "q=1%25") == []
        assert listed(made, "crew", "q=%E4%BA%95%E7%9B%96") == listed(made, "zhao", "q=bench") == []
        table = get(f"{made.api}/cases.csv?q=bench", Authorization=f"Bearer {made.keys['sun']}").body.decode()
        assert plain in table and waits not in table
        made.move("li", waits, "answer", "it is closed again")
        assert listed(made, "sun", "waiting_answer=true") == []


def test_a_joint_case_is_listed_for_all_who_are_called_to_it(west: Hall) -> None:
    case_id = west.report(lon=116.05, lat=40.05)["case_id"]
    owners = [{"department": "water", "hours": 24}, {"department": "law", "hours": 24}]
    west.move("sun", case_id, "joint", "both", owners=owners)
    assert west.read("sun", f"/cases/{case_id}")["case"]["department"] == "water"
    assert case_id in listed(west, "crew", "pending=joint") and case_id in listed(west, "sun", "pending=joint")


def test_pages_join_without_gap_or_overlap_and_changes_come_as_a_feed(redis_url: str, tmp_path: Path) -> None:
    with hall(redis_url, tmp_path) as made:
        ids = [made.report(text=str(number))["case_id"] for number in range(7)]
        found, cursor = list[str](), ""
        while True:
            page = made.read("boss", f"/cases?limit=3&cursor={cursor}")
            assert page["total"] == 7
            found += [one["case_id"] for one in page["cases"]]
            if not (cursor := page["next"] or ""):
                break
        assert found == ids[::-1]
        before = made.read("boss", "/cases")["cases"][0]["updated_at"]
        made.move("li", ids[2], "urge")
        changed = made.read("boss", f"/cases?updated_after={before}")
        assert [one["case_id"] for one in changed["cases"]] == [ids[2]]


def test_a_commit_is_told_to_the_screens(west: Hall, redis_url: str) -> None:
    with connect_redis(redis_url) as redis:
        before = redis.xlen(keys.events("west"))
        case_id = west.report()["case_id"]
        west.move("li", case_id, "dispatch", department="law")
        end = time.monotonic() + 2
        while redis.xlen(keys.events("west")) < before + 2 and time.monotonic() < end:
            time.sleep(0.02)
        assert redis.xlen(keys.events("west")) >= before + 1


def test_what_can_be_done_is_offered_to_those_who_can(west: Hall) -> None:
    case_id = west.report()["case_id"]
    assert "dispatch" in west.read("li", f"/cases/{case_id}")["offered"]
    assert "dispatch" not in west.read("boss", f"/cases/{case_id}")["offered"]
    table = {row["name"]: row for row in west.read("li", "/moves?lang=en")["moves"]}
    assert table["return"]["needs"] == ["note"] and table["return"]["words"] == "Return"


def test_classes_are_found_by_name_code_and_initials(west: Hall) -> None:
    by_name = west.read("li", "/classes?q=%E8%B7%AF%E7%81%AF")["classes"]
    assert by_name and all("路灯" in one["name"] for one in by_name)
    assert by_name[0] in west.read("li", "/classes?q=ld")["classes"]


def test_hostile_words_are_kept_as_they_are(west: Hall) -> None:
    case_id = west.report(text=HOSTILE)["case_id"]
    assert west.read("li", f"/cases/{case_id}")["case"]["text"] == HOSTILE


@pytest.mark.parametrize(("body", "status"), [
    ({"lon": 400, "lat": 1}, 400), ({"colour": "red"}, 400), ({"source": "gossip"}, 400), ({"text": "a\0b"}, 400),
    ({"lon": "east"}, 400), ([], 400), ({"reported_at": 9e10}, 400), ({"text": "x" * 300_000}, 413),
])  # fmt: skip
def test_what_cannot_be_a_report_gets_a_sentence(west: Hall, body: Any, status: int) -> None:
    got, said = west.ask("li", "/cases", body)
    assert got == status and len(said["error"]) > 10


@pytest.mark.parametrize(("who", "address", "status"), [
    ("", "/cases", 401), ("audit", "/cases?cursor=x", 400), ("li", "/cases?order=colour", 400),
    ("li", "/cases/nobody-1", 404), ("li", "/cases?bbox=1,2", 400), ("li", "/cases?updated_after=yesterday", 400),
    ("li", "/cases?limit=0", 400), ("li", "/cases?q=a", 400),
    ("li", "/cases/a%00b", 400), ("li", "/cases?area=atlantis", 403),
])  # fmt: skip
def test_what_cannot_be_asked_gets_a_sentence(west: Hall, who: str, address: str, status: int) -> None:
    got, said = west.ask(who, address)
    assert got == status and len(said["error"]) > 5


def test_those_who_may_only_look_cannot_move(west: Hall) -> None:
    case_id = west.report()["case_id"]
    assert west.ask("audit", f"/cases/{case_id}")[0] == 200
    assert west.ask("audit", f"/cases/{case_id}/moves", {"move": "urge"})[0] == 403
    assert west.ask("chen", "/cases", {"lon": 116.01, "lat": 40.01})[0] == 403


PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def upload(hall: Hall, who: str, address: str, body: bytes) -> tuple[int, Any]:
    known = {"Authorization": f"Bearer {hall.keys[who]}", "Content-Type": "image/png"}
    try:
        with urlopen(Request(f"{hall.api}{address}", body, known), timeout=20) as answer:
            return answer.status, json.loads(answer.read())
    except HTTPError as refused:
        return refused.code, json.loads(refused.read())


def test_a_photo_is_kept_with_its_case_and_served_only_to_those_who_may_see_it(west: Hall) -> None:
    case_id = west.report()["case_id"]
    status, said = upload(west, "li", f"/cases/{case_id}/files?kind=before&name=%3Cb%3E.png", PNG)
    assert status == 200 and said["version"] == 2 and said["file"]["mime"] == "image/png"
    assert [one["sha256"] for one in west.read("li", f"/cases/{case_id}")["files"]] == [said["file"]["sha256"]]
    address = said["file"]["href"].removeprefix("/api/v1")
    seen = get(f"{west.api}{address}", Authorization=f"Bearer {west.keys['li']}")
    assert seen.body == PNG and seen.headers["X-Content-Type-Options"] == "nosniff"
    assert seen.headers["Content-Type"] == "image/png" and seen.headers["Content-Disposition"].startswith("inline")
    assert west.ask("zhao", address)[0] == 403 and west.ask("", address)[0] == 401
    assert west.ask("li", f"/cases/{case_id}/files/{'0' * 64}")[0] == 404


def test_a_source_adds_photos_to_what_it_told_of_and_to_nothing_else(redis_url: str, tmp_path: Path) -> None:
    engine = connect("", str(tmp_path / "serve-data"))
    upgrade(engine)
    with hall(redis_url, tmp_path) as made:
        ledger = Ledger(engine, Rules.load(None))
        for origin, name in (("wechat", "W1"), ("hotline", "H1")):
            said = EventReport(name, "litter", 1.7e9, 1.7e9, source=origin)
            ledger.report([Told(report=said, origin=origin, district="west", area_id="west")])
        made.keys["wechat"] = People(engine).tokens.add("source", "wechat")
        status, said = upload(made, "wechat", "/cases/W1/files?kind=before", PNG)
        assert status == 200 and said["file"]["added_by"] == "wechat"
        assert [one["sha256"] for one in made.read("sun", "/cases/W1")["files"]] == [said["file"]["sha256"]]
        assert upload(made, "wechat", "/cases/H1/files", PNG)[0] == upload(made, "wechat", "/cases/X1/files", PNG)[0]
        assert upload(made, "wechat", "/cases/H1/files", PNG)[0] == 404 and not made.read("sun", "/cases/H1")["files"]
        assert made.ask("wechat", "/cases/W1/files")[0] == made.ask("wechat", "/cases/W1")[0] == 403
        assert upload(made, "audit", "/cases/W1/files", PNG)[0] == 403
    engine.dispose()


@pytest.mark.parametrize(("body", "code"), [(b"<html><script>alert(1)</script>", "file_type"), (b"", "file_empty")])
def test_what_is_no_photo_is_not_taken(west: Hall, body: bytes, code: str) -> None:
    case_id = west.report()["case_id"]
    status, said = upload(west, "li", f"/cases/{case_id}/files", body)
    assert status == 422 and said["code"] == code and len(said["error"]) > 4


def test_a_file_that_is_too_large_is_refused(west: Hall) -> None:
    case_id = west.report()["case_id"]
    assert upload(west, "li", f"/cases/{case_id}/files", PNG + bytes(20_000_001 - len(PNG)))[0] == 422
