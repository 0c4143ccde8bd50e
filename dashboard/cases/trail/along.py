"""Along: one chain, entry by entry: what was hashed, where it stands, and whether each case is what its entries say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec

from dashboard.cases.case import Case, Entry
from dashboard.cases.chain import GENESIS
from dashboard.cases.store.rows import COLUMNS
from dashboard.cases.store.schema import SEQ
from dashboard.cases.trail.broken import Broken
from dashboard.cases.trail.guilty import guilty
from dashboard.cases.trail.raw import Chain, Row, Rows, Unreadable

__all__ = ["CHUNK", "Along", "Signed"]

#: Entries that are read at once.
CHUNK = 10_000
#: Cases that are followed in memory; those that were touched longest ago are read again when they move again.
FOLLOWED = 40_000

_decode = msgspec.json.Decoder(Entry).decode
_columns = itemgetter(*COLUMNS)
_HASHED = ("case_id", "version", "move", "recorded_at", "request_key")
_SEQ = COLUMNS.index("seq")
#: A case before its first entry, by column.
_NEW: tuple[int, dict[str, Any]] = (0, {})
_BLANK = msgspec.structs.asdict(Case(case_id=""))


class Signed(msgspec.Struct, frozen=True):
    """A head that was signed: what the hash at its position was, and the name of the document that says so."""

    hash: bytes
    name: str


class Along:
    """One chain from `position` on, whose hash was `before`. Raises Broken at the first thing that is wrong."""

    def __init__(
        self, rows: Rows, chain: Chain, position: int = 0, before: bytes = GENESIS, *,
        signed: Mapping[int, Signed] | None = None,
    ) -> None:  # fmt: skip
        self.rows, self.chain, self.position, self.before = rows, chain, position, before
        self.signed = signed or {}
        self.base = chain.number * SEQ
        self.cases = 0
        self._followed: dict[str, tuple[int, dict[str, Any]]] = {}

    def to_the_head(self, most: int | None = None, told: Callable[[int], object] = lambda _: None) -> None:
        """Up to the head, or `most` entries further. told: entries of each chunk that was found whole."""
        end = self.chain.position if most is None else min(self.chain.position, self.position + most)
        while self.position < end:
            began = self.position
            self._chunk(min(end, began + CHUNK))
            told(self.position - began)
        head = (self.chain.position, self.chain.hash)
        if self.position >= self.chain.position and (self.position, self.before) != head:
            raise self._broken("head", found=self.chain.position)

    def _chunk(self, end: int) -> None:
        low, high = self.base + self.position, self.base + end
        entries, cases = self._read(low, high)
        self._remember({row[1] for row in entries if row[2] != 1}, low)
        unfinished: dict[str, int] = {}
        begun, ended = self.position, self._quickly(entries, cases, unfinished)
        for row in entries[ended - begun :]:
            case_id = self._entry(row)
            unfinished[case_id] = self.position
            if (found := cases.get(row[0])) is not None:
                self._case(case_id, found)
                del unfinished[case_id]
        if self.position < end:
            raise Broken("missing", self.chain.district, self.position + 1)
        self._unfinished(unfinished)
        while len(self._followed) > FOLLOWED:
            del self._followed[next(iter(self._followed))]

    def _quickly(self, entries: Sequence[Row], cases: Mapping[int, Row], unfinished: dict[str, int]) -> int:
        """All that is asked of entry and case, in one go, up to what is wrong; `_entry` and `_case` then say what."""
        for row in entries:
            entry = _sound(row, self.before)
            if entry is None or not self._fits(entry, row) or not self._goes_on(entry, row, cases, unfinished):
                break
            self.position, self.before = self.position + 1, row[7]
        return self.position

    def _fits(self, entry: Entry, row: Row) -> bool:
        """Whether it is the next entry of this chain, and its columns are what it says."""
        place, signed = self.position + 1, self.signed
        return (
            row[0] == self.base + place and entry.position == place and entry.district == self.chain.district
            and entry.case_id == row[1] and entry.version == row[2] and entry.move == row[3]
            and entry.recorded_at == row[4] and entry.more.get("key") == row[5]
            and (place not in signed or signed[place].hash == row[7])
        )  # fmt: skip

    def _goes_on(self, entry: Entry, row: Row, cases: Mapping[int, Row], unfinished: dict[str, int]) -> bool:
        """Whether it is the next version of its case, and the case, where this is its last entry, what they make."""
        seq, case_id, version = row[0], row[1], row[2]
        known, columns = self._followed.get(case_id, _NEW)
        if version != known + 1:
            return False
        if known:
            columns.update(entry.set)
        else:
            columns = entry.set
        columns["updated_at"] = row[4]
        found = cases.get(seq)
        if found is None:
            unfinished[case_id] = self.position + 1
        else:
            own = {"case_id": case_id, "district": self.chain.district, "version": version, "seq": seq}
            if _columns(_BLANK | columns | own) != found:
                return False
            self.cases += 1
            unfinished.pop(case_id, None)
        self._followed.pop(case_id, None)  # to the end: who moved last is followed longest
        self._followed[case_id] = version, columns
        return True

    def _read(self, low: int, high: int) -> tuple[list[Row], dict[int, Row]]:
        try:
            return list(self.rows.entries(low, high)), {row[_SEQ]: tuple(row) for row in self.rows.cases(low, high)}
        except Unreadable:
            self._name_unreadable(low, high)
            raise

    def _name_unreadable(self, low: int, high: int) -> None:
        """One at a time, to name the one that cannot be read; those before it may be broken in another way."""
        for at in range(low + 1, high + 1):
            try:
                rows = self.rows.entries(at - 1, at)
            except Unreadable:
                raise Broken("unreadable", self.chain.district, at - self.base) from None
            if rows and rows[0][2] != 1:
                self._remember({rows[0][1]}, at - 1)
            for row in rows:
                self._entry(row)
            try:
                self.rows.cases(at - 1, at)
            except Unreadable:
                case_id = str(rows[0][1]) if rows else ""
                raise Broken("case_unreadable", self.chain.district, at - self.base, case_id) from None

    def _entry(self, row: Row) -> str:
        """One entry: its place, its hash, its columns, its version; its case goes on by it."""
        seq, case_id, version, move, recorded_at, request_key, body, digest = row
        if seq != self.base + self.position + 1:
            raise Broken("missing", self.chain.district, self.position + 1)
        self.position += 1
        raw = body.encode() if isinstance(body, str) else b""
        if sha256(self.before + raw).digest() != digest:
            raise self._broken("hash", case_id, **guilty(self.before, raw, digest, self._following(seq)))
        entry = self._decoded(raw, case_id)
        if entry.position != self.position or entry.district != self.chain.district:
            raise self._broken("place", case_id, said=f"{entry.district} {entry.position}")
        said = (entry.case_id, entry.version, entry.move, entry.recorded_at, entry.more.get("key"))
        if (case_id, version, move, recorded_at, request_key) != said:
            raise self._altered(said, (case_id, version, move, recorded_at, request_key))
        if self.signed and (head := self.signed.get(self.position)) and head.hash != digest:
            raise self._broken("signed", case_id, name=head.name)
        self._follow(entry)
        self.before = digest
        return entry.case_id

    def _following(self, seq: int) -> tuple[bytes, bytes] | None:
        """Body and hash of the entry after this one."""
        try:
            rows = self.rows.entries(seq, seq + 1)
        except Unreadable:
            return None
        return (rows[0][6].encode(), rows[0][7]) if rows and isinstance(rows[0][6], str) else None

    def _decoded(self, raw: bytes, case_id: object) -> Entry:
        try:
            return _decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise self._broken("unreadable", case_id) from None

    def _altered(self, said: tuple[Any, ...], found: tuple[Any, ...]) -> Broken:
        name, right, wrong = next(row for row in zip(_HASHED, said, found, strict=True) if row[1] != row[2])
        return self._broken("column", said[0], column=name, found=_short(wrong), said=_short(right))

    def _follow(self, entry: Entry) -> None:
        version, columns = self._followed.pop(entry.case_id, (0, {}))
        if entry.version != version + 1:
            raise self._broken("version", entry.case_id, found=entry.version, said=version + 1)
        columns.update(entry.set)
        columns["updated_at"] = entry.recorded_at
        self._followed[entry.case_id] = (entry.version, columns)

    def _remember(self, case_ids: set[Any], low: int) -> None:
        """Cases that began before and are not followed (any more): their entries until then."""
        unknown = [case_id for case_id in case_ids if isinstance(case_id, str) and case_id not in self._followed]
        for case_id, rows in groupby(self.rows.bodies(unknown, low) if unknown else (), key=itemgetter(0)):
            version, columns = 0, dict[str, Any]()
            for _, body in rows:
                entry = self._decoded(body.encode(), case_id)
                version, columns = entry.version, columns | entry.set
            self._followed[case_id] = (version, columns)

    def _case(self, case_id: str, row: Row) -> None:
        """Is the case what its entries make of it? This is its last."""
        version, columns = self._followed[case_id]
        own = {"case_id": case_id, "district": self.chain.district, "version": version}
        said = _columns(_BLANK | columns | own | {"seq": self.base + self.position})
        if said != row:
            name, right, wrong = next(one for one in zip(COLUMNS, said, row, strict=True) if one[1] != one[2])
            raise self._broken("case", case_id, column=name, found=_short(wrong), said=_short(right))
        self.cases += 1

    def _unfinished(self, unfinished: Mapping[str, int]) -> None:
        """Cases whose last entry is not in this chunk: they must be there, and name a later one."""
        seqs = self.rows.seqs(unfinished) if unfinished else {}
        for case_id, position in unfinished.items():
            if case_id not in seqs:
                raise Broken("case_missing", self.chain.district, position, case_id)
            if not self.base + self.position < seqs[case_id] <= self.base + self.chain.position:
                raise Broken("case_behind", self.chain.district, position, case_id, found=seqs[case_id])

    def _broken(self, code: str, case_id: object = "", **values: Any) -> Broken:
        return Broken(code, self.chain.district, self.position, str(case_id), **values)


def _sound(row: Row, before: bytes) -> Entry | None:
    """The entry, if its hash follows from the one before and it can be read."""
    try:
        raw = row[6].encode()
        return _decode(raw) if sha256(before + raw).digest() == row[7] else None
    except (AttributeError, UnicodeError, msgspec.MsgspecError):
        return None


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:79]}…"
