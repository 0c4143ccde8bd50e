"""Roles: who there is, and what each may do. One table; what is not in it is not allowed."""

from __future__ import annotations

from types import MappingProxyType

__all__ = ["ACCOUNTS", "ALL", "CAPABILITIES", "ROLES"]

#: Every capability, and what it opens.
ALL = MappingProxyType({
    "wall": "the wall, its map files, frames and panels; what they are made of (areas, workers, tracks, cameras)",
    "lists": "lists of open events, workers, grids and cameras behind the numbers of the wall",
    "cases": "cases and their trail, as far as the caller's scope goes, and exports of them",
    "personal": "names and phone numbers of reporters in those cases; every look is written down",
    "report": "telling the hall of a new case",
    "move": "moving cases (which move on which case: the table of moves)",
    "attach": "adding photos and papers: to cases within one's reach, and a source to those that it told of",
    "kpi": "indicators",
    "feeds": "health of feeds, metrics of the processes, records that were refused",
    "audit": "who looked at what, who signed in, whether the trail is whole",
    "people": "accounts, keys and walls",
})  # fmt: skip

#: role → capabilities. A leader weighs numbers and urges; who the reporter was is for those who talk to them: the
#: dispatcher who takes the call, the department that solves it, the verifier who calls back. An auditor sees
#: everything that was done and nobody's phone number; an admin keeps the house, and is written down like everybody.
CAPABILITIES: MappingProxyType[str, frozenset[str]] = MappingProxyType({
    "worker": frozenset({"cases", "report", "move", "attach"}),
    "dispatcher": frozenset({"wall", "lists", "cases", "personal", "report", "move", "attach", "kpi", "feeds"}),
    "department": frozenset({"cases", "personal", "report", "move", "attach"}),
    "verifier": frozenset({"wall", "lists", "cases", "personal", "move", "attach"}),
    "assessor": frozenset({"wall", "lists", "cases", "move", "kpi"}),
    "leader": frozenset({"wall", "lists", "cases", "report", "move", "attach", "kpi", "feeds"}),
    "wall": frozenset({"wall"}),
    "auditor": frozenset({"lists", "cases", "kpi", "feeds", "audit"}),
    "admin": frozenset({"wall", "lists", "cases", "report", "move", "attach", "kpi", "feeds", "audit", "people"}),
    "source": frozenset({"report", "attach"}),
})  # fmt: skip

#: All roles; and those that an account can have (a source has a key instead, and no password).
ROLES = tuple(CAPABILITIES)
ACCOUNTS = tuple(role for role in ROLES if role != "source")
