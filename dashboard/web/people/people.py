"""People: what the API says of whoever asks and, to auditors, of who looked at whom. Accounts are made in a shell."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from dashboard.people.roles import CAPABILITIES
from dashboard.web.people.needs import KNOWN
from dashboard.web.people.permit import caller, permit
from dashboard.web.replies import NoQuery, Query, Reply
from dashboard.web.route import Route

__all__ = ["PEOPLE"]


class Me(Reply):
    """kind: account, source, wall or guest. scope: area_id of the subtree one may see, empty for the whole city."""

    name: str
    role: str
    kind: str
    scope: str
    department: str
    seat: str
    may: list[str]


class LooksQuery(Query):
    case_id: Annotated[str, Meta(description="only looks at this case")] = ""
    account: Annotated[str, Meta(description="only looks of this account")] = ""
    before: Annotated[float, Meta(ge=0, description="only before this time, seconds since 1970")] = 0.0
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100


class LookReply(Reply):
    at: float
    account: str
    role: str
    address: str
    case_id: str
    why: str


class LookList(Reply):
    looks: list[LookReply]


def me(_scene: Any, _asked: NoQuery) -> Me:
    person = caller()
    return Me(
        name=person.name, role=person.role, kind=person.kind, scope=person.scope, department=person.department,
        seat=person.seat, may=sorted(CAPABILITIES.get(person.role, ())),
    )  # fmt: skip


def looks(_scene: Any, asked: LooksQuery) -> LookList:
    found = permit().staff.ask(
        lambda people: people.looks.of(
            case_id=asked.case_id, account=asked.account, before=asked.before, limit=asked.limit
        )
    )
    return LookList(
        looks=[LookReply(**{name: getattr(one, name) for name in LookReply.__struct_fields__}) for one in found]
    )


WHO = "Who one is: role, scope and what one may do."
LOOKS = "Who looked at personal data of which case, when and why; the latest first."

PEOPLE = (
    Route("/me", WHO, NoQuery, Me, me, capability=KNOWN),
    Route("/looks", LOOKS, LooksQuery, LookList, looks, capability="audit"),
)
