"""Register: as fresh as its last refresh, the same as the database, whatever is asked and whoever writes meanwhile."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from casebook import DAY, HOUR, NOW, lay
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from sqlalchemy import Engine

from dashboard.cases.case import Case
from dashboard.cases.store.away import away
from dashboard.cases.store.schema import CASES, CHAINS, SEQ
from dashboard.kpi import reading
from dashboard.kpi import register as room
from dashboard.kpi.bands import BANDS, Bands
from dashboard.kpi.filters import Filter
from dashboard.kpi.lookup import Lookup
from dashboard.kpi.paging import ORDERS, BadCursor
from dashboard.kpi.register import Register
from dashboard.kpi.table import Rows, Table
from dashboard.kpi.texts import Texts
from dashboard.kpi.tree import Tree
from dashboard.sql.engine import writing


def case(case_id: str, **more: Any) -> Case:
    given: dict[str, Any] = {"district": "east", "received_at": NOW - HOUR, "reported_at": NOW - HOUR, "version": 1}
    return Case(case_id=case_id, **given | {"updated_at": NOW} | more)


def found(register: Register, **asked: Any) -> set[str]:
    return set(register.find(Filter(**asked), now=NOW).case_ids)


def names(register: Register) -> list[str]:
    return sorted(register.table.case_ids(np.flatnonzero(register.table.alive)))


# --- refresh ---


def test_an_empty_ledger_is_an_empty_list(engine: Engine) -> None:
    register = Register(engine)
    assert register.refresh() == 0
    assert register.find(Filter(open=True, overdue=True), now=NOW) == room.Found([], 0, "")


def test_what_was_written_is_there_after_the_next_refresh_and_only_that_is_read(engine: Engine) -> None:
    register = Register(engine)
    lay(engine, case("a"), case("b", district="west"))
    assert register.refresh() == 2
    lay(engine, case("b", district="west", step="dispatched", version=2), case("c"))
    assert register.refresh() == 2
    assert register.refresh() == 0
    assert names(register) == ["a", "b", "c"]
    assert found(register, step="dispatched") == {"b"}
    assert found(register, step="reported") == {"a", "c"}


def test_chunks_do_not_lose_or_double_a_case(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "SPAN", 7)
    monkeypatch.setattr(reading, "PIECE", 3)
    lay(engine, *(case(f"c{n:03d}", district=("east", "west")[n % 2]) for n in range(50)))
    lay(engine, *(case(f"c{n:03d}", district=("east", "west")[n % 2], version=2) for n in range(0, 50, 3)))
    register = Register(engine)
    assert register.refresh() == 50
    assert names(register) == [f"c{n:03d}" for n in range(50)]


def test_a_snapshot_stays_as_it_was_while_the_register_goes_on(engine: Engine) -> None:
    register = Register(engine)
    lay(engine, *(case(f"c{n}") for n in range(10)))
    register.refresh()
    before = register.table
    lay(engine, *(case(f"c{n}", step="archived", outcome="closed", source=f"new {n}", version=2) for n in range(10)))
    register.refresh()
    assert before.count == register.table.count == 10
    assert np.all(before["step"][before.alive] == 0)
    assert np.all(register.table["step"][register.table.alive] == 4)


def test_dead_rows_are_swept_out_and_every_case_is_found_again(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.kpi.table.FEW", 5)
    monkeypatch.setattr("dashboard.kpi.lookup.RECENT", 3)
    register = Register(engine)
    for version in range(1, 7):
        lay(engine, *(case(f"c{n}", version=version, urges=version) for n in range(10)))
        register.refresh()
        assert len(register.table) <= 20
        assert names(register) == sorted(f"c{n}" for n in range(10))
    assert np.all(register.table["urges"][register.table.alive] == 6)


def test_a_ledger_that_came_back_from_a_backup_is_read_anew(engine: Engine) -> None:
    register = Register(engine)
    lay(engine, case("a"), case("b"), case("b", version=2))
    register.refresh()
    with writing(engine) as connection:
        connection.execute(sa.delete(CASES).where(CASES.c.case_id == "b"))
        connection.execute(sa.update(CHAINS).values(position=1))
    register.refresh()
    assert names(register) == ["a"]


def test_what_was_being_read_when_the_database_went_away_is_read_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = Register(engine)
    lay(engine, case("a"), case("b", district="west"))
    register.refresh()
    lay(engine, case("a", version=2, urges=1), case("b", district="west", version=2, urges=1))
    asked = list[Sequence[reading.Span]]()

    def cut(connection: sa.Connection, spans: Sequence[reading.Span]) -> Iterator[reading.Batch]:
        asked.append(spans)
        if len(asked) == 2:  # one piece, and no more
            raise OSError("the line was cut")
        return reading.read(connection, spans)

    with monkeypatch.context() as patched:
        patched.setattr(room, "SPAN", 1)
        patched.setattr(room, "reading_of", cut)
        with pytest.raises(OSError, match="cut"):
            register.refresh()
    assert register.table.count == 2 and not register.table["urges"].any()
    assert register.refresh() == 2
    assert register.table["urges"][register.table.alive].tolist() == [1, 1]


def test_a_word_with_the_mark_of_the_wire_in_it_is_read_as_it_is(engine: Engine) -> None:
    lay(engine, case("a", handler=f"h{reading.MARK}1"), case("b", department="部门"), case(f"c{reading.MARK}"))
    register = Register(engine)
    assert register.refresh() == 3
    assert names(register) == ["a", "b", f"c{reading.MARK}"]
    assert found(register, handler=f"h{reading.MARK}1") == {"a"}
    assert found(register, department="部门") == {"b"}


def test_a_server_that_is_gone_is_said_to_be_away_and_the_numbers_stay(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("a file does not go away")
    register = Register(engine)
    lay(engine, case("a"))
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver._usock.shutdown(2)
        with pytest.raises(sa.exc.DBAPIError) as failed:
            list(reading.read(connection, [(0, 10**12)]))
    assert away(failed.value)
    assert register.refresh() == 1


def test_a_case_that_moves_on_while_it_is_read_is_not_lost(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(engine, *(case(f"c{n}") for n in range(10)))
    monkeypatch.setattr(room, "SPAN", 3)
    moved = list[str]()

    def meanwhile(connection: sa.Connection, spans: Sequence[reading.Span]) -> Iterator[reading.Batch]:
        yield from reading.read(connection, spans)
        if not moved:
            moved.append("c8")
            lay(engine, case("c8", version=2, step="dispatched"))

    monkeypatch.setattr(room, "reading_of", meanwhile)
    register = Register(engine)
    register.refresh()
    assert names(register) == [f"c{n}" for n in range(10)]
    assert found(register, step="dispatched") == {"c8"}
    assert register.refresh() == 0


def test_what_is_new_is_asked_for_in_the_same_words_each_time(engine: Engine) -> None:
    """A driver keeps what it has prepared: with other words each time it would keep a hundred of them."""
    if engine.dialect.name != "sqlite":
        pytest.skip("the server is told what to copy, and prepares nothing")
    register, asked = Register(engine), list[str]()
    sa.event.listen(engine, "before_cursor_execute", lambda _c, _cursor, said, *_rest: asked.append(said))
    for n in range(3):
        lay(engine, case(f"a{n}"), case(f"b{n}", district="west"))
        assert register.refresh() == 2
    assert len({said for said in asked if "FROM cases" in said and "seq >" in said}) == 1


def test_cases_of_many_chains_come_in_full_pieces(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(engine, *(case(f"c{n}", district=f"d{n % 7}") for n in range(30)))
    monkeypatch.setattr(reading, "PIECE", 8)
    with engine.connect() as connection:
        spans = [(n * SEQ, (n + 1) * SEQ - 1) for n in range(1, 8)]
        sizes = [len(batch.ids) for batch in reading._rows(connection, spans)]
    assert sizes == [8, 8, 8, 6]


def test_nothing_new_is_one_question(engine: Engine) -> None:
    register = Register(engine)
    lay(engine, case("a"))
    register.refresh()
    asked = list[str]()
    sa.event.listen(engine, "before_cursor_execute", lambda _c, _cursor, said, *_rest: asked.append(said))
    assert register.refresh() == 0
    assert asked == ["SELECT number, position FROM chains"]


def test_columns_are_those_of_the_database(engine: Engine) -> None:
    whole = case(
        "x", lon=130.1234567, lat=46.7654321, due_at=NOW + 1.5, archived_at=None, spent_reported=12.5, returns=300,
        satisfaction=None, parked=True, exempt=False, repeat_of="w", response="red", clock="working", level="district",
    )  # fmt: skip
    lay(engine, whole, case("y"))
    register = Register(engine)
    register.refresh()
    table = register.table
    row = table.case_ids(np.arange(2)).index("x")
    assert (table["lon"][row], table["lat"][row]) == (1301234567, 467654321)
    assert table["due_at"][row] == NOW + 1.5
    assert np.isnan(table["archived_at"][row])
    assert (table["spent_reported"][row], table["returns"][row], table["satisfaction"][row]) == (12.5, 255, 0)
    assert (table["parked"][row], table["exempt"][row], table["repeat"][row]) == (True, False, True)
    assert [table.words[name].words[table[name][row]] for name in ("response", "clock", "level")] == [
        "red", "working", "district",
    ]  # fmt: skip


def test_readers_never_see_half_a_refresh(engine: Engine) -> None:
    """Each round moves all cases together; a reader that saw two rounds at once would count both."""
    register = Register(engine)
    lay(engine, *(case(f"c{n}", source="round 0") for n in range(40)))
    register.refresh()
    seen: list[tuple[int, int]] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            table = register.table
            alive = table["source"][table.alive]
            seen.append((len(alive), len(np.unique(alive))))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for turn in range(1, 12):
            lay(engine, *(case(f"c{n}", source=f"round {turn}", version=turn + 1) for n in range(40)))
            register.refresh()
    finally:
        done.set()
        reader.join()
    assert set(seen) == {(40, 1)}


# --- filters ---


WORLD = [
    case("plain"),
    case("street", street="s1", community="", area_id="s1"),
    case("deep", street="s1", community="k1", area_id="k1", grid_id="g1"),
    case("west", district="west", source="hotline", department="roads"),
    # Its clock was stopped before it was due: it is not late, whatever time it is now.
    case("parked", parked=True, step="dispatched", paused_at=NOW - 2 * HOUR, due_at=NOW - HOUR),
    case("late", due_at=NOW - HOUR, class_code="A01", department="roads", handler="li"),
    case("ancient", due_at=NOW - 40 * HOUR, class_code="A", returns=2),
    case("soon", due_at=NOW + HOUR / 2, class_code="B"),
    case("undated", reported_at=NOW - 200 * HOUR, received_at=NOW - 200 * HOUR),
    case("done", step="archived", outcome="closed", archived_at=NOW - 10, due_at=NOW - HOUR, late=True, returns=1),
    case("void", step="archived", outcome="void", archived_at=NOW - 2 * DAY, reworks=1, exempt=True),
    case("waits", needs_answer=True, reply_due_at=NOW - HOUR, owner="wang", urges=1, text="井盖 0%_", report_id="H-7"),
    case("answered", needs_answer=True, reply_due_at=NOW - HOUR, answered_at=NOW - 2 * HOUR, address="和平路 9 号"),
    case(
        "merged",
        needs_answer=True,
        reply_due_at=NOW - HOUR,
        step="archived",
        outcome="merged",
        archived_at=NOW - 3 * DAY,
    ),
    case("stuck", step="dispatched", step_due_at=NOW - HOUR, rejects=1, class_code="gone", pending={"extend": {}}),
    case("stopped", step_due_at=NOW - HOUR, paused_at=NOW - 2 * HOUR, class_code="other", pending={"park": {}}),
    case("met", department="roads", pending={"joint": {"owners": {"roads": {}, "water": {}}}, "appeal": {}}),
    case("placed", lon=130.5, lat=46.5, needs_answer=True, level="street", response="red", repeat_of="plain"),
]
NEW = {"waits", "answered", "stuck", "stopped", "met"}
OPEN = {"plain", "street", "deep", "west", "parked", "late", "ancient", "soon", "undated", "placed"} | NEW


#: Open ones of no class, of 其他, and of a class that there is no more.
NOT_KNOWN = OPEN - {"late", "ancient", "soon", "placed", "waits", "answered"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Register:
    from dashboard.sql.engine import connect
    from dashboard.sql.migrate import upgrade

    engine = connect("", str(tmp_path_factory.mktemp("world")))
    upgrade(engine)
    lay(engine, *WORLD)
    register = Register(engine, tree=Tree({"A": "", "A01": "A", "B": "", "other": ""}))
    register.refresh()
    return register


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"area": "west"}, {"west"}),
        ({"area": "s1"}, {"street", "deep"}),
        ({"area": "k1"}, {"deep"}),
        ({"area": "nowhere"}, set()),
        ({"scope": "s1", "area": "west"}, set()),
        ({"scope": "s1"}, {"street", "deep"}),
        ({"street": "s1", "community": "-"}, {"street"}),
        ({"grid": "g1"}, {"deep"}),
        ({"open": True}, OPEN),
        ({"open": False}, {"done", "void", "merged"}),
        ({"step": "dispatched,archived"}, {"parked", "done", "void", "merged", "stuck"}),
        ({"outcome": "void"}, {"void"}),
        ({"class_code": "A"}, {"late", "ancient"}),
        ({"only_class": "A"}, {"ancient"}),
        ({"class_code": "A01,B"}, {"late", "soon"}),
        ({"class_code": "other", "step": "dispatched,reported", "needs_answer": False}, NOT_KNOWN),
        ({"department": "roads", "handler": "-"}, {"west", "met"}),
        ({"handler": "li"}, {"late"}),
        ({"level": "street"}, {"placed"}),
        ({"response": "red"}, {"placed"}),
        ({"source": "hotline"}, {"west"}),
        ({"parked": True}, {"parked"}),
        ({"returned": True}, {"ancient", "done"}),
        ({"ping_pong": True}, {"ancient"}),
        ({"reworked": True}, {"void"}),
        ({"exempt": True}, {"void"}),
        ({"late": True}, {"done"}),
        ({"repeat": True}, {"placed"}),
        ({"needs_answer": True}, {"placed", "waits", "answered", "merged"}),
        ({"waiting_answer": True}, {"placed", "waits"}),
        ({"reply_overdue": True}, {"waits"}),
        ({"step_overdue": True}, {"stuck"}),
        ({"step_overdue": False, "open": True}, OPEN - {"stuck"}),
        ({"urged": True}, {"waits"}),
        ({"rejected": True}, {"stuck"}),
        ({"merged": True}, {"merged"}),
        ({"merged": False, "open": False}, {"done", "void"}),
        ({"owner": "wang"}, {"waits"}),
        ({"pending": "extend"}, {"stuck"}),
        ({"pending": "park,joint"}, {"stopped", "met"}),
        ({"pending": "appeal"}, {"met"}),
        ({"handling": "water"}, {"met"}),
        ({"handling": "roads"}, {"west", "late", "met"}),
        ({"ids": ()}, set()),
        ({"unrouted": True}, OPEN - {"west", "late", "met"}),
        ({"unplaced": False}, {"placed"}),
        ({"band": "soon"}, {"soon"}),
        ({"band": "overdue"}, {"late"}),
        ({"band": "long_open"}, {"ancient", "undated"}),
        ({"band": "due"}, OPEN - {"soon", "late", "ancient", "undated"}),
        ({"overdue": True}, {"late", "ancient", "undated"}),
        ({"overdue": False, "open": True}, OPEN - {"late", "ancient", "undated"}),
        ({"received_to": NOW - 100 * HOUR}, {"undated"}),
        ({"received_from": NOW - HOUR, "received_to": NOW, "area": "west"}, {"west"}),
        ({"archived_from": NOW - DAY, "archived_to": NOW}, {"done"}),
        ({"updated_after": NOW}, set()),
        ({"bbox": (130.5, 46.5, 131, 47)}, {"placed"}),
        ({"bbox": (-180, -90, 180, 90)}, {"placed"}),
        ({"ids": ("deep", "done", "unheard of")}, {"deep", "done"}),
    ],
)
def test_a_filter_passes_exactly_the_cases_it_says(world: Register, asked: dict[str, Any], expected: set[str]) -> None:
    assert found(world, **asked) == expected


def test_a_word_that_nobody_said_passes_nothing(world: Register) -> None:
    for name in ("step", "outcome", "department", "handler", "level", "grid", "class_code", "band", "pending"):
        assert found(world, **{name: "never"}) == set()


def test_what_is_pending_is_read_as_it_is_written_in_each_database(engine: Engine) -> None:
    called = {"joint": {"owners": {"roads": {"due_at": 1.0}, "水务": {}}, "lead": "roads"}, "claim": {"by": "li"}}
    lay(engine, case("a", pending=called), case("b"), case("c", pending={"park": {"by": "li"}}))
    register = Register(engine)
    assert register.refresh() == 3
    assert found(register, pending="joint,claim") == found(register, handling="水务") == {"a"}
    assert found(register, pending="park") == {"c"}
    lay(engine, case("a", version=2), case(f"d{reading.MARK}", pending=called))
    register.refresh()
    assert found(register, handling="水务") == {f"d{reading.MARK}"}


@given(st.floats(-100 * HOUR, 100 * HOUR), st.sampled_from([30.0, 60.0, 600.0]))
def test_age_bands_are_cut_where_the_wall_cuts_them(behind: float, soon: float) -> None:
    bands = Bands(soon, 24)
    one = np.array([NOW - behind])
    band = BANDS[int(bands.of(one, np.array([NOW]), np.array([np.nan]), NOW)[0])]
    behind = NOW - float(one[0])
    expected = (
        "long_open" if behind > 24 * HOUR else "overdue" if behind > 0 else "soon" if behind > -soon * 60 else "due"
    )
    assert band == expected


# --- paging ---


def pages(register: Register, limit: int, **asked: Any) -> list[str]:
    cursor, ids = "", list[str]()
    while True:
        page = register.find(Filter(), now=NOW, cursor=cursor, limit=limit, **asked)
        ids += page.case_ids
        if not page.following:
            return ids
        cursor = page.following


@settings(max_examples=25, deadline=None)
@given(
    order=st.sampled_from(ORDERS), descending=st.booleans(), limit=st.integers(1, 9),
    values=st.lists(st.one_of(st.none(), st.integers(0, 4)), min_size=1, max_size=30),
)  # fmt: skip
def test_pages_hold_every_case_once_and_in_order(
    order: str, descending: bool, limit: int, values: list[int | None]
) -> None:
    rows = Rows()
    from dashboard.kpi.columns import SELECT, laid, turned
    from dashboard.kpi.paging import page

    made = [case(f"c{n}", **{order: value if value is None else float(value)}) for n, value in enumerate(values)]
    tuples = [
        tuple({"repeat": False, "pending": ""}.get(column.name, getattr(one, column.name, "")) for column in SELECT)
        for one in made
    ]
    rows.put([one.case_id for one in made], laid(turned(tuples), rows.words))
    table, ids, cursor = rows.snapshot(), list[str](), ""
    while True:
        got = page(table, np.flatnonzero(table.alive), order, descending, cursor, limit)
        assert got.total == len(values) and len(got.case_ids) <= limit
        ids += got.case_ids
        if not (cursor := got.following):
            break
    assert sorted(ids) == sorted(one.case_id for one in made)
    said = [values[int(one[1:])] for one in ids]
    known = [value for value in said if value is not None]
    assert said == sorted(known, reverse=descending) + [None] * (len(said) - len(known))


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("spread", [3, 40, 100_000])
def test_a_page_that_is_guessed_is_the_page_that_is_sorted(
    spread: int, descending: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many ties, some, none; each page with and without the guess."""
    from dashboard.kpi import paging

    chance = np.random.default_rng(7)
    due = np.where(chance.random(3000) < 0.3, np.nan, chance.integers(0, spread, 3000).astype(float))
    ids = bytearray(b"".join(b"c%04d" % n for n in range(3000)))
    columns = {
        "due_at": due, "digest": chance.integers(0, 2**63, 3000).astype(np.uint64), "id_at": np.arange(3000) * 5,
        "id_size": np.full(3000, 5),
    }  # fmt: skip
    table = Table(columns, np.ones(3000, np.bool_), 3000, {}, ids)
    columns["digest"] = np.array([paging.digest(table.case_id(row)) for row in range(3000)], np.uint64)
    rows, cursor, seen = np.arange(3000), "", list[str]()
    while True:
        found = []
        for sample in (10**9, 50):
            monkeypatch.setattr(paging, "SAMPLE", sample)
            found.append(paging.page(table, rows, "due_at", descending, cursor, 170))
        assert found[0] == found[1]
        seen += found[0].case_ids
        if not (cursor := found[0].following):
            break
    assert len(seen) == len(set(seen)) == 3000


