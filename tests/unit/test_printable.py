from hypothesis import given
from hypothesis import strategies as st

from livecodebench.printable import printable


def test_ordinary_text_stays():
    assert printable("añ 日本 [bold]x[/bold]") == "añ 日本 [bold]x[/bold]"


def test_what_a_terminal_would_act_on_is_shown():
    assert printable("\x1b]0;title\x07\r\n\u202eevil\ud800") == r"\x1b]0;title\x07\r\n\u202eevil\ud800"


def test_lines_can_be_kept():
    assert printable("a\n\tb\r\n", keep_lines=True) == "a\n\\tb\\r\n"


def test_the_middle_of_a_long_text_is_left_out():
    assert printable("a" * 50 + "b" * 50, limit=9) == "aaaaaa [91 characters left out] bbb"
    assert printable("abc", limit=3) == "abc"
    assert printable("abcd", limit=1) == "a [3 characters left out] "


@given(st.text(st.characters()), st.none() | st.integers(1, 20))
def test_the_result_is_always_printable(text, limit):
    assert printable(text, limit=limit).isprintable()
