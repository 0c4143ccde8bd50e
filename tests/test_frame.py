"""Frame: columns on the wire, and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.live.frame import DELTA, TABLES, WHOLE, Frame, bundle, decode, encode, peek, unbundle


def table(name: str, rows: int, seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {column: rng.integers(0, 100, rows).astype(kind) for column, kind in TABLES[name].columns}


def frame(kind: int = WHOLE, rows: int = 5) -> Frame:
    return Frame(kind, 7, 3, 12, 1_763_700_000_123.5, 0xABCD1234, {name: table(name, rows) for name in TABLES})


@given(st.integers(0, 40))
def test_every_table_comes_back_as_it_was(rows):
    sent = frame(rows=rows)
    got = decode(encode(sent))
    assert (got.kind, got.seq, got.epoch, got.district, got.now, got.city) == (
        sent.kind, sent.seq, sent.epoch, sent.district, sent.now, sent.city,
    )  # fmt: skip
    for name, columns in sent.tables.items():
        for column, values in columns.items():
            assert (got.tables[name][column] == values).all()


def test_every_column_lies_on_a_multiple_of_four_for_a_browser():
    body = bytearray(encode(frame(rows=3)))
    got = decode(body)
    start = np.frombuffer(body, np.uint8).__array_interface__["data"][0]
    for columns in got.tables.values():
        for column in columns.values():
            assert (column.__array_interface__["data"][0] - start) % 4 == 0


def test_an_empty_table_is_left_out_of_a_delta_and_told_in_a_whole():
    assert set(decode(encode(frame(WHOLE, rows=0))).tables) == set(TABLES)
    assert decode(encode(frame(DELTA, rows=0))).tables == {}


def test_a_bundle_gives_back_its_frames_and_each_tells_what_it_is():
    frames = [encode(frame(rows=n)) for n in range(4)]
    parts = unbundle(bundle(frames))
    assert [bytes(part) for part in parts] == frames
    assert peek(parts[0]) == (WHOLE, 7, 12)
    assert unbundle(bundle([])) == []


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_what_is_not_a_frame_is_refused_with_a_sentence(body):
    with pytest.raises(ValueError, match="frame"):
        decode(body)


def test_a_frame_that_was_cut_short_is_refused():
    body = encode(frame())
    for size in (0, 10, 31, 40):
        with pytest.raises(ValueError, match="frame"):
            decode(body[:size])


def test_an_unknown_table_is_passed_over():
    body = bytearray(encode(Frame(WHOLE, 1, 1, 1, 0.0, 0, {"workers": table("workers", 2), "heat": table("heat", 3)})))
    body[32:34] = (999).to_bytes(2, "little")
    assert set(decode(bytes(body)).tables) == {"heat"}
