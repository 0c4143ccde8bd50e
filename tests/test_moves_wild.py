"""Moves in the wild: any path of allowed moves loses no case, turns no clock back, and can end in the archive."""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from dashboard.cases.case import OUTCOMES, Actor, Ask, Case, Change, Entry, NotAllowed, apply
from dashboard.cases.chain import canonical
from dashboard.cases.rules.routing import Department
from dashboard.cases.rules.rules import Rules
from dashboard.cases.told import Told
from dashboard.cases.workflow.decide import decide, due_again, first, offered, tell
from dashboard.cases.workflow.guards import EXTENDS, PARKS
from dashboard.cases.workflow.moves import MOVES, OPEN
from dashboard.cases.workflow.relations import height
from dashboard.cases.workflow.scene import Known
from feeds.record import LEVELS, STEPS, EventReport
from layouts.refusing import refusal

RULES = Rules.load(None)
RULES = replace(RULES, departments={name: Department(name, name, name, "district") for name in "AB"})
PROOF = "0" * 64
KNOWN = Known(files=frozenset((PROOF,)))
START = 1_748_822_400.0  # Monday 2 June 2025, 08:00 in Shanghai
HOUR, DAY = 3600.0, 86400.0


def person(name: str, role: str, scope: str = "", department: str = "") -> Actor:
    return Actor(name=name, role=role, scope=scope, department=department, seat=f"seat of {name}")


PEOPLE = [
    person("li", "dispatcher"), person("wang", "dispatcher", "D"), person("zhao", "dispatcher", "S"),
    person("qian", "dispatcher", "C"), person("sun", "dispatcher", "S2"),
    person("zhou", "leader", "D"), person("wu", "leader", "S"), person("zheng", "leader"),
    person("w1", "worker", "C"), person("w2", "worker", "G"), person("w3", "worker", "C2"),
    person("a1", "department", "D", "A"), person("a2", "department", "", "A"), person("b1", "department", "D", "B"),
    person("v1", "verifier", "D"), person("v2", "verifier", "S", "A"), person("as", "assessor"),
    person("root", "admin"), person("au", "auditor"), person("wall", "wall"), person("hall", "system"),
]  # fmt: skip
#: What leads to the archive the honest way, nobody being able to void.
ONWARD = (
    "unpark", "joint_close", "take_over", "dispatch", "redispatch", "accept", "handle", "verify", "answer", "archive",
)  # fmt: skip
ENDINGS = ("void", "merge")
ASKING = ("extend", "park", "joint", "appeal", "claim")
DECIDED = (
    "approve_extend", "refuse_extend", "approve_park", "refuse_park", "unpark", "joint_answer", "joint_close",
    "hear_appeal", "come_back", "release", "take_over",
)  # fmt: skip
#: Counters, and the moves that they count.
COUNTED = {
    "returns": "return", "rejects": "reject", "reworks": "rework", "urges": "urge", "escalations": "escalate",
    "appeals": "appeal", "reopens": "reopen", "parks": "approve_park",
}  # fmt: skip
NEVER_BACK = (
    "due_at", "entered_at", "updated_at", "told_at", "paused_seconds", "spent_reported", "spent_dispatched",
    "spent_handled", "spent_verified", "first_dispatched_at", "first_handled_at",
)  # fmt: skip


def brought(name: str, into: str, at: float) -> dict[str, Any]:
    """All that a move may need, of the right kind."""
    whom = {"department": "A", "handler": "w1"} if name == "redispatch" else {"department": "A"}
    owners = [{"department": "A", "hours": 8}, {"department": "B", "hours": 4.5}]
    more = {"proof": [PROOF], "hours": 6, "until": at + 30 * DAY, "satisfaction": 2, "score": 88.5, "answer": "done"}
    return whom | more | {"into": into, "owners": owners, "granted": True, "names": ["reporter_phone"]}


def asked(case: Case, name: str, at: float, into: str = "", **data: Any) -> Ask:
    return Ask(case_id=case.case_id, move=name, note="why it is so", data=brought(name, into, at) | data)


def decided(case: Case, ask: Ask, actor: Actor, at: float, others: Mapping[str, Case] | None = None) -> Change:
    return decide(case, ask, actor, at, RULES, others, KNOWN)


