"""Hall: the largest city live: how old a fix is when a browser has it, and what that costs."""

from __future__ import annotations

import time
from dataclasses import dataclass

from dashboard.bench.figures import Figure, Figures, Target, at_most
from dashboard.bench.load import HISTORY_STEP, Result
from dashboard.bench.percentiles import spread
from dashboard.bench.rig import Rig, built, hall_of, workshop
from dashboard.bench.trouble import CannotMeasure
from dashboard.bench.usage import Usage
from dashboard.bench.watching import View, loaded, looked_at
from dashboard.memory import EVERY

__all__ = ["client", "latency", "measure", "until_flowing"]

CITY, RATE, EVENTS = "jiamusi", 7000.0, 50.0
CLIENTS, MANY = 50, 200
#: What was promised for the few: the 99th of a hundred fixes, and all processes together.
NORMAL_MS, CORES = 300.0, 0.6
#: Reached in an hour of work, and only then the same for ever: what a hall keeps of the last hour.
HISTORY = 3600.0
#: Fixes a second below which something is wrong.
SLOWEST = 30_000


@dataclass(frozen=True)
class Plan:
    few: float
    many: float
    settle: float
    history: float


PLANS = {False: Plan(600.0, 60.0, 20.0, HISTORY), True: Plan(40.0, 10.0, 8.0, 0.0)}


def measure(quick: bool) -> Figures:
    plan = PLANS[quick]
    with workshop() as folder, hall_of(built(CITY), folder) as rig, Usage(rig.processes) as usage:
        seconds = 2 * (plan.few + plan.many + 2 * plan.settle)
        stop = folder / "stop"
        with loaded(rig, [(seconds, RATE)], events=EVENTS, history=plan.history, stop=str(stop)) as load:
            until_flowing(rig, plan.history)
            few = looked_at(rig, usage, CLIENTS, plan.few, plan.settle)
            many = looked_at(rig, usage, MANY, plan.many, plan.settle)
            stop.touch()
            sent = load.answer(Result, 60)
    return [
        *_load(sent),
        *latency(few, NORMAL_MS),
        *_cpu(few, CORES),
        *_memory(usage, few, judged=not quick),
        *client(few),
        *latency(many),
        *_cpu(many),
        *client(many),
    ]


def until_flowing(rig: Rig, history: float = 0.0, start: int = 1000) -> None:
    """Until the past has been sent and the generator is in its first phase."""
    past = rig.workers * max(history / HISTORY_STEP - 1, 0)
    until = time.monotonic() + 60 + past / SLOWEST
    while rig.fixes_written() < past + start:
        if time.monotonic() > until:
            raise CannotMeasure("the load generator did not come to speed")
        time.sleep(0.5)


def _load(sent: Result) -> Figures:
    refused = sum(count for name, count in sent.counts.items() if name.endswith("_rejected"))
    p50, _, p99 = sent.answer_ms
    return [
        Figure("fixes sent and answered", sent.fixes),
        Figure("refused or unanswered", refused + sent.unanswered, "", at_most(0)),
        Figure("answer after the write, p50", p50, "ms"),
        Figure("answer after the write, p99", p99, "ms"),
        Figure("generator behind its plan at most", sent.lag_ms, "ms"),
    ]


def latency(view: View, most: float | None = None) -> Figures:
    p50, p95, p99 = spread(view.ages.ms)
    name = f"fix sent → frame received, {view.clients} clients"
    return [
        Figure(f"{name}, p50", p50, "ms"),
        Figure(f"{name}, p95", p95, "ms"),
        Figure(f"{name}, p99", p99, "ms", _at_most(most), f"{len(view.ages.sent):,} fixes"),
    ]


def _cpu(view: View, most: float | None = None) -> Figures:
    each = [Figure(f"CPU {name}, {view.clients} clients", spent, "cores") for name, spent in sorted(view.cores.items())]
    return [
        *each,
        Figure(f"CPU all processes, {view.clients} clients", view.busy, "cores", _at_most(most)),
    ]


def client(view: View) -> Figures:
    frames, clients = view.total(1), view.clients
    if not frames:
        return [Figure(f"frames received, {clients} clients", 0, "", at_most(-1), view.refused)]
    return [
        Figure(f"frames a second and client, {clients} clients", frames / clients / view.seconds, "1/s"),
        Figure(f"CPU a client-update, {clients} clients", view.busy * view.seconds / frames * 1000, "ms"),
        Figure(f"bytes a client-update, {clients} clients", view.total(2) / frames / 1000, "KB"),
        Figure(
            f"bytes of panels a client and second, {clients} clients",
            view.total(3) / clients / view.seconds / 1000,
            "KB/s",
        ),
        Figure(f"cut lines, {clients} clients", view.cuts, "", at_most(0)),
    ]


def _at_most(most: float | None) -> Target | None:
    return at_most(most) if most else None


def _memory(usage: Usage, view: View, judged: bool) -> Figures:
    """The median of the second and of the last minute (of a fifth, when the whole is short).

    Not of the first: in it what the start took and no longer needs goes back, which would hide what grows.
    """
    span = min(EVERY, (view.until - view.since) / 5)
    first = usage.memory(view.since + span, view.since + 2 * span)
    last = usage.memory(view.until - span, view.until)
    rows = [
        Figure(f"memory {name} at the end", last[name], "MB", note=f"{last[name] - first.get(name, 0):+.1f} MB")
        for name in sorted(last)
    ]
    before, after = sum(first.values()), sum(last.values())
    growth = (after - before) / before * 100
    return [
        *rows,
        Figure("memory growth of all together", growth, "%", at_most(2.0) if judged else None, f"of {before:.0f} MB"),
    ]
