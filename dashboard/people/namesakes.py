"""Namesakes: a worker's id is that worker's name: nobody else is given an account that reads like one."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from dashboard.people.people import same

__all__ = ["Namesake", "namesake", "nobody"]

#: A name → the worker's id that it reads like, empty if there is none.
Namesake = Callable[[str], str]


def namesake(worker_ids: Iterable[str]) -> Namesake:
    """Orders and proofs name workers by these ids; whoever had one as an account would have that worker's cases."""
    known: dict[str, str] = {}

    def find(name: str) -> str:
        if not known:  # a city has tens of thousands, and few people come for the first time
            known.update((same(str(worker_id)), str(worker_id)) for worker_id in worker_ids)
        return known.get(same(name), "")

    return find


def nobody(_name: str) -> str:
    """Where there is no city yet."""
    return ""
