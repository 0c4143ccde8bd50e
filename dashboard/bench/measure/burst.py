"""Burst: phones send every second instead of every five for a minute: nothing may be lost, and it must pass quickly."""

from __future__ import annotations

from dashboard.bench.figures import Figure, Figures, at_most, exactly
from dashboard.bench.load import Result
from dashboard.bench.measure.hall import CITY, EVENTS, NORMAL_MS, RATE, until_flowing
from dashboard.bench.percentiles import spread
from dashboard.bench.rig import Rig, built, hall_of, workshop
from dashboard.bench.tally import settled
from dashboard.bench.usage import Usage
from dashboard.bench.watching import Ages, audience, loaded
from dashboard.live.counters import ACCEPTED
from dashboard.progress import wait

__all__ = ["back_to_normal", "measure"]

TIMES = 5
#: Seconds before, in and after the burst, and clients.
PLANS = {False: (20.0, 60.0, 30.0, 50), True: (6.0, 6.0, 10.0, 10)}


def measure(quick: bool) -> Figures:
    before, burst, after, clients = PLANS[quick]
    with workshop() as folder, hall_of(built(CITY), folder) as rig, Usage(rig.processes) as usage:
        with loaded(rig, [(before, RATE), (burst, TIMES * RATE), (after, RATE)], events=EVENTS) as load:
            until_flowing(rig)
            with audience(rig, clients, before + burst + after + 5) as viewers:
                wait(before + burst + after, f"{TIMES * RATE:,.0f} fixes/s for {burst:.0f} s")
                sent = load.answer(Result, 120)
                _, ages = viewers.answer()
        counts = _counts(rig, sent)
    _, began, ended, over = sent.phases
    return [*counts, *_during(ages.between(began, ended), usage, began, ended), *_after(ages, ended, over)]


def _counts(rig: Rig, sent: Result) -> Figures:
    have = settled(rig.redis(), rig.city)
    counted = sum(have[name] for name in ACCEPTED["fixes"])
    return [
        Figure("fixes answered", sent.fixes),
        Figure("fixes counted", counted),
        Figure("lost", sent.fixes - have["fixes"] - have["late"], "", exactly(0), _others(have)),
        Figure("unanswered", sent.unanswered, "", exactly(0)),
    ]


def _others(have: dict[str, int]) -> str:
    return ", ".join(f"{name} {have[name]}" for name in ACCEPTED["fixes"][1:] if have[name])


def _during(ages: Ages, usage: Usage, began: float, ended: float) -> Figures:
    p50, p95, p99 = spread(ages.ms)
    return [
        Figure("in the burst: fix sent → frame received, p50", p50, "ms"),
        Figure("in the burst: p95", p95, "ms"),
        Figure("in the burst: p99", p99, "ms"),
        Figure("in the burst: CPU all processes", sum(usage.cores(began, ended).values()), "cores"),
    ]


def _after(ages: Ages, ended: float, over: float) -> Figures:
    return [Figure("back under 300 ms p99 after", back_to_normal(ages, ended, over), "s", at_most(5))]


def back_to_normal(ages: Ages, ended: float, over: float) -> float | None:
    """Seconds from the end of the burst until the second from which every p99 is normal; None: never."""
    back: float | None = None
    for second in range(int(over - ended)):
        part = ages.between(ended + second, ended + second + 1)
        normal = len(part.sent) > 0 and spread(part.ms)[2] <= NORMAL_MS
        back = (second if back is None else back) if normal else None
    return back
