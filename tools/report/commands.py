"""The command, as a user runs it."""

from __future__ import annotations

import subprocess
import sys


def livecodebench(*arguments: object, allowed: tuple[int, ...] = (0,)) -> int:
    """Run it; its output is dropped. The exit status; raises CalledProcessError where it is not an allowed one."""
    ended = subprocess.run([sys.executable, "-m", "livecodebench", *map(str, arguments)], capture_output=True)
    if ended.returncode not in allowed:
        ended.check_returncode()
    return ended.returncode
