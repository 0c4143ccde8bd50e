"""History: cases and their trails as years of work leave them, made in columns, with a chain that holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from dashboard.cases.case import Case, Entry
from dashboard.cases.chain import GENESIS, canonical, link
from dashboard.cases.store.lines import Head, Line
from dashboard.cases.store.schema import SEQ

__all__ = ["DISTRICTS", "END", "History"]

DISTRICTS = tuple(f"district-{number}" for number in range(8))
#: What a case goes through, and what each move sets besides the step and its time.
WAY: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("report", "reported", {}),
    ("check", "reported", {"checked": True}),
    ("dispatch", "dispatched", {"order": "sent"}),
    ("deliver", "dispatched", {"order": "reached"}),
    ("accept", "dispatched", {"order": "accepted"}),
    ("urge", "dispatched", {"urges": 1}),
    ("handle", "handled", {}),
    ("verify", "verified", {"verifier": "v1"}),
    ("archive", "archived", {"outcome": "closed"}),
    ("appraise", "appraised", {"score": 90.0, "satisfaction": 5}),
)
#: Columns that hold when a move was made.
TIMES = {"check": "checked_at", "accept": "accepted_at"} | {
    move: f"{step}_at" for move, step, _ in WAY if move in ("dispatch", "handle", "verify", "archive", "appraise")
}
#: Six of ten went the whole way, the others are anywhere on it: eight entries a case.
WHOLE = 0.6
#: The last hour of the history, and how long it is: seconds.
END, YEARS = 1_795_140_000.0, 2 * 365 * 86400.0
#: Seconds between two moves, on average, and hours that a case has.
PAUSE, LIMIT = 7200.0, 24.0
#: What is said of a case: one of each; in one of RARELY also a word that is nowhere else.
WORDS = (
    (
        "路面破损",
        "井盖缺失",
        "路灯不亮",
        "垃圾堆积",
        "违章停车",
        "占道经营",
        "水管爆裂",
        "树木倒伏",
        "污水外溢",
        "噪音扰民",
    ),
    ("居民多次反映", "附近学校门口", "小区北门外", "公交站旁", "菜市场门前", "桥下", "幼儿园对面"),
    ("影响通行", "有老人摔倒", "夜间尤其严重", "雨后积水", "气味难闻", "车辆绕行"),
    ("请尽快处理", "望核实", "请回电", "已是第二次来电"),
)
RARE, RARELY = "发现鸵鸟", 10_007
ROADS = [first + second for first in "光和建长中友新胜红松" for second in "复平设安山谊华利旗江"]
CLASSES = [f"{number:04d}" for number in range(1, 61)]


class History:
    """Columns of `count` cases; `lines` and `cases` give the rows of one district in the order of its chain."""

    def __init__(self, count: int, seed: int = 7) -> None:
        rng = np.random.default_rng(seed)
        self.count = count
        begun = np.sort(rng.uniform(END - YEARS, END, count))
        self.length = np.where(rng.random(count) < WHOLE, len(WAY), rng.integers(1, len(WAY), count))
        pauses = rng.exponential(PAUSE, (count, len(WAY)))
        pauses[:, 0] = 0.0
        self.at: npt.NDArray[np.float64] = np.round(begun[:, None] + np.cumsum(pauses, axis=1), 3)
        self.district = rng.integers(0, len(DISTRICTS), count)
        self.place = rng.random((count, 2))
        self.area = rng.integers(0, 60, count)
        self.kind = rng.integers(0, len(CLASSES), count)
        self.department = rng.integers(0, 30, count)
        self.said = rng.integers(0, 2**31, count)

    @property
    def entries(self) -> int:
        return int(self.length.sum())

    @staticmethod
    def name(row: int) -> str:
        return f"b{row:08d}"

    def open_ids(self, limit: int) -> list[str]:
        """Cases that can be urged: not archived."""
        rows = np.flatnonzero(self.length < len(WAY) - 1)
        return [self.name(int(row)) for row in np.random.default_rng(1).permutation(rows)[:limit]]

    def chain(self, district: int) -> Iterator[tuple[Line, Case | None]]:
        """Entry after entry; with the last one of a case, the case."""
        rows = np.flatnonzero(self.district == district)
        row = np.repeat(rows, self.length[rows])
        turn = np.concatenate([np.arange(length) for length in self.length[rows]]) if len(rows) else row
        order = np.argsort(self.at[row, turn], kind="stable")
        head, cases = Head(district + 1, 0, GENESIS), dict[int, dict[str, Any]]()
        for at, step in zip(row[order].tolist(), turn[order].tolist(), strict=True):
            known = cases.pop(at, None)
            line, columns, head = self._entry(district, at, step, known, head)
            if step + 1 < self.length[at]:
                cases[at] = columns
                yield line, None
            else:
                yield line, msgspec.convert(columns, Case)

    def _entry(
        self, district: int, row: int, turn: int, known: dict[str, Any] | None, head: Head
    ) -> tuple[Line, dict[str, Any], Head]:
        move, step, _ = WAY[turn]
        at = float(self.at[row, turn])
        columns = self._first(row, at) if known is None else self._set(row, turn, known)
        entry = Entry(
            district=DISTRICTS[district], position=head.position + 1, case_id=self.name(row), version=turn + 1,
            move=move, actor=f"a{row % 200}", role="dispatcher" if turn else "source", observed_at=at, recorded_at=at,
            before=known["step"] if known else "", after=step, set=columns,
        )  # fmt: skip
        body = canonical(entry)
        after = Head(head.number, entry.position, link(head.hash, body))
        seq = head.number * SEQ + entry.position
        line = Line(seq, entry.case_id, entry.version, move, at, None, body, after.hash)
        stamp = {"version": entry.version, "seq": seq, "updated_at": at}
        before = known or {"case_id": entry.case_id, "district": entry.district, "step": step}
        return line, before | columns | stamp, after

    def _first(self, row: int, at: float) -> dict[str, Any]:
        street = f"{DISTRICTS[self.district[row]]}-s{self.area[row] // 6}"
        community = f"{street}-c{self.area[row] % 6}"
        return {
            "street": street, "community": community, "area_id": community, "origin": "bench",
            "report_id": self.name(row),
            "lon": 130.0 + round(float(self.place[row, 0]), 6), "lat": 46.0 + round(float(self.place[row, 1]), 6),
            "source": "hotline", "class_code": CLASSES[self.kind[row]],
            "text": self._text(row), "address": self._address(row),
            "department": f"department-{self.department[row]}", "reported_at": at, "received_at": at, "told_at": at,
            "entered_at": at, "limit_hours": LIMIT, "due_at": at + LIMIT * 3600, "owner": f"a{row % 200}",
        }  # fmt: skip

    def _text(self, row: int) -> str:
        said = int(self.said[row])
        words = [part[said // pace % len(part)] for part, pace in zip(WORDS, (1, 11, 97, 911), strict=True)]
        return "，".join([*words, RARE] if said % RARELY == 0 else words)

    def _address(self, row: int) -> str:
        said = int(self.said[row])
        return f"{ROADS[said // 7 % len(ROADS)]}路{said // 131 % 900 + 1}号"

    def _set(self, row: int, turn: int, known: dict[str, Any]) -> dict[str, Any]:
        move, step, brought = WAY[turn]
        at = float(self.at[row, turn])
        columns = dict(brought)
        if move in TIMES:
            columns[TIMES[move]] = at
        if move in ("dispatch", "handle"):
            columns[f"first_{step}_at"] = at
        if step != known["step"]:
            columns |= {"step": step, "entered_at": at}
            if (spent := f"spent_{known['step']}") in Case.__struct_fields__:
                columns[spent] = at - known["entered_at"]
        if move == "archive" and at > known["due_at"]:
            columns["late"] = True
        return columns
