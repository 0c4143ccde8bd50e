"""Mapping: who of the city's own sign-in is who in this hall: role and scope by a claim, an account by its subject."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Mapping
from typing import Any, NamedTuple

from dashboard.people.namesakes import Namesake, nobody
from dashboard.people.people import RESERVED, Account, People, WrongAccount, same
from dashboard.people.roles import ACCOUNTS

__all__ = ["Place", "arrive", "leave", "place_of", "read_places"]

log = logging.getLogger(__name__)

#: Names that are tried for somebody who comes first.
TRIES = 5


class Place(NamedTuple):
    """scope: area_id, empty for the whole city."""

    role: str
    scope: str = ""


def read_places(said: str) -> dict[str, Place]:
    """`group=role, group=role:area_id`, in the order in which they count. Raises WrongAccount."""
    places: dict[str, Place] = {}
    for part in filter(None, (part.strip() for part in said.split(","))):
        group, _, place = part.rpartition("=")
        role, _, scope = place.partition(":")
        if not group or role.strip() not in ACCOUNTS:
            raise WrongAccount(f"oidc_roles: {part!r} is not `group=role` with one of {', '.join(ACCOUNTS)}")
        places[group.strip()] = Place(role.strip(), scope.strip())
    return places


def place_of(claims: Mapping[str, Any], claim: str, places: Mapping[str, Place]) -> Place | None:
    """The first that one of their groups has; None: no role here."""
    said: Any = claims.get(claim, [])
    groups = {said} if isinstance(said, str) else {str(one) for one in said} if isinstance(said, list) else set[str]()
    return next((place for group, place in places.items() if group in groups), None)


def arrive(
    people: People, issuer: str, claims: Mapping[str, Any], place: Place, worker: Namesake = nobody
) -> Account:  # fmt: skip
    """The account of whoever was recognised elsewhere, made when they first come; it follows what is said there.

    A name that somebody has here already is never taken over: it is another person's until an admin says otherwise.
    Nor is a worker's id: who chooses how they are called elsewhere would choose whose orders they have here.
    """
    subject = f"{issuer} {claims['sub']}"
    known = people.of_subject(subject)
    if known is None:
        return _first(people, claims, place, subject, worker)
    if (known.role, known.scope) != place and (place.scope or known.role != place.role):
        return people.assign(known.name, role=place.role, scope=place.scope or known.scope)
    return known


def leave(people: People, issuer: str, claims: Mapping[str, Any]) -> None:
    """Who has no role here any more: what their account has open ends."""
    if known := people.of_subject(f"{issuer} {claims['sub']}"):
        people.turn_out(known.name)


def _first(
    people: People, claims: Mapping[str, Any], place: Place, subject: str, worker: Namesake
) -> Account:  # fmt: skip
    """Somebody else may take the name meanwhile, and the same person may come twice at once."""
    for _ in range(TRIES - 1):
        try:
            return people.add(_free_name(people, claims, worker), place.role, scope=place.scope, subject=subject)
        except WrongAccount:
            if known := people.of_subject(subject):
                return known
    return people.add(_free_name(people, claims, worker), place.role, scope=place.scope, subject=subject)


def _free_name(people: People, claims: Mapping[str, Any], worker: Namesake) -> str:
    wanted = same(str(claims.get("preferred_username") or claims.get("email") or claims["sub"]))
    clean = "".join(one if one.isalnum() or one in ".@-_" else "-" for one in wanted)[:56].lstrip(".@-") or "somebody"
    taken = {account.name for account in people.accounts()} | RESERVED
    names = itertools.chain([clean], (f"{clean}-{number}" for number in itertools.count(2)))
    free = next(name for name in names if name not in taken and not worker(name))
    if worker_id := worker(clean):
        log.warning("%s, who signed in elsewhere, is not the worker %s: the account is %s", clean, worker_id, free)
    return free
