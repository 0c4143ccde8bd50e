"""Kill cases: kill -9 of every process while cases are reported and moved: what was acknowledged is there, once."""

from __future__ import annotations

import contextlib
import time
import urllib.request
from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import psutil

from dashboard.bench.case_load import Acknowledged, CaseLoad
from dashboard.bench.figures import Figure, Figures, at_least, exactly
from dashboard.bench.rig import HOST, Rig, built, hall_of, workshop
from dashboard.bench.trouble import CannotMeasure
from dashboard.cases.trail.kept import Kept, kept
from dashboard.cases.trail.verify import verify
from dashboard.progress import wait
from dashboard.sql.engine import connect
from feeds.city import City

__all__ = ["VICTIMS", "Outcome", "measure", "run"]

CITY = "yangling"
VICTIMS = ("ingest", "serve", "steward", "fold", "server")
KILLS = {False: 50, True: 5}
#: Reports a second, and as many moves.
RATE = 20.0
#: Seconds between two kills.
LEAST, MOST = 2.0, 5.0


class Outcome(msgspec.Struct):
    """What was acknowledged, what the ledger has, and what the screens say. steps: open cases by step."""

    said: Acknowledged
    have: Kept
    whole: bool
    finding: str
    shown: dict[str, int]
    agree_seconds: float | None
    kills: dict[str, int]


def measure(quick: bool) -> Figures:
    rng = np.random.default_rng()
    victims = [str(name) for name in rng.permutation([VICTIMS[n % len(VICTIMS)] for n in range(KILLS[quick])])]
    outcome = run(built(CITY), victims, RATE, LEAST, MOST)
    return _figures(outcome)


def run(city: City, victims: Sequence[str], rate: float, least: float, most: float) -> Outcome:
    """Kill these, one after the other, under load; then compare what was said with what is there."""
    rng = np.random.default_rng()
    with workshop() as folder, hall_of(city, folder, guest="admin") as rig:
        with CaseLoad(city, HOST, rig.settings.port, rig.settings.ingest_port, rate) as load:
            wait(3.0, "cases come in")
            for victim in victims:
                _kill(rig, victim)
                wait(float(rng.uniform(least, most)), f"killed: {victim}")
        began = time.monotonic()
        engine = connect(rig.settings.database_url, rig.settings.data)
        have = kept(engine)
        shown = _shown(rig)
        while shown != have.open_by_step and time.monotonic() - began < 60:
            time.sleep(0.25)
            have, shown = kept(engine), _shown(rig)
        agreed = time.monotonic() - began if shown == have.open_by_step else None
        verdict = verify(engine)
        engine.dispose()
    finding = verdict.findings[0].sentence("en") if verdict.findings else ""
    return Outcome(load.done, have, verdict.ok, finding, shown, agreed, dict(Counter(victims)))


def _kill(rig: Rig, victim: str) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        for name, process in rig.processes():
            if name == victim:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
                    return
        time.sleep(0.1)
    raise CannotMeasure(f"there is no {victim} to be killed: the supervisor did not bring it back within 30 s")


def _shown(rig: Rig) -> dict[str, int]:
    """Open cases by step, as the screens have them; empty while nobody answers."""
    counts: Counter[str] = Counter()
    areas = rig.city.areas
    for row in rig.city.districts:
        address = f"{rig.pages}/api/v1/areas/{areas.area_id[int(row)]}/summary"
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - our own page
                said: dict[str, Any] = msgspec.json.decode(answer.read())
        except OSError:
            return {}
        counts.update({step["name"]: step["open"] for step in said["steps"]})
    return {name: count for name, count in counts.items() if count}


def _figures(outcome: Outcome) -> Figures:
    said, have = outcome.said, outcome.have
    lost = [key for key, move in said.moves.items() if have.moves.get(key) != move]
    rows = [
        Figure("kills", sum(outcome.kills.values())),
        Figure("reports acknowledged", len(said.reports), "", at_least(1)),
        Figure("moves acknowledged", len(said.moves), "", at_least(1)),
        Figure("reports lost", len(said.reports - have.reports.keys()), "", exactly(0)),
        Figure("reports that made two cases", sum(count > 1 for count in have.reports.values()), "", exactly(0)),
        Figure("moves lost, or not as they were answered", len(lost), "", exactly(0)),
        Figure("moves made twice", have.twice, "", exactly(0)),
        Figure("never answered", said.unanswered, "", exactly(0)),
        Figure("answered as done before", said.again),
        Figure("tries that had to be repeated", said.retries),
        Figure("refused", sum(said.refused.values()), "", exactly(0), "; ".join(said.refused)),
        Figure("chains broken", int(not outcome.whole), "", exactly(0), outcome.finding),
        Figure("screens agree with the ledger after", outcome.agree_seconds, "s", at_least(0), str(outcome.shown)),
    ]
    return rows
