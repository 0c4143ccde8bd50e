"""Person: who is asking, whatever they showed for it: a session, a key, a wall's pass, or nothing at all."""

from __future__ import annotations

from typing import Literal

import msgspec

from dashboard.people.roles import CAPABILITIES

__all__ = ["NOBODY", "Kind", "Person"]

#: What it is known by: account (signed in, or by a token of theirs), source (a system's key), wall (a pass for a
#: display), guest (somebody at this very machine, where the hall lets them), nobody.
Kind = Literal["account", "source", "wall", "guest", "nobody"]


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """scope: area_id of the subtree it may see, empty for the whole city. proof: of the session or token, hashed."""

    name: str
    role: str = ""
    scope: str = ""
    department: str = ""
    seat: str = ""
    kind: Kind = "nobody"
    proof: str = ""

    def may(self, capability: str) -> bool:
        return capability in CAPABILITIES.get(self.role, ())


NOBODY = Person(name="")
