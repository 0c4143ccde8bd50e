"""Words: both languages say everything, and numbers are never bare."""

import math
import re
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.ingest.app import STREAMS
from dashboard.ingest.fixes import REASONS
from dashboard.kpi import telling
from feeds.record import CAMERA_STATES, LEVELS, STEPS
from layouts import naming
from layouts.catalog import PANELS
from layouts.panel import VIEWS
from layouts.panels.head import GRADES, KINDS
from layouts.theme import BANDS
from layouts.wall import KEYS_LAYER, LEGEND
from layouts.words import LANGS, NOTHING, WORDS, say, words

HOUSE = Path(__file__).parents[1]
ASKED = [
    *(f"panel.{name}" for name in PANELS),
    *(f"step.{name}" for name in STEPS),
    *(f"level.{name}" for name in LEVELS),
    *(f"band.{name}" for name in BANDS),
    *(f"camera.{name}" for name in CAMERA_STATES),
    *(f"view.{name}" for name in VIEWS),
    *(f"layer.{name}" for name in KEYS_LAYER),
    *(f"grade.{name}" for name in GRADES),
    *(f"feed.{name}" for name in KINDS),
    *(f"freshness.{name}" for name in naming.FRESHNESS),
    *(f"containment.{name}" for name in ("inside", "doubtful", "outside", "unknown")),
    *(f"legend.{word}" for marks in LEGEND.values() for _, word in marks),
]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", ASKED)
def test_everything_a_screen_can_show_has_a_word(key):
    assert key in WORDS


@pytest.mark.parametrize("key", WORDS)
def test_both_languages_say_it_and_take_the_same_values(key):
    chinese, english = WORDS[key]
    assert chinese.strip() and english.strip()
    assert fields(chinese) == fields(english)
    assert not re.search(r"[\u4e00-\u9fff]", english), "English without Chinese characters"


def test_chinese_is_spoken_unless_english_is_asked_for():
    assert LANGS[0] == "zh"
    assert say("zh")("view.overview") == say("tlh")("view.overview") == "态势总览"
    assert words("en")["view.overview"] == "Overview"


def test_the_six_steps_carry_their_names():
    names = [say("zh")(f"step.{step}") for step in STEPS]
    assert names == ["发现上报", "受理派遣", "处置反馈", "任务核查", "事件归档", "考核评价"]


def test_every_reason_for_which_ingest_refuses_has_words():
    source = "".join(path.read_text("utf-8") for path in (HOUSE / "dashboard/ingest").glob("*.py"))
    reasons = {reason for reason, _ in REASONS}
    reasons |= set(re.findall(r"""BadRecord\(\s*"(\w+)\"""", source))
    reasons |= set(re.findall(r"""TurnedAway\(4(?:0[013]|1[35]), "(\w+)\"""", source))
    reasons |= set(re.findall(r"""_word\(.*, "(unknown_\w+)", """, source))
    reasons |= set(re.findall(r"""Note\(\s*f?"(\w+)\"""", source))
    assert {"no_key", "wrong_key", "bad_position", "updated_before_reported"} <= reasons
    assert {"malformed", "unfit", "too_large", "unknown_camera", "unknown_state"} <= reasons
    assert {f"refused.{reason}" for reason in reasons} <= set(WORDS)
    assert {f"refused.kind.{kind}" for kind in (*STREAMS, "heartbeat")} <= set(WORDS)


def test_tables_of_the_screens_follow_the_records():
    assert naming.STEPS == STEPS
    assert naming.LEVELS == LEVELS


def test_every_word_that_a_script_or_panel_asks_for_exists():
    asked = set()
    for path in [*(HOUSE / "layouts").rglob("*.py"), *(HOUSE / "assets/js").rglob("*.js")]:
        if "test" not in path.parts:
            asked |= set(re.findall(r"""\b(?:say|speak)\(\s*['"]([a-z_]+\.[a-z_.]+)['"]""", path.read_text("utf-8")))
    assert asked and asked <= set(WORDS)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (4.9, "4 s"),
        (119, "119 s"),
        (120, "2 min"),
        (200, "3 min"),
        (7199, "119 min"),
        (7200, "2 h"),
        (172_799, "47 h"),
        (172_800, "2 d"),
        (200_000, "2 d"),
        (-3, "0 s"),
        (math.nan, NOTHING),
        (None, NOTHING),
    ],
)
def test_ages_are_said_in_one_unit(seconds, said):
    assert say("zh").age(seconds) == say("en").age(seconds) == said


@given(st.floats(0, 10**7), st.floats(0, 10**7))
def test_what_is_older_never_reads_as_less(one, other):
    least, most = (
        int(number) * {"s": 1, "min": 60, "h": 3600, "d": 86_400}[unit]
        for number, unit in (say("en").age(seconds).split() for seconds in sorted((one, other)))
    )
    assert least <= most


def test_no_age_reads_as_a_single_minute_hour_or_day():
    """ "1 min" under "92 s" looks younger than it, as no number is compared with its unit from far away."""
    assert not {say("en").age(seconds) for seconds in range(0, 200_000, 7)} & {"1 min", "1 h", "1 d"}


def test_a_rate_shows_what_it_is_made_of():
    assert say("zh").rate(10_980, 10_984) == "99.96 % · 10,980 / 10,984"
    assert say("zh").rate(5, 5) == "100 % · 5 / 5"
    assert say("zh").rate(0, 7) == "0 % · 0 / 7"
    assert say("zh").rate(0, 0) == NOTHING


@given(st.integers(0, 10**7), st.integers(1, 10**7))
def test_a_rate_is_100_percent_only_when_nothing_is_missing(part, of):
    part = min(part, of)
    said = say("en").percent(part, of)
    assert (said == "100 %") == (part == of)
    assert (said == "0 %") == (part == 0)


@given(st.integers(0, 10**7), st.integers(1, 10**7))
def test_the_wall_and_the_numbers_of_the_hall_say_a_rate_alike(part, of):
    assert telling.percent(min(part, of), of) == say("zh").percent(min(part, of), of)


@given(st.floats(allow_nan=True, allow_infinity=False))
def test_every_age_has_a_word(seconds):
    assert say("zh").age(seconds)


def test_which_way_is_said_with_a_shape():
    assert [say("en").signed(n) for n in (1200, -3, 0)] == ["▲ 1,200", "▼ 3", "= same"]
