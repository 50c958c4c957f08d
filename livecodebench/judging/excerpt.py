"""A few characters of what a program wrote, to show with a verdict."""

from __future__ import annotations

_SHOWN = 400  # characters


def excerpt(data: bytes | str, *, end: bool = False) -> str:
    """The beginning, or the end, as text."""
    part = data[-_SHOWN:] if end else data[:_SHOWN]
    return part.decode("utf-8", "replace") if isinstance(part, bytes) else part
