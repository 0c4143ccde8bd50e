"""Bringing: files of recorded events into the ledger of a hall; where there is no city, theirs is put in force."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from dashboard.bus.connect import Redis
from dashboard.bus.hall import Hall
from dashboard.cases.bring import Brought, bring
from dashboard.cases.ledger import Ledger
from dashboard.cases.publish import Publisher
from dashboard.cases.rules.in_force import InForce
from dashboard.cases.teller import Teller
from dashboard.clock import Clock
from dashboard.ingest.roster import Roster
from dashboard.progress import done
from dashboard.settings import Settings
from dashboard.sql.engine import connect
from dashboard.sql.migrate import upgrade
from feeds.city import City
from feeds.mapping import Mapping, WrongMapping, load_mapping
from feeds.replay import Recording, read
from feeds.replay_city import city_of

__all__ = ["bring_files"]


def bring_files(settings: Settings, redis: Redis, files: Sequence[Path], mapping: str, origin: str = "") -> Brought:
    """origin: whose records these are; empty: the name of the mapping. Raises WrongMapping."""
    rules = load_mapping(mapping)
    if rules.kind != "events":
        raise WrongMapping(f"the mapping {mapping} is for {rules.kind}: cases are made of events")
    recording = read(files, rules, as_told=True)
    if not recording.played:
        raise WrongMapping("; ".join(["there is no event in " + ", ".join(map(str, files)), *recording.told()]))
    hall = Hall(redis)
    city = _city(hall, recording, rules)
    engine = connect(settings.database_url, settings.data)
    upgrade(engine)
    in_force = InForce(settings.data, settings.classes)
    ledger = Ledger(engine, in_force.look(city), Clock(hall.clock()).now)
    teller = Teller(Publisher(engine, redis))
    ledger.committed.append(teller.tell)
    try:
        name = origin or Path(mapping).stem
        return bring(ledger, recording, Roster(city), name, progress=partial(done, "importing"))
    finally:
        teller.close()
        engine.dispose()


def _city(hall: Hall, recording: Recording, mapping: Mapping) -> City:
    """The one in force; in a hall without any, the one that the files speak of is put in force."""
    if not hall.city_version():
        hall.put_city(city_of(recording, mapping))
    return hall.city()
