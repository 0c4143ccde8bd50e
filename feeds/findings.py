"""Findings: what an import has to say about a city's files, one sentence each, with the rows it is about."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Finding", "Findings", "NotACity", "Severity", "counted", "cut"]

Severity = Literal["error", "warning", "note"]

#: So many findings of one code are told one by one; the rest are counted.
TOLD = 20
#: A word longer than this is cut where it is told: nobody reads 6,000 digits.
WORD = 80
#: So many rows are named behind a sentence.
NAMED = 6
_LONG = re.compile(rf"[^\s,;]{{{WORD + 1},}}")
_ONE = re.compile(r"(?<![\d,.])1 (shape|row)s( lie| have)?\b")
_VERB = {" lie": " lies", " have": " has", None: ""}


def cut(text: str) -> str:
    """The text with every endless word cut short, and not much longer than a line."""
    short = _LONG.sub(lambda word: f"{word[0][:40]}…", text)
    return short if len(short) <= 4 * WORD else f"{short[: 4 * WORD]}…"


def counted(number: int, one: str) -> str:
    """1 row, 2 rows."""
    return f"{number:,} {one}" if number == 1 else f"{number:,} {one}s"


class NotACity(Exception):
    """What was brought cannot be read as a city; the sentence says why and what to do."""


@dataclass(frozen=True)
class Finding:
    """error: something was left out or made up; warning: something was repaired or looks wrong; note: good to know."""

    code: str
    severity: Severity
    sentence: str
    rows: tuple[str, ...] = ()

    def __str__(self) -> str:
        """As it is printed: how bad it is, what, and the rows that the sentence itself does not name."""
        more = [cut(row) for row in self.rows if row not in self.sentence and cut(row) not in self.sentence]
        named = ", ".join(more[:NAMED]) + (f" and {len(more) - NAMED:,} more" if len(more) > NAMED else "")
        return f"{self.severity:7}  {self.sentence}" + (f"  ({named})" if more else "")


@dataclass
class Findings:
    """In the order they were met. `rows` of a finding are codes, or "file:row" where a row has no code."""

    told: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, code: str, severity: Severity, sentence: str, rows: Sequence[str] = ()) -> None:
        self.counts[code] += 1
        if self.counts[code] <= TOLD:
            # One thing is told as one, whoever counted.
            agreed = _ONE.sub(lambda found: f"1 {found[1]}{_VERB[found[2]]}", cut(sentence))
            self.told.append(Finding(code, severity, agreed, tuple(rows)))

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
