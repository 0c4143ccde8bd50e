"""Filters: which cases a list or a number is about, as plain words, each of which is one test over columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import structs

from dashboard.kpi.bands import BANDS, Bands
from dashboard.kpi.columns import UNPLACED
from dashboard.kpi.lookup import digests
from dashboard.kpi.reckoned import overdue
from dashboard.kpi.searching import matching
from dashboard.kpi.table import Table
from dashboard.kpi.tree import Tree

__all__ = ["AREAS", "Filter", "band_of", "is_open", "mask_of", "narrowed", "passing"]

Column = npt.NDArray[Any]

#: Said for a word that is not there: those without department, without handler.
NONE = "-"
#: Filters that are columns of the same name.
WORDS = (
    "district", "street", "community", "step", "outcome", "department", "handler", "owner", "level", "response",
    "source", "origin",
)  # fmt: skip
#: What is asked for with it: also the classes that the tree does not know.
OTHER = "other"
#: Columns that an area_id may stand in.
AREAS = ("district", "street", "community")


class Filter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that is said must hold. Words with commas between: any of them; "-": those without.

    Times: seconds since 1970, [from, to).
    """

    scope: str = ""  # area_id: what the asker may see; always holds, whatever `area` says; empty: the whole city
    area: str = ""  # area_id of a district, street or community; empty: all (never the city's own id)
    district: str = ""  # these three: said of this very level
    street: str = ""
    community: str = ""
    grid: str = ""
    step: str = ""
    open: bool | None = None
    outcome: str = ""
    class_code: str = ""  # with all classes below it
    only_class: str = ""  # without
    department: str = ""
    handler: str = ""
    handling: str = ""  # a department whose order it is, or that is called to a joint meeting on it
    owner: str = ""
    level: str = ""
    response: str = ""
    source: str = ""
    origin: str = ""
    pending: str = ""  # asked for and not yet decided: extend, park, appeal, joint
    parked: bool | None = None
    returned: bool | None = None
    reworked: bool | None = None
    exempt: bool | None = None
    late: bool | None = None
    repeat: bool | None = None
    needs_answer: bool | None = None
    waiting_answer: bool | None = None  # needs one, and has none yet; of a merged case the other one owes it
    reply_overdue: bool | None = None  # waiting, and the time for the answer is over
    step_overdue: bool | None = None  # open, and its step's time is over
    urged: bool | None = None
    rejected: bool | None = None
    merged: bool | None = None
    ping_pong: bool | None = None  # returned twice or more
    unrouted: bool | None = None  # open, and nobody is to handle it
    unplaced: bool | None = None  # without position
    band: str = ""  # of BANDS; only open cases are in one
    overdue: bool | None = None  # overdue or long-open
    received_from: float | None = None
    received_to: float | None = None
    archived_from: float | None = None
    archived_to: float | None = None
    updated_after: float | None = None
    bbox: tuple[float, float, float, float] | None = None  # west, south, east, north, degrees, edges included
    ids: tuple[str, ...] | None = None  # of these; empty: none is
    said: str = ""  # how its number begins, or words of it; of very many the newest (`searching`)


def narrowed(asked: Filter, area: str) -> Filter:
    """The same with an area, unless it says one itself."""
    return structs.replace(asked, area=area) if area and not asked.area else asked


def passing(table: Table, asked: Filter, *, tree: Tree, bands: Bands, now: float) -> Column:
    """Whether each row of the table is a case that passes."""
    mask = mask_of(table, asked, tree)
    for name, test in _CLOCKED.items():
        if (said := getattr(asked, name)) is not None:
            mask &= test(table, now) == said
    if not asked.ids and not asked.band and asked.overdue is None:
        return mask
    if asked.band or asked.overdue:  # only open cases are in a band: most of a ledger is not looked at
        mask &= is_open(table)
    rows = np.flatnonzero(mask)
    keep = _named(table, rows, asked.ids) if asked.ids else np.ones(len(rows), np.bool_)
    keep &= _banded(table, rows, asked, bands, now)
    mask[rows[~keep]] = False
    return mask


def _named(table: Table, rows: Column, ids: tuple[str, ...]) -> Column:
    """The digest was theirs; is the id?"""
    wanted = set(ids)
    return np.array([table.case_id(row) in wanted for row in rows.tolist()], np.bool_)


def _banded(table: Table, rows: Column, asked: Filter, bands: Bands, now: float) -> Column:
    keep = np.ones(len(rows), np.bool_)
    if not asked.band and asked.overdue is None:
        return keep
    band = band_of(table, rows, bands, now)
    if asked.band:
        keep &= np.isin(band, [BANDS.index(word) for word in asked.band.split(",") if word in BANDS])
    if asked.overdue is not None:
        keep &= (is_open(table)[rows] & (band >= BANDS.index("overdue"))) == asked.overdue
    return keep


