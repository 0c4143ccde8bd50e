"""Whoever is killed while cases come in and move: what was acknowledged is there, once, and the screens agree."""

from __future__ import annotations

from dashboard.bench.measure.kill_cases import VICTIMS, _figures, run
from feeds.lattice import lattice


def test_every_acknowledged_report_and_move_survives_the_death_of_any_process():
    city = lattice("k", (116.0, 39.0, 116.2, 39.2), districts=("east", "west"), worker_ids=["W001"], cameras=2)
    outcome = run(city, VICTIMS, rate=20.0, least=1.0, most=2.0)
    missed = [figure for figure in _figures(outcome) if figure.reached is False]
    assert not missed, missed
    assert len(outcome.said.reports) > 20 and len(outcome.said.moves) > 20
    assert outcome.said.retries, "nobody noticed a kill: nothing was tested"
