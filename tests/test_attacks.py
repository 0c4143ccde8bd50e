"""Attacks: what strangers and curious colleagues try on a hall, over plain sockets where no client would help."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from casework import Hall, hall
from serving import get

from dashboard.bus.embedded import Embedded, wheel_server
from dashboard.people.people import People
from dashboard.sql.engine import connect


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("attacked")


@pytest.fixture(scope="module")
def west(folder: Path) -> Iterator[Hall]:
    """A hall in which whoever sits at its machine is a guest."""
    with (
        Embedded(folder / "redis", wheel_server()) as server,
        hall(server.start(), folder, guest="leader", file_mb=0.3) as made,
    ):
        yield made


def said(west: Hall, first: str, *headers: str) -> int:
    """Status of what is answered to a request, sent as it stands here."""
    host, port = west.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall("\r\n".join([f"{first} HTTP/1.1", *headers, "Connection: close", "", ""]).encode())
        return int(line.recv(4096).split()[1])


def test_a_host_or_origin_that_is_none_is_no_guest_and_no_trouble(west: Hall) -> None:
    assert said(west, "GET /api/v1/cases", "Host: localhost") == 200
    for host in ("[::1", "evil.example", "localhost@evil.example", "127.0.0.1.evil.example", ""):
        assert said(west, "GET /api/v1/cases", f"Host: {host}") == 401
    for origin in ("http://[", "null", "http://evil.example"):
        assert said(west, "POST /sign-out", "Host: localhost", f"Origin: {origin}", "Content-Length: 0") == 403
    assert said(west, "GET /sign-in?next=//[", "Host: localhost") == 200


def test_the_pass_of_a_wall_is_in_no_log(west: Hall, folder: Path) -> None:
    engine = connect("", str(folder / "serve-data"))
    key = People(engine).tokens.add("wall", "lobby")
    engine.dispose()
    assert get(f"{west.url}/walls/{key}").status == 200
    log = (folder / "log").read_text()
    assert "pages at" in log and key not in log


@pytest.mark.parametrize("deep", ["[" * 100_000, "[" * 5000 + "]" * 5000])
def test_a_body_of_brackets_gets_a_sentence(west: Hall, deep: str) -> None:
    case_id = west.report()["case_id"]
    body = f'{{"move": "urge", "data": {{"a": {deep}}}}}'
    length = f"Content-Length: {len(body)}"
    head = ("Host: localhost", f"Authorization: Bearer {west.keys['li']}", "Content-Type: application/json", length)
    assert said(west, f"POST /api/v1/cases/{case_id}/moves", *head, "", body) == 400


def test_a_number_that_was_erased_by_a_move_is_nowhere_on_the_disk(west: Hall, folder: Path) -> None:
    phone, data = "13812349876", folder / "serve-data"
    engine = connect("", str(data))
    people = People(engine)
    people.add("root", "admin")
    west.keys["root"] = people.tokens.add("account", "root")
    engine.dispose()
    case_id = west.report("sun", reporter_phone=phone)["case_id"]

    def kept() -> list[str]:
        return [path.name for path in data.glob("hall.db*") if phone.encode() in path.read_bytes()]

    assert kept()
    erase = {"move": "erase", "data": {"names": ["reporter_phone"]}}
    assert west.ask("root", f"/cases/{case_id}/moves", erase)[0] == 422  # nobody has said why
    assert kept()
    status, said = west.ask("root", f"/cases/{case_id}/moves", erase | {"note": "the reporter asked for it"})
    assert (status, kept()) == (200, []), said


def test_a_file_may_be_as_large_as_the_setting_says(west: Hall) -> None:
    case_id = west.report()["case_id"]
    known = {"Authorization": f"Bearer {west.keys['li']}", "Content-Type": "image/jpeg"}
    for size, status in ((250_000, 200), (350_000, 413)):
        body = b"\xff\xd8\xff\xe1" + bytes(size)
        request = urllib.request.Request(f"{west.api}/cases/{case_id}/files?name=a.jpg", body, known)
        try:
            answered = urllib.request.urlopen(request, timeout=20).status
        except urllib.error.HTTPError as refused:
            answered = refused.code
        assert answered == status


def test_the_key_of_somebodys_request_is_told_to_nobody(west: Hall) -> None:
    case_id = west.report()["case_id"]
    urge = {"move": "urge", "request_key": "secret-of-li"}
    status, said = west.ask("li", f"/cases/{case_id}/moves", urge)
    assert status == 200 and "secret-of-li" not in str(said)
    assert "secret-of-li" not in str(west.read("boss", f"/cases/{case_id}"))
    assert west.ask("li", f"/cases/{case_id}/moves", urge)[1]["again"]


def test_like_cases_of_another_area_are_not_told_of(west: Hall) -> None:
    """A report from the border is like cases on both sides; whoever may see one side is told of that."""
    there = west.report("zhao", lon=116.0801, lat=40.05)["case_id"]
    here = west.report("li", lon=116.0799, lat=40.05)["case_id"]
    again = {"class_code": "litter", "lon": 116.0799, "lat": 40.05}
    assert {one["case_id"] for one in west.ask("li", "/cases", again)[1]["similar"]} == {here}
    assert {one["case_id"] for one in west.ask("sun", "/cases", again)[1]["similar"]} >= {here, there}
