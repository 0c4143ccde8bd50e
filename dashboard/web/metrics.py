"""Metrics: what this process and the folds have counted, in Prometheus' words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from flask import Flask, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from dashboard.bus.rejected import NOTED
from dashboard.live.mirror import Mirror
from dashboard.web.answers import late, state_names
from dashboard.web.parts import Parts
from dashboard.web.push import Gateway
from dashboard.web.relay import Relay
from dashboard.web.scene import Scene

__all__ = ["register"]


def register(server: Flask, scene: Scene, gateway: Gateway, relay: Relay, parts: Parts) -> None:
    registry = CollectorRegistry()
    registry.register(Readings(scene, gateway, relay, parts))

    @server.get("/metrics")
    def metrics() -> Response:  # pyright: ignore[reportUnusedFunction]
        return Response(generate_latest(registry), content_type="text/plain; version=0.0.4; charset=utf-8")


class Readings(Collector):
    """Read when somebody asks; nothing is counted twice."""

    def __init__(self, scene: Scene, gateway: Gateway, relay: Relay, parts: Parts) -> None:
        self.scene, self.gateway, self.relay, self.parts = scene, gateway, relay, parts

    def collect(self) -> Iterator[Metric]:
        yield from self._push()
        if self.scene.ready:
            yield from self.scene.aside(lambda mirror: list(self._hall(mirror)))

    def _push(self) -> Iterator[Metric]:
        count = self.gateway.count
        yield _counter("frames_sent", "frames sent to browsers", count.frames)
        yield _counter("frames_sent_bytes", "bytes of them", count.bytes)
        yield _counter("frames_skipped", "frames that resting clients were not sent", count.skipped)
        yield _counter("wholes_sent", "whole pictures sent", count.wholes)
        yield _gauge("clients", "browsers connected", len(self.gateway.clients))
        yield _gauge("clients_resting", "of these, those that are behind", self.gateway.resting)
        yield _gauge("frame_lag_seconds", "age of the last frame when it was relayed", self.relay.lag_ms / 1000)
        yield _gauge("parts_seconds", "time the last round of panels took", self.parts.seconds)
        yield _gauge("redis_up", "1 if Redis answered within the last second", int(self.scene.reachable))
        yield _labelled(
            GaugeMetricFamily, "panel_broken", "times a panel could not be filled", "panel", self.parts.broken.items()
        )

    def _hall(self, mirror: Mirror) -> Iterator[Metric]:
        scene = self.scene
        situation = scene.situation(mirror, 0)
        accepted = [(f"{feed.kind}:{feed.source}", feed.accepted) for feed in scene.feeds]
        ages = [(f"{feed.kind}:{feed.source}", feed.age) for feed in situation.feeds]
        yield _labelled(CounterMetricFamily, "accepted", "records accepted at the door", "feed", accepted)
        noted = [(name, count) for name, count in scene.refused.items() if f":{NOTED}" in name]
        refused = [(name, count) for name, count in scene.refused.items() if f":{NOTED}" not in name]
        yield _labelled(CounterMetricFamily, "rejected", "records refused, by kind:reason", "reason", refused)
        yield _labelled(
            CounterMetricFamily, "noted", "records taken without what in them cannot be, by kind:reason", "reason",
            [(name.replace(NOTED, ""), count) for name, count in noted],
        )  # fmt: skip
        yield _labelled(CounterMetricFamily, "folded", "what the folds counted", "counter", situation.counters.items())
        yield _labelled(GaugeMetricFamily, "feed_age_seconds", "since a feed's last word", "feed", ages)
        folds = scene.folds.items()
        costs = [(name, fold.fold_ms / 1000) for name, fold in folds]
        silent = [(name, (situation.now - fold.at_ms / 1000) / situation.pace) for name, fold in folds]
        yield _labelled(GaugeMetricFamily, "fold_seconds", "what a fold's last tick cost", "fold", costs)
        yield _labelled(GaugeMetricFamily, "fold_age_seconds", "since a fold last said how it goes", "fold", silent)
        behind = [(name, int(fold.behind)) for name, fold in folds]
        yield _labelled(GaugeMetricFamily, "fold_behind", "1 if a fold has not read all there is", "fold", behind)
        events = situation.events
        yield _gauge("events_open", "open events", len(events))
        yield _gauge("events_overdue", "of these overdue or long open", late(events))
        yield _labelled(GaugeMetricFamily, "workers", "workers by freshness", "freshness", situation.freshness.items())
        states = Counter(state_names(situation.cameras).tolist())
        yield _labelled(GaugeMetricFamily, "cameras", "cameras by state", "state", states.items())


def _counter(name: str, help: str, value: float) -> Metric:
    return CounterMetricFamily(f"gridhall_{name}", help, value=value)


def _gauge(name: str, help: str, value: float) -> Metric:
    return GaugeMetricFamily(f"gridhall_{name}", help, value=value)


def _labelled(
    kind: type[CounterMetricFamily] | type[GaugeMetricFamily],
    name: str,
    help: str,
    label: str,
    values: Iterable[tuple[object, float]],
) -> Metric:
    family = kind(f"gridhall_{name}", help, labels=[label])
    for key, value in values:
        family.add_metric([str(key)], float(value))
    return family
