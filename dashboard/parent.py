"""Parent: a command line whose process ends when the one that started it ends, however that happens."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

__all__ = ["bound"]

#: Runs in the child before the command takes its place: when the starter dies, the kernel sends SIGTERM. Linux only.
_LAUNCH = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 15)
if os.getppid() == int(sys.argv[1]): os.execv(sys.argv[2], sys.argv[2:])
"""


def bound(command: Sequence[str]) -> list[str]:
    """`command` (its first word a path), to be started from a thread that lives as long as it is to live."""
    if sys.platform != "linux":
        return list(command)
    return [sys.executable, "-I", "-S", "-c", _LAUNCH, str(os.getpid()), *command]
