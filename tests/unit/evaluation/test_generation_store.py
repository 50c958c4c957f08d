"""Stored completions: they come back as they were, survive every torn end, and become a file that `grade` reads."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecodebench.answers.completion import Completion
from livecodebench.answers.generations import open_generations
from livecodebench.errors import OutputError
from livecodebench.evaluation.generation_store import COMPLETIONS, GENERATIONS, GenerationStore
from livecodebench.evaluation.generation_totals import GenerationTotals, Prices
from livecodebench.replay.stored_file import read_stored

ONE = Completion(
    text="```python\nprint(1)\n```",
    reasoning="One.",
    finish_reason="stop",
    prompt_tokens=10,
    completion_tokens=20,
    served_model="m-1",
)
TWO = Completion(text="Wörter \ud800 \u2028 ```\nx = '\\n'\n```")
EMPTY = Completion(text="", finish_reason="length", prompt_tokens=1, completion_tokens=2)


def test_completions_come_back(tmp_path):
    with GenerationStore(tmp_path) as store:
        store.add(("a", 0), ONE)
        store.add(("b", 3), TWO)
        assert store.get(("a", 0)) == ONE
        assert store.get(("b", 3)) == TWO
        assert ("a", 1) not in store
    with GenerationStore(tmp_path) as again:
        assert len(again) == 2
        assert again.get(("b", 3)) == TWO
        again.add(("a", 1), EMPTY)
        assert [again.get(key) for key in (("a", 0), ("a", 1), ("b", 3))] == [ONE, EMPTY, TWO]
        assert not again.torn
        assert again.damaged == []


def test_every_torn_end(tmp_path):
    with GenerationStore(tmp_path) as store:
        store.add(("a", 0), ONE)
        store.add(("b", 0), TWO)
    whole = (tmp_path / COMPLETIONS).read_bytes()
    first = whole.index(b"\n") + 1
    for length in range(len(whole)):
        (tmp_path / COMPLETIONS).write_bytes(whole[:length])
        with GenerationStore(tmp_path) as store:
            assert len(store) == (length >= first)
            assert store.torn is (length not in {0, first})
            store.add(("c", 0), EMPTY)
        with GenerationStore(tmp_path) as store:
            assert not store.torn
            assert store.get(("c", 0)) == EMPTY
            if length >= first:
                assert store.get(("a", 0)) == ONE


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        json.dumps({"question_id": "a", "sample": 0, "output": None}).encode(),
        json.dumps({"question_id": "a", "sample": "0", "output": ""}).encode(),
    ],
)
def test_damaged_lines_are_named_and_asked_for_again(tmp_path, line):
    with GenerationStore(tmp_path) as store:
        store.add(("a", 0), ONE)
    path = tmp_path / COMPLETIONS
    path.write_bytes(line + b"\n" + path.read_bytes())
    with GenerationStore(tmp_path) as store:
        assert len(store) == 1
        assert store.get(("a", 0)) == ONE
        assert [damage.partition(": ")[0] for damage in store.damaged] == [f"{path}:1"]


def test_the_first_of_two_counts(tmp_path):
    with GenerationStore(tmp_path) as store:
        store.add(("a", 0), ONE)
    path = tmp_path / COMPLETIONS
    path.write_bytes(path.read_bytes() + path.read_bytes().replace(b"One.", b"Two."))
    with GenerationStore(tmp_path) as store:
        assert store.get(("a", 0)) == ONE
        assert store.totals.answered == 1


def test_totals_include_earlier_sessions(tmp_path):
    with GenerationStore(tmp_path) as store:
        store.add(("a", 0), ONE)
    with GenerationStore(tmp_path) as store:
        store.add(("a", 1), EMPTY)
        assert store.totals.as_json(samples=4, prices=Prices(prompt=1e6, completion=2e6)) == {
            "samples": 4,
            "answered": 2,
            "truncated": 1,
            "empty": 1,
            "finish_reasons": {"length": 1, "stop": 1},
            "served_models": {"m-1": 1},
            "prompt_tokens": 11,
            "completion_tokens": 22,
            "without_token_counts": 0,
            "price_per_million": {"prompt": 1e6, "completion": 2e6},
            "cost": 55.0,
        }


def test_no_cost_is_made_up():
    totals = GenerationTotals()
    totals.add(ONE)
    assert totals.cost(None) is None
    assert totals.cost(Prices(3.0, 15.0)) == pytest.approx((10 * 3 + 20 * 15) / 1e6)
    totals.add(TWO)
    assert totals.cost(Prices(3.0, 15.0)) is None
    assert totals.uncounted == 1


def rows(tmp_path):
    return [json.loads(line) for line in (tmp_path / GENERATIONS).read_text().splitlines()]


def test_generations(tmp_path):
    with GenerationStore(tmp_path) as store:
        store.add(("b", 1), EMPTY)
        store.add(("a", 0), TWO)
        store.add(("b", 0), ONE)
        store.write_generations("m", ["b", "c", "a"], rule="official")
    assert rows(tmp_path) == [
        {
            "question_id": "b",
            "model": "m",
            "output_list": [ONE.text, ""],
            "code_list": ["print(1)", ""],
            "finish_reasons": ["stop", "length"],
            "prompt_tokens": [10, 1],
            "completion_tokens": [20, 2],
            "reasoning_list": ["One.", ""],
        },
        {
            "question_id": "a",
            "model": "m",
            "output_list": [TWO.text],
            "code_list": ["x = '\\n'"],
            "finish_reasons": [None],
            "prompt_tokens": [None],
            "completion_tokens": [None],
        },
    ]


def test_missing_samples_are_seen(tmp_path):
    with GenerationStore(tmp_path) as store:
        store.add(("a", 2), ONE)
        store.write_generations("m", ["a"], rule="official")
    assert rows(tmp_path)[0]["samples"] == [2]


def test_grade_and_replay_read_them(tmp_path):
    with GenerationStore(tmp_path) as store:
        store.add(("a", 0), ONE)
        store.add(("a", 1), EMPTY)
        store.write_generations("m", ["a"], rule="official")
    answers = list(open_generations(tmp_path / GENERATIONS, problems={"a"}))
    assert [answer.submission.code for answer in answers] == ["print(1)", ""]
    assert [answer.submission.sample for answer in answers] == [0, 1]
    replayed = read_stored(tmp_path / GENERATIONS).samples("m", "a")
    assert [(c.text, c.reasoning, c.finish_reason, c.completion_tokens) for c in replayed] == [
        (ONE.text, "One.", "stop", 20),
        ("", "", "length", 2),
    ]


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / COMPLETIONS).mkdir()
    with pytest.raises(OutputError, match=COMPLETIONS):
        GenerationStore(tmp_path)


@given(st.lists(st.builds(Completion, text=st.text(), reasoning=st.text(), finish_reason=st.none() | st.text())))
def test_any_text(tmp_path_factory, completions):
    folder = tmp_path_factory.mktemp("store")
    with GenerationStore(folder) as store:
        for number, completion in enumerate(completions):
            store.add(("a", number), completion)
    with GenerationStore(folder) as store:
        assert [store.get(("a", number)) for number in range(len(completions))] == completions