def folded(case: Case, change: Change, actor: str, role: str, at: float) -> tuple[Case, Entry]:
    """As the ledger does it, through the bytes that are kept."""
    entry = Entry(
        district=case.district, position=case.version + 1, case_id=case.case_id, version=case.version + 1,
        move=change.move, actor=actor, role=role, observed_at=at, recorded_at=at, note=change.note,
        set=change.set, more=change.more,
    )  # fmt: skip
    kept = msgspec.json.decode(canonical(entry), type=Entry)
    return apply(case, kept, case.version + 1), kept


#: Ways that were found before: what is ahead of a case hangs on nothing but these.
WAYS: dict[tuple[Any, ...], list[str]] = {}
#: Whoever is needed on the way, besides the hands that have the order.
NEEDED = [one for one in PEOPLE if one.name in ("li", "wang", "v1", "v2")]


def ahead(case: Case) -> tuple[Any, ...]:
    claim = case.pending.get("claim", {}).get("by", "")
    answered = not case.needs_answer or case.answered_at is not None
    whose = (case.handler, case.department, case.level, claim)
    return (case.open, case.step, case.order, case.parked, answered, *whose, *sorted(case.pending))


def way_to_the_archive(case: Case, at: float) -> list[str]:
    """Moves by which somebody gets it closed; empty where it is. Raises AssertionError where there is no way."""
    if ahead(case) not in WAYS:
        WAYS[ahead(case)] = searched(case, at)
    return WAYS[ahead(case)]


def searched(case: Case, at: float) -> list[str]:
    """Breadth first, so that it is the shortest."""
    seen: set[tuple[Any, ...]] = set()
    waiting: deque[tuple[Case, float, list[str]]] = deque([(case, at, [])])
    while waiting:
        case, at, way = waiting.popleft()
        if not case.open:
            return way
        if ahead(case) in seen:
            continue
        seen.add(ahead(case))
        for actor in [person(case.handler, "worker"), person("hand", "department", "", case.department), *NEEDED]:
            for name in offered(case, actor, RULES, at):
                if name in ONWARD:
                    after, _ = folded(case, decided(case, asked(case, name, at), actor, at), "", "", at + 1)
                    waiting.append((after, at + 1, [*way, name]))
    raise AssertionError(f"no way to the archive from {case}")


