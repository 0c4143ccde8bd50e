"""Onward: the ledger is verified as it grows, a little at a time, and over again from the start; how far is kept."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from dashboard.cases.chain import GENESIS
from dashboard.cases.trail.along import Along
from dashboard.cases.trail.broken import Broken, Finding
from dashboard.cases.trail.heads import recorded, signed_of
from dashboard.cases.trail.raw import looking
from dashboard.cases.trail.watch import CHECKS
from dashboard.sql.engine import reading, writing

__all__ = ["AGAIN", "ONWARD", "Verified", "places", "step", "verified"]

#: The two walks: behind the head, and round and round, so that what was altered after it was verified is found too.
ONWARD, AGAIN = "onward", "again"
#: Entries that the walk AGAIN goes on by in each chain, however short it is beside the others.
FEWEST = 100
#: Looks in which it comes round where it may, an hour of the steward's: to go faster would find nothing else.
LOOKS = 240

#: A walk has come so far.
_KEEP = sa.text(
    """INSERT INTO chain_checks (district, walk, position, hash, at, rounds, finding)
    VALUES (:district, :walk, :position, :hash, :at, :rounds, :finding)
    ON CONFLICT (district, walk) DO UPDATE SET position = excluded.position, hash = excluded.hash, at = excluded.at,
    rounds = excluded.rounds, finding = excluded.finding"""
)


class Verified(msgspec.Struct, frozen=True):
    """position: every entry up to it was found whole; at: when (seconds since 1970). finding: the first broken one."""

    position: int
    at: float
    ok: bool
    finding: Finding | None


class _Check(msgspec.Struct, frozen=True):
    district: str
    walk: str
    position: int = 0
    hash: bytes = GENESIS
    at: float = 0.0
    rounds: int = 0
    finding: str | None = None


def verified(engine: Engine) -> dict[str, Verified]:
    """By district, for the case page: how far, when, and whether all was whole. Not there: never verified."""
    with reading(engine) as connection:
        checks = _checks(connection)
    found = {name: check for (name, walk), check in checks.items() if walk == ONWARD}
    said: dict[str, Verified] = {}
    for district, check in found.items():
        again = checks.get((district, AGAIN))
        text = check.finding or (again.finding if again else None)
        finding = msgspec.json.decode(text, type=Finding) if text else None
        said[district] = Verified(check.position, check.at, finding is None, finding)
    return said


def places(engine: Engine) -> list[tuple[str, int, bytes, float]]:
    """(district, position, hash, at) up to where chains were found whole."""
    with reading(engine) as connection:
        return [(row.district, row.position, row.hash, row.at) for row in _checks(connection).values()]


def step(engine: Engine, now: float, most: int = 20_000, walk: str = ONWARD) -> list[Finding]:
    """Verify the next `most` entries of each chain, and keep how far that is. What is broken is looked at anew.

    Of the walk AGAIN they are shared out by the length of the chains, so that all come round together, of a short
    ledger no more than come round in LOOKS; where it has come to the head it begins anew at once: a hall in use has a
    new head at every look.
    """
    with reading(engine) as connection:
        checks = _checks(connection)
    documents = recorded(engine)
    done: list[_Check] = []
    with looking(engine) as rows:
        chains = rows.chains()
        whole = max(sum(chain.position for chain in chains), 1)
        share = min(most / whole, 1 / LOOKS)
        for chain in chains:
            check = checks.get((chain.district, walk), _Check(chain.district, walk))
            ahead = Along(rows, chain, check.position, check.hash, signed=signed_of(documents, chain.district))
            finding = None
            try:
                ahead.to_the_head(most if walk == ONWARD else max(FEWEST, int(share * chain.position)))
            except Broken as broken:
                finding = msgspec.json.encode(broken.finding).decode()
            done.append(_further(check, ahead, now, finding))
    _keep(engine, done)
    return [msgspec.json.decode(check.finding, type=Finding) for check in done if check.finding]


def _further(check: _Check, ahead: Along, now: float, finding: str | None) -> _Check:
    if finding:
        return _Check(check.district, check.walk, check.position, check.hash, now, check.rounds, finding)
    if check.walk == AGAIN and ahead.position >= ahead.chain.position > 0:
        return _Check(check.district, check.walk, at=now, rounds=check.rounds + 1)
    return _Check(check.district, check.walk, ahead.position, ahead.before, now, check.rounds)


def _checks(connection: Connection) -> dict[tuple[str, str], _Check]:
    return {(row.district, row.walk): _Check(*row) for row in connection.execute(sa.select(CHECKS))}


def _keep(engine: Engine, checks: list[_Check]) -> None:
    if rows := [msgspec.structs.asdict(check) for check in checks]:
        with writing(engine) as connection:
            connection.execute(_KEEP, rows)
