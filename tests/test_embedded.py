"""The embedded server keeps what it answered for, whatever is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from dashboard.bus.connect import AWAY, Unreachable, connect, persistence
from dashboard.bus.embedded import Embedded, InUse, NoServer, find_server, wheel_server

ROOT = Path(__file__).resolve().parent.parent


def gone(pid: int, seconds: float = 10.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.02)
    return False


def test_a_kill_of_the_server_under_a_writer_loses_nothing_it_answered_for(own_server: Embedded) -> None:
    answered: list[int] = []
    stopping = threading.Event()

    def write() -> None:
        client = connect(own_server.url, patience=0)
        number = 0
        while not stopping.is_set():
            number += 1
            try:
                client.rpush("written", number)
            except AWAY:
                time.sleep(0.01)
            else:
                answered.append(number)

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    for _ in range(3):
        time.sleep(0.3)
        pid = own_server.pid
        assert pid
        os.kill(pid, signal.SIGKILL)
        while not own_server.ensure():
            time.sleep(0.01)
    stopping.set()
    writer.join()
    kept = {int(number) for number in connect(own_server.url).lrange("written", 0, -1)}
    assert len(answered) > 100
    assert set(answered) <= kept


def test_a_reader_outlives_the_restart(own_server: Embedded) -> None:
    client, read = connect(own_server.url), list[object]()
    client.set("name", "hall")
    assert own_server.pid
    os.kill(own_server.pid, signal.SIGKILL)
    reader = threading.Thread(target=lambda: read.append(client.get("name")))
    reader.start()
    time.sleep(0.5)
    own_server.ensure()  # here: a server ends with the thread that started it
    reader.join(30)
    assert read == [b"hall"]


def test_a_file_that_ends_in_the_middle_of_a_write_is_read_up_to_there(own_server: Embedded) -> None:
    connect(own_server.url).set("name", "hall")
    own_server.stop()
    newest = max((own_server.folder / "appendonlydir").glob("*.incr.aof"))
    newest.write_bytes(newest.read_bytes() + b"*3\r\n$3\r\nSET\r\n$4\r\nna")
    own_server.start()
    assert connect(own_server.url).get("name") == b"hall"


def test_a_second_process_finds_the_live_server_and_leaves_it_alone(own_server: Embedded) -> None:
    second = Embedded(own_server.folder.parent, own_server.server)
    assert second.start() == own_server.url
    assert not second.owned
    second.stop()
    assert own_server.alive()


def test_nobody_empties_a_folder_in_which_a_hall_lives(own_server: Embedded) -> None:
    with pytest.raises(InUse, match="another hall"), Embedded(own_server.folder.parent).lock():
        pass
    own_server.stop()
    with Embedded(own_server.folder.parent).lock():
        pass
    own_server.start()


PARENT = """
import sys, time
from pathlib import Path
from dashboard.bus.embedded import Embedded
server = Embedded(Path(sys.argv[1]), sys.argv[2])
server.start()
print(server.pid, flush=True)
time.sleep(60)
"""


def start_parent(data: Path, binary: str) -> tuple[subprocess.Popen[str], int]:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(data), binary], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout
    return parent, int(parent.stdout.readline())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_the_server_dies_with_its_parent(server_binary: str, tmp_path: Path) -> None:
    parent, pid = start_parent(tmp_path, server_binary)
    parent.kill()
    parent.wait()
    assert gone(pid)


def test_a_server_left_behind_is_adopted_and_then_stopped_by_the_adopter(server_binary: str, tmp_path: Path) -> None:
    left = Embedded(tmp_path, server_binary)
    left.start()
    assert left._lock
    left._lock.close()  # as if its holder had died where the kernel tells nobody
    with Embedded(tmp_path, server_binary) as heir:
        assert heir.owned
        assert heir.pid == left.pid
    assert not heir.alive()
    assert left._process
    left._process.wait()


def test_an_adopted_server_that_dies_is_started_again(server_binary: str, tmp_path: Path) -> None:
    left = Embedded(tmp_path, server_binary)
    left.start()
    assert left._lock
    left._lock.close()
    with Embedded(tmp_path, server_binary) as heir:
        assert not heir.ensure()
        assert left._process
        left._process.kill()
        left._process.wait()
        assert heir.ensure()
        assert heir.alive()


def test_a_data_folder_with_a_long_chinese_name_will_do(server_binary: str, tmp_path: Path) -> None:
    folder = tmp_path / ("武陵源 网格化 指挥中心 %41 " * 3)
    with Embedded(folder, server_binary) as server:
        assert connect(server.url).ping()
        runtime = server.socket.parent
        assert Embedded(folder).url == server.url
    assert not runtime.exists()


def test_it_opens_no_port_and_throws_nothing_away(own_server: Embedded) -> None:
    config = connect(own_server.url).config_get("*")
    assert config["port"] == "0"
    assert config["maxmemory-policy"] == "noeviction"
    assert config["appendfsync"] == "always"
    assert persistence(connect(own_server.url)) == []


def test_what_another_server_lacks_is_said(redis_url: str) -> None:
    client = connect(redis_url)
    client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        assert [what for what, _ in persistence(client)] == ["Redis throws keys away when its memory is full"]
    finally:
        client.config_set("maxmemory-policy", "noeviction")
    with pytest.raises(Unreachable):
        persistence(connect("unix:///nowhere/redis.sock", patience=0))


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(NoServer, match="no server binary nonesuch"):
        Embedded(tmp_path, "nonesuch").start()
    with pytest.raises(NoServer, match="ended at once"):
        Embedded(tmp_path / "other", "false").start()


def test_the_setting_comes_first_and_the_wheel_has_one_too() -> None:
    assert find_server("sh")
    assert find_server("nonesuch") is None
    wheel = wheel_server()
    assert wheel and os.access(wheel, os.X_OK)