class Hall(RuleBasedStateMachine):
    """Two cases of a district, whoever works there, their source, and time."""

    @initialize(source=st.sampled_from(["wechat", "worker", "video"]), step=st.sampled_from(STEPS), own=st.booleans())
    def begin(self, source: str, step: str, own: bool) -> None:
        self.at, self.quiet = START, 0
        self.cases: dict[str, Case] = {}
        self.trails: dict[str, list[Entry]] = {}
        self.make("E1", source, step, PEOPLE[0] if own else None)
        self.make("E2", "hotline", "reported", None)

    def make(self, name: str, source: str, step: str, actor: Actor | None) -> None:
        report = EventReport(name, "UP01", self.at - 60, self.at - 30, step=step, source=source, grid_id="G")
        told = Told(
            report=report, origin="city", district="D", street="S", community="C", area_id="C", grid_id="G",
            actor=actor,
        )  # fmt: skip
        entry = Entry(
            district="D", position=1, case_id=name, version=1, move="report", actor="city", role="source",
            observed_at=self.at, recorded_at=self.at, set=first(told, self.at, RULES),
        )  # fmt: skip
        kept = msgspec.json.decode(canonical(entry), type=Entry)
        self.cases[name], self.trails[name] = apply(None, kept, 1), [kept]

    def put(self, case: Case, change: Change, actor: str, role: str) -> None:
        after, entry = folded(case, change, actor, role, self.at)
        for name in NEVER_BACK:
            before, now = getattr(case, name), getattr(after, name)
            assert change.move in ("tell", "recompute") or before is None or (now is not None and now >= before), name
        self.cases[case.case_id] = after
        self.trails[case.case_id].append(entry)

    def other(self, name: str) -> str:
        return "E2" if name == "E1" else "E1"

    @rule(seconds=st.sampled_from([0.0, 1.0, 600.0, HOUR, 5 * HOUR, DAY, 3 * DAY]))
    def time_passes(self, seconds: float) -> None:
        self.at += seconds

    def possible(self, case: Case) -> dict[str, list[Actor]]:
        """move → who could make it now."""
        found: dict[str, list[Actor]] = {}
        for actor in [
            person(case.handler or "w1", "worker"),
            person("hand", "department", "", case.department),
            *PEOPLE,
        ]:
            for move in offered(case, actor, RULES, self.at):
                if move not in ("merge", "unmerge") or self.may_touch_both(case, actor, move):
                    found.setdefault(move, []).append(actor)
        return found

    def may_touch_both(self, case: Case, actor: Actor, move: str) -> bool:
        """What is offered looks at one case only."""
        other = self.cases[self.other(case.case_id)]
        above = height(other, actor)
        return (move == "unmerge" or other.open) and above is not None and above >= LEVELS.index(other.level)

    @rule(name=st.sampled_from(["E1", "E2"]), data=st.data())
    def somebody_does_what_is_offered(self, name: str, data: st.DataObject) -> None:
        case = self.cases[name]
        possible = self.possible(case)
        move = data.draw(st.sampled_from([move for move in possible if move not in ENDINGS] or list(possible)))
        self.do(case, data.draw(st.sampled_from(possible[move])), move)

    @rule(name=st.sampled_from(["E1", "E2"]), data=st.data())
    def the_next_step_is_made_by_whoever_may(self, name: str, data: st.DataObject) -> None:
        """Blind steps rarely come far: this one goes along the way."""
        case = self.cases[name]
        possible = self.possible(case)
        ways = [move for move in ONWARD if move in possible] or list(possible)
        move = data.draw(st.sampled_from(ways))
        self.do(case, data.draw(st.sampled_from(possible[move])), move)

    @rule(name=st.sampled_from(["E1", "E2"]), data=st.data())
    def what_was_asked_for_is_decided(self, name: str, data: st.DataObject) -> None:
        case = self.cases[name]
        possible = self.possible(case)
        ways = [move for move in DECIDED if move in possible] or [move for move in ASKING if move in possible]
        assume(ways)
        move = data.draw(st.sampled_from(ways))
        self.do(case, data.draw(st.sampled_from(possible[move])), move)

    @rule(data=st.data())
    def a_case_ends_early(self, data: st.DataObject) -> None:
        case = self.cases["E2"]
        possible = self.possible(case)
        ways = [move for move in ENDINGS if move in possible]
        assume(ways)
        move = data.draw(st.sampled_from(ways))
        self.do(case, data.draw(st.sampled_from(possible[move])), move)

    def do(self, case: Case, actor: Actor, move: str) -> None:
        ask = asked(case, move, self.at, self.other(case.case_id))
        change = decided(case, ask, actor, self.at, self.cases)
        assert change.move == move
        if MOVES[move].after:
            assert change.set.get("step", case.step) == MOVES[move].after
        else:
            assert "step" not in change.set
        self.put(case, change, actor.name, actor.role)
        for other, also in change.also.items():
            self.put(self.cases[other], also, actor.name, actor.role)

    @rule(name=st.sampled_from(["E1", "E2"]), actor=st.sampled_from(PEOPLE))
    def what_is_not_offered_is_refused_with_a_sentence(self, name: str, actor: Actor) -> None:
        case = self.cases[name]
        for move in set(MOVES) - set(offered(case, actor, RULES, self.at)):
            with pytest.raises(NotAllowed) as refused:
                decided(case, asked(case, move, self.at, self.other(name)), actor, self.at, self.cases)
            for lang in ("zh", "en"):
                assert refusal(lang, refused.value.code, refused.value.values, RULES.zone)

    @precondition(lambda self: self.quiet < 3)
    @rule(
        name=st.sampled_from(["E1", "E2"]), step=st.sampled_from(STEPS), ago=st.sampled_from([-60.0, 0.0, 50.0, HOUR]),
        level=st.sampled_from(LEVELS),
    )  # fmt: skip
    def the_source_says_something(self, name: str, step: str, ago: float, level: str) -> None:
        self.quiet += 1
        case = self.cases[name]
        said = EventReport(name, "UP01", case.reported_at, self.at - ago, step=step, level=level)
        change = tell(case, said, self.at, RULES)
        assert (change is None) or said.updated_at >= case.told_at
        if change is None:
            return
        assert case.told or set(change.set) <= {"told_at", "told_step"}
        if case.told:
            assert change.set.get("step", case.step) == step
        self.put(case, change, "city", "source")
        assert tell(self.cases[name], said, self.at, RULES) is None

    @rule(name=st.sampled_from(["E1", "E2"]))
    def rules_that_did_not_change_move_no_due_time(self, name: str) -> None:
        change = due_again(self.cases[name], RULES, self.at)
        assert change is None or not {"due_at", "reply_due_at", "step_due_at", "pending"} & set(change.set)

    @invariant()
    def no_case_is_lost(self) -> None:
        for case in self.cases.values():
            assert case.step in STEPS and case.outcome in OUTCOMES
            assert case.open == (case.outcome == "") == (case.archived_at is None)
            assert bool(case.merged_into) == (case.outcome == "merged")
            assert case.level in LEVELS

    @invariant()
    def a_case_is_the_fold_of_its_entries(self) -> None:
        for name, trail in self.trails.items():
            case = None
            for seq, entry in enumerate(trail, start=1):
                case = apply(case, entry, seq)
            assert case == self.cases[name]

    @invariant()
    def counts_agree_with_the_trail(self) -> None:
        for name, trail in self.trails.items():
            counts = Counter(entry.move for entry in trail)
            told = [entry.set for entry in trail if entry.move == "tell"]
            for column, move in COUNTED.items():
                own = counts[move] + sum(column in columns for columns in told)
                assert getattr(self.cases[name], column) == own, column
            granted = [entry for entry in trail if entry.move == "approve_extend" and entry.more["level"] == 2]
            assert self.cases[name].extends == len(granted) <= EXTENDS
            assert self.cases[name].parks <= PARKS

    @invariant()
    def clocks_stand_still_only_where_they_may(self) -> None:
        for case in self.cases.values():
            assert not case.parked or (case.open and case.paused_at is not None)
            assert case.paused_at is None or case.parked or case.step == "reported"
            assert case.open or (case.step_due_at is None and set(case.pending) <= {"appeal"})

    @invariant()
    def time_in_the_steps_adds_up(self) -> None:
        for name, trail in self.trails.items():
            case, began = self.cases[name], trail[0].set
            again = {entry.move for entry in trail} & {"reopen", "unmerge", "tell"}
            if not again and began["step"] == "reported":
                spent = sum(getattr(case, f"spent_{step}") for step in OPEN)
                ends = case.entered_at if case.open else case.archived_at
                assert spent == pytest.approx(ends - began["entered_at"])

    @invariant()
    def nobody_verifies_what_they_handled(self) -> None:
        for trail in self.trails.values():
            handled = ""
            for entry in trail:
                if entry.move in ("handle", "solve_on_spot"):
                    handled = entry.actor
                assert entry.move != "verify" or entry.actor != handled

    @invariant()
    def nobody_grants_what_they_asked_for(self) -> None:
        for trail in self.trails.values():
            for entry in trail:
                if entry.move in ("approve_extend", "approve_park", "hear_appeal"):
                    assert entry.actor not in (entry.more.get("asked_by"), entry.more.get("first_by"))

    @invariant()
    def whoever_waits_is_answered_before_the_archive(self) -> None:
        for case in self.cases.values():
            if case.outcome and not case.told and not case.merged_into and case.needs_answer:
                assert case.answered_at is not None

    @invariant()
    def every_case_can_reach_the_archive(self) -> None:
        for case in self.cases.values():
            assert len(way_to_the_archive(case, self.at)) <= 8


Hall.TestCase.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestHall = pytest.mark.timeout(600)(Hall.TestCase)  # a broken path is made short before it is told


@pytest.mark.parametrize("seed", range(3))
def test_a_long_walk_makes_every_move_there_is_and_loses_nothing(seed: int) -> None:
    """Always the move that was made least often: where chance alone hardly comes, this walk does."""
    chance, hall, made = random.Random(seed), Hall(), Counter[str]()
    hall.begin("wechat", "reported", False)
    checks = [check for name, check in vars(Hall).items() if hasattr(check, "hypothesis_stateful_invariant")]
    assert len(checks) == 9
    for _ in range(400):
        hall.at += chance.choice([1.0, 60.0, 1000.0, 5 * HOUR]) * chance.uniform(0.9, 1.1)
        case = hall.cases[chance.choice(["E1", "E2"])]
        possible = hall.possible(case)
        move = min(possible, key=lambda move: (made[move] + 5 * (move in ENDINGS), chance.random()))
        made[move] += 1
        hall.do(case, chance.choice(possible[move]), move)
        hall.rules_that_did_not_change_move_no_due_time(case.case_id)
        for check in checks:
            check(hall)
    assert set(made) == {name for name, move in MOVES.items() if move.asked} - {"recompute"}
