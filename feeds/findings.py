"""Findings: what an import has to say about a city's files, one sentence each, with the rows it is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Finding", "Findings", "NotACity", "Severity"]

Severity = Literal["error", "warning", "note"]

#: So many findings of one code are told one by one; the rest are counted.
TOLD = 20


class NotACity(Exception):
    """What was brought cannot be read as a city; the sentence says why and what to do."""


@dataclass(frozen=True)
class Finding:
    """error: something was left out or made up; warning: something was repaired or looks wrong; note: good to know."""

    code: str
    severity: Severity
    sentence: str
    rows: tuple[str, ...] = ()


@dataclass
class Findings:
    """In the order they were met. `rows` of a finding are codes, or "file:row" where a row has no code."""

    told: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, code: str, severity: Severity, sentence: str, rows: Sequence[str] = ()) -> None:
        self.counts[code] += 1
        if self.counts[code] <= TOLD:
            self.told.append(Finding(code, severity, sentence, tuple(rows)))

    def __iter__(self) -> Iterator[Finding]:
        """All that are told, and for each code that was met too often, a last line with how many more there are."""
        yield from self.told
        for code, count in self.counts.items():
            if count > TOLD:
                first = self.of(code)[0]
                yield Finding(code, first.severity, f"and {count - TOLD:,} more of {code}")

    def __len__(self) -> int:
        return self.counts.total()

    def of(self, code: str) -> list[Finding]:
        return [finding for finding in self.told if finding.code == code]
