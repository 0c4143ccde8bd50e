"""Cases: the case API: lists of them, one with its trail, and how a new one is reported."""

from __future__ import annotations

import time
from typing import Any

import msgspec
from flask import request

from dashboard.cases.case import Actor, Case, Entry
from dashboard.cases.told import PERSONAL_NAMES, Told
from dashboard.cases.workflow.decide import offered
from dashboard.ingest.roster import Roster
from dashboard.people.looks import Looks
from dashboard.web.cases.asked_cases import CasesQuery, filter_of, find
from dashboard.web.cases.attachments import files_of
from dashboard.web.cases.books import Book
from dashboard.web.cases.case_replies import (
    CaseList,
    CaseQuery,
    EntryReply,
    LangQuery,
    OneCase,
    ReportBody,
    Reported,
)  # fmt: skip
from dashboard.web.cases.classes import standard
from dashboard.web.cases.naming import Names, place
from dashboard.web.cases.seen_cases import shown, within
from dashboard.web.cases.similar import Like, seen_by, similar
from dashboard.web.cases.trail import verified
from dashboard.web.errors import BadQuestion
from dashboard.web.people.permit import Forbidden, actor, address, caller, language, need, sees
from dashboard.web.scene import Scene
from feeds.record import EventReport
from layouts.words import say

__all__ = ["cases", "entry_reply", "key_of", "names_of", "one", "report", "shown", "within"]

#: Why somebody's look at personal data is written down.
WHY = "case"


def cases(scene: Scene, asked: CasesQuery) -> CaseList:
    found = find(scene, asked, filter_of(scene, asked), asked.cursor, asked.limit)
    read = scene.books.aside(lambda book: book.ledger.cases(found.case_ids))
    now = scene.clock.now()
    return CaseList(
        now=now, cases=[shown(scene, case, now) for case in read], total=found.total, next=found.following or None
    )


def one(scene: Scene, asked: CaseQuery, case_id: str) -> OneCase:
    who = actor(need("cases"))
    if asked.personal:
        need("personal")
    case = within(scene, case_id)
    personal = _looked(scene, case) if asked.personal else msgspec.UNSET
    names, now, lang = names_of(scene), scene.clock.now(), language()

    def read(book: Book) -> tuple[Case, list[tuple[Entry, bytes]], Any, Any, Like]:
        case = book.ledger.case(case_id)
        files, state = files_of(book, scene, case_id), verified(book, case.district, lang)
        return case, book.ledger.trail(case_id), files, state, similar(book, case)

    case, trail, files, state, like = scene.books.aside(read)
    moves = offered(case, who, scene.books.rules)
    return OneCase(
        now=now, case=shown(scene, case, now), place=place(case, names), files=files, verified=state, personal=personal,
        trail=[entry_reply(entry, link) for entry, link in trail], offered=moves,
        similar=seen_by(caller(), like, case, moves), standard=standard(scene.books.rules, case.class_code),
    )  # fmt: skip


def report(scene: Scene, _asked: LangQuery, body: ReportBody) -> Reported:
    person = caller()
    if person.kind == "source":
        raise Forbidden(say(language())("cases.source_reports"))
    told = _told(scene, body, actor(person))
    if not sees(person, told.area_id or told.district):
        raise Forbidden(say(language())("people.out_of_scope"))

    def take(book: Book) -> tuple[Case, Like]:
        # Looked for first: what is reported must not be found to be like itself.
        like = similar(book, told)
        return book.ledger.open(told), like

    case, like = scene.books.aside(take)
    moves = offered(case, actor(person), scene.books.rules) if person.may("move") else []
    now = scene.clock.now()
    return Reported(now=now, case=shown(scene, case, now), similar=seen_by(person, like, case, moves))


def entry_reply(entry: Entry, link: bytes = b"") -> EntryReply:
    said = {name: getattr(entry, name) for name in EntryReply.__struct_fields__ if name != "hash"}
    said["more"] = {name: more for name, more in entry.more.items() if name != "key"}  # of whoever sent the request
    return EntryReply(**said, hash=link.hex())


def names_of(scene: Scene) -> Names:
    return Names(scene.city, scene.books.rules, language())


def key_of(said: str) -> str:
    """What makes one act of a request that is sent twice: the header, or the field of the body."""
    key = request.headers.get("Idempotency-Key", "") or said
    if len(key) > 200 or not key.isprintable():
        raise BadQuestion("Idempotency-Key: at most 200 printable characters")
    return key


def _looked(scene: Scene, case: Case) -> dict[str, str]:
    """Written down before it is read: a look that cannot be written down is not had."""
    person, where = caller(), address()

    def read(book: Book) -> dict[str, str]:
        Looks(book.engine, time.time).add(person, [case.case_id], where, WHY)
        return book.ledger.personal(case.case_id)

    return scene.books.aside(read)


def _told(scene: Scene, body: ReportBody, who: Actor) -> Told:
    now = scene.clock.now()
    reported = now if body.reported_at is None else body.reported_at
    if reported > now + scene.settings.future_seconds:
        raise BadQuestion("reported_at: lies in the future")
    event = EventReport(
        event_id="", class_code=body.class_code, reported_at=reported, updated_at=reported, level=body.level,
        lon=body.lon if body.lat is not None else None, lat=body.lat if body.lon is not None else None,
        area_id=body.area_id, grid_id=body.grid_id, worker_id=body.worker_id, source=body.source, text=body.text,
        address=body.address,
    )  # fmt: skip
    personal = {name: said for name in PERSONAL_NAMES if (said := getattr(body, name).strip())}
    data: dict[str, Any] = {name: said for name in ("department", "response") if (said := getattr(body, name))}
    data |= {"on_spot": True} if body.solved else {}
    return Told(
        report=event, origin="hall", personal=personal, actor=who, data=data, request_key=key_of(body.request_key),
        **_roster(scene).place(event)._asdict(),
    )  # fmt: skip


def _roster(scene: Scene) -> Roster:
    """Of the city in force; made when first asked for, and again when the city changes."""
    kept: Any = scene.__dict__.get("roster")
    if kept is None or kept.version != scene.city.version:
        kept = scene.__dict__["roster"] = Roster(scene.city)
    return kept
