"""The command, as a user runs it."""

from __future__ import annotations

import subprocess
import sys


def livecodebench(*arguments: object) -> None:
    """Run it; its output is dropped. Raises CalledProcessError."""
    subprocess.run([sys.executable, "-m", "livecodebench", *map(str, arguments)], check=True, capture_output=True)
