"""Broken: what is wrong with the ledger, where, and how that is said."""

from __future__ import annotations

from typing import Any

import msgspec

from layouts.words import say

__all__ = ["Broken", "Finding"]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One broken place. code: a word `trail.<code>`; values fill it. position 0: no single entry is to blame."""

    code: str
    district: str = ""
    position: int = 0
    case_id: str = ""
    values: dict[str, Any] = {}

    def sentence(self, lang: str) -> str:
        """Where, and what is wrong."""
        speak = say(lang)
        where = {"district": self.district, "position": self.position, "case_id": self.case_id}
        said = speak("trail.entry" if self.position else "trail.chain", **where)
        said += speak(f"trail.{self.code}", **self.values)
        return said + "".join(speak(f"trail.{name}", **self.values) for name in ("byte", "kept") if name in self.values)


class Broken(Exception):
    """The walk ends here."""

    def __init__(self, code: str, district: str = "", position: int = 0, case_id: str = "", **values: Any) -> None:
        super().__init__(code)
        self.finding = Finding(code=code, district=district, position=position, case_id=case_id, values=values)
