"""Verify: is the ledger whole? Walks every chain and names the first entry that is not what was written."""

from __future__ import annotations

import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy import Engine

from dashboard.cases.chain import GENESIS
from dashboard.cases.store.schema import SEQ
from dashboard.cases.trail.along import Along
from dashboard.cases.trail.broken import Broken, Finding
from dashboard.cases.trail.heads import SignedHeads, recorded, signed_of
from dashboard.cases.trail.onward import places, verified
from dashboard.cases.trail.raw import Chain, Rows, looking

__all__ = ["Verdict", "verified", "verify"]

#: A district, after which position its chain is walked, and the hash there.
_Begin = tuple[str, int, bytes]
#: ru_maxrss is told in these.
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a walk found. chains: district → (walked from after this position, up to this one)."""

    findings: list[Finding]  # the first of each chain; empty: all is whole
    entries: int
    cases: int  # compared with what their entries make of them
    chains: dict[str, tuple[int, int]]
    seconds: float
    megabytes: float  # most that this process, and those beside it, ever held

    @property
    def ok(self) -> bool:
        return not self.findings


def verify(
    engine: Engine,
    since: float | None = None,
    *,
    position: int | None = None,
    documents: Sequence[SignedHeads] | None = None,
    told: Callable[[float], object] = lambda _: None,
    jobs: int = 1,
) -> Verdict:
    """Walk every chain from its beginning, or from the last head signed or verified at or before `since` or `position`.

    since: seconds since 1970. documents: heads that were signed, in order of time, by default all on record; each is
    compared when the walk passes it. told: the share that is done, now and then. Others may write meanwhile.
    jobs: processes that walk, each a chain at a time; the main module must be one that can be imported again.
    """
    began = time.perf_counter()
    known = recorded(engine) if documents is None else documents
    starts = _starts(engine, known, since, position)
    work = _Work(known, told)
    with looking(engine) as rows:
        chains = rows.chains()
        work.whole = sum(chain.position - starts.get(chain.district, (0, GENESIS))[0] for chain in chains)
        begins = [(chain.district, *starts.get(chain.district, (0, GENESIS))) for chain in chains]
        if jobs > 1 and len(chains) > 1:
            work.side_by_side(engine, begins, jobs)
        else:
            for chain, (_, start, before) in zip(chains, begins, strict=True):
                work.chain(rows, chain, start, before)
        work.findings += [*_strays(rows, chains), *_gone(chains, known)]
    told(1.0)
    return Verdict(
        findings=work.findings, entries=work.entries, cases=work.cases, chains=work.chains,
        seconds=time.perf_counter() - began,
        megabytes=_megabytes() + sum(work.elsewhere.values()),
    )  # fmt: skip


class _Work:
    """What was walked so far."""

    def __init__(self, documents: Sequence[SignedHeads], told: Callable[[float], object]) -> None:
        self.documents, self._told = documents, told
        self.findings: list[Finding] = []
        self.chains: dict[str, tuple[int, int]] = {}
        self.entries = self.cases = self.whole = 0
        self.elsewhere: dict[int, float] = {}  # megabytes of other processes, by their pid

    def chain(self, rows: Rows, chain: Chain, start: int, before: bytes) -> None:
        signed = signed_of(self.documents, chain.district)
        walk, counted = Along(rows, chain, start, before, signed=signed), self.entries
        try:
            _long_enough(chain, signed.items())
            walk.to_the_head(told=self.told)
        except Broken as broken:
            self.findings.append(broken.finding)
        # Those of a chunk that was not whole were walked too, up to the one that is broken.
        self.entries = counted + walk.position - start
        self.cases += walk.cases
        self.chains[chain.district] = (start, walk.position)

    def side_by_side(self, engine: Engine, begins: Sequence[_Begin], jobs: int) -> None:
        """Each process sees its chain as it is when it begins: no case and no entry belongs to two chains."""
        url, spawn = engine.url.render_as_string(hide_password=False), multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(min(jobs, len(begins)), mp_context=spawn) as pool:
            walks = [pool.submit(_elsewhere, url, begin, self.documents) for begin in begins]
            for walk in as_completed(walks):
                self.told(walk.result().entries)
        for one in (walk.result() for walk in walks):
            self.findings += one.findings
            self.chains |= one.chains
            self.cases += one.cases
            self.elsewhere |= one.elsewhere

    def told(self, entries: int) -> None:
        self.entries += entries
        self._told(self.entries / max(self.whole, 1))


class _Apart(NamedTuple):
    """What another process found on one chain."""

    findings: list[Finding]
    chains: dict[str, tuple[int, int]]
    entries: int
    cases: int
    elsewhere: dict[int, float]


def _elsewhere(url: str, begin: _Begin, documents: Sequence[SignedHeads]) -> _Apart:
    district, start, before = begin
    work, engine = _Work(documents, lambda _: None), sa.create_engine(url, hide_parameters=True)
    with looking(engine) as rows:
        for chain in rows.chains():
            if chain.district == district:
                work.chain(rows, chain, start, before)
    engine.dispose()
    # Taken away after the first look: what was there a moment ago is not to be called whole.
    gone = [] if work.chains else [Finding(code="missing", district=district, position=start + 1)]
    return _Apart([*work.findings, *gone], work.chains, work.entries, work.cases, {os.getpid(): _megabytes()})


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT / 1e6


def _starts(
    engine: Engine, documents: Sequence[SignedHeads], since: float | None, position: int | None
) -> dict[str, tuple[int, bytes]]:
    if since is None and position is None:
        return {}
    heads = [(line.district, line.position, bytes.fromhex(line.hash), document.signed_at)
             for document in documents for line in document.heads]  # fmt: skip
    starts: dict[str, tuple[int, bytes]] = {}
    for district, at_position, digest, at in sorted([*heads, *places(engine)], key=lambda row: row[1]):
        if (since is None or at <= since) and (position is None or at_position <= position):
            starts[district] = (at_position, digest)
    return starts


def _long_enough(chain: Chain, signed: Iterable[tuple[int, object]]) -> None:
    for position, head in signed:
        if position > chain.position:
            name = getattr(head, "name", "")
            raise Broken("short", chain.district, found=position, said=chain.position, name=name)


def _gone(chains: Sequence[Chain], documents: Sequence[SignedHeads]) -> list[Finding]:
    """Chains that were signed and are not there any more."""
    there = {chain.district for chain in chains}
    gone = {line.district: document.name for document in documents for line in document.heads}
    return [
        Finding(code="no_chain", district=name, values={"name": document})
        for name, document in gone.items() if name not in there
    ]  # fmt: skip


def _strays(rows: Rows, chains: Sequence[Chain]) -> list[Finding]:
    """Entries and cases that lie outside every chain: behind its head, or in one that nobody began."""
    ends = [(chain.number * SEQ, chain.number * SEQ + chain.position + 1) for chain in chains]
    lows, highs = [-(2**62), *(end - 1 for _, end in ends)], [*(begin + 1 for begin, _ in ends), 2**62]
    return [
        Finding(code="stray", values={"table": table, "seq": seq})
        for table in ("case_entries", "cases")
        for low, high in zip(lows, highs, strict=True)
        if (seq := rows.beyond(table, low, high)) is not None
    ]
