"""Pollers: a process of many pages that ask a plain Dash app for an update, each again and again. Stops by itself."""

from __future__ import annotations

import asyncio
import sys
import time

import msgspec
import numpy as np

from dashboard.bench.percentiles import spread

__all__ = ["Poll", "Polled"]

#: What Dash's own page sends when its Interval fires.
BODY = msgspec.json.encode(
    {
        "output": "map.figure",
        "outputs": {"id": "map", "property": "figure"},
        "inputs": [{"id": "tick", "property": "n_intervals", "value": 1}],
        "changedPropIds": ["tick.n_intervals"],
        "parsedChangedPropsIds": ["tick.n_intervals"],
    }
)


class Poll(msgspec.Struct):
    """every: seconds between two questions of a client, if it is answered that soon."""

    host: str
    port: int
    clients: int
    every: float
    seconds: float


class Polled(msgspec.Struct):
    updates: int = 0
    bytes: int = 0
    refused: int = 0
    answer_ms: tuple[float, float, float] = (0.0, 0.0, 0.0)


async def poll(order: Poll) -> Polled:
    polled, took = Polled(), list[float]()
    until = time.monotonic() + order.seconds
    await asyncio.gather(*(_client(order, number, until, polled, took) for number in range(order.clients)))
    polled.answer_ms = spread(np.array(took) * 1000)
    return polled


async def _client(order: Poll, number: int, until: float, polled: Polled, took: list[float]) -> None:
    await asyncio.sleep(order.every * number / order.clients)
    while (began := time.monotonic()) < until:
        status, size = await _ask(order)
        if status == 200:
            polled.updates += 1
            polled.bytes += size
            took.append(time.monotonic() - began)
        else:
            polled.refused += 1
        await asyncio.sleep(max(order.every - (time.monotonic() - began), 0.0))


async def _ask(order: Poll) -> tuple[int, int]:
    """Status, and bytes of the answer."""
    reader, writer = await asyncio.open_connection(order.host, order.port, limit=1 << 22)
    head = (
        f"POST /_dash-update-component HTTP/1.1\r\nHost: {order.host}:{order.port}\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n"
    )
    writer.write(head.encode() + BODY)
    answer = await reader.read(-1)
    writer.close()
    return int(answer[9:12]), len(answer)


def main() -> None:
    order = msgspec.json.decode(sys.argv[1], type=Poll)
    sys.stdout.write(msgspec.json.encode(asyncio.run(poll(order))).decode() + "\n")


if __name__ == "__main__":
    main()