def mask_of(table: Table, asked: Filter, tree: Tree) -> Column:
    """Whether each row is alive and passes what needs no clock and no id (which are only narrowed here)."""
    mask = table.alive.copy()
    for name, test in _TESTS.items():
        if (said := getattr(asked, name)) not in ("", None):
            mask &= test(table, said)
    if asked.class_code:
        codes = {below for code in asked.class_code.split(",") for below in tree.below(code)}
        if tree.parents and OTHER in asked.class_code.split(","):  # filed before that class was gone, or by no class
            codes |= {code for code in table.words["class_code"].words if code not in tree.parents}
        mask &= _any_of(table, "class_code", codes)
    if asked.said:
        inside = _area(table, asked.scope) & _area(table, asked.area)
        mask &= matching(table, asked.said, inside & table.alive)
    return mask


def band_of(table: Table, rows: Column | slice, bands: Bands, now: float) -> Column:
    due, reported, paused = (table[name][rows] for name in ("due_at", "reported_at", "paused_at"))
    return bands.of(due, reported, paused, now)


def is_open(table: Table) -> Column:
    return table["step"] < table.words["step"].code("archived")


def _any_of(table: Table, name: str, words: set[str]) -> Column:
    codes = table.words[name].codes(words)
    column = table[name]
    if len(codes) == 1:
        return column == codes[0]
    # A table of yes and no, one for each word: as fast for a thousand classes as for two.
    yes = np.zeros(len(table.words[name]), np.bool_)
    yes[codes] = True
    return yes[column]


def _word(name: str) -> Callable[[Table, str], Column]:
    return lambda table, said: _any_of(table, name, {"" if word == NONE else word for word in said.split(",")})


def _pending(table: Table, said: str) -> Column:
    """What is pending is several words in one."""
    asked = set(said.split(","))
    return _any_of(table, "pending", {one for one in table.words["pending"].words if asked & {*one.split("\n")}})


def _handling(table: Table, said: str) -> Column:
    called = ",".join(f"joint:{department}" for department in said.split(","))
    return _any_of(table, "department", set(said.split(","))) | _pending(table, called)


def _waiting(table: Table) -> Column:
    merged = table["outcome"] == table.words["outcome"].code("merged")
    return table["needs_answer"] & np.isnan(table["answered_at"]) & ~merged


def _area(table: Table, said: str) -> Column:
    inside = np.full(len(table), not said, np.bool_)
    for name in AREAS:
        if codes := table.words[name].codes(said.split(",")):
            inside |= np.isin(table[name], codes) if len(codes) > 1 else table[name] == codes[0]
    return inside


def _flag(name: str) -> Callable[[Table, bool], Column]:
    return lambda table, said: table[name] == said


def _times(name: str, at_least: int) -> Callable[[Table, bool], Column]:
    return lambda table, said: (table[name] >= at_least) == said


def _unrouted(table: Table, said: bool) -> Column:
    nobody = (table["department"] == 0) & (table["handler"] == 0) & is_open(table)
    return nobody == said


def _unplaced(table: Table, said: bool) -> Column:
    return ((table["lon"] == UNPLACED) | (table["lat"] == UNPLACED)) == said


def _box(table: Table, said: tuple[float, float, float, float]) -> Column:
    west, south, east, north = (round(degrees * 1e7) for degrees in said)
    lon, lat = table["lon"], table["lat"]
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return inside & (lon != UNPLACED)


def _ids(table: Table, said: tuple[str, ...]) -> Column:
    return np.isin(table["digest"], digests(said))


_TESTS: dict[str, Callable[[Table, Any], Column]] = {
    "scope": _area,
    "area": _area,
    **{name: _word(name) for name in WORDS},
    "grid": _word("grid_id"),
    "only_class": _word("class_code"),
    "open": lambda table, said: is_open(table) == said,
    "parked": _flag("parked"),
    "exempt": _flag("exempt"),
    "late": _flag("late"),
    "repeat": _flag("repeat"),
    "needs_answer": _flag("needs_answer"),
    "handling": _handling,
    "pending": _pending,
    "waiting_answer": lambda table, said: _waiting(table) == said,
    "urged": _times("urges", 1),
    "rejected": _times("rejects", 1),
    "merged": lambda table, said: (table["outcome"] == table.words["outcome"].code("merged")) == said,
    "returned": _times("returns", 1),
    "ping_pong": _times("returns", 2),
    "reworked": _times("reworks", 1),
    "unrouted": _unrouted,
    "unplaced": _unplaced,
    "received_from": lambda table, said: table["received_at"] >= said,
    "received_to": lambda table, said: table["received_at"] < said,
    "archived_from": lambda table, said: table["archived_at"] >= said,
    "archived_to": lambda table, said: table["archived_at"] < said,
    "updated_after": lambda table, said: table["updated_at"] > said,
    "bbox": _box,
    "ids": _ids,
}
#: The same of what a clock decides, at a moment.
_CLOCKED: dict[str, Callable[[Table, float], Column]] = {
    "reply_overdue": lambda table, now: _waiting(table) & (table["reply_due_at"] < now),
    "step_overdue": lambda table, now: is_open(table) & overdue(table["step_due_at"], table["paused_at"], now),
}
