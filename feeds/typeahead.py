"""Type-ahead: finds a class by what was typed so far: Chinese, initials of its pinyin, pinyin, English or its code."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate

from feeds.city import Classes

__all__ = ["TypeAhead"]

#: What is looked at in turn: a column, and what of it: the whole, its beginning, any part. Earlier finds come first.
CHINESE = (("name", "beginning"), ("name", "part"))
LATIN = (
    ("code", "whole"), ("initials", "beginning"), ("code", "beginning"), ("initials", "part"), ("pinyin", "beginning"),
    ("english", "beginning"), ("pinyin", "part"), ("english", "part"), ("name", "part"),
)  # fmt: skip


class TypeAhead:
    """Made once for a tree; a search takes a tenth of a millisecond for a thousand classes."""

    def __init__(self, classes: Classes) -> None:
        names = [_folded(str(name)) for name in classes.name]
        # Short names first: what stands above before what stands below it.
        order = sorted(range(len(names)), key=lambda row: (len(names[row]), row))
        texts = {
            "code": [_folded(str(code)) for code in classes.class_code],
            "name": names,
            "initials": [_initials(name) for name in names],
            "pinyin": [_pinyin(name) for name in names],
            "english": [_folded(str(name)) for name in classes.name_en],
        }
        self._columns = {name: _Column([column[row] for row in order]) for name, column in texts.items()}
        self._rows = order

    def find(self, text: str, limit: int = 20) -> list[int]:
        """Rows of Classes, the likeliest first, at most `limit`; for an empty text the first rows of the tree."""
        typed = _folded(text)
        if not typed:
            return list(range(min(limit, len(self._rows))))
        found = dict[int, None]()
        for place in self._places(typed):
            found[place] = None
            if len(found) == limit:
                break
        return [self._rows[place] for place in found]

    def _places(self, typed: str) -> Iterator[int]:
        latin, mixed = typed.isascii(), any(letter.isascii() for letter in typed)
        for column, part in LATIN if latin else CHINESE:
            yield from getattr(self._columns[column], part)(typed)
        # Letters left out: sjqs for 上水井盖缺失.
        yield from self._columns["initials" if latin else "name"].scattered(typed)
        if mixed and not latin:
            yield from self._columns["initials"].scattered(_initials(typed))


class _Column:
    """Texts by their places, kept in the ways in which they are searched."""

    def __init__(self, texts: list[str]) -> None:
        self._texts, self._lines = texts, "\n".join(texts)
        self._ends = list(accumulate(len(text) + 1 for text in texts))
        self._sorted = sorted((text, place) for place, text in enumerate(texts))
        having: dict[tuple[str, int], set[int]] = {}
        for place, text in enumerate(texts):
            for one in _counted(text):
                having.setdefault(one, set()).add(place)
        self._having = {one: frozenset(places) for one, places in having.items()}

    def whole(self, typed: str) -> Iterator[int]:
        return (place for place in self.beginning(typed) if self._texts[place] == typed)

    def beginning(self, typed: str) -> list[int]:
        first = at = bisect_left(self._sorted, (typed, -1))
        while at < len(self._sorted) and self._sorted[at][0].startswith(typed):
            at += 1
        return sorted(place for _, place in self._sorted[first:at])

    def part(self, typed: str) -> Iterator[int]:
        at = self._lines.find(typed)
        while at >= 0:
            place = bisect_right(self._ends, at)
            yield place
            at = self._lines.find(typed, self._ends[place])

    def scattered(self, typed: str) -> Iterator[int]:
        """Places of the texts that have these letters in this order."""
        nowhere = frozenset[int]()
        for place in sorted(frozenset.intersection(*(self._having.get(one, nowhere) for one in _counted(typed)))):
            letters = iter(self._texts[place])
            if all(letter in letters for letter in typed):
                yield place


def _initials(folded: str) -> str:
    return _pinyin(folded, "FIRST_LETTER")


def _pinyin(folded: str, style: str = "NORMAL") -> str:
    # Its dictionary of phrases takes a fifth of the start of a gateway, and is needed when somebody searches.
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415

    return "".join(lazy_pinyin(folded, style=Style[style])).casefold()


def _folded(text: str) -> str:
    """Small letters, digits and Chinese characters, nothing between them."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _counted(text: str) -> Iterator[tuple[str, int]]:
    """Each letter, and that it stands there so many times at least."""
    seen = Counter[str]()
    for letter in text:
        seen[letter] += 1
        yield letter, seen[letter]
