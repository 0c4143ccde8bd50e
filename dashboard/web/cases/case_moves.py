"""Case moves: what a caller does to a case, and is told: done, refused with a sentence, or who was quicker."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from flask import Flask, Response

from dashboard.cases.answers import Conflict, NoCase
from dashboard.cases.answers import Moved as Answered
from dashboard.cases.case import Actor, Ask, NotAllowed
from dashboard.cases.trail.erase import scrub
from dashboard.cases.workflow.decide import offered
from dashboard.cases.workflow.moves import MOVES
from dashboard.web.cases import attachments
from dashboard.web.cases.books import Away, Book, Loading
from dashboard.web.cases.case_replies import Conflict as ConflictReply
from dashboard.web.cases.case_replies import (
    LangQuery,
    MoveBody,
    Moved,
    MoveList,
    MoveReply,
    MovesQuery,
    Refused,
    Winner,
)
from dashboard.web.cases.cases import entry_reply, key_of, shown, within
from dashboard.web.people.permit import actor, caller, language, need
from dashboard.web.replies import Problem
from dashboard.web.scene import Scene
from dashboard.web.wire import encode
from layouts.refusing import refusal
from layouts.words import say

__all__ = ["move", "moves", "register"]

log = logging.getLogger(__name__)

#: Seconds after which who came while the hall was starting may ask again.
LOADING = 5


def move(scene: Scene, _asked: LangQuery, body: MoveBody, case_id: str) -> Moved:
    need("cases")
    who = actor(caller())
    within(scene, case_id)
    ask = Ask(
        case_id=case_id, move=body.move, version=body.version, note=body.note, data=body.data,
        observed_at=body.observed_at, request_key=key_of(body.request_key),
    )  # fmt: skip
    done = scene.books.aside(lambda book: _done(book, ask, who))
    now = scene.clock.now()
    return Moved(
        now=now, case=shown(scene, done.case, now), entry=entry_reply(done.entry), again=done.again,
        offered=offered(done.case, who, scene.books.rules),
    )  # fmt: skip


def _done(book: Book, ask: Ask, who: Actor) -> Answered:
    """What was erased is not to be found on the disk either, once it is answered."""
    done = book.ledger.move(ask, who)
    if ask.move == "erase":
        scrub(book.engine)
    return done


def moves(_scene: Scene, _asked: MovesQuery) -> MoveList:
    return MoveList(moves=[_row(name) for name, move in MOVES.items() if move.asked])


def _row(name: str) -> MoveReply:
    move = MOVES[name]
    return MoveReply(
        name=name, words=say(language())(f"move.{name}"), before=list(move.before), after=move.after,
        roles=list(move.roles), relation=list(move.relation), needs=list(move.needs), brings=list(move.brings),
    )  # fmt: skip


def register(server: Flask, scene: Scene) -> None:
    """What the ledger raises, as answers."""

    def refused(error: NotAllowed) -> Response:
        return _say(422, Refused(error=refusal(language(), error.code, error.values, scene.city.zone), code=error.code))

    def lost(error: Conflict) -> Response:
        now, won = scene.clock.now(), error.winner
        speak = say(language())
        said = speak(
            "cases.won",
            actor=won.actor,
            move=speak(f"move.{won.move}"),
            at=speak.moment(won.recorded_at, scene.city.zone),
        )
        winner = Winner(actor=won.actor, role=won.role, move=won.move, at=won.recorded_at, version=won.version)
        return _say(409, ConflictReply(error=said, winner=winner, case=shown(scene, error.case, now)))

    def missing(error: NoCase) -> Response:
        return _say(404, Problem(error=say(language())("cases.missing", case_id=error.case_id[:100])))

    def loading(_error: Loading) -> Response:
        said = _say(503, Problem(error=say(language())("cases.loading")))
        said.headers["Retry-After"] = str(LOADING)
        return said

    def away(error: Away) -> Response:
        log.warning("the database is away: %s", error)
        return _say(503, Problem(error=say(language())("cases.away")))

    handlers: dict[type[Exception], Callable[[Any], Response]] = {
        NotAllowed: refused, Conflict: lost, NoCase: missing, Away: away, Loading: loading,
    }  # fmt: skip
    attachments.register(server)
    for kind, handler in handlers.items():
        server.register_error_handler(kind, handler)


def _say(status: int, said: Any) -> Response:
    return Response(encode(said), status, mimetype="application/json", headers={"Cache-Control": "no-store"})
