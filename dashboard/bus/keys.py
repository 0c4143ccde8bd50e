"""Keys: every name in Redis, what is under it and how long it lives.

The braces are the hash tag of Redis Cluster: all that one fold touches for a district lies in one slot.
A district is named by its area_id.
"""

from __future__ import annotations

#: Hash: "clock" → the hall clock as JSON. Lives as long as the hall.
HALL = "hall"

#: Hash: version of a city → its name and the day it is valid from, as JSON. Lives as long as the hall.
CITIES = "cities"

#: Pub/sub: one bundle of frames a tick a fold (for browsers), one bundle of facts a second (for gateways only).
FRAMES = "frames"
FACTS = "facts"

#: Hash: "{kind}:{source}" → JSON of a feed's heartbeat (bus.feeds). Lives as long as the hall.
FEEDS = "feeds"

#: Hash: "{kind}:{reason}" → how many records were refused; lists: the last thousand, and the last notes on records that
#: were taken, as JSON, newest first.
REJECTED = "rejected"
REJECTED_LOG = "rejected:log"
NOTED_LOG = "rejected:log:notes"


def city(version: str) -> str:
    """String: City.to_bytes(). Lives as long as the hall."""
    return f"city:{version}"


def fixes(district: str) -> str:
    """Stream: entries {"rows": packed FIX, "rx": ms received}. Trimmed behind the checkpoint."""
    return f"fx:{{{district}}}"


def events(district: str) -> str:
    """Stream: entries {"rows": msgpack list of EventReport, "rx": ms}. Trimmed behind the checkpoint."""
    return f"ev:{{{district}}}"


def cameras(district: str) -> str:
    """Stream: entries {"rows": msgpack list of CameraStatus, "rx": ms}. Trimmed behind the checkpoint."""
    return f"cam:{{{district}}}"


def outbox(district: str) -> str:
    """String: how far the district's ledger has been told to its stream of events (bus.outbox). Lives as long as it."""
    return f"out:{{{district}}}"


def accepted(district: str) -> str:
    """Hash: kind → records ever written to the streams, added in the same transaction as the write."""
    return f"acc:{{{district}}}"


def checkpoint(district: str) -> str:
    """Hash: a fold's whole state, its stream positions in it; written in one atomic step by the lease's owner."""
    return f"ck:{{{district}}}"


def lease(district: str) -> str:
    """String: owner's name, expiring; who holds it may fold the district."""
    return f"lease:{{{district}}}"


def epoch(district: str) -> str:
    """Counter: raised by every new owner; a checkpoint of a lower epoch is refused."""
    return f"epoch:{{{district}}}"


def ask(district: str) -> str:
    """Counter: raised by whoever needs the whole picture; the fold answers with a whole frame. Lives an hour."""
    return f"ask:{{{district}}}"


def words(district: str) -> str:
    """Hash: key of an open event → msgpack of its EventReport, for its id and text. Written each tick."""
    return f"words:{{{district}}}"


#: Hash: name of a fold → JSON of how it goes (its districts, what a tick costs, how far it is behind).
FOLDS = "folds"
