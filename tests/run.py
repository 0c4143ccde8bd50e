"""Run: installs what the tests need, says what, and runs them all. Needs only Python 3.11 and pip."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"

#: What the tests start for real, by the file that shows it is there, and the Debian package that brings it.
SYSTEM = (
    ("chromium", "/usr/bin/chromium", "chromium"),
    ("Chinese fonts", "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", "fonts-noto-cjk"),
    ("Redis", "/usr/bin/redis-server", "redis-server"),
    ("PostgreSQL", "/usr/bin/pg_ctlcluster", "postgresql"),
)

STAGES = (
    ("lint", (PYTHON, "-m", "ruff", "check", ".")),
    ("format", (PYTHON, "-m", "ruff", "format", "--check", ".")),
    ("types", (PYTHON, "-m", "pyright")),
    ("JavaScript types", (VENV / "bin" / "npm", "--prefix", "assets", "run", "types")),
    ("JavaScript tests", (VENV / "bin" / "npm", "--prefix", "assets", "test")),
    # Most of them wait for servers to start: three files at a time keep two cores busy.
    ("tests", (PYTHON, "-m", "pytest", "-n", "3", "--dist", "loadfile", *sys.argv[1:])),
)


def main() -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 - this very file is what an older Python would run
        return _refuse(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}")
    if sentence := _install_system() or _install_python():
        return _refuse(sentence)
    failed = [name for name, command in STAGES if not _stage(name, [str(part) for part in command])]
    _say(f"failed: {', '.join(failed)}" if failed else "all is well")
    return 1 if failed else 0


def _install_system() -> str:
    missing = [(name, package) for name, file, package in SYSTEM if not Path(file).exists()]
    if not missing:
        return ""
    names, packages = [name for name, _ in missing], [package for _, package in missing]
    by_hand = f"install them with: sudo apt-get install {' '.join(packages)}"
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return f"{', '.join(names)} missing on this machine; {by_hand}"
    _say(f"installing with apt-get: {' '.join(packages)}")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "-qq", "update"],
        ["apt-get", "-qq", "install", "-y", "--no-install-recommends", *packages],
    ):
        if subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False).returncode:
            return f"apt-get could not bring {', '.join(names)}; {by_hand}"
    return ""


def _install_python() -> str:
    _say(f"installing Gridhall and what its tests need into {VENV.name}, and the browser bundle from npm")
    if not PYTHON.exists() and subprocess.run([sys.executable, "-m", "venv", VENV], check=False).returncode:
        return "the virtual environment could not be made; on Debian: sudo apt-get install python3-venv"
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--editable", f"{ROOT}[test]"]
    if subprocess.run(command, check=False).returncode:
        return "pip could not install Gridhall: is PyPI (and npm, for the browser bundle) within reach?"
    return ""


def _stage(name: str, command: list[str]) -> bool:
    begun = time.monotonic()
    _say(name)
    path = f"{VENV / 'bin'}{os.pathsep}{os.environ['PATH']}"
    passed = subprocess.run(command, cwd=ROOT, env=os.environ | {"PATH": path}, check=False).returncode == 0
    _say(f"{name}: {'passed' if passed else 'FAILED'} in {time.monotonic() - begun:.0f} s")
    return passed


def _refuse(sentence: str) -> int:
    print(f"the tests cannot run: {sentence}", file=sys.stderr)
    return 2


def _say(line: str) -> None:
    print(f"── {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