def test_a_case_that_did_not_change_is_on_exactly_one_page_however_others_change(engine: Engine) -> None:
    random.seed(5)
    register = Register(engine)
    lay(engine, *(case(f"c{n:02d}", updated_at=NOW - n // 3) for n in range(60)))
    register.refresh()
    still, cursor, ids = {f"c{n:02d}" for n in range(0, 60, 2)}, "", list[str]()
    for turn in range(100):
        page = register.find(Filter(), now=NOW, cursor=cursor, limit=7)
        ids += page.case_ids
        if not (cursor := page.following):
            break
        moved = random.sample(range(1, 60, 2), 5)
        lay(engine, *(case(f"c{n:02d}", updated_at=NOW + turn, version=turn + 2) for n in moved))
        lay(engine, case(f"new {turn}", updated_at=NOW + turn))
        register.refresh()
    assert [one for one in ids if one in still] == [one for one in dict.fromkeys(ids) if one in still]
    assert still <= set(ids)


def test_a_cursor_of_another_list_is_refused_with_a_sentence(world: Register) -> None:
    cursor = world.find(Filter(), now=NOW, limit=3).following
    with pytest.raises(BadCursor, match="another order"):
        world.find(Filter(), now=NOW, order="due_at", cursor=cursor)
    with pytest.raises(BadCursor, match="another order"):
        world.find(Filter(), now=NOW, descending=False, cursor=cursor)
    for nonsense in ("!", "abc", "YQ", "é", cursor[:20]):
        with pytest.raises(BadCursor):
            world.find(Filter(), now=NOW, cursor=nonsense)
    with pytest.raises(KeyError, match="ordered by"):
        world.find(Filter(), now=NOW, order="colour")


# --- what it stands on ---


def test_two_ids_with_one_digest_are_two_cases() -> None:
    ids = ["a", "b", "c", "a", "b", "c", "d"]
    lookup, where = Lookup(lambda row: ids[row]), dict[str, int]()
    same = np.array([7], np.uint64)
    for row, one in enumerate(ids):
        assert lookup.rows([one], same) == [where.get(one, -1)]
        lookup.put([one], same, row)
        where[one] = row
        if row == 4:
            lookup.sort_in(np.full(row + 1, 7, np.uint64))
    for one, row in where.items():
        assert lookup.rows([one], same) == [row]


@given(st.lists(st.sampled_from([f"w{n}" for n in range(400)]), max_size=600))
def test_texts_come_back_as_they_were_said(said: list[str]) -> None:
    texts = Texts(("",))
    codes = texts.take(said)
    assert [texts.words[code] for code in codes.tolist()] == said
    assert texts.code("never said") == -1


def test_a_column_grows_wider_when_its_words_do_not_fit(engine: Engine) -> None:
    register = Register(engine)
    lay(engine, *(case(f"c{n}", handler=f"h{n}") for n in range(200)))
    register.refresh()
    assert register.table["handler"].dtype == np.uint8
    lay(engine, *(case(f"d{n}", handler=f"i{n}") for n in range(200)))
    register.refresh()
    assert register.table["handler"].dtype == np.uint16
    assert found(register, handler="h199") == {"c199"}
    assert found(register, handler="i199") == {"d199"}


def test_a_case_takes_no_more_than_two_hundred_and_fifty_bytes(engine: Engine) -> None:
    register = Register(engine)
    plain = [case(f"230811-20260315-{n:06d}", handler=f"h{n % 300}", grid_id=f"g{n % 900}") for n in range(2000)]
    lay(engine, *(structs.replace(one, due_at=NOW) for one in plain))
    register.refresh()
    table = register.table
    # Without its words, which tests/test_searching.py measures.
    columns = (column for name, column in table.columns.items() if name != "written_at")
    row = sum(column.itemsize for column in columns) + table.alive.itemsize
    assert row + len(table._ids) / table.count + 4 <= 250  # 4: its place in the sorted order of digests
