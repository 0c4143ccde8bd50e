"""The plan of the house is a test: who may import whom, and which library belongs to which room."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from dashboard.settings import SETTINGS

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted(path for room in ("dashboard", "feeds", "layouts") for path in (ROOT / room).rglob("*.py"))
MAY = {"feeds": {"feeds"}, "layouts": {"layouts"}, "dashboard": {"dashboard", "feeds", "layouts"}}
#: Where a library may be imported, by the start of the file's path.
ONLY = {
    "redis": ("dashboard/bus/",),
    "flask": ("dashboard/web/", "dashboard/serve.py"),
    "flask_socketio": ("dashboard/web/", "dashboard/serve.py"),
    "gevent": ("dashboard/web/", "dashboard/serve.py"),
    "uvicorn": ("dashboard/ingest/",),
    "dash": ("dashboard/web/", "dashboard/serve.py", "layouts/", "dashboard/bench/"),
    "plotly": ("layouts/", "dashboard/bench/"),
    "click": (
        "dashboard/cli.py",
        "dashboard/keeping.py",
        "dashboard/casebook.py",
        "dashboard/accounts_cli.py",
        "dashboard/sources_cli.py",
        "dashboard/opened.py",
    ),
    "sqlalchemy": ("dashboard/sql/", "dashboard/cases/", "dashboard/people/", "dashboard/kpi/"),
    "alembic": ("dashboard/sql/",),
}
#: Who may import the command line and the rooms where everything meets.
MEETING = {"dashboard.cli": set[str](), "dashboard.web.app": {"dashboard/serve.py"}}
ALARM = 300


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_room_imports_only_what_it_may(path: Path) -> None:
    name, used = name_of(path), imports(path)
    top = {module.split(".")[0] for module in used}
    assert top & MAY.keys() <= MAY[name.split("/")[0]]
    for library, rooms in ONLY.items():
        assert library not in top or name.startswith(rooms), f"{library} is not for {name}"
    for room, guests in MEETING.items():
        assert room not in used or name in guests, f"{room} is not imported by {name}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_the_first_line_says_what_the_room_is_for(path: Path) -> None:
    first = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    assert first and len(first.splitlines()[0]) > 15


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_room_has_grown_past_the_alarm(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= ALARM


def test_there_is_no_circle_of_imports() -> None:
    modules = {name_of(path).removesuffix(".py").removesuffix("/__init__").replace("/", "."): path for path in FILES}
    uses = {module: imports(path) & modules.keys() - {module} for module, path in modules.items()}
    while leaves := [module for module, used in uses.items() if not used & uses.keys()]:
        for leaf in leaves:
            del uses[leaf]
    assert not uses, f"a circle among {sorted(uses)}"


def test_every_setting_stands_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for setting in SETTINGS:
        assert f"| `{setting.variable}` | `{setting.default}` | {setting.help} |" in readme


def test_no_tracked_file_names_a_registry() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    # Put together here, so that this file names none either.
    words = (b"index" + b"-url", b"find" + b"-links", b'"resolved"' + b': *"http', b"^registry" + b" *=")
    pattern = re.compile(b"|".join(words), re.MULTILINE)
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            assert not pattern.search((ROOT / name).read_bytes()), name
