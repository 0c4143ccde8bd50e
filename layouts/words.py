"""Words: every word of every screen, Chinese and English, and how numbers, rates and ages are said.

The tables stand in words_wall.py, words_events.py and words_patrol.py.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

from layouts.words_cases import CASES
from layouts.words_events import EVENTS
from layouts.words_kpi import KPI
from layouts.words_moves import MOVE_WORDS
from layouts.words_patrol import PATROL
from layouts.words_people import PEOPLE
from layouts.words_rejected import REJECTED
from layouts.words_trail import TRAIL
from layouts.words_wall import WALL

__all__ = ["DIGITS", "LANGS", "NOTHING", "WORDS", "Say", "say", "words"]

#: Chinese is what a hall speaks unless somebody asks otherwise.
LANGS = ("zh", "en")

#: key → (Chinese, English). A key is "room.word"; {braces} take values.
WORDS: dict[str, tuple[str, str]] = WALL | REJECTED | EVENTS | PATROL | TRAIL | PEOPLE | MOVE_WORDS | CASES | KPI

#: What stands where there is no number: a rate of nothing is not 0 %.
NOTHING = "—"

#: Digits behind the point of a rate, and the least that they can say.
DIGITS = 2
LEAST = 10**-DIGITS

#: An age: below how many seconds, divided by what, in which unit. Rounded down, so a unit begins at two of it: what is
#: older never reads as less ("1 h" over "95 min"). painters/ages.js says the same.
AGES = ((120, 1, "s"), (7200, 60, "min"), (172_800, 3600, "h"), (math.inf, 86_400, "d"))


@dataclass(frozen=True)
class Say:
    """Speaks one language."""

    lang: str

    def __call__(self, key: str, **values: object) -> str:
        word = words(self.lang)[key]
        return word.format(**values) if values else word

    def number(self, value: float | None) -> str:
        return NOTHING if value is None or math.isnan(value) else f"{round(value):,}"

    def signed(self, value: int) -> str:
        """Which way: more, less or the same."""
        return f"▲ {value:,}" if value > 0 else f"▼ {-value:,}" if value < 0 else f"= {self('backlog.same')}"

    def percent(self, part: float, of: float | None) -> str:
        """Two digits: 10,980 of 10,984 is 99.96 %. 100 % only of all, 0 % only of none, NOTHING of nothing."""
        if not of:
            return NOTHING
        if part in (0, of):
            return "100 %" if part else "0 %"
        shown = round(100 * part / of, DIGITS)
        # Never rounded up to all, nor down to none.
        shown = min(shown, 100 - LEAST) if part < of else shown
        return f"{max(shown, LEAST):.{DIGITS}f} %"

    def share(self, part: float, of: float) -> str:
        """The numerator and the denominator of a rate."""
        return f"{self.number(part)} / {self.number(of)}"

    def rate(self, part: float, of: float) -> str:
        """A rate with what it is made of."""
        return f"{self.percent(part, of)} · {self.share(part, of)}" if of else NOTHING

    def age(self, seconds: float | None) -> str:
        if seconds is None or math.isnan(seconds):
            return NOTHING
        seconds = max(0.0, seconds)
        _, per, unit = next(step for step in AGES if seconds < step[0])
        return f"{int(seconds // per)} {unit}"

    def hour(self, seconds: float, zone: str) -> str:
        return _local(seconds, zone).strftime("%H:%M")

    def moment(self, seconds: float, zone: str) -> str:
        return _local(seconds, zone).strftime("%m-%d %H:%M:%S")

    def date(self, seconds: float, zone: str) -> str:
        """Of what may lie in another year."""
        return _local(seconds, zone).strftime("%Y-%m-%d %H:%M")


def _local(seconds: float, zone: str) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).astimezone(ZoneInfo(zone))


@cache
def words(lang: str) -> dict[str, str]:
    """All words of one language, as a page hands them to its scripts."""
    column = LANGS.index(lang) if lang in LANGS else 0
    return {key: pair[column] for key, pair in WORDS.items()}


@cache
def say(lang: str) -> Say:
    """Who speaks that language; Chinese for one we do not speak."""
    return Say(lang if lang in LANGS else LANGS[0])
