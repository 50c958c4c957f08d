"""Markup that cannot be injected into: a string is text, and escaped, unless it was built here.

Titles, programs and outputs come from strangers. Each passes `shown`: no character that is unprintable, turns the
reading direction round, or is half of a surrogate pair gets into the page; it is shown as its escape. What then still
looks like markup is escaped. Only `Html` goes in as it is, and `element` and `join` are what makes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from livecodebench.printable import printable

_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*")
_EMPTY = frozenset({"meta", "input", "br"})


class Html(str):
    """Text that is markup already. Operations of str give a plain str, which is escaped again: a mistake shows."""

    __slots__ = ()


Child = Html | str | int | None
Attribute = str | int | float | bool | None


def element(tag: str, *children: Child | Iterable[Child], **attributes: Attribute) -> Html:
    """An element.

    Args:
        tag: Its name.
        children: Text is escaped; None is left out; of an iterable each.
        attributes: Names lose a trailing "_", and "_" stands for "-". True: without a value; None and False: left out.
    """
    if not _NAME.fullmatch(tag):
        raise ValueError(f"no tag: {tag!r}")
    opening = f"<{tag}{''.join(_attribute(name, value) for name, value in attributes.items())}>"
    if tag in _EMPTY:
        return Html(opening)
    return Html(f"{opening}{join(*children)}</{tag}>")


def join(*children: Child | Iterable[Child]) -> Html:
    """One after the other, without an element around them."""
    return Html("".join(_rendered(child) for child in children))


def shown(text: str, *, limit: int | None = None) -> str:
    """Any text, harmless and readable: line ends and tabs stay, all else that is unprintable is escaped.

    Args:
        text: Anything.
        limit: Characters to keep; the middle is left out, and how much is said.
    """
    text = text.replace("\r\n", "\n")
    if limit is not None and len(text) > limit:
        head, tail = limit - limit // 3, limit // 3
        omitted = f" [{len(text) - head - tail} characters left out] "
        return shown(text[:head]) + omitted + shown(text[len(text) - tail :])
    if "\t" in text:
        return "\t".join(printable(part, keep_lines=True) for part in text.split("\t"))
    return printable(text, keep_lines=True)


def _rendered(child: Child | Iterable[Child]) -> str:
    if child is None:
        return ""
    if isinstance(child, Html):
        return child
    if isinstance(child, str):
        return escape(shown(child))
    if isinstance(child, int):
        return str(child)
    return "".join(_rendered(one) for one in child)


def _attribute(name: str, value: Attribute) -> str:
    name = name.removesuffix("_").replace("_", "-")
    if not _NAME.fullmatch(name):
        raise ValueError(f"no attribute: {name!r}")
    if value is None or value is False:
        return ""
    if value is True:
        return f" {name}"
    text = f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else escape(shown(str(value)))
    return f' {name}="{text}"'
