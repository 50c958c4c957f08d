"""What is said while a model is asked and judged: little, and only on what it is told to write."""

import io

from livecodebench.evaluation.engine import Standing
from livecodebench.evaluation.progress import PlainStanding, show_standing
from livecodebench.report.progress import QUIET_S


def test_a_line_now_and_then_and_one_at_the_end():
    now, written = 100.0, []
    plain = PlainStanding(write=written.append, clock=lambda: now)
    plain.show(Standing(samples=10, stored=2, answered=1, asking=4))
    assert written == []
    now += QUIET_S
    plain.show(Standing(samples=10, stored=2, answered=3, asking=4, judged=1, failed=1, errors=1))
    plain.show(Standing(samples=10, stored=2, answered=4, asking=4, judged=1, failed=1, errors=1))
    now += 45
    plain.end()
    assert written == [
        "answered 5 of 10, judged 1, 2 errors (1 of the API), 4 requests under way",
        "answered 6 of 10, judged 1, 2 errors (1 of the API) in 1 min 15 s",
    ]


def test_nothing_to_say_where_nothing_happened():
    written = []
    PlainStanding(write=written.append).end()
    assert written == []


def test_a_terminal_gets_live_lines():
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    with show_standing(file=terminal) as show:
        show(Standing(samples=10, stored=2, answered=3, asking=4, judged=1, errors=1))
    text = terminal.getvalue()
    for part in ("asking", "5/10", "4 under way", "judging", "1/10", "1 error"):
        assert part in text


def test_a_file_gets_plain_ones():
    file = io.StringIO()
    with show_standing(file=file) as show:
        show(Standing(samples=1, answered=1, judged=1))
    assert file.getvalue() == "answered 1 of 1, judged 1, 0 errors in 0 s\n"
