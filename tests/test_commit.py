"""Committer: what comes at one moment, or during a write, is written together; nobody is answered before it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import cast

import pytest

from dashboard.bus.streams import AsyncInlet, Parcel
from dashboard.ingest import commit
from dashboard.ingest.commit import Away, Committer
from dashboard.ingest.taken import Taken


class Inlet:
    """Remembers what it was given; each write takes a while."""

    def __init__(self) -> None:
        self.writes: list[list[Parcel]] = []
        self.trouble: Exception | None = None

    async def write(self, parcels: Iterable[Parcel]) -> None:
        self.writes.append(sorted(parcels))
        await asyncio.sleep(0.02)
        if self.trouble:
            raise self.trouble


def taken(kind: str, piece: bytes) -> Taken:
    one = Taken(received=1)
    one.take(kind, "west", piece)
    return one


def committer(inlet: Inlet) -> Committer:
    return Committer(cast(AsyncInlet, inlet), 100)


def test_fixes_and_cameras_of_one_moment_are_one_write() -> None:
    async def run(inlet: Inlet) -> None:
        door = committer(inlet)
        fixes = asyncio.create_task(door.write(taken("fixes", b"f")))
        await asyncio.sleep(0)  # it waits for its write
        cameras = asyncio.create_task(door.write(taken("cameras", b"c")))
        await asyncio.gather(fixes, cameras)

    asyncio.run(run(inlet := Inlet()))
    assert inlet.writes == [[("cameras", "west", b"\x91c", 1), ("fixes", "west", b"f", 1)]]


def test_what_comes_during_a_write_goes_with_the_next_one_and_is_answered_after_it() -> None:
    async def run(inlet: Inlet) -> None:
        door = committer(inlet)
        first = asyncio.create_task(door.write(taken("fixes", b"1")))
        await asyncio.sleep(0.01)
        later = [asyncio.create_task(door.write(taken("fixes", piece))) for piece in (b"2", b"3")]
        await first
        assert not any(task.done() for task in later)
        await asyncio.gather(*later)

    asyncio.run(run(inlet := Inlet()))
    assert inlet.writes == [[("fixes", "west", b"1", 1)], [("fixes", "west", b"23", 2)]]


def test_after_a_rest_the_first_waits_for_company_and_who_sends_on_never_does(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run(inlet: Inlet) -> None:
        door = committer(inlet)
        first = asyncio.create_task(door.write(taken("fixes", b"1")))
        await asyncio.sleep(0.1)
        assert not inlet.writes, "it has had a rest"
        await asyncio.gather(first, door.write(taken("fixes", b"2")))
        monkeypatch.setattr(commit, "COMPANY", 60.0)
        await asyncio.wait_for(door.write(taken("fixes", b"3")), 30.0)

    monkeypatch.setattr(commit, "COMPANY", 1.0)
    monkeypatch.setattr(commit, "REST", 0.5)
    asyncio.run(run(inlet := Inlet()))
    assert [rows for ((_, _, _, rows),) in inlet.writes] == [2, 1]


def test_all_who_waited_for_a_write_that_failed_are_told_and_the_next_is_taken() -> None:
    async def run(inlet: Inlet) -> None:
        door, inlet.trouble = committer(inlet), OSError("gone")
        told = await asyncio.gather(
            *(door.write(taken("fixes", piece)) for piece in (b"1", b"2")), return_exceptions=True
        )
        assert [type(error) for error in told] == [Away, Away]
        inlet.trouble = None
        await door.write(taken("fixes", b"3"))
        assert door.waiting == 0

    asyncio.run(run(inlet := Inlet()))
    assert [rows for ((_, _, _, rows),) in inlet.writes] == [2, 1]
