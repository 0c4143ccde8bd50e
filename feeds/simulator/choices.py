"""Choices: what somebody does with a case as it stands, and after how long: the plain thing mostly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from feeds.simulator.seen import Seen

__all__ = ["CHOICES", "Choice"]

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
#: Who gets what no table gives to anybody.
FALLBACK = "street"
STREET_UP = ("street", "district")
#: Shares of what is done instead of the plain next thing.
CHECKED, SOLVED, VOID, ESCALATED, HANDED_DOWN = 0.10, 0.06, 0.012, 0.04, 0.05
REJECTED, RETURNED, EXTENDED, PARKED, URGED = 0.03, 0.06, 0.05, 0.03, 0.5
#: Older than this, parking is thought of more often: it waits for spring, or for money.
OLD, PARKED_OLD = 3 * DAY, 0.25
REWORKED, REFUSED, REOPENED = 0.05, 0.15, 0.004
#: Share that takes longer than it may, and that lies for days.
TOO_LATE, STUCK = 0.06, 0.004


@dataclass(frozen=True)
class Choice:
    """after: seconds since the case's last entry, or since it came into its step."""

    move: str
    who: str
    after: float
    note: str = ""
    data: dict[str, Any] = field(default_factory=dict[str, Any])
    from_entry: bool = False


Rng = np.random.Generator


def _about(rng: Rng, median: float) -> float:
    return median * float(np.exp(rng.normal(0.0, 0.7)))


def _reported(case: Seen, rng: Rng) -> Choice | None:
    """On the dispatcher's desk."""
    chance, soon = float(rng.random()), _about(rng, 7 * MINUTE)
    owner = case.department or FALLBACK
    if chance < VOID and not case.needs_answer:
        return Choice("void", "dispatcher", soon, "不属实，已与报告人核对")
    if chance < VOID + ESCALATED and case.level != "district" and not case.escalations:
        return Choice("escalate", "dispatcher", soon, "本级无力解决，上报")
    if chance < VOID + ESCALATED + HANDED_DOWN and case.level in STREET_UP and not case.escalations and case.street:
        return Choice("hand_down", "dispatcher", soon, "属地可以解决，下派")
    if case.source == "worker" and not case.returns and rng.random() < SOLVED:
        return Choice("solve_on_spot", f"department:{owner}", soon, "现场已处理")
    if not case.checked and rng.random() < CHECKED:
        return Choice("check", "dispatcher", soon / 2, "已电话核实")
    return Choice("dispatch", "dispatcher", soon, "", {"department": owner})


def _dispatched(case: Seen, rng: Rng) -> Choice | None:
    """An order is out: taken, done, or one of the many ways around."""
    if waiting := _asked(case, rng):
        return waiting
    owner = f"department:{case.department or FALLBACK}"
    if case.order not in ("sent", "reached", "accepted"):
        return Choice("redispatch", "dispatcher", _about(rng, 15 * MINUTE), "改由平台派单", {"department": owner[11:]})
    if case.order != "accepted":
        if case.rejects < 1 and rng.random() < REJECTED:
            return Choice("reject", owner, _about(rng, 8 * MINUTE), "不属于本单位职责")
        return Choice("accept", owner, _about(rng, 5 * MINUTE))
    return _ordered(case, owner, rng)


def _ordered(case: Seen, owner: str, rng: Rng) -> Choice:
    """Who has accepted works on it."""
    chance, limit = float(rng.random()), case.limit
    if chance < RETURNED and case.returns < 3:
        return Choice("return", owner, _about(rng, 25 * MINUTE), "现场查看，不在职责范围")
    if chance < RETURNED + EXTENDED and case.extends < 2 and case.due_at is not None:
        hours = round(max(limit / HOUR / 2, 1.0))
        return Choice("extend", owner, 0.2 * limit * float(rng.random()), "需要备料施工", {"hours": hours})
    parked = PARKED_OLD if case.updated_at - case.reported_at > OLD else PARKED
    if chance < RETURNED + EXTENDED + parked and not case.parks:
        until = case.updated_at + float(rng.uniform(2, 40)) * DAY
        return Choice("park", owner, _about(rng, 40 * MINUTE), "受季节限制，暂缓处理", {"until": round(until)})
    if chance > 1 - TOO_LATE * URGED and not case.urges:
        return Choice("urge", "leader", 0.8 * limit, "请加快办理")
    return Choice("handle", owner, _work(case, rng), "已处理完毕，现场恢复", from_entry=True)


def _work(case: Seen, rng: Rng) -> float:
    chance, left = float(rng.random()), case.limit
    if chance < STUCK:
        return float(rng.uniform(6, 20)) * DAY
    if chance < STUCK + TOO_LATE:
        return left * float(rng.uniform(1.05, 1.9))
    return min(_about(rng, left * 0.14), left * 0.85)


def _asked(case: Seen, rng: Rng) -> Choice | None:
    """Somebody waits for a signature."""
    soon = _about(rng, 20 * MINUTE)
    if (extend := case.pending.get("extend")) is not None:
        signed = bool(extend.get("approved_by"))
        if not signed and rng.random() < REFUSED:
            return Choice("refuse_extend", "dispatcher", soon, "理由不充分")
        return Choice("approve_extend", "leader" if signed else "dispatcher", soon, "同意")
    if case.pending.get("park") is not None:
        return Choice("refuse_park" if rng.random() < REFUSED else "approve_park", "leader", soon, "已研究")
    return None


def _handled(case: Seen, rng: Rng) -> Choice | None:
    if answer := _answer(case, rng):
        return answer
    if case.reworks < 2 and rng.random() < REWORKED:
        return Choice("rework", "verifier", _about(rng, 25 * MINUTE), "现场复查不合格，请返工")
    return Choice("verify", "verifier", _about(rng, 25 * MINUTE), "现场复查合格")


def _verified(case: Seen, rng: Rng) -> Choice | None:
    return _answer(case, rng) or Choice("archive", "dispatcher", _about(rng, 8 * MINUTE))


def _answer(case: Seen, rng: Rng) -> Choice | None:
    """件件有回音: whoever called hears what became of it."""
    if not case.needs_answer or case.answered_at is not None:
        return None
    return Choice("answer", "dispatcher", _about(rng, 10 * MINUTE), "您反映的问题已处理，感谢监督")


def _archived(case: Seen, rng: Rng) -> Choice | None:
    if case.outcome not in ("closed", "on_spot"):
        return None
    if not case.reopens and rng.random() < REOPENED:
        return Choice("reopen", "leader", _about(rng, 2 * HOUR), "群众反映问题复发")
    score = float(np.clip(np.round(rng.normal(93, 5)), 60, 100))
    stars = int(rng.choice([3, 4, 5], p=[0.08, 0.3, 0.62]))
    data = {"score": score} | ({"satisfaction": stars} if case.needs_answer else {})
    return Choice("appraise", "assessor", _about(rng, 3 * HOUR), "", data)


def _parked(case: Seen, rng: Rng) -> Choice | None:
    """Some are taken up again before their time is over; the others when it is, by the hall itself."""
    return (
        Choice("unpark", "dispatcher", float(rng.uniform(0.2, 3)) * DAY, "条件具备，恢复办理")
        if rng.random() < 0.5
        else None
    )


def _nothing(_case: Seen, _rng: Rng) -> Choice | None:
    return None


#: Step, or parked → what is done next.
CHOICES: dict[str, Callable[[Seen, Rng], Choice | None]] = {
    "reported": _reported,
    "dispatched": _dispatched,
    "handled": _handled,
    "verified": _verified,
    "archived": _archived,
    "appraised": _nothing,
    "parked": _parked,
}
