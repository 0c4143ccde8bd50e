"""Photos and papers lie on disk by what is in them, are what their bytes say, and are not lost on the way."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from trails import ADMIN, DESK, WORKER, Bench

from dashboard.cases.answers import NoCase
from dashboard.cases.attachments import MANY, Altered, Files, NoFile, Unfit
from dashboard.cases.case import Actor, NotAllowed
from dashboard.cases.file_kinds import ENDINGS, mime_of, plain_name
from dashboard.cases.store.schema import FILES
from dashboard.cases.trail.verify import verify
from layouts.words import LANGS

JPEG = b"\xff\xd8\xff\xe1" + b"photo of a broken cover" * 40
KINDS = {
    "image/jpeg": JPEG,
    "image/png": b"\x89PNG\r\n\x1a\n" + bytes(40),
    "image/gif": b"GIF89a" + bytes(40),
    "image/webp": b"RIFF\x10\x00\x00\x00WEBPVP8 " + bytes(40),
    "application/pdf": b"%PDF-1.7\n" + bytes(40),
    "video/mp4": b"\x00\x00\x00\x18ftypmp42" + bytes(40),
}
OTHERS = {
    "page": b"<!doctype html><script>alert(1)</script>",
    "drawing": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "program": b"MZ\x90\x00" + bytes(60),
    "archive": b"PK\x03\x04" + bytes(60),
    "picture that no browser shows": b"\x00\x00\x00\x18ftypheic" + bytes(40),
    "page behind a blank": b" \xff\xd8\xff\xe1<script>",
    "half a beginning": b"\xff\xd8",
    "sound": b"RIFF\x10\x00\x00\x00WAVEfmt " + bytes(40),
}


@pytest.fixture
def bench(engine: Engine) -> Bench:
    made = Bench(engine)
    made.report("E1")
    made.report("E2", "west")
    return made


@pytest.fixture
def files(bench: Bench, tmp_path: Path) -> Files:
    return Files(tmp_path / "files", bench.engine, bench.ledger, most=10_000)


def test_a_case_has_so_many_files_and_no_more(files: Files):
    for number in range(MANY):
        files.put("E1", WORKER, "a.jpg", JPEG + bytes([number]))
    with pytest.raises(Unfit) as refused:
        files.put("E1", WORKER, "a.jpg", JPEG + b"one more")
    assert "50" in refused.value.sentence("en") and len(files.of("E1")) == MANY
    assert files.put("E1", WORKER, "a.jpg", JPEG + bytes([0])).case_id == "E1"  # it is there already
    assert files.put("E2", WORKER, "a.jpg", JPEG).case_id == "E2"


def on_disk(files: Files) -> list[Path]:
    return [path for path in files.folder.rglob("*") if path.is_file()]


def test_a_photo_is_kept_by_its_hash_with_a_row_and_an_entry(files: Files, bench: Bench):
    row = files.put("E1", WORKER, "现场.jpg", JPEG, "before")
    assert row.sha256 == hashlib.sha256(JPEG).hexdigest()
    assert (row.mime, row.bytes, row.name, row.kind, row.added_by) == (
        "image/jpeg",
        len(JPEG),
        "现场.jpg",
        "before",
        "W001",
    )
    (path,) = on_disk(files)
    assert path == files.folder / row.sha256[:2] / row.sha256[2:] and path.read_bytes() == JPEG
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert files.open("E1", row.sha256) == (row, path)
    assert files.of("E1") == [row] and files.of("E2") == []
    entry = bench.ledger.trail("E1")[-1][0]
    assert (entry.move, entry.actor, entry.more["file"]["sha256"]) == ("attach", "W001", row.sha256)
    assert verify(bench.engine).ok


def test_the_same_bytes_are_one_file_and_one_entry_a_case(files: Files, bench: Bench):
    first = files.put("E1", WORKER, "a.jpg", JPEG)
    assert files.put("E1", DESK, "b.jpg", BytesIO(JPEG)) == first
    other = files.put("E2", WORKER, "c.jpg", JPEG)
    assert other.sha256 == first.sha256 and len(on_disk(files)) == 1
    assert bench.ledger.case("E1").version == bench.ledger.case("E2").version == 2


def test_many_at_once_are_one(files: Files, bench: Bench):
    with ThreadPoolExecutor(4) as pool:
        rows = list(pool.map(lambda n: files.put("E1", WORKER, f"{n}.jpg", JPEG), range(8)))
    assert len({row.name for row in rows}) == 1 and len(on_disk(files)) == 1
    assert bench.ledger.case("E1").version == 2 and verify(bench.engine).ok


@pytest.mark.parametrize("mime", KINDS)
def test_what_it_is_is_told_by_its_bytes(files: Files, mime: str):
    row = files.put("E1", WORKER, "holiday.exe", KINDS[mime])
    assert (row.mime, row.name) == (mime, f"holiday{ENDINGS[mime]}")


@pytest.mark.parametrize("what", OTHERS)
def test_what_calls_itself_a_photo_and_is_none_is_refused(files: Files, bench: Bench, what: str):
    with pytest.raises(Unfit) as refused:
        files.put("E1", WORKER, "photo.jpg", OTHERS[what])
    assert refused.value.code == "type" and all(refused.value.sentence(lang) for lang in LANGS)
    assert on_disk(files) == [] and bench.ledger.case("E1").version == 1


def test_nothing_too_much_and_what_is_no_kind_are_refused(files: Files):
    for data, kind, code in ((b"", "other", "empty"), (JPEG + bytes(10_000), "other", "large"), (JPEG, "evil", "kind")):
        with pytest.raises(Unfit) as refused:
            files.put("E1", WORKER, "a.jpg", data, kind)
        assert refused.value.code == code and all(refused.value.sentence(lang) for lang in LANGS)
    assert on_disk(files) == []


def test_too_much_is_read_no_further_than_the_limit(files: Files):
    class Endless(BytesIO):
        asked = 0

        def read(self, size: int | None = -1) -> bytes:
            self.asked += 1
            return b"\xff\xd8\xff" + bytes(4096)

    endless = Endless()
    with pytest.raises(Unfit):
        files.put("E1", WORKER, "a.jpg", endless)
    assert endless.asked == 3


def test_who_may_not_attaches_nothing(files: Files):
    for actor, code in (
        (Actor(name="x", role="wall"), "role"),
        (Actor(name="y", role="worker", scope="west"), "scope"),
    ):
        with pytest.raises(NotAllowed) as refused:
            files.put("E1", actor, "a.jpg", JPEG)
        assert refused.value.code == code
    with pytest.raises(NoCase):
        files.put("nowhere", ADMIN, "a.jpg", JPEG)
    assert not files.folder.exists() or on_disk(files) == []


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "..\\..\\boot.ini", "a\x00b.jpg", "\u202egpj.exe", "", ".", "/", "x" * 5000, "con<>:|?.png"],
)
def test_hostile_names_are_names_and_nothing_else(files: Files, name: str):
    row = files.put("E1", WORKER, name, JPEG)
    assert row.name.endswith(".jpg") and len(row.name) <= 124
    assert not set(row.name) & set('/\\\x00\u202e<>:|?"') and row.name not in (".jpg", "..jpg")
    assert [path.relative_to(files.folder).parts[0] for path in on_disk(files)] == [row.sha256[:2]]


@given(st.text(), st.sampled_from(sorted(ENDINGS)))
def test_every_name_becomes_a_plain_one(said: str, mime: str):
    name = plain_name(said, mime)
    assert name.encode("utf-8", "strict") and 5 <= len(name) <= 125 and name.isprintable()
    assert not set(name) & set("/\\") and not name.startswith((".", " "))


@given(st.binary(max_size=64))
def test_any_bytes_are_of_a_known_kind_or_of_none(head: bytes):
    assert mime_of(head) is None or mime_of(head) in ENDINGS


@pytest.mark.parametrize("sha256", ["", "../../keys/trail.key", "0" * 64, "A" * 64, "0" * 63 + "/"])
def test_what_was_never_attached_is_not_there(files: Files, sha256: str):
    with pytest.raises(NoFile):
        files.open("E1", sha256)


def test_the_file_of_another_case_is_not_this_ones(files: Files):
    row = files.put("E2", WORKER, "a.jpg", JPEG)
    with pytest.raises(NoFile):
        files.open("E1", row.sha256)


def test_a_file_that_was_altered_or_lost_is_not_handed_out(files: Files):
    row = files.put("E1", WORKER, "a.jpg", JPEG)
    path = files.path(row.sha256)
    path.write_bytes(JPEG[:-1] + b"!")
    with pytest.raises(Altered):
        files.open("E1", row.sha256)
    path.unlink()
    with pytest.raises(Altered):
        files.open("E1", row.sha256)
    files.put("E2", WORKER, "a.jpg", JPEG)
    assert files.open("E1", row.sha256)[1].read_bytes() == JPEG, "who brings it again mends it"


def test_a_crash_between_file_and_row_leaves_an_orphan_that_is_swept(
    files: Files, bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    kept = files.put("E1", WORKER, "kept.jpg", JPEG)
    monkeypatch.setattr(bench.ledger, "run", _dies)
    with pytest.raises(KeyboardInterrupt):
        files.put("E1", WORKER, "lost.jpg", JPEG + b"2")
    monkeypatch.undo()
    assert len(on_disk(files)) == 2 and files.of("E1") == [kept] and bench.ledger.case("E1").version == 2
    (files.folder / ".partial-left").write_bytes(b"half")
    assert files.sweep() == 0, "it may be another's who has just begun"
    long_ago = time.time() - 90_000
    for path in on_disk(files):
        os.utime(path, (long_ago, long_ago))
    assert files.sweep() == 2
    assert on_disk(files) == [files.path(kept.sha256)]


def _dies(*_: object) -> None:
    raise KeyboardInterrupt


def test_what_is_swept_while_it_is_brought_again_is_there_in_the_end(
    files: Files, bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    run = bench.ledger.run

    def swept_meanwhile(*words: object) -> object:
        files.path(hashlib.sha256(JPEG).hexdigest()).unlink()
        return run(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(bench.ledger, "run", swept_meanwhile)
    row = files.put("E1", WORKER, "a.jpg", JPEG)
    assert files.whole(row.sha256)


def test_row_and_entry_are_written_together_or_not_at_all(files: Files, bench: Bench):
    with bench.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE case_files RENAME TO elsewhere"))
    with pytest.raises(sa.exc.DBAPIError):
        files.put("E1", WORKER, "a.jpg", JPEG)
    with bench.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE elsewhere RENAME TO case_files"))
        assert connection.execute(sa.select(FILES)).all() == []
    assert bench.ledger.case("E1").version == 1 and verify(bench.engine).ok
