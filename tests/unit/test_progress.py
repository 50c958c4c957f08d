import io

from livecodebench.report.progress import PlainProgress, duration, show_progress


def test_off_a_terminal_there_is_a_line_every_half_minute_at_most():
    now = [0.0]
    lines = []
    progress = PlainProgress(total=1000, done=100, write=lines.append, clock=lambda: now[0])
    for number in range(900):
        now[0] += 0.125
        progress.advance(error=number == 3)
    progress.end()

    assert lines == [
        "judging 900 submissions, 100 of 1000 were before",
        "judged 340 of 1000, 8.0/s, 1 error, 1 min 22 s left",
        "judged 580 of 1000, 8.0/s, 1 error, 52 s left",
        "judged 820 of 1000, 8.0/s, 1 error, 22 s left",
        "judged 900 submissions in 1 min 52 s, 1 error",
    ]


def test_a_short_run_says_two_lines():
    file = io.StringIO()
    with show_progress(total=2, file=file) as progress:
        progress.advance()
        progress.advance()
    assert file.getvalue().splitlines() == ["judging 2 submissions", "judged 2 submissions in 0 s, 0 errors"]


def test_a_terminal_shows_how_far_it_is_and_how_many_errors():
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    file = Terminal()
    with show_progress(total=20, done=10, file=file) as progress:
        for number in range(10):
            progress.advance(error=number == 0)
    last = file.getvalue()
    assert "20/20" in last
    assert "1 errors" in last


def test_durations():
    assert [duration(seconds) for seconds in (0.2, 59.4, 200, 7500)] == ["0 s", "59 s", "3 min 20 s", "2 h 5 min"]
