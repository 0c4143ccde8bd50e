"""Cells: what stands in one cell of a recorded row: a text, a number, a moment, a yes. Refuses with a sentence."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from feeds.mapping import Mapping
from feeds.record import BadRecord

__all__ = ["Cells"]

YES = {"1", "true", "yes", "y", "t", "是"}
NO = {"0", "false", "no", "n", "f", "否"}
EPOCHS = {"s": 1.0, "ms": 0.001}
#: Nothing that a hall plays or keeps was before or will be after: such a clock, or such a mapping, is wrong.
EARLIEST, LATEST = datetime(1899, 12, 30, tzinfo=UTC).timestamp(), datetime(2200, 1, 1, tzinfo=UTC).timestamp()


class Cells:
    """Reads the fields of rows as a mapping says."""

    def __init__(self, mapping: Mapping) -> None:
        self.columns = {field: mapping.of(field) for field in mapping.columns}
        self.constants, self.missing, self.joiner = mapping.constants, {"", *mapping.missing}, mapping.joiner
        self.format, self.zone = mapping.time_format, ZoneInfo(mapping.zone)

    def parts(self, row: dict[str, str], field: str) -> list[str]:
        """What the columns of a field say, without those that say nothing."""
        texts = [(row.get(column) or "").strip() for column in self.columns.get(field, ())]
        return [text for text in texts if text not in self.missing]

    def text(self, row: dict[str, str], field: str) -> str:
        return self.joiner.join(self.parts(row, field)) or self.constants.get(field, "")

    def need(self, row: dict[str, str], field: str) -> str:
        text = self.text(row, field)
        if not text:
            raise BadRecord("missing", f"no {field}")
        return text

    def number(self, row: dict[str, str], field: str) -> float | None:
        text = self.text(row, field)
        if not text:
            return None
        try:
            value = float(text)
        except ValueError as error:
            raise BadRecord("malformed", f"{field} is not a number: {text!r}") from error
        if not math.isfinite(value):
            raise BadRecord("malformed", f"{field} is not a finite number: {text!r}")
        return value

    def flag(self, row: dict[str, str], field: str) -> bool:
        text = self.text(row, field).lower()
        if text and text not in YES | NO:
            raise BadRecord("malformed", f"{field} is neither yes nor no: {text!r}")
        return text in YES

    def time(self, row: dict[str, str], field: str) -> float | None:
        """Seconds since 1970."""
        text = self.text(row, field)
        if not text:
            return None
        try:
            at = self._moment(text)
        except (ValueError, OverflowError) as error:
            raise BadRecord(
                "malformed", f"{field} is not a time as the mapping says ({self.format}): {text!r}"
            ) from error
        # Written so that nan is refused too.
        if not (EARLIEST <= at <= LATEST):
            raise BadRecord("malformed", f"{field} is no time between 1900 and 2200: {text!r}")
        return at

    def _moment(self, text: str) -> float:
        if self.format in EPOCHS:
            return float(text) * EPOCHS[self.format]
        read = datetime.fromisoformat(text) if self.format == "iso" else datetime.strptime(text, self.format)  # noqa: DTZ007
        return (read if read.tzinfo else read.replace(tzinfo=self.zone)).timestamp()

    def need_time(self, row: dict[str, str], field: str) -> float:
        at = self.time(row, field)
        if at is None:
            raise BadRecord("missing", f"no {field}")
        return at

    def position(self, row: dict[str, str]) -> tuple[float, float] | None:
        """Longitude and latitude as they stand, or None when one is missing."""
        lon, lat = self.number(row, "lon"), self.number(row, "lat")
        if lon is None or lat is None:
            return None
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            raise BadRecord("out_of_range", f"no such place: {lon}, {lat}")
        if lon == 0 and lat == 0:
            raise BadRecord("null_island", "0, 0 is where a terminal is that has not seen the sky yet")
        return lon, lat
