"""Kill: kill -9 of fold, serve, ingest and the server, at random, under load: nothing lost, nothing double."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from dataclasses import dataclass

import numpy as np
import psutil

from dashboard.bench.figures import Figure, Figures, at_most, exactly, median
from dashboard.bench.load import Result
from dashboard.bench.measure.hall import CITY, EVENTS, RATE, until_flowing
from dashboard.bench.rig import Rig, built, hall_of, workshop
from dashboard.bench.tally import settled, written
from dashboard.bench.trouble import CannotMeasure
from dashboard.bench.watching import Ages, audience, loaded
from dashboard.live.counters import ACCEPTED
from dashboard.progress import wait

__all__ = ["back_after", "measure"]

VICTIMS = ("fold", "serve", "ingest", "server")
KILLS = {False: 30, True: 4}
CLIENTS = 5
#: Seconds between two kills: longer than the hall may take to live again.
LEAST, MOST = 7.0, 11.0


@dataclass(frozen=True)
class Kill:
    victim: str
    at: float


def measure(quick: bool) -> Figures:
    plan = _plan(KILLS[quick])
    seconds = len(plan) * MOST + 60
    with workshop() as folder, hall_of(built(CITY), folder) as rig:
        stop = folder / "stop"
        with loaded(rig, [(seconds, RATE)], events=EVENTS, stop=str(stop)) as load:
            until_flowing(rig)
            with audience(rig, CLIENTS, sum(pause for _, pause in plan) + 5, wholes=True) as viewers:
                wait(5.0, "the viewers join")
                kills = [_kill(rig, victim, pause) for victim, pause in plan]
                _, ages = viewers.answer()
            stop.touch()
            sent = load.answer(Result, 120)
        have, wrote = settled(rig.redis(), rig.city, 120), written(rig.redis(), rig.city)
    return [*_counts(sent, have, wrote), *_returns(kills, ages)]


def _plan(kills: int) -> list[tuple[str, float]]:
    """(victim, seconds until the next): each as often as the others, in random order."""
    rng = np.random.default_rng()
    victims = rng.permutation([VICTIMS[number % len(VICTIMS)] for number in range(kills)])
    return [(str(victim), float(rng.uniform(LEAST, MOST))) for victim in victims]


def _kill(rig: Rig, victim: str, pause: float) -> Kill:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        for name, process in rig.processes():
            if name == victim:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
                    kill = Kill(victim, time.monotonic())
                    wait(pause, f"killed: {victim}")
                    return kill
        time.sleep(0.1)
    raise CannotMeasure(f"there is no {victim} to be killed: the supervisor did not bring it back within 20 s")


def _counts(sent: Result, have: Counter[str], wrote: Counter[str]) -> Figures:
    """New ones must be as many as distinct ones were answered: fewer would be lost, more would be double."""
    new = {"fixes": have["fixes"] + have["late"], "events": have["events"] + have["events_late"]}
    answered = {"fixes": sent.fixes, "events": sent.events}
    rows: Figures = []
    for kind, count in answered.items():
        rows += [
            Figure(f"distinct {kind} sent and answered", count),
            Figure(f"{kind} lost", max(count - new[kind], 0), "", exactly(0)),
            Figure(f"{kind} counted twice", max(new[kind] - count, 0), "", exactly(0)),
        ]
    open_ends = {kind: wrote[kind] - sum(have[name] for name in names) for kind, names in ACCEPTED.items()}
    return [
        *rows,
        Figure("records written and not counted", sum(map(abs, open_ends.values())), "", exactly(0)),
        Figure("never answered", sent.unanswered, "", exactly(0)),
        Figure("tries that had to be repeated", sent.counts.get("retries", 0)),
        Figure("came twice and were known", have["duplicate"] + have["events_duplicate"]),
    ]


def _returns(kills: list[Kill], ages: Ages) -> Figures:
    back = {kill: back_after(kill.at, ages) for kill in kills}
    rows: Figures = []
    for victim in VICTIMS:
        own = [seconds for kill, seconds in back.items() if kill.victim == victim]
        came = [seconds for seconds in own if seconds is not None]
        # One that never came back is no number that could be averaged.
        worst = max(came) if came and len(came) == len(own) else None
        rows.append(Figure(f"{victim} killed {len(own)} times: live again, median", median(came), "s"))
        rows.append(Figure(f"{victim} killed: live again at most", worst, "s", at_most(5)))
    return rows


def back_after(at: float, ages: Ages) -> float | None:
    """Seconds until a client had a fix that was sent after that moment."""
    later = ages.heard[ages.sent > at]
    return float(later.min() - at) if len(later) else None
