"""Text from programs, models and datasets, made safe for a terminal. Knows neither rich nor HTML.

A program's output may hold escape sequences that move the cursor, retitle the window or hide what follows, and
characters that turn the reading direction round. None of them reaches a terminal: each is shown as its escape.
"""

from __future__ import annotations


def printable(text: str, *, limit: int | None = None, keep_lines: bool = False) -> str:
    """Show `text` with every unprintable character escaped.

    Args:
        text: Anything.
        limit: Longest result in characters of `text`; the middle is left out, and how much is said.
        keep_lines: Leave line ends as they are; otherwise they are escaped too, and the result is one line.
    """
    if limit is not None and len(text) > limit:
        head, tail = limit - limit // 3, limit // 3
        omitted = f" [{len(text) - head - tail} characters left out] "
        return _escape(text[:head], keep_lines) + omitted + _escape(text[len(text) - tail :], keep_lines)
    return _escape(text, keep_lines)


def _escape(text: str, keep_lines: bool) -> str:
    if keep_lines:
        return "\n".join(_escape(line, False) for line in text.split("\n"))
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
