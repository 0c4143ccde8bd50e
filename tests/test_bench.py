"""The benchmark measures what it says: its own parts, on tiny runs. No figure of this machine is judged here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from dashboard.bench import MEASUREMENTS, run
from dashboard.bench.ages import Ages as Reader
from dashboard.bench.crew import hire
from dashboard.bench.crowd import NUMBERS, Crowd, sent_table
from dashboard.bench.figures import Figure, at_least, at_most, exactly, median, percentile, table
from dashboard.bench.hammer import Blow, Struck, requests_file
from dashboard.bench.happenings import BETWEEN, STEPS, Events, Polls
from dashboard.bench.load import Result
from dashboard.bench.measure.burst import back_to_normal
from dashboard.bench.measure.hall import client, latency, until_flowing
from dashboard.bench.measure.kill import Kill, _returns, back_after
from dashboard.bench.rig import HOST, Rig, free_port, hall_of, launched, until_open
from dashboard.bench.tally import settled, written
from dashboard.bench.trouble import CannotMeasure, need
from dashboard.bench.usage import Usage
from dashboard.bench.watching import Ages, loaded, looked_at
from dashboard.live.frame import DELTA, WHOLE, Frame, bundle, encode
from dashboard.settings import load
from feeds.city import City
from feeds.lattice import lattice

WORKERS = 60


@pytest.fixture(scope="module")
def city() -> City:
    names = [f"W{number:03d}" for number in range(WORKERS)]
    return lattice("b", (116.0, 39.0, 116.2, 39.2), districts=("east", "west"), worker_ids=names, cameras=30)


@pytest.fixture(scope="module")
def rig(city: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with hall_of(city, tmp_path_factory.mktemp("bench")) as rig:
        yield rig


# --- figures ---


def test_a_figure_is_reached_or_not_or_nothing_was_promised():
    assert Figure("a", 300.0, "ms", at_most(300)).reached is True
    assert Figure("a", 49.9, "×", at_least(50)).reached is False
    assert Figure("a", 0, "", exactly(0)).reached is True
    assert Figure("a", 1).reached is None


def test_what_could_not_be_taken_is_not_reached():
    assert Figure("a", None, "s", at_most(5)).reached is False


def test_the_table_stands_in_columns_and_says_what_was_missed():
    lines = list(
        table({"x": [Figure("short", 1.0, "ms", at_most(2)), Figure("a long 名字", 12345.6, "fixes/s", at_least(1e6))]})
    )
    assert lines[0] == "x"
    assert "12,346" in lines[2] and lines[2].endswith("NOT REACHED") and lines[1].endswith("reached")
    assert lines[1].index("≤") == lines[2].index("≥") + 2  # the wide letters take two places each


def test_percentiles_are_of_what_was_seen():
    assert percentile(range(1, 101), 99) == 99
    assert median([3.0, 1.0, 2.0]) == 2.0
    assert median([1.0, 2.0]) == 1.5
    assert median([]) is None


def test_a_missing_library_is_named_and_how_to_get_it():
    with pytest.raises(CannotMeasure, match=r"gridhall_has_no_such missing.*gridhall\[bench\]"):
        need("json", "gridhall_has_no_such")


def test_an_unknown_measurement_is_refused_before_anything_runs(capsys: pytest.CaptureFixture[str]):
    assert run(None, ("fold", "moon"), True) == 2
    assert "no measurement called moon" in capsys.readouterr().err


def test_the_file_says_on_what_machine_and_whether_promises_were_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    from dashboard.bench.measure import replay

    monkeypatch.setattr(replay, "measure", lambda quick: [Figure("a", 1.0, "s", at_most(2))])
    assert run(str(tmp_path / "figures.json"), ("replay",), True) == 0
    report = json.loads((tmp_path / "figures.json").read_text())
    assert report["machine"]["cores"] >= 1 and report["quick"] is True
    assert report["measurements"]["replay"]["figures"][0]["reached"] is True
    assert "reached" in capsys.readouterr().out


def test_what_was_skipped_is_said_and_is_no_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    from dashboard.bench.measure import replay

    monkeypatch.setenv("GRIDHALL_SHARED", "nowhere-at-all")
    assert run(None, ("replay",), True) == 0
    assert "replay: skipped: no file" in capsys.readouterr().out
    assert callable(replay.measure)


def test_one_that_breaks_does_not_take_the_others_with_it(monkeypatch: pytest.MonkeyPatch):
    from dashboard.bench.measure import fold, replay

    def broken(quick: bool) -> list[Figure]:
        raise ZeroDivisionError

    monkeypatch.setattr(fold, "measure", broken)
    monkeypatch.setattr(replay, "measure", lambda quick: [Figure("a", 1.0)])
    assert run(None, ("fold", "replay"), True) == 1


def test_every_measurement_has_a_file():
    folder = Path(sys.modules["dashboard.bench"].__file__ or "").parent / "measure"
    assert {path.stem for path in folder.glob("*.py")} - {"__init__"} == set(MEASUREMENTS)


# --- what is sent ---


def test_no_worker_has_two_fixes_in_one_second(city: City):
    crowd, everybody = Crowd(city), np.arange(WORKERS)
    seconds = [
        crowd.fixes(everybody, np.full(WORKERS, 1_763_700_000_400 + 300 * turn))["at"] // 1000 for turn in range(6)
    ]
    assert (np.diff(seconds, axis=0) >= 1).all()


def test_a_latitude_carries_the_number_of_its_fix_and_stays_in_the_grid(city: City):
    crowd, everybody = Crowd(city), np.arange(WORKERS)
    for turn in range(NUMBERS + 3):
        fixes = crowd.fixes(everybody, np.full(WORKERS, 1_763_700_000_000 + 5000 * turn))
        assert (fixes["lat"] % NUMBERS == turn % NUMBERS).all()
        columns = crowd.columns(fixes)
        assert (np.rint(np.array(columns["lat"]) * 1e7).astype(int) == fixes["lat"]).all()
        grid = city.grids.shape[city.workers.grid[0]]
        west, south, east, north = grid.bounds
        assert west < columns["lon"][0] < east and south < columns["lat"][0] < north


def test_events_come_at_the_rate_that_was_asked_for_and_all_go_again(city: City):
    events, told = Events(city, 1000.0, 40.0, "t"), []
    for second in range(1, 61):
        told += events.until(1000.0 + second)
    settled = [word for word in told if word["updated_at"] >= 1000 + BETWEEN * len(STEPS)]
    assert len(settled) == pytest.approx(40 * (60 - BETWEEN * len(STEPS)), rel=0.02)
    assert len({(word["event_id"], word["updated_at"]) for word in told}) == len(told)
    assert sum(word["step"] == "reported" for word in told) - sum(word["step"] == "archived" for word in told) <= 160


def test_every_camera_is_asked_every_half_minute(city: City):
    polls = Polls(city, 0.0)
    asked = [row["camera_id"] for second in range(1, 31) for row in polls.until(float(second))]
    assert sorted(asked) == sorted(set(asked)) and len(asked) == 30


# --- what is read ---


def shown(slots: list[int], lats: list[int], kind: int = DELTA) -> bytes:
    rows = {"slot": slots, "lon": [0] * len(slots), "lat": lats, "at": [1] * len(slots), "mark": [1] * len(slots)}
    columns = {name: np.array(column) for name, column in rows.items()}
    return bundle([encode(Frame(kind, 1, 1, 1, 0.0, 0, {"workers": columns}))])


def test_the_age_of_a_fix_is_from_its_sending_to_its_first_frame(tmp_path: Path):
    sent = sent_table(tmp_path / "sent", 3, "w+")
    sent[0, 5], sent[1, 6], sent[2, 7] = 10.0, 11.0, 12.0
    reader = Reader(tmp_path / "sent", 3)
    reader.see(shown([0, 1], [64 * 9 + 5, 64 * 4 + 6]), 13.0)
    reader.see(shown([0, 2], [64 * 9 + 5, 64 * 2 + 7]), 14.0)  # worker 0 for another reason: not a new fix
    reader.see(shown([1], [64 * 4 + 8]), 15.0)  # never sent by us
    sent_at, heard = reader.columns()
    assert sorted((heard - sent_at).tolist()) == [2.0, 2.0, 3.0]


def test_a_whole_picture_tells_nothing_of_ages_unless_asked(tmp_path: Path):
    sent = sent_table(tmp_path / "sent", 1, "w+")
    sent[0, 5] = 10.0
    for wholes, count in ((False, 0), (True, 1)):
        reader = Reader(tmp_path / "sent", 1, wholes)
        reader.see(shown([0], [5], WHOLE), 13.0)
        assert len(reader.columns()[0]) == count


def test_a_hall_is_back_when_a_fix_sent_after_the_kill_was_seen():
    ages = Ages(np.array([9.0, 10.5, 11.0]), np.array([10.2, 14.0, 12.5]))
    assert back_after(10.0, ages) == pytest.approx(2.5)
    assert back_after(20.0, ages) is None


def test_one_that_never_came_back_is_not_averaged_away():
    ages = Ages(np.array([10.5]), np.array([11.0]))
    rows = {row.name: row for row in _returns([Kill("fold", 10.0), Kill("fold", 50.0)], ages)}
    assert rows["fold killed: live again at most"].reached is False


def test_after_a_burst_it_is_normal_from_the_second_on_after_which_it_stays_so():
    sent = np.repeat(np.arange(100.0, 110.0), 5) + 0.1
    late = np.where(sent < 103, 0.9, 0.1)
    late[np.isclose(sent, 105.1)] = 0.8
    assert back_to_normal(Ages(sent, sent + late), 100.0, 110.0) == 6
    assert back_to_normal(Ages(sent, sent + 0.9), 100.0, 110.0) is None


# --- processes ---


def test_a_server_is_hammered_and_every_answer_counted(tmp_path: Path):
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "dashboard.bench.nothing:app",
        "--port",
        str(port),
        "--log-level",
        "error",
    ]
    requests = requests_file(tmp_path / "requests", [b"{}", b'{"a":1}'], "fixes", "application/json")
    with launched(command, load({}), tmp_path / "log") as child:
        until_open("nothing", port, child)
        with hire("hammer", Blow(HOST, port, str(requests), 0.4, lines=3, warm=0.1)) as hand:
            struck = hand.answer(Struck, 20)
    assert struck.answered > 10 and struck.refused == 0
    assert child.gone()


def test_a_plain_app_answers_its_pollers_in_each_variant(tmp_path: Path):
    from dashboard.bench.plain_app import VARIANTS
    from dashboard.bench.pollers import Poll, Polled

    np.save(tmp_path / "places.npy", np.random.default_rng(1).uniform(30, 31, (2, 50)))
    for variant in VARIANTS:
        port = free_port()
        app = [sys.executable, "-m", "dashboard.bench.plain_app", variant, str(port), str(tmp_path / "places.npy"), "1"]
        with launched(app, load({}), tmp_path / "log") as child:
            until_open(variant, port, child)
            with hire("pollers", Poll(HOST, port, 2, 0.2, 0.6)) as hand:
                polled = hand.answer(Polled, 20)
        assert polled.updates >= 2 and polled.refused == 0 and polled.bytes > 500 * polled.updates, variant


def test_a_hall_under_load_is_seen_measured_and_counted_to_the_last_record(rig: Rig, city: City):
    with Usage(rig.processes, every=0.2) as usage, loaded(rig, [(9.0, 40.0)], events=20.0) as load_hand:
        until_flowing(rig, start=50)
        view = looked_at(rig, usage, 3, 3.0, 1.5)
        sent = load_hand.answer(Result, 60)
    assert {"ingest", "fold", "serve", "server", "supervisor"} <= view.cores.keys()
    assert [seen.joins for seen in view.seen] == [1, 2] and view.cuts == 0 and not view.refused
    assert view.total(1) > 0 and len(view.ages.sent) > 20
    assert (view.ages.ms > 0).all()
    assert all(figure.value is not None for figure in [*latency(view), *client(view)])
    have = settled(rig.redis(), city, 20)
    assert sent.unanswered == 0 and sent.counts.get("fixes_rejected", 0) == 0
    assert have["fixes"] + have["late"] == sent.fixes == written(rig.redis(), city)["fixes"]
    assert have["events"] + have["events_late"] == sent.events > 0


def test_nothing_is_left_running(city: City, tmp_path: Path):
    with hall_of(city, tmp_path) as rig:
        family = [process for _, process in rig.processes()]
        assert len(family) >= 5
    gone, alive = psutil.wait_procs(family, 5)
    assert not alive and len(gone) == len(family)


def test_a_bench_that_is_killed_leaves_no_hall_behind(city: City, tmp_path: Path):
    (tmp_path / "city").write_bytes(city.to_bytes())
    script = (
        "import sys, time\nfrom pathlib import Path\nfrom feeds.city import City\n"
        "from dashboard.bench.rig import hall_of\n"
        "with hall_of(City.from_bytes(Path(sys.argv[1]).read_bytes()), Path(sys.argv[2])) as rig:\n"
        "    print(*[process.pid for _, process in rig.processes()], flush=True); time.sleep(60)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "city"), str(tmp_path)]
    root = Path(__file__).resolve().parent.parent
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=root, env=dict(os.environ)) as process:
        assert process.stdout
        pids = [int(pid) for pid in process.stdout.readline().split()]
        process.kill()
    until = time.monotonic() + 15
    while (left := [pid for pid in pids if psutil.pid_exists(pid)]) and time.monotonic() < until:
        time.sleep(0.1)
    assert pids and not left
