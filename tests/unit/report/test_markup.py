"""No text gets out of its place: what is in an element or an attribute stays there, readable and inert."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecodebench.report.html.markup import Html, element, join, shown

HOSTILE = [
    "</script><script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "' onfocus=alert(1) autofocus='",
    "<!--",
    "]]>",
    "&lt;b&gt; &amp;",
    "a\x00b\x1b[31mc\x07",
    "‮evil‬⁦x⁩",
    "\ud800 and \udfff",
    "\u2028\u2029\ufeff",
    "x" * 100_000,
]


class One(HTMLParser):
    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.tags, self.texts, self.attributes = [], [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.texts.append(data)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text(text):
    read = One(element("td", text, title=text))
    assert read.tags == ["td"]
    assert read.attributes == [("title", shown(text))]
    assert "".join(read.texts) == shown(text)


@given(st.text(st.characters(exclude_categories=[])))
def test_any_text_is_text(text):
    page = element("p", text, data_x=text)
    read = One(page)
    assert read.tags == ["p"]
    assert read.attributes == [("data-x", shown(text))]
    assert "".join(read.texts) == shown(text)
    assert all(char.isprintable() or char in "\n\t" for char in page)
    page.encode()  # no half of a surrogate pair


def test_escapes_can_be_read():
    assert shown("a‮b\x1b\ud800\tc\nd\r\ne\rf") == "a\\u202eb\\x1b\\ud800\tc\nd\ne\\rf"
    assert shown("0123456789" * 3, limit=9) == "012345 [21 characters left out] 789"


def test_what_is_markup_stays_so_and_nothing_else():
    inner = element("b", "x")
    assert element("p", inner, None, 3, [inner, "<"]) == "<p><b>x</b>3<b>x</b>&lt;</p>"
    assert element("p", str(inner)) == "<p>&lt;b&gt;x&lt;/b&gt;</p>"
    assert element("p", inner + inner) == "<p>&lt;b&gt;x&lt;/b&gt;&lt;b&gt;x&lt;/b&gt;</p>"  # str's sum is text
    assert join(inner, inner) == "<b>x</b><b>x</b>"
    assert isinstance(join(), Html)


def test_attributes():
    assert element("input", class_="a", hidden=True, id=None, disabled=False, aria_label="b") == (
        '<input class="a" hidden aria-label="b">'
    )
    assert element("rect", x=1.0, y=2.126) == '<rect x="1" y="2.13"></rect>'


@pytest.mark.parametrize("name", ["", "a b", "a>", "1a", "x=y"])
def test_names_are_not_taken_from_data(name):
    with pytest.raises(ValueError, match="no tag"):
        element(name)
    with pytest.raises(ValueError, match="no attribute"):
        element("p", **{f"{name} ": "x"})
