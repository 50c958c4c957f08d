"""The document around the sections: one file, which may run and load nothing but its own style and script.

The policy names both by their hash, so that a script that got in all the same would not run.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from livecodebench.report.html.markup import Child, Html, element, join
from livecodebench.report.html.sections import Section

GENERATOR = "livecodebench report"
"""By what a file is known to be a report of ours."""


def page(title: str, lead: Sequence[Child], sections: Sequence[Section]) -> Html:
    """The whole document.

    Args:
        title: Of the report.
        lead: Below the title.
        sections: In order; the contents list them.
    """
    contents = element(
        "nav",
        element("ul", [element("li", element("a", one.title, href=f"#{one.name}")) for one in sections]),
        aria_label="Contents",
    )
    body = element(
        "body",
        element("a", "Skip to the report", href="#main", class_="skip"),
        element("header", element("h1", title), lead),
        contents,
        element("main", [section.render() for section in sections], id="main", tabindex=-1),
        element("script", Html(_asset("page.js"))),
    )
    return join(Html("<!DOCTYPE html>\n"), element("html", _head(title), body, lang="en"), Html("\n"))


def _head(title: str) -> Html:
    style, script = _asset("page.css"), _asset("page.js")
    sources = f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'"
    policy = f"{sources}; base-uri 'none'; form-action 'none'"
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="generator", content=GENERATOR),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="referrer", content="no-referrer"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
        element("style", Html(style)),
    )


@cache
def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


def _hash(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
