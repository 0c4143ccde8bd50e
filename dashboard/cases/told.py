"""Told: a report as the ledger takes it: what was said, by whose record, where it lies, and what must be erasable."""

from __future__ import annotations

from typing import Any

import msgspec

from dashboard.cases.case import Actor
from feeds.record import EventReport

__all__ = ["PERSONAL_NAMES", "Told"]

#: Names under which personal data is kept, apart from the trail, so that it can be erased.
PERSONAL_NAMES = ("reporter_name", "reporter_phone")


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One word on an event: the first makes the case, a later one moves it while nobody here has.

    district: area_id of the chain that a new case is written in. street, community, area_id, grid_id: where it lies, as
    far as known; area_id is the lowest. personal: of PERSONAL_NAMES; the trail holds SHA-256(salt + value) of each, as
    `Entry.more["personal"][name]` in hex. actor: who opens it here; None: a system. data: what the first word brings
    besides (solved on the spot, department). request_key: idempotency of `Ledger.open`, scoped by actor.
    """

    report: EventReport
    origin: str
    district: str
    street: str = ""
    community: str = ""
    area_id: str = ""
    grid_id: str = ""
    grid_kind: str = ""
    personal: dict[str, str] = {}
    actor: Actor | None = None
    data: dict[str, Any] = {}
    request_key: str = ""
