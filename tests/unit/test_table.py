import io
import re

import pytest

from livecodebench.report.table import print_summary
from livecodebench.results.plan import Plan, ProblemFacts
from livecodebench.results.record import Record
from livecodebench.results.summary import Tally, summarise
from livecodebench.verdict import Verdict

AC, WA, TLE = Verdict.ACCEPTED, Verdict.WRONG_ANSWER, Verdict.TIME_LIMIT
SANDBOX = {"backend": "local", "python": "3.11.7", "numpy": "2.4.6", "layers": {}}


class Terminal(io.StringIO):
    def isatty(self):
        return True


def printed(rows, *, file=None, dataset="mini", waiting=0, sandbox=SANDBOX):
    """`rows`: (model, question_id) -> verdicts, None for an error."""
    facts = {"p1": ProblemFacts("easy", "leetcode", "2024-01"), "p2": ProblemFacts("hard", "atcoder", "2024-02")}
    tally = Tally()
    samples = {}
    for (model, question_id), row in rows.items():
        samples.setdefault(model, {})[question_id] = len(row) + waiting
        for sample, verdict in enumerate(row):
            tally.add(Record(model, question_id, sample, "standard", verdict))
    dataset = {"name": dataset, "revision": "r", "filters": {"first": 2}}
    file = file or io.StringIO()
    print_summary(summarise(Plan(3, facts, samples), tally, dataset=dataset, sandbox=sandbox), file=file)
    return file.getvalue()


def cells(text, start):
    line = next(line for line in text.splitlines() if line.startswith(start))
    return " ".join(line.split())


def test_scores_verdicts_dataset_and_sandbox():
    text = printed({("m", "p1"): [AC, AC], ("m", "p2"): [WA, AC], ("other", "p1"): [TLE, WA]})

    assert cells(text, "model") == "model pass@1 95% interval easy hard atcoder leetcode problems submissions"
    assert cells(text, "m ") == "m 75.0% 19.8-97.3% 100.0% 50.0% 50.0% 100.0% 2 4"
    assert cells(text, "other ") == "other 0.0% 0.0-79.3% 0.0% - - 0.0% 1 2"
    verdicts = text[text.index("Verdicts") :]
    assert cells(verdicts, "model") == "model accepted wrong answer time limit error not judged"
    assert cells(verdicts, "other ") == "other 0 1 1 0 0"
    assert 'Dataset mini: 3 problems, 1 without a submission, filters {"first": 2}. Grading standard.' in text
    assert "Sandbox local: Python 3.11.7, numpy 2.4.6." in text
    assert "incomplete" not in text


def test_off_a_terminal_it_is_plain_and_unbroken():
    text = printed({("m" * 79, "p1"): [AC] * 5, ("n", "p2"): [AC] * 5})
    assert text.isprintable() is False
    assert all(line.isprintable() for line in text.splitlines())
    assert "m" * 79 + " " in text


def test_errors_are_called_out():
    text = printed({("m", "p1"): [AC, None], ("m", "p2"): [WA, WA]})
    assert cells(text, "m ") == "m 25.0-50.0% 50.0-100.0% 0.0% 0.0% 50.0-100.0% 2 4"
    assert "Score incomplete: 1 infrastructure error, counted as neither right nor wrong." in text


def test_what_is_not_judged_yet_is_told():
    text = printed({("m", "p1"): [AC]}, waiting=1, sandbox=None)
    assert "Score incomplete: 1 submission is not judged yet." in text
    assert "Sandbox" not in text


def test_sandboxes_that_differed_are_told():
    mixed = [SANDBOX, {**SANDBOX, "python": "3.12.1", "numpy": None}]
    text = printed({("m", "p1"): [AC]}, sandbox={**SANDBOX, "numpy": None, "mixed": mixed})
    assert "Sandbox local: Python 3.11.7, no numpy." in text
    assert (
        "Sessions had different sandboxes: local: Python 3.11.7, numpy 2.4.6; local: Python 3.12.1, no numpy." in text
    )


@pytest.mark.parametrize("make", [io.StringIO, Terminal])
def test_names_cannot_act_on_the_terminal_or_on_the_table(make, monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "300")
    hostile = "[red]\x1b]0;owned\x07[/red]:bomb:\nsecond"
    text = printed({(hostile, "p1"): [AC]}, file=make(), dataset=hostile)
    flat = "".join(text.split())
    assert flat.count(r"[red]\x1b]0;owned\x07[/red]:bomb:\nsecond") == 3
    assert "\x1b]" not in text
    assert "\x07" not in text


def test_a_narrow_terminal_gets_several_tables_instead_of_cut_ones(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TERM", "xterm")
    model = "a-model-of-some-name"
    text = printed({(model, "p1"): [AC, AC], (model, "p2"): [WA, AC]}, file=Terminal())
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert max(len(line) for line in text.splitlines()) <= 40
    for heading in ("pass@1", "easy", "hard", "atcoder", "leetcode", "problems", "submissions", "not judged"):
        assert heading in text
    assert text.count(model) > 2
    assert "…" not in text
    for figure in ("75.0%", "100.0%", "50.0%"):
        assert figure in text
