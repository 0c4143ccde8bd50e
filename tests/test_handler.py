"""Handler: who asks for a table and then does not read it keeps nobody else from theirs."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path

from ports import free_port
from serving import get, until

SERVER = """
from gevent import monkey; monkey.patch_all()
import itertools, sys
from flask import Flask
from gevent.pywsgi import WSGIServer
from dashboard.web import handler, sheets
handler.PATIENCE = 3.0
server = Flask("tables")
endless = lambda: ([["a cell" * 50_000]] for _ in itertools.count())
server.add_url_rule("/endless", "endless", lambda: sheets.as_csv(sheets.Sheet("table", ["cell"], endless())))
server.add_url_rule("/free", "free", lambda: str(sheets._pens.counter))
door = ("127.0.0.1", int(sys.argv[1]))
WSGIServer(door, server, handler_class=handler.Handler, log=None, error_log=None).serve_forever()
"""


def test_whoever_stops_reading_a_table_gives_its_place_to_others() -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/free"

    def free() -> bytes:
        try:
            return get(url).body
        except OSError:
            return b""

    with subprocess.Popen([sys.executable, "-c", SERVER, str(port)], cwd=Path(__file__).parent.parent) as process:
        try:
            assert until(lambda: free() == b"2", 30)
            with (
                socket.create_connection(("127.0.0.1", port)) as lazy,
                socket.create_connection(("127.0.0.1", port)) as slow,
            ):
                for line in (lazy, slow):
                    line.sendall(b"GET /endless HTTP/1.1\r\nHost: here\r\n\r\n")
                assert until(lambda: free() == b"0", 10), "both write"
                end = time.monotonic() + 6
                while time.monotonic() < end:
                    assert slow.recv(1 << 20), "who reads, however slowly, is not hung up on"
                    time.sleep(0.05)
                assert until(lambda: free() == b"1", 10), "the place of the one who did not read is free again"
        finally:
            process.kill()
