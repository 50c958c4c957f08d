"""A command's output in a real terminal, as a picture."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

_COLUMNS, _ROWS = 110, 45


def terminal_page(command: Sequence[str], environment: Mapping[str, str], title: str) -> str:
    """A page that shows what a command writes to a terminal. Raises CalledProcessError.

    Args:
        command: Ends by itself.
        environment: Of it.
        title: Shown above, as what was typed.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0))
    size = {"COLUMNS": str(_COLUMNS), "LINES": str(_ROWS), "TERM": "xterm-256color"}
    process = subprocess.Popen(command, stdout=theirs, stderr=subprocess.PIPE, env={**environment, **size})
    os.close(theirs)
    said = _all_of(ours)
    _, errors = process.communicate()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, said, errors)
    console = Console(width=_COLUMNS, record=True, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(said.decode(errors="replace").replace("\r\n", "\n")))
    return console.export_svg(title=f"$ {title}", theme=MONOKAI)


def _all_of(descriptor: int) -> bytes:
    parts = []
    try:
        while part := os.read(descriptor, 65536):
            parts.append(part)
    except OSError:  # the other end of a terminal is closed
        pass
    os.close(descriptor)
    return b"".join(parts)


def write_page(svg: str, page: Path) -> Path:
    """A file that a browser shows."""
    page.write_text(f"<!doctype html><meta charset=utf-8><body style='margin:0;width:1000px'>{svg}", encoding="utf-8")
    return page
